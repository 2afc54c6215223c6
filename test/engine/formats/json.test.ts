import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { FormatError, InputError } from '../../../engine/errors.ts';
import { parseJson } from '../../../engine/formats/json.ts';

describe('parseJson', () => {
  test.prop([fc.jsonValue()])('reads what JSON.stringify writes', (value) => {
    const written = JSON.stringify(value);
    expect(parseJson(written, 'a.json')).toEqual(JSON.parse(written));
    expect(parseJson(JSON.stringify(value, null, 2), 'a.json')).toEqual(JSON.parse(written));
  });

  test.prop([fc.string({ maxLength: 12, unit: fc.constantFrom(...'{}[]",:0123.-+eE \\utrfalsn'.split('')) })])(
    'accepts and refuses the same texts as the language itself, repeated names aside',
    (text) => {
      let wanted: unknown;
      try {
        wanted = JSON.parse(text);
      } catch {
        expect(() => parseJson(text, 'a.json')).toThrow(InputError);
        return;
      }
      fc.pre(!/"[^"]*":.*"[^"]*":/.test(text) && !/e\+?[0-9]{3}/i.test(text));
      expect(parseJson(text, 'a.json')).toEqual(wanted);
    },
  );

  test.each([
    ['', 'a.json, line 1, column 1: there is no value'],
    ['{\n  "a": 1,\n  b: 2\n}', 'a.json, line 3, column 3: a name in double quotes was expected, not "b"'],
    ['{"a": 1 "b": 2}', 'a.json, line 1, column 9: "," or "}" was expected, not "\\""'],
    ['[1, 2', 'a.json, line 1, column 6: "," or "]" was expected, not the end of the text'],
    ['[1,\r\n 2,]', 'a.json, line 2, column 4: a value was expected, not "]"'],
    ['{"a" 1}', 'a.json, line 1, column 6: ":" was expected, not "1"'],
    ['[tru]', 'a.json, line 1, column 2: a value was expected, not "t"'],
    ['NaN', 'a.json, line 1, column 1: a value was expected, not "N"'],
    ['"a\nb"', 'a.json, line 1, column 3: "\\n" must be written as an escape within a string'],
    ['"abc', 'a.json, line 1, column 5: the text ends within a string'],
    ['"\\x"', 'a.json, line 1, column 3: "x" cannot follow a backslash'],
    ['"\\u12"', 'a.json, line 1, column 4: four hexadecimal digits must follow \\u'],
    ['1 2', 'a.json, line 1, column 3: "2" follows the end of the value'],
    ['{"a": 1, "a": 2}', 'a.json, line 1, column 10: the name "a" occurs twice in one object'],
    ['[1e999]', 'a.json, line 1, column 2: the number 1e999 is beyond the largest that can be held'],
  ])('says where %j is wrong', (text, message) => {
    expect(() => parseJson(text, 'a.json')).toThrow(new InputError(message));
  });

  test('bounds depth and length', () => {
    expect(parseJson('['.repeat(100) + ']'.repeat(100), 'a.json')).toHaveLength(1);
    expect(() => parseJson('['.repeat(101), 'a.json')).toThrow(/column 101: lists and objects lie more than 100 deep/);
    expect(() => parseJson('[1, 2]', 'a.json', { maxLength: 5 })).toThrow(
      'a.json has 6 characters; at most 5 are read',
    );
  });

  test('keeps __proto__ an ordinary name', () => {
    const value = parseJson('{"__proto__": {"polluted": true}}', 'a.json') as Record<string, unknown>;
    expect(Object.keys(value)).toEqual(['__proto__']);
    expect(value['polluted']).toBeUndefined();
  });

  test('throws the kind of error it is told to', () => {
    expect(() => parseJson('[', 'a.json', { error: FormatError })).toThrow(FormatError);
  });

  test('skips a byte order mark', () => {
    expect(parseJson('\ufeff[1]', 'a.json')).toEqual([1]);
  });
});
