import fc from 'fast-check';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Mapping } from '../../../../electron/api/data.ts';
import { saveDataset } from '../../../../electron/datasets/import/save.ts';
import type { ReadingAs } from '../../../../electron/datasets/import/format.ts';
import { scanFile } from '../../../../electron/datasets/import/scan.ts';
import { loadStored } from '../../../../electron/datasets/load.ts';
import { readManifest } from '../../../../electron/datasets/stored.ts';
import { InputError } from '../../../../engine/errors.ts';
import { cases } from '../../../property-cases.ts';
import { temporaryFolder } from '../../folder.ts';
import { bytesSource, quietPass } from './memory.ts';

let saved = 0;

/** Scans and saves; gives the description and, in full or up to `most`, the data. */
async function save(
  root: string,
  name: string,
  content: string | Uint8Array,
  mapping: Mapping,
  most = Infinity,
  as: ReadingAs = {},
) {
  const source = bytesSource(name, content, 1000);
  const scan = await scanFile(source, as, quietPass());
  const folder = join(root, `dataset-${saved++}`);
  mkdirSync(folder);
  const manifest = await saveDataset({ source, scan, mapping, name: 'Mine', folder, pass: quietPass() });
  expect(readManifest(folder, 'mine')).toEqual(manifest);
  return { manifest, folder, load: () => loadStored(folder, 'mine', most) };
}

const LABELLED: Mapping = { form: 'labelled', text: 'name', label: 'sex' };

test('texts with labels come back as they were', async () => {
  const root = temporaryFolder();
  // No control characters: a file full of them is no text.
  const unit = fc.oneof(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }), fc.constantFrom('"', ',', '\n'));
  const field = fc.string({ unit, minLength: 1, maxLength: 10 }).map((text) => `x${text}y`);
  const table = fc.array(fc.tuple(field, fc.constantFrom('a', 'b "c"', 'd,e')), { minLength: 2, maxLength: 20 });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  await fc.assert(
    fc.asyncProperty(table, async (rows) => {
      const text = `name,sex\n${rows.map(([name, sex]) => `${quoted(name)},${quoted(sex)}\n`).join('')}`;
      const { manifest, load } = await save(root, 'x.csv', text, LABELLED, Infinity, { nfc: false, header: true });
      expect(manifest).toMatchObject({ form: 'labelled', size: rows.length });
      expect(await load()).toMatchObject({ items: rows.map(([text, label]) => ({ text, label })) });
    }),
    cases(30),
  );
});

test('rows that lack a field are left out and told', async () => {
  const text = 'name,sex\nAda,f\n,f\nAlan,\nEmmy,f\nKurt\n';
  const { manifest, load } = await save(temporaryFolder(), 'people.csv', text, LABELLED);
  expect(manifest).toMatchObject({
    size: 2,
    origin: {
      title: 'Mine',
      source:
        'Imported from people.csv, columns “name” and “sex”. 3 rows were left out, because a field was empty or not right.',
      licence: 'Not stated',
    },
    samples: [
      { input: 'Ada', target: 'f' },
      { input: 'Emmy', target: 'f' },
    ],
  });
  expect(await load()).toMatchObject({
    about: { name: 'Mine' },
    items: [{ text: 'Ada', label: 'f' }, { text: 'Emmy' }],
  });
});

test('only as much is read as is needed', async () => {
  // Sorted by class: the beginning has one class alone.
  const text = `name,sex\n${Array.from({ length: 1000 }, (_, n) => `n${n},${n < 500 ? 'f' : 'm'}\n`).join('')}`;
  const { load } = await save(temporaryFolder(), 'x.csv', text, LABELLED, 100);
  const data = await load();
  const items = data.form === 'labelled' ? data.items : [];
  expect(items).toHaveLength(100);
  expect(data.total).toBe(1000);
  const numbers = items.map((item) => Number(item.text.slice(1)));
  expect(numbers).toEqual(numbers.toSorted((a, b) => a - b));
  expect(items.filter(({ label }) => label === 'm').length).toBeGreaterThan(30);
  expect(items.filter(({ label }) => label === 'f').length).toBeGreaterThan(30);
  expect(await load()).toEqual(data);
});

test('of a long text, pieces of all of it are read, and no half of a character', async () => {
  const line = (n: number) => `${String(n).padStart(5, '0')} 😀é\n`;
  const text = Array.from({ length: 20_000 }, (_, n) => line(n)).join('');
  const book = await save(temporaryFolder(), 'x.txt', text, { form: 'text' }, 10_000);
  const data = await book.load();
  const part = data.form === 'text' ? data.text : '';
  expect(Array.from(part).length).toBeLessThanOrEqual(10_000);
  expect(Array.from(part).length).toBeGreaterThan(9000);
  expect(part).not.toContain('\ufffd');
  const lines = part.split('\n').map(Number.parseFloat).filter(Number.isFinite);
  for (const share of [0, 0.3, 0.6, 0.95]) {
    expect(lines.some((n) => n >= share * 20_000 && n < (share + 0.12) * 20_000)).toBe(true);
  }
});

