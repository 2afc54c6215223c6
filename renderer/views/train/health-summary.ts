/** How a run's training fares, in a few numbers: of all parameters, and of all gates, together. */
import type { HealthRecord } from '../../../engine/gradients/health-record.ts';

export interface HealthSummary {
  readonly update: number;
  /** Before clipping; NaN where it was no number. */
  readonly gradientNorm: number;
  /** After clipping; null where nothing was clipped. */
  readonly clippedNorm: number | null;
  /** L2 of the step, as a share of the weights'; NaN where those are zero. */
  readonly updateRatio: number;
  /** Share of the gates' and candidates' values near either end of their function; null where nothing can saturate. */
  readonly saturated: number | null;
}

export function summaryOf({ update, gradientNorm, clipScale, parameters, saturation }: HealthRecord): HealthSummary {
  const norm = gradientNorm ?? NaN;
  let [step, weights] = [0, 0];
  for (const { weightNorm, updateRatio } of parameters) {
    weights += (weightNorm ?? NaN) ** 2;
    // A step from zero weights is no share of anything.
    step += ((updateRatio ?? 0) * (weightNorm ?? NaN)) ** 2;
  }
  const shares = saturation.map(({ low, high }) => (low ?? NaN) + (high ?? NaN));
  return {
    update,
    gradientNorm: norm,
    clippedNorm: clipScale !== null && clipScale < 1 ? norm * clipScale : null,
    updateRatio: weights === 0 ? NaN : Math.sqrt(step / weights),
    // All of them have as many values: those of every unit at every step.
    saturated: shares.length === 0 ? null : shares.reduce((sum, share) => sum + share) / shares.length,
  };
}
