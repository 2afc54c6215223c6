/** Missing values of a series: what stands for them, and which windows of the series a model may see. */
import { ordinalToDate } from './calendar.ts';
import type { Interval, SeriesPoint } from './data.ts';

/**
 * 'skip': nothing, and no window reaches over them; 'interpolate': the line from the value before to the value behind;
 * 'carry': the value before.
 */
export type GapMethod = (typeof GAP_METHODS)[number];
export const GAP_METHODS = ['skip', 'interpolate', 'carry'] as const;

export interface DatedValue {
  /** As calendar.ts numbers dates, ascending. */
  readonly ordinal: number;
  readonly value: number;
}

/** The points of a series, its gaps filled. */
export function seriesPoints(values: Iterable<DatedValue>, interval: Interval, method: GapMethod): SeriesPoint[] {
  const points: SeriesPoint[] = [];
  let last: DatedValue | undefined;
  for (const next of values) {
    if (last !== undefined && method !== 'skip') {
      const steps = next.ordinal - last.ordinal;
      for (let step = 1; step < steps; step++) {
        const value = method === 'carry' ? last.value : last.value + ((next.value - last.value) * step) / steps;
        points.push({ date: ordinalToDate(last.ordinal + step, interval), value, filled: true });
      }
    }
    points.push({ date: ordinalToDate(next.ordinal, interval), value: next.value });
    last = next;
  }
  return points;
}

export interface WindowNeeds {
  /** Values in a row before a forecast. */
  readonly before: number;
  /** Values that are forecast. */
  readonly horizon: number;
  /** How the series' gaps were filled. */
  readonly gaps: GapMethod;
}

/**
 * Every place where a forecast may begin: its window and what is forecast are an unbroken stretch, nothing that is
 * forecast was filled in, and no value of the window was filled in from what is forecast.
 */
export function forecastStarts(
  ordinals: ArrayLike<number>,
  isFilled: (index: number) => boolean,
  { before, horizon, gaps }: WindowNeeds,
): number[] {
  const starts: number[] = [];
  // The place of the last filled value up to the end of the forecast.
  let lastFilled = -1;
  for (let i = 0; i < Math.min(before, ordinals.length); i++) if (isFilled(i)) lastFilled = i;
  let seen = before;
  for (let start = before; start + horizon <= ordinals.length; start++) {
    for (; seen < start + horizon; seen++) if (isFilled(seen)) lastFilled = seen;
    const isUnbroken = ordinals[start + horizon - 1]! - ordinals[start - before]! === before + horizon - 1;
    const known = gaps === 'interpolate' ? start - 1 : start;
    if (isUnbroken && lastFilled < known) starts.push(start);
  }
  return starts;
}
