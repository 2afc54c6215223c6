import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ReadingAs } from '../../../../electron/datasets/import/format.ts';
import { previewOf, scanFile } from '../../../../electron/datasets/import/scan.ts';
import { InputError } from '../../../../engine/errors.ts';
import { bytesSource, quietPass } from './memory.ts';

async function preview(name: string, content: string | Uint8Array, as: ReadingAs = {}, piece?: number) {
  const source = bytesSource(name, content, piece);
  return previewOf('import-1', source, await scanFile(source, as, quietPass()));
}

const SERIES =
  'day,sold,shop\n' +
  Array.from(
    { length: 40 },
    (_, n) =>
      `${new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10)},${n * 1.5},${n % 2 ? 'east' : 'west'}\n`,
  ).join('');

describe('a table', () => {
  test('is told column by column', async () => {
    const { head, columns, ...rest } = await preview('sales of 2020.csv', SERIES);
    expect(rest).toEqual({
      import: 'import-1',
      name: 'sales of 2020',
      format: 'csv',
      encoding: 'utf-8',
      delimiter: ',',
      header: true,
      quotes: 'auto',
      skip: 0,
      comment: null,
      dateOrder: null,
      nfc: false,
      composed: 0,
      rows: 40,
      complaints: [],
      complaintsInAll: 0,
      notices: [],
      suggestions: [{ form: 'series', value: 'sold', date: 'day' }],
    });
    expect(head).toHaveLength(40);
    expect(head[1]).toEqual(['2020-01-02', '1.5', 'east']);
    expect(columns).toEqual([
      {
        name: 'day',
        type: 'date',
        filled: 40,
        distinct: 40,
        examples: expect.arrayContaining(['2020-01-01']) as unknown,
      },
      {
        name: 'sold',
        type: 'number',
        filled: 40,
        distinct: 40,
        minimum: 0,
        maximum: 58.5,
        mean: 29.25,
        examples: ['0', '1.5', '3', '4.5', '6'],
      },
      { name: 'shop', type: 'category', filled: 40, distinct: 2, examples: ['west', 'east'], values: ['west', 'east'] },
    ]);
  });

  test('shows 50 rows of many', async () => {
    const { head, rows } = await preview('x.csv', `a,b\n${'1,2\n'.repeat(500)}`);
    expect([head.length, rows]).toEqual([50, 500]);
  });

  test.each([
    ['comma', 'name,year\nAda,1815\nAlan,1912\n', ',', 'csv'],
    ['semicolon and decimal commas', 'name;size\nAda;1,5\nAlan;2,25\n', ';', 'csv'],
    ['tab', 'name\tyear\nAda\t1815\nAlan\t1912\n', '\t', 'tsv'],
    ['bar', 'name|year\nAda|1815\nAlan|1912\nEmmy|1882\n', '|', 'csv'],
    ['commas in quotation marks', 'name;place\n"Lovelace, Ada";x\n"Turing, Alan";y\n"Noether, Emmy";z\n', ';', 'csv'],
  ])('is found by its delimiter: %s', async (_what, text, delimiter, format) => {
    expect(await preview('pasted', text)).toMatchObject({ format, delimiter, header: true });
  });

  test('is JSON Lines where every line is a record', async () => {
    const { format, columns, head } = await preview(
      'pasted',
      '{"text": "good", "label": 1}\n{"text": "bad", "label": 0}\n',
    );
    expect(format).toBe('jsonl');
    expect(columns.map(({ name }) => name)).toEqual(['text', 'label']);
    expect(head).toEqual([
      ['good', '1'],
      ['bad', '0'],
    ]);
  });

  test('has numbers with decimal commas where it is delimited by semicolons', async () => {
    const { columns } = await preview('x.csv', 'a;b\n1,5;x\n2,500;y\n');
    expect(columns[0]).toMatchObject({ type: 'number', minimum: 1.5, maximum: 2.5 });
  });

  test('whose first row is data has numbered columns', async () => {
    const { header, columns, rows } = await preview('x.csv', 'Ada,1815\nAlan,1912\n');
    expect({ header, rows, names: columns.map(({ name }) => name) }).toEqual({
      header: false,
      rows: 2,
      names: ['column 1', 'column 2'],
    });
    expect(await preview('x.csv', 'Ann,female\nBob,male\nCleo,female\n')).toMatchObject({ header: false, rows: 3 });
    expect(await preview('x.csv', 'name,sex\nBob,male\nCleo,female\n')).toMatchObject({ header: true, rows: 2 });
  });

  test('is read as a person says', async () => {
    expect(await preview('x.csv', 'Ada,1815\nAlan,1912\n', { header: true })).toMatchObject({
      header: true,
      rows: 1,
      columns: [{ name: 'Ada' }, { name: '1815' }],
    });
    expect(await preview('x.csv', 'a;b\n1;2\n', { delimiter: ',' })).toMatchObject({ columns: [{ name: 'a;b' }] });
    expect(await preview('x.csv', 'a;b\n1;2\n', { format: 'text' })).toMatchObject({ format: 'text', rows: 2 });
    const latin = Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a);
    expect(await preview('x.csv', latin, { encoding: 'utf-8' })).toMatchObject({ head: [['\uFFFD']] });
    expect(await preview('x.csv', latin)).toMatchObject({ encoding: 'windows-1252', head: [['é']] });
  });

  test('is the same however the file is cut', async () => {
    const text = '\ufeffnäme;wert\r\n"Größe; 1";1,5\r\nb;"2\r\n"\r\nc;x;y\r\nd\r\ne;5\r\n';
    const whole = await preview('x.csv', text);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 20 }), async (piece) => {
        expect(await preview('x.csv', text, {}, piece)).toEqual(whole);
      }),
    );
  });

  test.each(['utf-8', 'utf-16le', 'utf-16be', 'windows-1252'] as const)('is the same in %s', async (encoding) => {
    const text = `naïve,wert\n${Array.from({ length: 30 }, (_, n) => `é${n},${n}\n`).join('')}`;
    const bytes =
      encoding === 'utf-8'
        ? Buffer.from(text)
        : encoding === 'windows-1252'
          ? Buffer.from(text, 'latin1')
          : encoding === 'utf-16le'
            ? Buffer.from(text, 'utf16le')
            : Buffer.from(text, 'utf16le').swap16();
    const { columns, rows, encoding: found } = await preview('x.csv', bytes);
    expect({ found, rows, names: columns.map(({ name }) => name) }).toEqual({
      found: encoding,
      rows: 30,
      names: ['naïve', 'wert'],
    });
  });
});

