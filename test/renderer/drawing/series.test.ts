import { expect, test } from 'vitest';
import { labelEvery } from '../../../renderer/drawing/series.ts';

const numbers = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => String(i + 1));

test.each([
  [100, 8, 5],
  [100, 5, 10],
  [100, 44, 1],
  [20, 20, 2],
  [1000, 5, 10],
  [9, 13, 2],
])('of %s numbered steps of %s pixels every %sth has its label', (count, cell, every) => {
  expect(labelEvery(numbers(count), cell)).toBe(every);
});

test('labels do not run into one another, however long they are', () => {
  const dates = ['2020-02-20', '2020-02-21'];
  for (const cell of [5, 13, 44]) expect(labelEvery(dates, cell) * cell).toBeGreaterThan(10 * 6.5);
});
