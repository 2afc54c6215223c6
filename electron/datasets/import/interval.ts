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

/** Share of a period by which a point may come early or late. */
const JITTER = 0.2;

/**
 * Milliseconds from one reading of an instrument to the next where nearly all are as far apart; undefined where they are
 * not. `times`: ascending.
 */
export function inferPeriod(times: ArrayLike<number>): number | undefined {
  if (times.length < 3) return undefined;
  const gaps = Float64Array.from({ length: times.length - 1 }, (_, i) => times[i + 1]! - times[i]!).sort();
  const period = gaps[Math.floor(gaps.length / 2)]!;
  const alike = gaps.filter((gap) => Math.abs(gap - period) <= JITTER * period).length;
  return period > 0 && alike >= REGULAR * gaps.length ? period : undefined;
}

/** From period to period, each point's number: its own, however early or late it comes. */
export function periodOrdinals(times: ArrayLike<number>, period: number): Float64Array {
  const ordinals = new Float64Array(times.length);
  for (let i = 1; i < times.length; i++) {
    // Measured from the point before it, so that a clock that drifts skips no number.
    const steps = Math.max(1, Math.round((times[i]! - times[i - 1]!) / period));
    ordinals[i] = ordinals[i - 1]! + steps;
  }
  return ordinals;
}