describe('complaints name line and column', () => {
  test.each([
    [
      'ragged rows',
      'a,b\n1,2\n3\n4,5,6\n',
      [
        { line: 3, message: 'has 1 field where 2 belong; the others are taken to be empty' },
        { line: 4, message: 'has 3 fields where 2 belong; what is beyond them is left out' },
      ],
    ],
    [
      'duplicate headers',
      'a,a,b\nx,y,1\n',
      [{ line: 1, column: 'a', message: 'is the name of an earlier column too; this one is called "a (2)"' }],
    ],
    [
      'a field that is no number',
      `a\n${'1\n'.repeat(20)}oops\n${'2\n'.repeat(5)}`,
      [{ line: 22, column: 'a', message: 'is "oops", not a number as most of the column' }],
    ],
    [
      'a field that is no date',
      `d\n${'2020-01-01\n'.repeat(20)}soon\n`,
      [{ line: 22, column: 'd', message: 'is "soon", not a date as most of the column' }],
    ],
  ])('%s', async (_what, text, complaints) => {
    const found = await preview('x.csv', text);
    expect(found.complaints).toEqual(complaints);
    expect(found.complaintsInAll).toBe(complaints.length);
  });

  test('bytes that are not the encoding', async () => {
    const bytes = Buffer.concat([
      Buffer.from(`name,size\n${'ä,1\n'.repeat(20)}`),
      Uint8Array.of(0x78, 0xe9, 0x2c, 0x32, 0x0a),
    ]);
    const { complaints, encoding } = await preview('x.csv', bytes);
    expect(encoding).toBe('utf-8');
    expect(complaints).toEqual([
      { line: 22, column: 'name', message: 'has bytes that are not UTF-8; \uFFFD stands for them' },
    ]);
    const text = await preview('x.txt', Buffer.concat([Buffer.from('ä'.repeat(20)), Uint8Array.of(0x0a, 0xe9, 0x0a)]));
    expect(text.complaints).toEqual([{ line: 2, message: 'has bytes that are not UTF-8; \uFFFD stands for them' }]);
  });

  test('and are all counted, but not all kept', async () => {
    const { complaints, complaintsInAll } = await preview('x.csv', `a,b\n${'1\n'.repeat(1000)}`);
    expect([complaints.length, complaintsInAll]).toEqual([200, 1000]);
  });

  test('a missing value is no wrong one', async () => {
    const { complaints, columns } = await preview('x.csv', `a\n${'1\n'.repeat(9)}NA\n`);
    expect(complaints).toEqual([]);
    expect(columns[0]).toMatchObject({ type: 'number', filled: 10, mean: 1 });
  });
});

