import { expect, test } from 'vitest';
import { learningRateAt } from '../../../engine/training/schedule.ts';
import type { ScheduleSettings } from '../../../engine/experiment/experiment.ts';

function rates(schedule: ScheduleSettings, updates: number, total = updates): number[] {
  return Array.from({ length: updates }, (_, update) => learningRateAt(schedule, 2, update, total));
}

test('a constant rate is the same at every update', () => {
  expect(rates({ kind: 'constant', warmup: 0 }, 3)).toEqual([2, 2, 2]);
});

test('warm-up grows linearly to the whole rate', () => {
  expect(rates({ kind: 'constant', warmup: 4 }, 6)).toEqual([0.5, 1, 1.5, 2, 2, 2]);
});

test('a step schedule counts from the end of the warm-up', () => {
  expect(rates({ kind: 'step', warmup: 1, factor: 0.5, every: 2 }, 6)).toEqual([2, 2, 2, 1, 1, 0.5]);
});

test('a cosine schedule falls from the whole rate to the floor at the last update', () => {
  const [first, second, middle, fourth, last] = rates({ kind: 'cosine', warmup: 0, floor: 0.1 }, 5);
  expect(first).toBe(2);
  expect(middle).toBeCloseTo(1.1, 12);
  expect(last).toBeCloseTo(0.2, 12);
  expect(second).toBeCloseTo(0.2 + 0.9 * (1 + Math.SQRT1_2), 12);
  expect(fourth).toBeCloseTo(0.2 + 0.9 * (1 - Math.SQRT1_2), 12);
});

test('a cosine schedule stays at the floor beyond the end, and is whole where warm-up takes all', () => {
  expect(learningRateAt({ kind: 'cosine', warmup: 0, floor: 0.5 }, 2, 99, 10)).toBeCloseTo(1, 12);
  expect(rates({ kind: 'cosine', warmup: 2, floor: 0 }, 3)).toEqual([1, 2, 2]);
});