describe('a text', () => {
  test.each([
    ['UTF-8', Buffer.from('\ufeffAé😀\r\nb\r\rc, and so on\n')],
    ['UTF-16', Buffer.from('\ufeffAé😀\r\nb\r\rc, and so on\n', 'utf16le')],
  ])('is kept in UTF-8 with plain line ends: %s', async (_what, bytes) => {
    const { manifest, load } = await save(temporaryFolder(), 'x.txt', bytes, { form: 'text' });
    expect(manifest).toMatchObject({ form: 'text', size: 20 });
    expect(await load()).toMatchObject({ form: 'text', text: 'Aé😀\nb\r\rc, and so on\n' });
  });

  test('may be a column', async () => {
    const text = 'n,line\n1,one\n2,\n3,"two, three, and four"\n';
    const { manifest, load } = await save(temporaryFolder(), 'x.csv', text, { form: 'text', column: 'line' });
    expect(await load()).toMatchObject({ text: 'one\ntwo, three, and four\n' });
    expect(manifest.size).toBe(25);
  });
});

describe('a series', () => {
  const SERIES: Mapping = { form: 'series', value: 'v', date: 'd' };
  const day = (n: number) => new Date(Date.UTC(2019, 0, 1 + n)).toISOString().slice(0, 10);

  test('comes in order of time, whatever the order of its rows', async () => {
    const root = temporaryFolder();
    await fc.assert(
      fc.asyncProperty(fc.shuffledSubarray([...Array(30).keys()], { minLength: 30 }), async (order) => {
        const text = `d,v\n${order.map((n) => `${day(n)},${n / 4}\n`).join('')}`;
        const { manifest, load } = await save(root, 'x.csv', text, SERIES);
        expect(manifest.series).toEqual({ quantity: 'v', interval: 'day', window: 3 });
        expect(await load()).toMatchObject({
          interval: 'day',
          quantity: 'v',
          points: Array.from({ length: 30 }, (_, n) => ({ date: day(n), value: n / 4 })),
        });
      }),
      cases(10),
    );
  });

  test('may have no dates', async () => {
    const { manifest, load } = await save(temporaryFolder(), 'x.csv', 'v\n3\nNA\n1\n2\n', {
      form: 'series',
      value: 'v',
      gaps: 'skip',
    });
    expect(manifest).toMatchObject({ size: 3, rows: 4, series: { interval: 'step' } });
    expect(await load()).toMatchObject({
      points: [
        { date: '1', value: 3 },
        // A value is missing before it.
        { date: '3', value: 1 },
        { date: '4', value: 2 },
      ],
    });
  });

  test('is counted by steps where its dates are not regular', async () => {
    const text = 'd;v\n02.01.2020;1,5\n03.01.2020;2\n06.01.2020;3\n';
    const { manifest, load } = await save(temporaryFolder(), 'x.csv', text, SERIES);
    expect(manifest.series?.interval).toBe('step');
    expect(await load()).toMatchObject({ points: [{ date: '1', value: 1.5 }, { date: '2' }, { date: '3', value: 3 }] });
  });

  test('has one value a date', async () => {
    const text = 'd,v\n2020-01-02,1\n2020-01-01,2\n2020-01-02,3\n';
    const saving = save(temporaryFolder(), 'x.csv', text, SERIES);
    await expect(saving).rejects.toThrow(InputError);
    await expect(saving).rejects.toThrow('x.csv, line 4 has the date of line 2 again; a series has one value a date');
  });
});

test('pairs are kept and come back as they were', async () => {
  const text = 'de,en\nHaus,house\nBaum,tree\n';
  const { manifest, load } = await save(temporaryFolder(), 'x.csv', text, {
    form: 'pairs',
    source: 'de',
    target: 'en',
  });
  expect(manifest).toMatchObject({ form: 'pairs', size: 2, samples: [{ input: 'Haus', target: 'house' }, {}] });
  await expect(load()).resolves.toMatchObject({
    form: 'pairs',
    pairs: [
      { source: 'Haus', target: 'house' },
      { source: 'Baum', target: 'tree' },
    ],
  });
});

describe('what does not fit is refused', () => {
  const many = `name,sex\n${Array.from({ length: 1100 }, (_, n) => `n${n},l${n}\n`).join('')}`;
  test.each<[string, string, Mapping, string]>([
    ['x.csv', 'a,b\n1,2\n', { form: 'series', value: 'c' }, 'x.csv has no column "c"; it has "a", "b"'],
    ['x.csv', 'a,b\nx,2\n', { form: 'series', value: 'a' }, 'the column "a" has 0 numbers; at least 2 are needed'],
    ['x.csv', 'a,b\n1,x\n2,y\n', { form: 'series', value: 'a', date: 'b' }, 'the column "b" holds no dates'],
    ['x.csv', 'name,sex\nAda,f\n', LABELLED, 'x.csv has 1 rows with both "name" and "sex"; at least 2 are needed'],
    ['x.csv', many, LABELLED, 'x.csv, line 1002: the column "sex" has more than 1,000 different labels'],
    ['x.csv', 'a,b\n1,2\n', { form: 'text' }, 'x.csv is a table; say which of its columns holds the text'],
    ['x.txt', 'abcd', { form: 'text', column: 'a' }, 'x.txt is read as a text, which has no columns'],
    ['x.txt', 'abcd', LABELLED, 'x.txt is read as a text, which has no columns'],
    ['x.txt', 'ab', { form: 'text' }, 'x.txt has 2 characters of text; at least 20 are needed'],
  ])('%s, %#', async (name, text, mapping, message) => {
    const root = temporaryFolder();
    const saving = save(root, name, text, mapping);
    await expect(saving).rejects.toThrow(InputError);
    await expect(saving).rejects.toThrow(message);
    expect(readdirSync(root).flatMap((folder) => readdirSync(join(root, folder)))).not.toContain('dataset.json');
  });
});
