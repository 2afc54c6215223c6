import type { BatchOutputs, Evaluation, Evaluator, Metric } from './task.ts';

/** Share of labels that were right, 0 to 1. */
export function accuracy(right: number, asked: number, label = 'accuracy', name = 'accuracy'): Metric {
  return { name, label, value: right / asked, better: 'higher' };
}

/** Mean loss in nats. */
export function crossEntropy(nats: number): Metric {
  return { name: 'crossEntropy', label: 'cross-entropy', value: nats, unit: 'nats', better: 'lower' };
}

/** `nats`: mean loss of a character. */
export function bitsPerCharacter(nats: number): Metric {
  return {
    name: 'bitsPerCharacter',
    label: 'bits per character',
    value: nats / Math.LN2,
    unit: 'bits',
    better: 'lower',
  };
}

/** `nats`: mean loss of a symbol. */
export function perplexity(nats: number): Metric {
  return { name: 'perplexity', label: 'perplexity', value: Math.exp(nats), better: 'lower' };
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
  #sum = 0;
  #count = 0;

  add(outputs: Pick<BatchOutputs, 'lossSum' | 'lossCount'>): void {
    this.#sum += outputs.lossSum;
    this.#count += outputs.lossCount;
  }

  /** NaN where nothing was seen. */
  get value(): number {
    return this.#sum / this.#count;
  }
}

/** Bits per character and perplexity, from the losses alone. */
export function characterEvaluator(): Evaluator {
  const loss = new MeanLoss();
  return {
    add: (_buffers, _steps, _items, outputs) => loss.add(outputs),
    finish: (): Evaluation => ({ metrics: [bitsPerCharacter(loss.value), perplexity(loss.value)] }),
  };
}
