/** Drawing symbols from a model's probabilities. */
import type { Random } from '../random.ts';

export interface SamplingOptions {
  /** 0: always the most probable; 1: the model's own probabilities; above: flatter. */
  readonly temperature: number;
  /** Only the k most probable may be drawn; 0: all. */
  readonly topK: number;
  /**
   * Only the fewest of the most probable that together come to this share, after the temperature, may be drawn (nucleus
   * sampling; Holtzman et al. 2020); 1, or absent: all.
   */
  readonly topP?: number;
  /** Symbols that are never drawn. */
  readonly excluded?: ReadonlySet<number>;
}

/** An index, drawn with probability proportional to p^(1 / temperature) among those allowed. */
export function drawSymbol(probabilities: Float32Array, options: SamplingOptions, random: Random): number {
  const { temperature, topK, topP = 1, excluded } = options;
  const allowed = Array.from(probabilities, (p, index) => ({ p, index })).filter(({ index }) => !excluded?.has(index));
  allowed.sort((a, b) => b.p - a.p || a.index - b.index);
  const candidates = topK > 0 ? allowed.slice(0, topK) : allowed;
  const [best] = candidates;
  if (!best) throw new RangeError('There is no symbol to draw.');
  if (temperature === 0) return best.index;
  // Relative to the best one, so that small temperatures do not underflow.
  const weights = nucleus(
    candidates.map(({ p }) => (p / best.p) ** (1 / temperature)),
    topP,
  );
  let left = random.unit() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, weight] of weights.entries()) {
    left -= weight;
    if (left < 0) return candidates[i]?.index ?? best.index;
  }
  return best.index;
}

/** The first of descending weights that come to `share` of them all; at least one. */
function nucleus(weights: readonly number[], share: number): readonly number[] {
  if (share >= 1) return weights;
  const enough = share * weights.reduce((sum, weight) => sum + weight, 0);
  let sum = 0;
  const last = weights.findIndex((weight) => (sum += weight) >= enough);
  return weights.slice(0, Math.max(1, last + 1));
}
