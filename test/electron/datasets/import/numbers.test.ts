import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMissing, readNumber } from '../../../../electron/datasets/import/numbers.ts';

test.each([
  ['3', 3, 3],
  [' -4 ', -4, -4],
  ['+.5', 0.5, NaN],
  ['2.', 2, NaN],
  ['3.25', 3.25, NaN],
  ['3,25', NaN, 3.25],
  ['1,234.5', 1234.5, NaN],
  ['1.234,5', NaN, 1234.5],
  ['1 234,5', NaN, 1234.5],
  ['1,234', 1234, 1.234],
  ['1.234', 1.234, 1234],
  ['1e3', 1000, 1000],
  ['6.02E-23', 6.02e-23, NaN],
  ['12,34,567', NaN, NaN],
  ['1e999', NaN, NaN],
  ['0x10', NaN, NaN],
  ['Infinity', NaN, NaN],
  ['', NaN, NaN],
  ['-', NaN, NaN],
  ['.', NaN, NaN],
  ['12 kg', NaN, NaN],
  ['2020-01-01', NaN, NaN],
])('%j is %s with a point and %s with a comma', (field, point, comma) => {
  expect(readNumber(field, 'point')).toBe(point);
  expect(readNumber(field, 'comma')).toBe(comma);
});

test('every number that a program writes is read again', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(readNumber(String(value), 'point')).toBe(value === 0 ? Number(String(value)) : value);
      const local = String(value).replace('.', ',');
      // With three digits behind it a comma groups thousands for those who write a point.
      expect(readNumber(local, 'comma')).toBe(value === 0 ? Number(String(value)) : value);
    }),
  );
});

test('what stands for a missing value', () => {
  expect(['', 'NA', 'n/a', 'NaN', 'null', '-', ' '].every(isMissing)).toBe(true);
  expect(['0', 'Nana', 'no', 'x'].some(isMissing)).toBe(false);
});
