import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isMissing, readNumber, readQuantity, unitsOf } from '../../../../electron/datasets/import/numbers.ts';

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
  ['12,34,567', 1234567, NaN],
  ['12,34,56', NaN, NaN],
  ['0.123', 0.123, NaN],
  ["1'234.5", 1234.5, NaN],
  ['1e999', NaN, NaN],
  ['0x10', NaN, NaN],
  ['Infinity', NaN, NaN],
  ['', NaN, NaN],
  ['-', NaN, NaN],
  ['.', NaN, NaN],
  ['12 main street', NaN, NaN],
  ['x12', NaN, NaN],
  ['(5', NaN, NaN],
  ['-5-', NaN, NaN],
  ['2020-01-01', NaN, NaN],
])('%j is %s with a point and %s with a comma', (field, point, comma) => {
  expect(readNumber(field, 'point')).toBe(point);
  expect(readNumber(field, 'comma')).toBe(comma);
});

test.each([
  ['$1,234.50', 'point', 1234.5, '$'],
  ['-$5', 'point', -5, '$'],
  ['$-5', 'point', -5, '$'],
  ['($5.00)', 'point', -5, '$'],
  ['(7)', 'point', -7, ''],
  ['5,00 €', 'comma', 5, '€'],
  ['R$ 1.234,56', 'comma', 1234.56, 'R$'],
  ['CHF 1’234.50', 'point', 1234.5, 'CHF'],
  ['12.5%', 'point', 12.5, '%'],
  ['12,5 %', 'comma', 12.5, '%'],
  ['\u22123.5', 'point', -3.5, ''],
  ['\u20133.5', 'point', -3.5, ''],
  ['5-', 'point', -5, ''],
  ['1\u202f234,5', 'comma', 1234.5, ''],
  ['12 kg', 'point', 12, 'kg'],
  ['20°C', 'point', 20, '°C'],
  ['3 km/h', 'point', 3, 'km/h'],
  ['\uff11\uff12', 'point', 12, ''],
] as const)('%j is a number with a unit', (field, notation, value, unit) => {
  expect(readQuantity(field, notation)).toEqual({ value, unit });
});

test('units of a column are one, scales, or a mixture', () => {
  expect(unitsOf(['', '%'])).toEqual({ unit: '%' });
  expect(unitsOf(['k', 'M', ''])).toBe('scales');
  expect(unitsOf(['st', 'nd', 'rd'])).toBe('mixed');
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
  expect(['', 'NA', 'n/a', '#N/A', 'NaN', 'null', '-', '—', ' ', '#DIV/0!'].every(isMissing)).toBe(true);
  expect(['0', 'Nana', 'no', 'x'].some(isMissing)).toBe(false);
});
