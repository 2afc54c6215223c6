import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DelimitedParser, LONGEST_RECORD, type DelimitedForm } from '../../../../electron/datasets/import/delimited.ts';
import { InputError } from '../../../../engine/errors.ts';
import { cases } from '../../../property-cases.ts';
import { cutIntoPieces } from './pieces.ts';

const COMMA: DelimitedForm = { delimiter: ',', newline: '\n' };

function parse(text: string, form: DelimitedForm = COMMA, cuts: readonly number[] = []) {
  const parser = new DelimitedParser(form, 'x.csv');
  return [...cutIntoPieces(text, cuts).flatMap((piece) => parser.push(piece)), ...parser.end()];
}

const fieldsOf = (text: string, form?: DelimitedForm) => parse(text, form).map(({ fields }) => fields);

test('what was written by RFC 4180 is read again, wherever the text is cut', () => {
  const field = fc.string({ unit: fc.constantFrom(...Array.from('ab ,;\t|"\n\r'), '\r\n', 'é', '😀'), maxLength: 8 });
  const table = fc.array(fc.array(field, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  const form = fc.record({
    delimiter: fc.constantFrom(',', ';', '\t', '|'),
    newline: fc.constantFrom('\n', '\r'),
    pair: fc.boolean(),
    last: fc.boolean(),
  });
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  fc.assert(
    fc.property(table, form, fc.array(fc.nat(200), { maxLength: 6 }), (rows, { pair, last, ...form }, cuts) => {
      const lineEnd = form.newline === '\n' && pair ? '\r\n' : form.newline;
      // Quotation marks only where they are needed.
      const needed = new RegExp(`["\\r\\n]|${form.delimiter === '|' ? '\\|' : form.delimiter}`);
      const text = rows
        .map((row) => row.map((one) => (needed.test(one) ? quoted(one) : one)).join(form.delimiter))
        .join(lineEnd);
      const parsed = parse(last ? text + lineEnd : text, form, cuts);
      expect(parsed.map(({ fields }) => fields)).toEqual(rows);
      const before = (n: number) => rows.slice(0, n).flat().join('').split(form.newline).length - 1;
      expect(parsed.map(({ line }) => line)).toEqual(rows.map((_, n) => 1 + n + before(n)));
    }),
    cases(500),
  );
});

describe('what programs make of it', () => {
  test('empty lines are left out and counted', () => {
    expect(parse('a,b\n\n\r\nc,d\n')).toEqual([
      { line: 1, fields: ['a', 'b'] },
      { line: 4, fields: ['c', 'd'] },
    ]);
  });

  test('a quotation mark inside a field stands for itself', () => {
    expect(fieldsOf('5" pipe,1\nx "y" z,2')).toEqual([
      ['5" pipe', '1'],
      ['x "y" z', '2'],
    ]);
  });

  test('what follows a closing quotation mark belongs to the field', () => {
    expect(fieldsOf('"a"b,c\r\n"d",e\r\n')).toEqual([
      ['ab', 'c'],
      ['d', 'e'],
    ]);
  });
});

describe('what is refused', () => {
  test('a quotation mark that is never closed, by its line', () => {
    expect(() => parse('a,b\nc,d\n"e,f\ng,h\n')).toThrow(InputError);
    expect(() => parse('a,b\nc,d\n"e,f\ng,h\n')).toThrow(
      'x.csv, line 3: a quotation mark opens a field that is never closed',
    );
  });

  test('a line beyond all bounds, before it has ended', () => {
    const parser = new DelimitedParser(COMMA, 'x.csv');
    parser.push('a,b\n');
    const piece = 'c'.repeat(1 << 20);
    const feed = () => {
      for (let fed = 0; fed <= LONGEST_RECORD; fed += piece.length) parser.push(piece);
    };
    expect(feed).toThrow(InputError);
    expect(feed).toThrow('x.csv, line 2 is longer than 16,777,216 characters; no row of a table is that long');
  });
});
