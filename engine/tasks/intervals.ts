/**
 * 95 % confidence intervals of evaluation metrics. Values that belong together (the steps of one sequence, the targets of
 * one batch, overlapping forecasts) are not independent: they form one cluster, and the variance is that between clusters
 * (linearized variance of a ratio of sums; Cochran, "Sampling techniques", 1977, chapter 6).
 */

export interface Interval {
  readonly low: number;
  readonly high: number;
  /** n, independent observations. */
  readonly count: number;
  /** What n counts, in the plural: 'sequences'. */
  readonly of: string;
}

/** 97.5 % quantile of the normal distribution. */
const Z = 1.959963984540054;
/** Clusters below which a standard error says too little. */
const FEWEST_CLUSTERS = 8;

/** Wilson's score interval (1927) of `share`, observed in `n` independent trials. */
export function wilson(share: number, n: number): readonly [low: number, high: number] {
  const z2 = Z * Z;
  const center = (share + z2 / (2 * n)) / (1 + z2 / n);
  const half = (Z / (1 + z2 / n)) * Math.sqrt((share * (1 - share)) / n + z2 / (4 * n * n));
  return [share === 0 ? 0 : Math.max(0, center - half), share === 1 ? 1 : Math.min(1, center + half)];
}

/** 97.5 % quantile of Student's t, by its expansion in 1 / degrees of freedom (Fisher & Cornish 1960). */
export function studentQuantile(degrees: number): number {
  const z = Z;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degrees + second / degrees ** 2 + third / degrees ** 3;
}

/** A ratio of two sums over clusters: right answers of all, loss by target, error by forecast. */
export class Ratio {
  #clusters = 0;
  #numerator = 0;
  #denominator = 0;
  #nn = 0;
  #nd = 0;
  #dd = 0;

  /** One cluster. Those with nothing in them are left out. */
  add(numerator: number, denominator: number): void {
    if (denominator === 0) return;
    this.#clusters++;
    this.#numerator += numerator;
    this.#denominator += denominator;
    this.#nn += numerator * numerator;
    this.#nd += numerator * denominator;
    this.#dd += denominator * denominator;
  }

  /** NaN where nothing was added. */
  get value(): number {
    return this.#numerator / this.#denominator;
  }

  get clusters(): number {
    return this.#clusters;
  }

  /** Squared standard error; NaN with fewer than two clusters. */
  get variance(): number {
    const p = this.value;
    const squares = Math.max(0, this.#nn - 2 * p * this.#nd + p * p * this.#dd);
    return ((this.#clusters / (this.#clusters - 1)) * squares) / this.#denominator ** 2;
  }

  /**
   * Of a share: Wilson's, for as many independent trials as have this variance; where all answers are alike, for one trial
   * a cluster. Undefined where nothing was added.
   */
  shareInterval(of: string): Interval | undefined {
    const { value, variance, clusters } = this;
    if (clusters === 0 || !Number.isFinite(value)) return undefined;
    const alike = value === 0 || value === 1 || variance === 0;
    const trials = alike ? clusters : (value * (1 - value)) / variance;
    const [low, high] = wilson(value, Math.min(this.#denominator, Math.max(1, trials)));
    return { low, high, count: clusters, of };
  }

  /** Of a mean that is not below 0, by Student's t. Undefined with too few clusters. */
  meanInterval(of: string, count = this.#clusters): Interval | undefined {
    const { value, variance, clusters } = this;
    if (clusters < FEWEST_CLUSTERS || !Number.isFinite(value) || !Number.isFinite(variance)) return undefined;
    const half = studentQuantile(clusters - 1) * Math.sqrt(variance);
    return { low: Math.max(0, value - half), high: value + half, count, of };
  }
}

/**
 * The mean of values in the order of time, which depend on their neighbors: its interval is that of the means of
 * consecutive blocks. `overlap`: values in a row that share data.
 */
export function blockMean(values: ArrayLike<number>, overlap: number): Ratio {
  const length = Math.max(overlap, Math.ceil(Math.cbrt(values.length)));
  const blocks = new Ratio();
  for (let from = 0; from < values.length; from += length) {
    const to = Math.min(values.length, from + length);
    let sum = 0;
    for (let i = from; i < to; i++) sum += values[i]!;
    blocks.add(sum, to - from);
  }
  return blocks;
}

/** The interval after an increasing function of the value. */
export function mapInterval(
  interval: Interval | undefined,
  increasing: (value: number) => number,
): Interval | undefined {
  return interval && { ...interval, low: increasing(interval.low), high: increasing(interval.high) };
}