describe('a text', () => {
  test('has lines and no columns', async () => {
    const found = await preview('a.txt', 'Call me Ishmael.\r\nSome years ago, never mind how long,\r\n\r\nI went.');
    expect(found).toMatchObject({
      format: 'text',
      delimiter: null,
      rows: 4,
      columns: [],
      head: [['Call me Ishmael.'], ['Some years ago, never mind how long,'], [''], ['I went.']],
      suggestions: [{ form: 'text' }],
    });
  });

  test('may have commas', async () => {
    expect(await preview('pasted', 'Hello, world\nGood day, moon\n')).toMatchObject({ format: 'text' });
    expect(await preview('poem', 'One, two\nthree\nfour, five, six\nseven\n')).toMatchObject({ format: 'text' });
  });

  test('of an old Macintosh has lines too', async () => {
    expect(await preview('a.txt', 'one\rtwo\rthree')).toMatchObject({ rows: 3, head: [['one'], ['two'], ['three']] });
  });
});

describe('what cannot be imported is refused in a sentence', () => {
  test.each([
    ['x.csv', '', 'x.csv is empty; there is nothing to import'],
    ['x.csv', '\n\n\n', 'x.csv has no row that can be read'],
    ['x.jsonl', '{"a": \n', 'x.jsonl has no row that can be read: line 1 is not JSON; it is left out'],
    ['x.csv', Buffer.from([0x61, 0, 0x2c, 1, 2, 3]), 'x.csv holds bytes that no text has'],
    ['x.xlsx', Buffer.from('PK\u0003\u0004'), 'x.xlsx is a ZIP archive'],
  ])('%s, %j', async (name, content, message) => {
    const reading = preview(name, content);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(message);
  });

  test('a table of names alone', async () => {
    await expect(preview('x.csv', 'a,b\n', { header: true })).rejects.toThrow(
      'x.csv has names of columns and no row below them',
    );
  });

  test('a NUL far behind the beginning', async () => {
    const content = `${'abc,def\n'.repeat(100_000)}a\0b,c\n`;
    await expect(preview('x.csv', content)).rejects.toThrow('x.csv holds bytes that no text has');
  });

  test.each(['x.csv', 'x.jsonl', 'x.txt', 'x'])('300 MB in a single line: %s', async (name) => {
    let read = 0;
    const piece = Buffer.alloc(1 << 20, 'a');
    const source = {
      name,
      bytes: 300 << 20,
      async *read() {
        for (; read < 300; read++) yield await Promise.resolve(piece);
      },
    };
    await expect(scanFile(source, {}, quietPass())).rejects.toThrow(`${name}, line 1 is longer than`);
    expect(read).toBeLessThan(150);
  });
});
