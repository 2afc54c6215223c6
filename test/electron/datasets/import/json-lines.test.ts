import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Complaints } from '../../../../electron/datasets/import/complaints.ts';
import { JsonLinesParser, MOST_COLUMNS } from '../../../../electron/datasets/import/json-lines.ts';
import { cutIntoPieces } from './pieces.ts';

function parse(text: string, cuts: readonly number[] = []) {
  const complaints = new Complaints();
  const parser = new JsonLinesParser('x.jsonl', complaints);
  const rows = [...cutIntoPieces(text, cuts).flatMap((piece) => parser.push(piece)), ...parser.end()];
  return { rows, columns: parser.columns, complaints: complaints.list() };
}

test('members are columns in the order in which they occur', () => {
  expect(parse('{"a": "x", "b": 1.5}\n\n{"b": null, "c": [1, {"d": true}], "a": false}').rows).toEqual([
    { line: 1, fields: ['x', '1.5'] },
    { line: 3, fields: ['false', '', '[1,{"d":true}]'] },
  ]);
  expect(parse('{"a": "x"}\n{"b": 1}').columns).toEqual(['a', 'b']);
  expect(parse('["x", 2]\n').columns).toEqual(['column 1', 'column 2']);
});

test('lines that are no record are complained about and left out', () => {
  expect(parse('{"a": 1}\n{"a": \n17\n{"a": 2}')).toEqual({
    columns: ['a'],
    rows: [
      { line: 1, fields: ['1'] },
      { line: 4, fields: ['2'] },
    ],
    complaints: [
      { line: 2, message: 'is not JSON; it is left out' },
      { line: 3, message: 'is neither an object nor a list; it is left out' },
    ],
  });
});

test('texts come back as they were, wherever the file is cut', () => {
  const rows = fc.array(fc.array(fc.string({ unit: 'binary' }), { minLength: 2, maxLength: 2 }), { maxLength: 5 });
  fc.assert(
    fc.property(rows, fc.array(fc.nat(100), { maxLength: 4 }), (given, cuts) => {
      const text = given.map((row) => JSON.stringify(row)).join('\n');
      expect(parse(text, cuts).rows.map(({ fields }) => fields)).toEqual(given);
    }),
  );
});

test('too many different members are refused', () => {
  const line = (from: number) =>
    JSON.stringify(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`m${from + n}`, n])));
  const text = Array.from({ length: 5 }, (_, n) => line(1000 * n)).join('\n');
  expect(() => parse(text)).toThrow(`x.jsonl, line 5: there are more than ${MOST_COLUMNS} different members`);
});
