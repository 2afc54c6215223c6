/**
 * Temporal order (Hochreiter & Schmidhuber 1997, experiment 6): a sequence begins with E and ends with B; between them
 * two (6a) or three (6b) symbols X or Y stand among distractors a, b, c, d. The class is which of X and Y came in which
 * order. As published, sequences have 100 to 110 symbols, and the marked ones stand at 10 to 20 and 50 to 60, or at
 * 10 to 20, 33 to 43 and 66 to 76, counted from E at 0; other lengths shrink or stretch these places.
 */
import type { Random } from '../../random.ts';
import { classificationCodec, classificationEvaluator, classificationState } from '../classification.ts';
import { accuracy, isSolved, shareRight, SOLVED_FROM } from '../evaluation.ts';
import { Ratio } from '../intervals.ts';
import type { TokenItem } from '../items.ts';
import type { OptionValues, TaskOptions } from '../options.ts';
import { validationItems } from '../options.ts';
import type { Criterion, Evaluator, Metric, Task, TaskHead } from '../task.ts';
import { endlessTokens } from './endless.ts';

const SYMBOLS = ['E', 'B', 'a', 'b', 'c', 'd', 'X', 'Y'] as const;
const FIRST = 0;
const LAST = 1;
const DISTRACTOR = 2;
const DISTRACTORS = 4;
const MARKED = 6;
/** Where marked symbols may stand in a sequence of at least 100 symbols, both included. */
const PLACES: Readonly<Record<'2' | '3', readonly (readonly [from: number, to: number])[]>> = {
  2: [
    [10, 20],
    [50, 60],
  ],
  3: [
    [10, 20],
    [33, 43],
    [66, 76],
  ],
};
/** The published length. */
const PUBLISHED = 100;
/** As published, a sequence is right where every output's error stays below this. */
const RIGHT_BELOW = 0.3;

export const temporalOrderOptions = {
  length: {
    type: 'integer',
    description: 'Fewest symbols in a sequence; the most are a tenth more',
    default: PUBLISHED,
    minimum: 20,
    maximum: 2000,
  },
  marked: {
    type: 'choice',
    description: 'How many symbols X or Y are to be remembered',
    default: '2',
    choices: ['2', '3'],
  },
  validationItems,
} as const satisfies TaskOptions;

/** The task, determined by its options and the seed. */
export function temporalOrderTask(
  head: TaskHead,
  options: OptionValues<typeof temporalOrderOptions>,
  seed: number,
): Task {
  const places = PLACES[options.marked].map(
    ([from, to]) => [scaled(from, options.length), scaled(to, options.length)] as const,
  );
  const labels = orders(places.length);
  const { train, validation } = endlessTokens(
    seed,
    options.validationItems,
    (random) => drawOrder(options.length, places, random),
    {
      per: 'sequence',
      maxSteps: longest(options.length),
      fixedLength: false,
      describe: ({ tokens, targets }) => ({
        input: Array.from(tokens, (symbol) => SYMBOLS[symbol]!).join(''),
        target: labels[targets[0]!]!,
      }),
    },
  );
  const state = classificationState(SYMBOLS, labels, '', train.describe(0).input);
  const codec = classificationCodec(state);
  return {
    ...head,
    kind: 'classification',
    input: codec.input,
    output: codec.output,
    train,
    validation,
    state,
    baselines: () => [{ name: 'guessing', metric: accuracy(1, labels.length) }],
    criterion: criterionFor(labels.length),
    evaluator: () => temporalOrderEvaluator(labels),
    codec,
  };
}

function longest(length: number): number {
  return length + Math.floor(length / 10);
}

function scaled(place: number, length: number): number {
  return Math.floor((place * length) / PUBLISHED);
}

/** XX, XY, YX, YY, or the eight of three: X stands for 0 and Y for 1 in the label's number, first symbol first. */
function orders(marked: number): readonly string[] {
  return Array.from({ length: 2 ** marked }, (_, number) =>
    number.toString(2).padStart(marked, '0').replaceAll('0', 'X').replaceAll('1', 'Y'),
  );
}

function drawOrder(length: number, places: readonly (readonly [number, number])[], random: Random): TokenItem {
  const steps = length + random.below(longest(length) - length + 1);
  const tokens = Int32Array.from({ length: steps }, () => DISTRACTOR + random.below(DISTRACTORS));
  tokens[0] = FIRST;
  tokens[steps - 1] = LAST;
  let label = 0;
  for (const [from, to] of places) {
    const order = random.below(2);
    tokens[from + random.below(to - from + 1)] = MARKED + order;
    label = label * 2 + order;
  }
  return { tokens, targets: Int32Array.of(label) };
}

/** The order is asked for, once a sequence. */
function criterionFor(labels: number): Criterion {
  return { metric: 'accuracy', required: SOLVED_FROM, chance: { name: 'guessing', share: 1 / labels } };
}

/** Beside the accuracy the published measure: sequences of which every output is within 0.3 of 0 or 1, as it should be. */
function temporalOrderEvaluator(labels: readonly string[]): Evaluator {
  const classification = classificationEvaluator(labels);
  const within = new Ratio();
  let largestError = 0;
  return {
    add(buffers, steps, items, outputs) {
      classification.add(buffers, steps, items, outputs);
      items.forEach((item, b) => {
        if (item < 0) {
          return;
        }
        const errors = labels.map((_, label) => {
          const wanted = label === buffers.targetLabels![b] ? 1 : 0;
          return Math.abs(outputs.outputs[b * labels.length + label]! - wanted);
        });
        const largest = Math.max(...errors);
        within.add(largest < RIGHT_BELOW ? 1 : 0, 1);
        largestError = Math.max(largestError, largest);
      });
    },
    finish() {
      const evaluation = classification.finish();
      const largest: Metric = {
        name: 'largestError',
        label: 'largest error of an output',
        value: largestError,
        better: 'lower',
      };
      return {
        ...evaluation,
        metrics: [
          ...evaluation.metrics,
          largest,
          shareRight(within, 'sequences', `sequences with every output within ${RIGHT_BELOW}`, 'within'),
        ],
        solved: isSolved(evaluation.metrics, criterionFor(labels.length)),
      };
    },
  };
}
