/**
 * The adding problem (Hochreiter & Schmidhuber 1997, experiment 4; in the form of Le, Jaitly & Hinton 2015): T pairs of
 * a number from [0, 1) and a mark; one mark in each half; the target is the sum of the two marked numbers.
 */
import { Random } from '../../random.ts';
import { isSolved, SOLVED_FROM } from '../evaluation.ts';
import { valueSet } from '../items.ts';
import type { ValueItem } from '../items.ts';
import type { OptionValues, TaskOptions } from '../options.ts';
import { validationItems } from '../options.ts';
import {
  Errors,
  filledColumns,
  meanAbsoluteError,
  meanSquaredError,
  regressionCodec,
  regressionState,
} from '../regression.ts';
import { Stream } from '../streams.ts';
import type { Baseline, Criterion, Evaluator, Metric, SequenceSet, Task, TaskHead } from '../task.ts';

/**
 * A sum is right where its error is below this: 4 % of the range from 0 to 2 that sums have, as Hochreiter & Schmidhuber
 * 1997 ask it.
 */
export const RIGHT_BELOW = 0.08;
/** The mean of the sum: always answering it gives a mean squared error of 1/6. */
const CONSTANT = 1;

export const addingOptions = {
  length: { type: 'integer', description: 'Steps in a sequence', default: 100, minimum: 2, maximum: 10_000 },
  validationItems,
} as const satisfies TaskOptions;

/** The task, determined by its options and the seed. */
export function addingTask(head: TaskHead, options: OptionValues<typeof addingOptions>, seed: number): Task {
  const { length } = options;
  const state = regressionState(['number', 'mark'], ['sum']);
  const codec = regressionCodec(state);
  const validation = addingSet(length, options.validationItems, seed, Stream.validation);
  return {
    ...head,
    kind: 'regression',
    input: codec.input,
    output: codec.output,
    train: addingSet(length, Infinity, seed, Stream.train),
    validation,
    state,
    baselines: () => [constantBaseline(length, options.validationItems, seed)],
    criterion,
    evaluator: addingEvaluator,
    codec,
  };
}

/** [T, 2] numbers and marks, and their sum. */
export function drawAdding(length: number, random: Random): ValueItem {
  const values = new Float32Array(length * 2);
  for (let t = 0; t < length; t++) {
    values[t * 2] = random.unit();
  }
  const half = Math.floor(length / 2);
  const marked = [random.below(half), half + random.below(length - half)];
  let sum = 0;
  for (const t of marked) {
    values[t * 2 + 1] = 1;
    sum += values[t * 2]!;
  }
  return { values, targets: Float32Array.of(sum) };
}

function addingSet(length: number, count: number, seed: number, stream: number): SequenceSet {
  return valueSet({
    count,
    maxSteps: length,
    width: 2,
    item: (index) => drawAdding(length, new Random(seed, stream, index)),
    describe: ({ values, targets }) => ({
      input: Array.from({ length }, (_, t) => `${values[t * 2]!.toFixed(2)}${values[t * 2 + 1] === 1 ? '*' : ''}`).join(
        ' ',
      ),
      target: targets[0]!.toFixed(2),
    }),
  });
}

/** Of all sums (two uniform numbers: a triangle from 0 to 2) this share lies within RIGHT_BELOW of their mean. */
const criterion: Criterion = {
  metric: 'sumsRight',
  required: SOLVED_FROM,
  chance: { name: 'always 1', share: 1 - (1 - RIGHT_BELOW) ** 2 },
};

function addingEvaluator(): Evaluator {
  const errors = new Errors();
  return {
    add(buffers, _steps, items, batch) {
      for (const { b, outputs } of filledColumns(items, batch, 1)) {
        errors.add(outputs[0]!, buffers.targetValues![b]!);
      }
    },
    finish() {
      const metrics: readonly Metric[] = [
        meanSquaredError(errors.meanSquared, errors.intervals('sequences').squared),
        meanAbsoluteError(errors.meanAbsolute, undefined, errors.intervals('sequences').absolute),
        errors.within(RIGHT_BELOW, 'sequences', `sums within ${RIGHT_BELOW}`, 'sumsRight'),
      ];
      return { metrics, solved: isSolved(metrics, criterion) };
    },
  };
}

function constantBaseline(length: number, count: number, seed: number): Baseline {
  const errors = new Errors();
  for (let index = 0; index < count; index++) {
    errors.add(CONSTANT, drawAdding(length, new Random(seed, Stream.validation, index)).targets[0]!);
  }
  return { name: 'always 1', metric: meanSquaredError(errors.meanSquared) };
}
