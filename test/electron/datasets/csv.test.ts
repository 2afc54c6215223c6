import { expect, test } from 'vitest';
import { readColumns, readNumberField } from '../../../electron/datasets/csv.ts';
import { FormatError } from '../../../engine/errors.ts';

test('picks columns by name, in the order asked', () => {
  expect(readColumns('a,b,c\r\n1,2,3\n4,,6\n\n', ['c', 'a'], 'x.csv')).toEqual([
    ['3', '1'],
    ['6', '4'],
  ]);
});

test.each([
  ['a,b\n1,2', 'x.csv, line 1: the column "c" is missing; there are a, b'],
  ['', 'x.csv, line 1: the column "c" is missing'],
  ['a,c\n1,2\n1\n', 'x.csv, line 3: 1 fields; there must be 2'],
])('text without the columns that are asked for is refused: %j', (text, message) => {
  expect(() => readColumns(text, ['c'], 'x.csv')).toThrow(FormatError);
  expect(() => readColumns(text, ['c'], 'x.csv')).toThrow(message);
});

test('reads numbers and nothing else', () => {
  expect(readNumberField('-1.5', 'it')).toBe(-1.5);
  for (const field of ['', ' ', 'x', '1,5', 'Infinity']) {
    expect(() => readNumberField(field, 'x.csv, line 2: births')).toThrow(
      `x.csv, line 2: births is ${JSON.stringify(field)}; it must be a number`,
    );
  }
});
