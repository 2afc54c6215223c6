import { timeToOrdinal } from '../../../engine/tasks/calendar.ts';
import type { Interval } from '../../../engine/tasks/data.ts';

/** Share of the steps that must be of one interval; the others may be gaps. */
const REGULAR = 0.9;

const CALENDAR = ['year', 'month', 'week', 'day', 'hour'] as const;
const HOUR = 3_600_000;

/**
 * The largest interval of which every point has one to itself, nearly always the next after the last point's; 'step'
 * where there is none (trading days, readings at odd times). `times`: milliseconds since 1970, ascending.
 */
export function inferInterval(times: ArrayLike<number>): Interval {
  return CALENDAR.find((interval) => isRegular(times, interval)) ?? 'step';
}

function isRegular(times: ArrayLike<number>, interval: (typeof CALENDAR)[number]): boolean {
  let next = 0;
  for (let i = 1; i < times.length; i++) {
    const gap = timeToOrdinal(times[i]!, interval) - timeToOrdinal(times[i - 1]!, interval);
    if (gap < 1 || (interval === 'hour' && times[i]! % HOUR !== 0)) return false;
    if (gap === 1) next++;
  }
  return times.length > 1 && next >= REGULAR * (times.length - 1);
}
