/** The health of one update as it is kept: plain values, numbers that are none null, four digits each. */
import * as v from 'valibot';
import type { TrainingHealth } from './health.ts';

const finite = v.nullable(v.pipe(v.number(), v.finite()));
const size = v.nullable(v.pipe(v.number(), v.finite(), v.minValue(0)));
const share = v.nullable(v.pipe(v.number(), v.minValue(0), v.maxValue(1)));
const name = v.pipe(v.string(), v.maxLength(200));
const list = <S extends v.GenericSchema>(one: S) => v.pipe(v.array(one), v.maxLength(10_000));
const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));

export const healthRecord = v.object({
  update: whole,
  loss: finite,
  /** Before clipping. */
  gradientNorm: size,
  /** What the gradient was multiplied by; below 1 where clipping acted. */
  clipScale: share,
  parameters: list(
    v.object({
      name,
      gradientNorm: size,
      weightNorm: size,
      /** Null where weights are zero. */
      updateRatio: size,
    }),
  ),
  saturation: list(v.object({ name, low: share, high: share })),
  radii: list(v.object({ name, gate: v.nullable(name), spectralRadius: size })),
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
