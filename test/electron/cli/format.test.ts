import { expect, test } from 'vitest';
import { count, counted, duration, figure, rate, table } from '../../../electron/cli/format.ts';
import { wrapped } from '../../../electron/cli/help.ts';

test('counts have separators', () => {
  expect([count(0), count(1_234_567), count(Infinity)]).toEqual(['0', '1,234,567', 'endless']);
  expect([counted(1, 'layer'), counted(2, 'layer')]).toEqual(['1 layer', '2 layers']);
});

test('figures have four digits', () => {
  const values = [2.0532, 0.012345, 245, 9999.4, 10573.2, 1.234e-7, -0.5, 0, NaN, -Infinity];
  expect(values.map(figure)).toEqual([
    ...['2.053', '0.01235', '245.0', '9999', '10,573', '1.23e-7', '-0.5000', '0.000', 'not a number', 'infinite'],
  ]);
});

test('rates are short', () => {
  expect([0, 5, 12.34, 532, 999.6, 85_249, 999_400, 1_234_567].map(rate)).toEqual([
    ...['0', '5', '12.3', '532', '1.00k', '85.2k', '999k', '1.23M'],
  ]);
});

test('durations are read as clocks are', () => {
  expect([0, 7.4, 59.6, 723, 3723, Infinity].map(duration)).toEqual([
    ...['0:00', '0:07', '1:00', '12:03', '1:02:03', '-:--'],
  ]);
});

test('tables are aligned', () => {
  const rows = [
    ['a', '1', ''],
    ['bcd', '200', 'x'],
  ];
  expect(table(rows)).toEqual(['a    1', 'bcd  200  x']);
  expect(table(rows, [1])).toEqual(['a      1', 'bcd  200  x']);
});

test('paragraphs are broken at spaces', () => {
  expect(wrapped('one two three four', 9)).toEqual(['one two', 'three', 'four']);
  expect(wrapped('indivisible', 3)).toEqual(['indivisible']);
});
