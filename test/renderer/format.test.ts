import { describe, expect, test } from 'vitest';
import { bytes, count, duration, figure, metricValue, rate, setting } from '../../renderer/format.ts';

test.each([
  [0, '0'],
  [0.913422, '0.9134'],
  [-0.14, '−0.14'],
  [123.456, '123.5'],
  [12_345.6, '12,346'],
  [0.00025, '2.5e−4'],
  [1e-10, '1e−10'],
  [3e9, '3e9'],
  [null, '–'],
  [undefined, '–'],
  [NaN, '–'],
  [Infinity, '∞'],
])('figure(%s) is %s', (value, text) => {
  expect(figure(value)).toBe(text);
});

test.each([
  [null, '–'],
  [0.4, 'under a second'],
  [42.4, '42 s'],
  [180, '3 min'],
  [7500, '2 h 5 min'],
  [Infinity, '–'],
])('duration(%s) is %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [12_400_000, '12.4 MB'],
  [5e13, '50 TB'],
  [5e16, '50,000 TB'],
])('bytes(%s) is %s', (value, text) => {
  expect(bytes(value)).toBe(text);
});

describe('metrics', () => {
  test('that are shares are written in per cent', () => {
    expect(metricValue({ name: 'accuracy' }, 0.71378)).toBe('71.38 %');
  });

  test('have their unit', () => {
    expect(metricValue({ name: 'meanAbsoluteError', unit: 'births' }, 312.04)).toBe('312 births');
  });

  test('that are no number are a dash', () => {
    expect(metricValue({ name: 'perplexity' }, null)).toBe('–');
  });
});

test('counts, rates and settings', () => {
  expect(count(1_190_317)).toBe('1,190,317');
  expect(rate(183_456)).toBe('183K');
  expect(rate(null)).toBe('–');
  expect([true, 0.1, 'lstm', null].map(setting)).toEqual(['yes', '0.1', 'lstm', '–']);
});
