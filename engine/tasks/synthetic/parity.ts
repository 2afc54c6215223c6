/** Parity: at each step of a string of bits, whether the ones so far are even or odd in number. */
import type { Random } from '../../random.ts';
import { accuracy, isSolved, SOLVED_FROM } from '../evaluation.ts';
import type { TokenItem } from '../items.ts';
import type { OptionValues, TaskOptions } from '../options.ts';
import { validationItems } from '../options.ts';
import { taggingCodec, taggingEvaluator, taggingState } from '../tagging.ts';
import type { Baseline, Criterion, Evaluator, Task, TaskHead } from '../task.ts';
import { endlessTokens } from './endless.ts';

const BITS = ['0', '1'] as const;
const LABELS = ['even', 'odd'] as const;

export const parityOptions = {
  // At least 1,024 different strings: with fewer there might be none to hold out.
  length: { type: 'integer', description: 'Bits in a string', default: 50, minimum: 10, maximum: 10_000 },
  validationItems,
} as const satisfies TaskOptions;

/** The task, determined by its options and the seed. */
export function parityTask(head: TaskHead, options: OptionValues<typeof parityOptions>, seed: number): Task {
  const state = taggingState(BITS, LABELS, '', '0110');
  const codec = taggingCodec(state);
  const { train, validation, heldOut } = endlessTokens(
    seed,
    options.validationItems,
    (random) => drawParity(options.length, random),
    {
      per: 'step',
      maxSteps: options.length,
      fixedLength: true,
      describe: ({ tokens, targets }) => ({
        input: Array.from(tokens, (bit) => BITS[bit]!).join(''),
        target: Array.from(targets, (label) => LABELS[label]!).join(' '),
      }),
    },
  );
  return {
    ...head,
    kind: 'tagging',
    input: codec.input,
    output: codec.output,
    train,
    validation,
    state,
    baselines: () => [alwaysEven(heldOut())],
    criterion,
    evaluator: parityEvaluator,
    codec,
  };
}

function drawParity(length: number, random: Random): TokenItem {
  const tokens = new Int32Array(length);
  const targets = new Int32Array(length);
  let ones = 0;
  for (let t = 0; t < length; t++) {
    tokens[t] = random.below(2);
    ones += tokens[t]!;
    targets[t] = ones % 2;
  }
  return { tokens, targets };
}

/** Parity is asked for at every step. */
const criterion: Criterion = {
  metric: 'accuracy',
  required: SOLVED_FROM,
  chance: { name: 'guessing', share: 1 / LABELS.length },
};

function parityEvaluator(): Evaluator {
  const tagging = taggingEvaluator(LABELS.length);
  return {
    add: (buffers, steps, items, outputs) => tagging.add(buffers, steps, items, outputs),
    finish() {
      const evaluation = tagging.finish();
      return { ...evaluation, solved: isSolved(evaluation.metrics, criterion) };
    },
  };
}

function alwaysEven(items: readonly TokenItem[]): Baseline {
  let right = 0;
  let asked = 0;
  for (const { targets } of items) {
    right += targets.filter((label) => label === 0).length;
    asked += targets.length;
  }
  return { name: 'always even', metric: accuracy(right, asked) };
}
