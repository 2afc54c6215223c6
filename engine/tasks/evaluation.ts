import { mapInterval, Ratio, type Interval } from './intervals.ts';
import type { BatchOutputs, Criterion, Evaluation, Evaluator, Metric } from './task.ts';

/** Share of what a benchmark asks from which it counts as solved. */
export const SOLVED_FROM = 0.95;

/** Share of labels that were right, 0 to 1. */
export function accuracy(right: number, asked: number, label = 'accuracy', name = 'accuracy'): Metric {
  return { name, label, value: right / asked, better: 'higher' };
}

/** The same with its interval. `of`: what a cluster is, in the plural: 'sequences'. */
export function shareRight(right: Ratio, of: string, label = 'accuracy', name = 'accuracy'): Metric {
  return withInterval({ name, label, value: right.value, better: 'higher' }, right.shareInterval(of));
}

export function withInterval(metric: Metric, interval: Interval | undefined): Metric {
  const known = interval !== undefined && Number.isFinite(interval.low) && Number.isFinite(interval.high);
  return known ? { ...metric, interval } : metric;
}

/** Whether these metrics meet a benchmark's criterion. */
export function isSolved(metrics: readonly Metric[], criterion: Criterion): boolean {
  const metric = metrics.find(({ name }) => name === criterion.metric);
  return metric !== undefined && metric.value >= criterion.required;
}

/** Mean loss in nats. */
export function crossEntropy(nats: number, interval?: Interval): Metric {
  const metric = { name: 'crossEntropy', label: 'cross-entropy', value: nats, unit: 'nats', better: 'lower' } as const;
  return withInterval(metric, interval);
}

/** `nats`: mean loss of a character. */
export function bitsPerCharacter(nats: number, interval?: Interval): Metric {
  const bits = (value: number): number => value / Math.LN2;
  const metric = {
    name: 'bitsPerCharacter',
    label: 'bits per character',
    value: bits(nats),
    unit: 'bits',
    better: 'lower',
  } as const;
  return withInterval(metric, mapInterval(interval, bits));
}

/** `nats`: mean loss of a symbol. */
export function perplexity(nats: number, interval?: Interval): Metric {
  const metric = { name: 'perplexity', label: 'perplexity', value: Math.exp(nats), better: 'lower' } as const;
  return withInterval(metric, mapInterval(interval, Math.exp));
}

/** Where the largest of `count` values from `start` is, counted from `start`; the first on ties. */
export function argmax(values: ArrayLike<number>, start: number, count: number): number {
  let best = 0;
  for (let i = 1; i < count; i++) {
    if (values[start + i]! > values[start + best]!) {
      best = i;
    }
  }
  return best;
}

/** The mean loss over everything that an evaluation has seen. */
export class MeanLoss {
  readonly #batches = new Ratio();

  add(outputs: Pick<BatchOutputs, 'lossSum' | 'lossCount'>): void {
    this.#batches.add(outputs.lossSum, outputs.lossCount);
  }

  /** NaN where nothing was seen. */
  get value(): number {
    return this.#batches.value;
  }

  /** From the differences between batches; undefined with too few of them. */
  get interval(): Interval | undefined {
    return this.#batches.meanInterval('batches');
  }
}

/** Bits per character and perplexity, from the losses alone. */
export function characterEvaluator(): Evaluator {
  const loss = new MeanLoss();
  return {
    add: (_buffers, _steps, _items, outputs) => loss.add(outputs),
    finish: (): Evaluation => ({
      metrics: [bitsPerCharacter(loss.value, loss.interval), perplexity(loss.value, loss.interval)],
    }),
  };
}
