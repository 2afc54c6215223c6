/** Fewer points that look like all of them. */

export interface Point {
  readonly x: number;
  /** NaN: a gap in the line. */
  readonly y: number;
}

/**
 * Points of a line with ascending `x`: all of them where there are at most `2 buckets`, else of each of `buckets`
 * stretches with equally many points the one with the smallest and the one with the largest y, and the last of all.
 */
export function thin(x: Float64Array, y: Float64Array, buckets: number): Point[] {
  const count = Math.min(x.length, y.length);
  if (count <= 2 * buckets) return Array.from({ length: count }, (_, i) => ({ x: x[i]!, y: y[i]! }));
  const kept: Point[] = [];
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = Math.floor((bucket * count) / buckets);
    const end = Math.floor(((bucket + 1) * count) / buckets);
    let low = start;
    let high = start;
    for (let i = start + 1; i < end; i++) {
      if (y[i]! < y[low]! || Number.isNaN(y[low]!)) low = i;
      if (y[i]! > y[high]! || Number.isNaN(y[high]!)) high = i;
    }
    const [first, second] = low < high ? [low, high] : [high, low];
    kept.push({ x: x[first]!, y: y[first]! });
    if (second !== first) kept.push({ x: x[second]!, y: y[second]! });
  }
  const last = count - 1;
  if (kept.at(-1)?.x !== x[last]) kept.push({ x: x[last]!, y: y[last]! });
  return kept;
}

/** Index of the value nearest to `at` in ascending values; -1 where there are none. */
export function nearestIndex(values: Float64Array, at: number): number {
  let low = 0;
  let high = values.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (values[middle]! < at) low = middle + 1;
    else high = middle;
  }
  if (low > 0 && at - values[low - 1]! <= values[low]! - at) low -= 1;
  return values.length === 0 ? -1 : low;
}
