/** Single items of a task's data, put into numbers with their targets: what is looked at, one at a time. */
import type { BatchBuffers, EncodedInput, SequenceSet, Task, TokenStream } from './task.ts';
import { IGNORED } from './task.ts';

export const PARTS = ['train', 'validation'] as const;
export type Part = (typeof PARTS)[number];

/** An input as a model is fed it, with what it should answer. */
export interface Example extends EncodedInput {
  /** As a person would read it. */
  readonly text: string;
  readonly target: string;
  /** Of the steps of a series: [T]. */
  readonly dates?: readonly string[];
  /** [T] or [1], IGNORED where nothing is asked. */
  readonly targetLabels?: Int32Array;
  /** [K] */
  readonly targetValues?: Float32Array;
}

/**
 * Items from `from` on: of a set, its items; of a stream, windows of `steps` symbols side by side. There may be fewer than
 * `count`, where the part ends. Of a translation an item's steps are the source's.
 */
export function takeExamples(task: Task, part: Part, from: number, count: number, steps: number): readonly Example[] {
  const split = task[part];
  const available = examplesIn(split, steps);
  const numbers = Array.from({ length: Math.max(0, Math.min(count, available - from)) }, (_, i) => from + i);
  if (split.form === 'stream') return numbers.map((number) => windowOf(task, split, number * steps, steps));
  if (task.kind === 'translation') return numbers.map((number) => sourceOf(task, split, number));
  const buffers = buffersForOne(task, split);
  return numbers.map((number) => itemOf(split, number, buffers));
}

/** How many there are of a part; Infinity where they are made on demand. */
export function examplesIn(split: SequenceSet | TokenStream, steps: number): number {
  return split.form === 'set' ? split.count : Math.floor((split.tokens.length - 1) / steps);
}

/** Buffers for a batch of one item. */
export function buffersForOne({ input, output, conditions }: Task, { maxSteps }: SequenceSet): BatchBuffers {
  return {
    maxSteps,
    batchSize: 1,
    lengths: new Int32Array(1),
    ...(input.kind === 'tokens'
      ? { tokens: new Int32Array(maxSteps) }
      : { values: new Float32Array(maxSteps * input.names.length) }),
    ...(conditions === undefined ? {} : { conditions: new Int32Array(1) }),
    ...(output.kind === 'labels'
      ? { targetLabels: new Int32Array(output.per === 'step' ? maxSteps : 1) }
      : { targetValues: new Float32Array(output.names.length) }),
  };
}

function sourceOf({ codec }: Task, split: SequenceSet, number: number): Example {
  const { input, target } = split.describe(number);
  return { ...codec.encode(input), text: input, target };
}

function windowOf({ input }: Task, { tokens }: TokenStream, from: number, steps: number): Example {
  const symbols = input.kind === 'tokens' ? input.symbols : [];
  const write = (part: Int32Array): string => Array.from(part, (token) => symbols[token] ?? '').join('');
  const [read, next] = [tokens.slice(from, from + steps), tokens.slice(from + 1, from + steps + 1)];
  return { steps, text: write(read), target: write(next), tokens: read, targetLabels: next };
}

function itemOf(set: SequenceSet, item: number, buffers: BatchBuffers): Example {
  const { tokens, values, conditions, targetLabels, targetValues, maxSteps } = buffers;
  tokens?.fill(0);
  values?.fill(0);
  targetLabels?.fill(IGNORED);
  set.write(item, buffers, 0);
  const steps = set.stepsOf(item);
  const { input, target, dates } = set.describe(item);
  return {
    steps,
    text: input,
    target,
    ...(dates ? { dates } : {}),
    ...(tokens ? { tokens: tokens.slice(0, steps) } : {}),
    ...(values ? { values: values.slice(0, (steps * values.length) / maxSteps) } : {}),
    ...(conditions ? { condition: conditions[0]! } : {}),
    ...(targetLabels ? { targetLabels: targetLabels.slice(0, targetLabels.length === 1 ? 1 : steps) } : {}),
    ...(targetValues ? { targetValues: targetValues.slice() } : {}),
  };
}
