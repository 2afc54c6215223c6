/** Whether a model ranks the symbols first that a grammar allows next: which of them comes is a draw. */

export interface LegalStep {
  readonly legal: readonly number[];
  /** As many labels, the most probable first. */
  readonly first: readonly number[];
  /** Each legal label is more probable than each other one. */
  readonly right: boolean;
}

/** `outputs`: [T, V] probabilities, a row for each step. */
export function judgeLegal(
  legal: readonly (readonly number[])[],
  outputs: Float32Array,
  V: number,
): readonly LegalStep[] {
  return legal.map((allowed, t) => {
    const row = outputs.subarray(t * V, (t + 1) * V);
    const ranked = Array.from(row.keys()).sort((a, b) => row[b]! - row[a]! || a - b);
    const least = Math.min(...allowed.map((label) => row[label]!));
    const others = ranked.filter((label) => !allowed.includes(label));
    return {
      legal: allowed,
      first: ranked.slice(0, allowed.length),
      right: others.every((label) => row[label]! < least),
    };
  });
}
