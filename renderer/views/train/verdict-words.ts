/** What an evaluation allows to be said, in words and numbers. */
import type { Interval } from '../../../engine/tasks/intervals.ts';
import type { Criterion } from '../../../engine/tasks/task.ts';
import {
  judgeBaselines,
  judgeBenchmark,
  type BenchmarkVerdict,
  type JudgedMetric,
} from '../../../engine/tasks/verdicts.ts';
import { count, metricValue } from '../../format.ts';
import { t } from '../../messages/messages.ts';
import type { Baseline } from '../../state/tasks.svelte.ts';

export interface Verdict {
  readonly text: string;
  readonly tone: 'good' | 'plain' | 'bad';
}

/** "95 %: 0.41 to 0.46, n = 256 strings"; empty where the data allow none. */
export function intervalWords(metric: Pick<JudgedMetric, 'name' | 'unit'>, interval: Interval | undefined): string {
  if (interval === undefined) return '';
  const { low, high, count: n, of } = interval;
  return t('verdict.interval', { low: metricValue(metric, low), high: metricValue(metric, high), n: count(n), of });
}

/** Whether a benchmark is solved, with what it asks and what chance reaches. */
export function benchmarkWords(
  metrics: readonly JudgedMetric[],
  criterion: Criterion | undefined,
): Verdict | undefined {
  return benchmarkWordsOf(judgeBenchmark(metrics, criterion));
}

export function benchmarkWordsOf(verdict: BenchmarkVerdict | undefined): Verdict | undefined {
  if (verdict === undefined) return undefined;
  const { kind, metric, share } = verdict;
  const percent = (value: number): string => metricValue({ name: 'share' }, value);
  const { required, chance } = verdict.criterion;
  return {
    text: t(`verdict.benchmark.${kind}`, {
      metric: metric.label,
      share: percent(share),
      required: percent(required),
      chanceName: chance.name,
      chance: percent(chance.share),
    }),
    tone: kind === 'solved' ? 'good' : kind === 'chance' ? 'bad' : 'plain',
  };
}

/** Said only where the model is not better than the best baseline, or may not be. */
export function baselineWords(metrics: readonly JudgedMetric[], baselines: readonly Baseline[]): Verdict | undefined {
  const verdict = judgeBaselines(metrics, baselines);
  if (verdict === undefined || verdict.kind === 'better') return undefined;
  const { kind, metric, value, baseline, level } = verdict;
  return {
    text: t(`verdict.baseline.${kind}`, {
      metric: metric.label,
      value: metricValue(metric, value),
      baseline,
      level: metricValue(metric, level),
      n: count(metric.interval?.count ?? 0),
      of: metric.interval?.of ?? '',
    }),
    tone: 'bad',
  };
}
