/** From the engine's norms to what is drawn. */
import type { FlowMap, GradientFlow } from '../../../engine/gradients/flow.ts';
import type { Scale } from '../../drawing/scales.ts';

/** log10 of a norm: its own numbers, so that what float32 cannot hold is drawn all the same. */
export const LOG_NORM_SCALE: Scale = { kind: 'activation', low: -12, high: 1, stops: ['surface', 'norm'] };

/** [T, losses], time-major as heatmaps take it; below the scale's end what cannot be computed, NaN where no path leads. */
export function mapValues({ norms }: FlowMap, { steps, losses }: GradientFlow): Float32Array {
  const out = new Float32Array(norms.length);
  losses.forEach((_, row) => {
    for (let k = 0; k < steps; k++) out[k * losses.length + row] = norms[row * steps + k]!;
  });
  return out;
}

/** [T] log10 of one loss's norms. */
export function rowOf({ norms }: FlowMap, { steps }: GradientFlow, row: number): Float32Array {
  return norms.subarray(row * steps, (row + 1) * steps);
}

/** The row whose loss is at a step, or the nearest before it; the last where none is. */
export function rowAt({ losses }: GradientFlow, step: number | null): number {
  if (step === null) return losses.length - 1;
  const after = losses.findIndex((loss) => loss > step);
  return after === -1 ? losses.length - 1 : Math.max(0, after - 1);
}

/** What one step back multiplies the norm with, on average from the nearest to the farthest step that can be told. */
export function meanFactor(row: Float32Array, reverse = false): number {
  const known = Array.from(row).flatMap((log, k) => (Number.isFinite(log) ? [{ log, k }] : []));
  const [first, last] = [known[0], known.at(-1)];
  if (!first || !last || first.k === last.k) return NaN;
  return 10 ** (((reverse ? -1 : 1) * (first.log - last.log)) / (last.k - first.k));
}
