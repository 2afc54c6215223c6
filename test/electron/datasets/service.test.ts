import fc from 'fast-check';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { events } from '../../../electron/api/contract.ts';
import type { EventValue } from '../../../electron/api/call.ts';
import type { Mapping } from '../../../electron/api/data.ts';
import { loadDataset } from '../../../electron/datasets/load.ts';
import { createDatasetService } from '../../../electron/datasets/service.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { InputError, UnrolledError } from '../../../engine/errors.ts';
import { cases } from '../../property-cases.ts';
import { temporaryFolder } from '../folder.ts';

type Progress = EventValue<typeof events, 'datasets.import'>;

const CSV = `name,sex\n${Array.from({ length: 2000 }, (_, n) => `name${n},${n % 3 ? 'f' : 'm'}\n`).join('')}`;
const LABELLED: Mapping = { form: 'labelled', text: 'name', label: 'sex' };

function open(path = join(temporaryFolder(), 'workspace')) {
  const workspace = Workspace.open(path);
  const told: Progress[] = [];
  const service = createDatasetService(
    workspace,
    (_event, value) => told.push(value as Progress),
    () => Promise.resolve([]),
  );
  onTestFinished(async () => {
    await service.close();
    workspace.close();
  });
  return { ...service, workspace, told, folder: workspace.datasets.folder };
}

/** States in their order. One that lasts is told again and again, as often as the machine needs. */
function statesOf(told: readonly Progress[]): readonly string[] {
  const states = told.map(({ state }) => state);
  return states.filter((state, i) => state !== states[i - 1]);
}

function fileWith(content: string | Uint8Array, name = 'people.csv'): string {
  const path = join(temporaryFolder(), name);
  writeFileSync(path, content);
  return path;
}

describe('a file', () => {
  test('is read, shown, saved and listed, and itself left as it was', async () => {
    const { datasets, told, folder } = open();
    const path = fileWith(CSV);
    const before = statSync(path);
    const { import: id } = await datasets.importFile({ path });
    const preview = await datasets.importPreview({ import: id });
    expect(preview).toMatchObject({ import: id, name: 'people', rows: 2000, suggestions: [LABELLED, {}] });
    const info = await datasets.importSave({ import: id, name: 'People', mapping: LABELLED });
    expect(info).toMatchObject({ name: 'People', form: 'labelled', bundled: false, size: 2000, sizeLabel: 'texts' });
    expect(info.id).toMatch(/^people-[0-9a-f]{8}$/);
    expect(await datasets.list({})).toEqual([info]);
    expect(readdirSync(folder)).toEqual([info.id]);
    expect(await loadDataset({ dataset: info.id, most: Infinity }, folder)).toMatchObject({
      items: expect.arrayContaining([{ text: 'name0', label: 'm' }]) as unknown,
    });
    expect(statesOf(told)).toEqual(['reading', 'ready', 'saving', 'done']);
    expect(told.at(-1)).toMatchObject({ import: id, bytes: CSV.length, totalBytes: CSV.length, rows: 2000 });
    expect(readFileSync(path, 'utf8')).toBe(CSV);
    expect(statSync(path).mtimeMs).toBe(before.mtimeMs);
    await expect(datasets.importPreview({ import: id })).rejects.toThrow('is not under way');
  });

  test('can be mapped anew where the first mapping does not fit', async () => {
    const { datasets, told } = open();
    const { import: id } = await datasets.importFile({ path: fileWith(CSV) });
    const wrong = datasets.importSave({ import: id, name: 'x', mapping: { form: 'series', value: 'name' } });
    await expect(wrong).rejects.toThrow(InputError);
    expect(told.at(-1)?.state).toBe('ready');
    await datasets.importSave({ import: id, name: 'x', mapping: LABELLED });
    expect(await datasets.list({})).toHaveLength(1);
  });

  test('can be read otherwise than it was', async () => {
    const { datasets } = open();
    const { import: id } = await datasets.importFile({ path: fileWith('a;b\nc;d\n') });
    expect(await datasets.importPreview({ import: id })).toMatchObject({ delimiter: ';', rows: 1 });
    expect(await datasets.importPreview({ import: id, as: { header: false } })).toMatchObject({ rows: 2 });
    const refused = datasets.importPreview({ import: id, as: { format: 'jsonl' } });
    await expect(refused).rejects.toThrow('people.csv has no row that can be read: line 1 is not JSON');
    expect(await datasets.importPreview({ import: id, as: { format: 'text' } })).toMatchObject({
      format: 'text',
      rows: 2,
    });
  });

  test.each([
    ['relative.csv', '"relative.csv" is not a whole path'],
    [temporary(), 'cannot be read: there is no such file or folder'],
  ])('that is not there is refused: %s', async (path, message) => {
    const { datasets, folder } = open();
    await expect(datasets.importFile({ path })).rejects.toThrow(message);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that is a folder is refused', async () => {
    const { datasets, folder } = open();
    await expect(datasets.importFile({ path: folder })).rejects.toThrow(
      `${folder} cannot be read: it is a folder, not a file`,
    );
  });

  test('that cannot be imported says so in the preview and in the progress', async () => {
    const { datasets, told, folder } = open();
    const { import: id } = await datasets.importFile({ path: fileWith('') });
    await expect(datasets.importPreview({ import: id })).rejects.toThrow('people.csv is empty');
    expect(told.at(-1)).toMatchObject({ state: 'failed', message: 'people.csv is empty; there is nothing to import' });
    await datasets.importCancel({ import: id });
    expect(readdirSync(folder)).toEqual([]);
  });

  test('that changes in between is not saved', async () => {
    const { datasets, folder } = open();
    const path = fileWith(CSV);
    const { import: id } = await datasets.importFile({ path });
    await datasets.importPreview({ import: id });
    writeFileSync(path, `${CSV}x,y\n`);
    const saving = datasets.importSave({ import: id, name: 'x', mapping: LABELLED });
    await expect(saving).rejects.toThrow('people.csv has changed while it was imported');
    expect(readdirSync(folder).filter((name) => !name.startsWith('.'))).toEqual([]);
  });
});

