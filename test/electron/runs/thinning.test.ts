import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { isMilestone, thinCheckpoints, thinSeries } from '../../../electron/runs/thinning.ts';

const values = fc.array(fc.oneof({ weight: 9, arbitrary: fc.float() }, { weight: 1, arbitrary: fc.constant(NaN) }), {
  maxLength: 300,
});

describe('thinSeries', () => {
  property.prop([values, fc.integer({ min: 1, max: 50 })])(
    'keeps first, last and the extremes of every bucket, in order',
    (series, buckets) => {
      const places = thinSeries(series.length, buckets, [(place) => series[place]!]);
      expect(places.every((place, i) => i === 0 || place > places[i - 1]!)).toBe(true);
      expect(places.length).toBeLessThanOrEqual(series.length <= buckets ? series.length : 2 * buckets + 2);
      const kept = new Set(places);
      if (series.length > 0) {
        expect([places[0], places.at(-1)]).toEqual([0, series.length - 1]);
      }
      for (let bucket = 0; bucket < buckets; bucket++) {
        const [start, end] = [bucket, bucket + 1].map((edge) => Math.floor((edge * series.length) / buckets));
        const all = series.slice(start, end).filter((value) => !Number.isNaN(value));
        const left = series.slice(start, end).filter((_, i) => kept.has(start! + i));
        if (all.length > 0) {
          expect(left).toContain(all.reduce((low, value) => (value < low ? value : low)));
          expect(left).toContain(all.reduce((high, value) => (value > high ? value : high)));
        }
      }
    },
  );

  test('keeps the extremes of each of several series', () => {
    const places = thinSeries(100, 1, [(place) => (place === 40 ? 9 : 0), (place) => (place === 70 ? -9 : 0)]);
    expect(places).toEqual(expect.arrayContaining([0, 40, 70, 99]));
  });
});

/** What is left of checkpoints that come one after another. */
function thinned(updates: readonly number[], most: number, keep: (update: number) => boolean = () => false): number[] {
  let left: number[] = [];
  for (const update of updates) {
    left.push(update);
    const given = new Set(thinCheckpoints(left, most, keep));
    left = left.filter((candidate) => !given.has(candidate));
  }
  return left;
}

describe('thinCheckpoints', () => {
  property.prop([
    fc.uniqueArray(fc.nat({ max: 100_000 }), { maxLength: 200 }),
    fc.integer({ min: 3, max: 40 }),
    fc.integer({ min: 2, max: 50 }),
  ])('keeps the first, the last and what is to be kept, and no more than it may', (given, most, every) => {
    const updates = given.sort((a, b) => a - b);
    const keep = (update: number) => update % every === 0;
    const left = thinned(updates, most, keep);
    expect(left[0]).toBe(updates[0]);
    expect(left.at(-1)).toBe(updates.at(-1));
    expect(left).toEqual(expect.arrayContaining(updates.filter(keep)));
    expect(left.length).toBeLessThanOrEqual(Math.max(most, updates.filter(keep).length + 2));
  });

  test('leaves a long run a set that is spread evenly over the logarithm of its updates', () => {
    const milestones = Array.from({ length: 1000 }, (_, update) => update).filter(isMilestone);
    const intervals = Array.from({ length: 1000 }, (_, i) => (i + 1) * 1000);
    const left = thinned([0, ...milestones, ...intervals], 40);
    expect(left).toHaveLength(40);
    // Between 1,000 and 1,000,000 there is something in every factor of two; before, every milestone is still there.
    const ratios = left.slice(1).map((update, i) => (update + 1) / (left[i]! + 1));
    expect(Math.max(...ratios)).toBeLessThanOrEqual(2.6);
    const late = left.filter((update) => update >= 1000);
    expect(Math.max(...late.slice(1).map((update, i) => update / late[i]!))).toBeLessThanOrEqual(2);
  });
});

describe('isMilestone', () => {
  test('is true of 1, 2, 5, 10, 20, 50 and so on', () => {
    const found = Array.from({ length: 1_001 }, (_, update) => update).filter(isMilestone);
    expect(found).toEqual([1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]);
    expect(isMilestone(500_000_000)).toBe(true);
    expect(isMilestone(499_999_999)).toBe(false);
  });
});
