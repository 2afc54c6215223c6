/** What the metrics of an evaluation allow to be said: compared with the baselines, and with what a benchmark asks. */
import type { Interval } from './intervals.ts';
import type { Criterion } from './task.ts';

/** A metric as far as it is judged; null or NaN: not a finite number. */
export interface JudgedMetric {
  readonly name: string;
  readonly label: string;
  readonly value: number | null;
  readonly unit?: string | undefined;
  readonly better: 'lower' | 'higher';
  readonly interval?: Interval | undefined;
}

interface JudgedBaseline {
  readonly name: string;
  readonly metric: JudgedMetric;
}

/**
 * better: on the right side of the baseline with its whole interval, or where there is no interval. unclear: on the right
 * side, but the baseline lies within the interval. no-better: equal or worse.
 */
export interface BaselineVerdict {
  readonly kind: 'better' | 'unclear' | 'no-better';
  readonly metric: JudgedMetric;
  readonly value: number;
  /** The best of those with this metric. */
  readonly baseline: string;
  /** What it reaches. */
  readonly level: number;
}

/** Undefined where no baseline has one of the metrics. The first metric that baselines have decides. */
export function judgeBaselines(
  metrics: readonly JudgedMetric[],
  baselines: readonly JudgedBaseline[],
): BaselineVerdict | undefined {
  for (const metric of metrics) {
    const { value, better } = metric;
    const ahead = (a: number, b: number): boolean => (better === 'higher' ? a > b : a < b);
    const known = baselines.filter(({ metric: own }) => own.name === metric.name && isFinite(own.value));
    const baseline = known.reduce<JudgedBaseline | undefined>(
      (best, one) => (best === undefined || ahead(one.metric.value ?? NaN, best.metric.value ?? NaN) ? one : best),
      undefined,
    );
    if (baseline === undefined || !isFinite(value)) continue;
    const { name } = baseline;
    const level = baseline.metric.value ?? NaN;
    if (!ahead(value, level)) return { kind: 'no-better', metric, value, baseline: name, level };
    const { interval } = metric;
    const worst = interval === undefined ? value : better === 'higher' ? interval.low : interval.high;
    return { kind: ahead(worst, level) ? 'better' : 'unclear', metric, value, baseline: name, level };
  }
  return undefined;
}

/** solved: the share that is asked for is reached. learning: more than chance, beyond doubt. chance: not even that. */
export interface BenchmarkVerdict {
  readonly kind: 'solved' | 'learning' | 'chance';
  readonly metric: JudgedMetric;
  readonly share: number;
  readonly criterion: Criterion;
}

/** Undefined where the criterion's metric is missing. */
export function judgeBenchmark(
  metrics: readonly JudgedMetric[],
  criterion: Criterion | undefined,
): BenchmarkVerdict | undefined {
  const metric = metrics.find(({ name }) => name === criterion?.metric);
  if (criterion === undefined || metric === undefined || !isFinite(metric.value)) return undefined;
  const share = metric.value;
  const least = metric.interval?.low ?? share;
  const kind = share >= criterion.required ? 'solved' : least > criterion.chance.share ? 'learning' : 'chance';
  return { kind, metric, share, criterion };
}

function isFinite(value: number | null): value is number {
  return value !== null && Number.isFinite(value);
}
