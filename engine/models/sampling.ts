/** Drawing symbols from a model's probabilities. */
import type { Random } from '../random.ts';

export interface SamplingOptions {
  /** 0: always the most probable; 1: the model's own probabilities; above: flatter. */
  readonly temperature: number;
  /** Only the k most probable may be drawn; 0: all. */
  readonly topK: number;
  /** Symbols that are never drawn. */
  readonly excluded?: ReadonlySet<number>;
}

/** An index, drawn with probability proportional to p^(1 / temperature) among those allowed. */
export function drawSymbol(probabilities: Float32Array, options: SamplingOptions, random: Random): number {
  const { temperature, topK, excluded } = options;
  const allowed = Array.from(probabilities, (p, index) => ({ p, index })).filter(({ index }) => !excluded?.has(index));
  allowed.sort((a, b) => b.p - a.p || a.index - b.index);
  const candidates = topK > 0 ? allowed.slice(0, topK) : allowed;
  const [best] = candidates;
  if (!best) throw new RangeError('There is no symbol to draw.');
  if (temperature === 0) return best.index;
  // Relative to the best one, so that small temperatures do not underflow.
  const weights = candidates.map(({ p }) => (p / best.p) ** (1 / temperature));
  let left = random.unit() * weights.reduce((sum, weight) => sum + weight, 0);
  for (const [i, { index }] of candidates.entries()) {
    left -= weights[i] ?? 0;
    if (left < 0) return index;
  }
  return best.index;
}
