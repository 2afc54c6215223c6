import type { ScheduleSettings } from '../experiment/experiment.ts';

/**
 * The learning rate of an update, counted from 0. Warm-up: (update + 1) / warmup of the base rate. After it, counted
 * from its end: constant; times factor each `every` updates; or floor + (1 - floor) (1 + cos(pi x)) / 2 with x from 0
 * to 1 at the last update (Loshchilov & Hutter 2017).
 */
export function learningRateAt(
  schedule: ScheduleSettings,
  baseRate: number,
  update: number,
  totalUpdates: number,
): number {
  if (update < schedule.warmup) {
    return (baseRate * (update + 1)) / schedule.warmup;
  }
  const since = update - schedule.warmup;
  switch (schedule.kind) {
    case 'constant':
      return baseRate;
    case 'step':
      return baseRate * schedule.factor ** Math.floor(since / schedule.every);
    case 'cosine': {
      const last = Math.max(1, totalUpdates - 1 - schedule.warmup);
      const cosine = (1 + Math.cos(Math.PI * Math.min(1, since / last))) / 2;
      return baseRate * (schedule.floor + (1 - schedule.floor) * cosine);
    }
  }
}
