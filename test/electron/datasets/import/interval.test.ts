import { expect, test } from 'vitest';
import { inferInterval } from '../../../../electron/datasets/import/interval.ts';
import { ordinalToDate, timeToOrdinal } from '../../../../engine/tasks/calendar.ts';

const range = (count: number, time: (n: number) => number) => Array.from({ length: count }, (_, n) => time(n));
const DAY = 86_400_000;
const START = Date.UTC(2019, 11, 30);

test.each([
  ['hours', range(50, (n) => START + n * 3_600_000), 'hour'],
  ['days', range(50, (n) => START + n * DAY), 'day'],
  ['days with gaps', range(50, (n) => START + (n + Math.floor(n / 20)) * DAY), 'day'],
  ['weeks, by their Mondays', range(50, (n) => START + n * 7 * DAY), 'week'],
  ['weeks, by their Sundays', range(50, (n) => START + (n * 7 + 6) * DAY), 'week'],
  ['months, by their last days', range(50, (n) => Date.UTC(2020, n + 1, 0)), 'month'],
  ['years', range(50, (n) => Date.UTC(1900 + n, 5, 1)), 'year'],
  ['trading days', range(100, (n) => START + (n + 2 * Math.floor(n / 5)) * DAY), 'step'],
  ['quarters', range(50, (n) => Date.UTC(2000, 3 * n, 1)), 'step'],
  ['minutes', range(50, (n) => START + n * 60_000), 'step'],
  ['half past every hour', range(50, (n) => START + n * 3_600_000 + 1_800_000), 'step'],
  ['one point', [START], 'step'],
] as const)('the interval is found: %s', (_what, times, interval) => {
  expect(inferInterval(times)).toBe(interval);
  if (interval !== 'step') {
    // Points of one interval keep apart, and so do the dates that stand for them.
    expect(new Set(times.map((time) => ordinalToDate(timeToOrdinal(time, interval), interval))).size).toBe(
      times.length,
    );
  }
});