function temporary(): string {
  return join(import.meta.dirname, 'nowhere', 'to', 'be', 'found.csv');
}

describe('pieces', () => {
  test('make the same dataset as the file that they are of', async () => {
    const { datasets, folder } = open();
    const bytes = Buffer.from(CSV);
    const { import: id } = await datasets.importBegin({ name: 'dropped.csv', totalBytes: bytes.length });
    const preview = datasets.importPreview({ import: id });
    const pieces = Array.from({ length: 10 }, (_, n) =>
      bytes.subarray((n * bytes.length) / 10, ((n + 1) * bytes.length) / 10),
    );
    await Promise.all(
      pieces.map(async (piece) => {
        await datasets.importChunk({ import: id, bytes: piece });
      }),
    );
    await datasets.importEnd({ import: id });
    expect(await preview).toMatchObject({ name: 'dropped', rows: 2000, complaints: [] });
    const info = await datasets.importSave({ import: id, name: 'Dropped', mapping: LABELLED });
    expect(info).toMatchObject({ size: 2000 });
    expect(readdirSync(folder)).toEqual([info.id]);
  });

  test('that are too many or too few are refused', async () => {
    const { datasets, folder } = open();
    const first = await datasets.importBegin({ name: 'x.csv', totalBytes: 3 });
    await expect(datasets.importChunk({ ...first, bytes: Buffer.from('abcd') })).rejects.toThrow(
      'x.csv was announced with 3 bytes, and more have come',
    );
    const second = await datasets.importBegin({ name: 'x.csv', totalBytes: 3 });
    await datasets.importChunk({ ...second, bytes: Buffer.from('ab') });
    await expect(datasets.importEnd(second)).rejects.toThrow('x.csv was announced with 3 bytes, but 2 have come');
    await expect(datasets.importPreview(second)).rejects.toThrow('but 2 have come');
    await datasets.importCancel(first);
    await datasets.importCancel(second);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('cancelling', () => {
  test('leaves nothing behind, at whatever moment', async () => {
    const { datasets, folder, told } = open();
    const path = fileWith(CSV.repeat(20));
    const turns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
    };
    let saved = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(60), fc.boolean(), async (moment, byPieces) => {
        const bytes = Buffer.from(CSV);
        const running = byPieces
          ? await datasets.importBegin({ name: 'x.csv', totalBytes: bytes.length })
          : await datasets.importFile({ path });
        const work = (async () => {
          if (byPieces) {
            await datasets.importChunk({ ...running, bytes });
            await datasets.importEnd(running);
          }
          await datasets.importPreview(running);
          return datasets.importSave({ ...running, name: 'x', mapping: LABELLED });
        })().catch((error: unknown) => error);
        await turns(moment);
        const cancelling = (async () => datasets.importCancel(running))();
        await cancelling.catch((error: unknown) => {
          expect(error).toBeInstanceOf(InputError);
        });
        const result = await work;
        if (result instanceof Error) expect(result).toBeInstanceOf(UnrolledError);
        else saved++;
        const rows = await datasets.list({});
        expect(rows).toHaveLength(saved);
        expect(readdirSync(folder).toSorted()).toEqual(rows.map((row) => row.id).toSorted());
      }),
      cases(60),
    );
    expect(told.some(({ state }) => state === 'cancelled')).toBe(true);
  });

  test('is what closing does, and what a new start makes up for', async () => {
    const path = join(temporaryFolder(), 'workspace');
    const first = Workspace.open(path);
    const service = createDatasetService(
      first,
      () => undefined,
      () => Promise.resolve([]),
    );
    const { import: id } = await service.datasets.importBegin({ name: 'x', totalBytes: 10 });
    expect(readdirSync(first.datasets.folder)).toEqual([`.import-${id}`]);
    await service.close();
    expect(readdirSync(first.datasets.folder)).toEqual([]);
    first.close();
    mkdirSync(join(path, 'datasets', '.import-left'));
    const { folder } = open(path);
    expect(readdirSync(folder)).toEqual([]);
  });

  test('happens to the oldest of too many imports', async () => {
    const { datasets, folder } = open();
    const begun = [];
    for (let n = 0; n < 9; n++) begun.push(await datasets.importBegin({ name: 'x', totalBytes: 10 }));
    expect(readdirSync(folder)).toHaveLength(8);
    await expect(datasets.importChunk({ ...begun[0]!, bytes: Buffer.from('a') })).rejects.toThrow('is not under way');
  });
});

describe('a saved dataset', () => {
  async function saved() {
    const opened = open();
    const running = await opened.datasets.importFile({ path: fileWith(CSV) });
    const info = await opened.datasets.importSave({ ...running, name: 'People', mapping: LABELLED });
    return { ...opened, info };
  }

  test('can be renamed, which its tasks tell too', async () => {
    const { datasets, folder, info } = await saved();
    expect(await datasets.rename({ id: info.id, name: 'Names' })).toEqual({ ...info, name: 'Names' });
    expect(await datasets.list({})).toEqual([{ ...info, name: 'Names' }]);
    expect(await loadDataset({ dataset: info.id, most: 1 }, folder)).toMatchObject({ about: { name: 'Names' } });
  });

  test('can be deleted and brought back', async () => {
    const { datasets, workspace, folder, info } = await saved();
    const { token } = await datasets.remove({ id: info.id });
    expect(await datasets.list({})).toEqual([]);
    expect(existsSync(join(folder, info.id))).toBe(false);
    workspace.trash.undo(token);
    expect(await datasets.list({})).toEqual([info]);
  });

  test('that is damaged is listed with the reason', async () => {
    const { datasets, folder, info } = await saved();
    rmSync(join(folder, info.id, 'dataset.json'));
    expect(await datasets.list({})).toMatchObject([
      { id: info.id, form: 'none', size: 0, origin: { source: `the dataset "${info.id}" is not in the workspace` } },
    ]);
  });

  test('is the only kind that can be renamed or deleted', async () => {
    const { datasets } = open();
    expect(() => datasets.remove({ id: 'moby-dick' })).toThrow('the dataset "moby-dick" is not one of the workspace');
    expect(() => datasets.rename({ id: 'moby-dick', name: 'x' })).toThrow(InputError);
    await expect(datasets.list({})).resolves.toEqual([]);
  });
});
