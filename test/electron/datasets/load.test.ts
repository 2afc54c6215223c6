import { appendFileSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { loadDataset } from '../../../electron/datasets/load.ts';
import { readManifest, writeManifest, type Manifest } from '../../../electron/datasets/stored.ts';
import { FormatError, InputError } from '../../../engine/errors.ts';
import { temporaryFolder } from '../folder.ts';

const DESCRIPTION: Omit<Manifest, 'format' | 'version'> = {
  name: 'Mine',
  form: 'labelled',
  origin: { title: 'Mine', source: 'Made for this test.', licence: 'MIT' },
  size: 3,
  samples: [],
  checksum: '0'.repeat(64),
};
const ROWS = '["Ada","f"]\n["Alan","m"]\n["Emmy","f"]\n';

function folderWith(rows: string, description = DESCRIPTION): string {
  const root = temporaryFolder();
  const folder = join(root, 'mine');
  mkdirSync(folder);
  writeManifest(folder, description);
  writeFileSync(join(folder, 'data.jsonl'), rows);
  return root;
}

const load = (folder: string | undefined, dataset = 'mine', most = Infinity) => loadDataset({ dataset, most }, folder);

test('a bundled dataset needs no workspace', async () => {
  expect(await load(undefined, 'co2')).toMatchObject({ form: 'series', interval: 'month' });
});

test('one of a workspace is read from its folder', async () => {
  expect(await load(folderWith(ROWS))).toEqual({
    form: 'labelled',
    about: { name: 'Mine', origin: DESCRIPTION.origin },
    total: 3,
    items: [
      { text: 'Ada', label: 'f' },
      { text: 'Alan', label: 'm' },
      { text: 'Emmy', label: 'f' },
    ],
  });
});

describe('what is not there or damaged is told', () => {
  test('no workspace, no dataset', async () => {
    await expect(load(undefined)).rejects.toThrow('the dataset "mine" does not come with the program');
    await expect(load(temporaryFolder())).rejects.toThrow(InputError);
    await expect(load(temporaryFolder())).rejects.toThrow('the dataset "mine" is not in the workspace');
  });

  test.each([
    [ROWS.slice(0, -3), 'data.jsonl ends after 2 rows where 3 belong; the file is cut off'],
    [ROWS.replace('"Alan"', '17'), 'data.jsonl, line 2 is not a text and its label; the file is damaged'],
    [ROWS.replace('["Alan"', '["Alan'), 'data.jsonl, line 2 is not JSON; the file is damaged'],
    [ROWS.replace('["Alan","m"]', '{}'), 'data.jsonl, line 2 is not a list; the file is damaged'],
  ])('rows (%#)', async (rows, message) => {
    await expect(load(folderWith(rows))).rejects.toThrow(FormatError);
    await expect(load(folderWith(rows))).rejects.toThrow(message);
  });

  test('a description cut off anywhere', () => {
    const folder = join(folderWith(ROWS), 'mine');
    const path = join(folder, 'dataset.json');
    const { length } = readFileSync(path);
    for (let end = 0; end < length - 2; end += 7) {
      const whole = readFileSync(path);
      truncateSync(path, end);
      expect(() => readManifest(folder, 'mine')).toThrow(FormatError);
      writeFileSync(path, whole);
    }
    appendFileSync(path, '}');
    expect(() => readManifest(folder, 'mine')).toThrow(FormatError);
  });

  test('a description with a field that is not right', () => {
    const folder = join(folderWith(ROWS), 'mine');
    writeFileSync(
      join(folder, 'dataset.json'),
      JSON.stringify({ format: 'unrolled-dataset', version: 1, ...DESCRIPTION, size: 0 }),
    );
    expect(() => readManifest(folder, 'mine')).toThrow(/dataset\.json: size is 0; expected is >=1/);
  });
});
