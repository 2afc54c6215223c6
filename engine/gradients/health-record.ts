/** The health of one update as it is kept: plain values, numbers that are none null, four digits each. */
import * as v from 'valibot';
import type { TrainingHealth } from './health.ts';

const finite = v.nullable(v.number());
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const healthRecord = v.object({
  update: whole,
  loss: finite,
  /** Before clipping. */
  gradientNorm: finite,
  /** What the gradient was multiplied by; below 1 where clipping acted. */
  clipScale: finite,
  parameters: v.array(
    v.object({
      name: v.string(),
      gradientNorm: finite,
      weightNorm: finite,
      /** Null where weights are zero. */ updateRatio: finite,
    }),
  ),
  saturation: v.array(v.object({ name: v.string(), low: finite, high: finite })),
  radii: v.array(v.object({ name: v.string(), gate: v.nullable(v.string()), spectralRadius: finite })),
});
export type HealthRecord = v.InferOutput<typeof healthRecord>;

export function recordOf({ report, clipScale, parameters, saturation, radii }: TrainingHealth): HealthRecord {
  return {
    update: report.update,
    loss: short(report.loss),
    gradientNorm: short(report.gradientNorm),
    clipScale: short(clipScale),
    parameters: parameters.map(({ name, gradientNorm, weightNorm, updateRatio }) => ({
      name,
      gradientNorm: short(gradientNorm),
      weightNorm: short(weightNorm),
      updateRatio: short(updateRatio),
    })),
    saturation: saturation.map(({ name, low, high }) => ({ name, low: short(low), high: short(high) })),
    radii: radii.map(({ name, gate, spectralRadius }) => ({
      name,
      gate: gate ?? null,
      spectralRadius: short(spectralRadius),
    })),
  };
}

function short(value: number): number | null {
  return Number.isFinite(value) ? Number(value.toPrecision(4)) : null;
}
