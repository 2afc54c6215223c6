/**
 * The copying problem (Hochreiter & Schmidhuber 1997; in the form of Arjovsky, Shah & Bengio 2016): 10 symbols of 8,
 * T - 1 blanks, a marker, 10 blanks. The answer is blank at T + 10 steps, then the 10 symbols.
 *
 *     input   s s s s s s s s s s _ _ ... _ : _ _ _ _ _ _ _ _ _ _
 *     target  _ _ _ _ _ _ _ _ _ _ _ _ ... _ _ s s s s s s s s s s
 */
import type { Random } from '../../random.ts';
import { argmax, crossEntropy, isSolved, MeanLoss, shareRight, SOLVED_FROM } from '../evaluation.ts';
import { Ratio } from '../intervals.ts';
import type { TokenItem } from '../items.ts';
import type { OptionValues, TaskOptions } from '../options.ts';
import { validationItems } from '../options.ts';
import { taggingCodec, taggingState } from '../tagging.ts';
import type { Criterion, Evaluator, Task, TaskHead } from '../task.ts';
import { endlessTokens } from './endless.ts';

/** To be remembered. */
const LETTERS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] as const;
const BLANK = LETTERS.length;
const MARKER = LETTERS.length + 1;
const SYMBOLS = [...LETTERS, '_', ':'];
const LABELS = [...LETTERS, '_'];
/** How many letters are to be remembered. */
const REMEMBERED = 10;

export const copyMemoryOptions = {
  delay: {
    type: 'integer',
    description: 'T, steps between the last symbol and the first of the answer',
    default: 50,
    minimum: 1,
    maximum: 10_000,
  },
  validationItems,
} as const satisfies TaskOptions;

/** The mean loss in nats of the best predictor without memory: 10 ln 8 / (T + 20). */
export function memorylessLoss(delay: number): number {
  return (REMEMBERED * Math.log(LETTERS.length)) / (delay + 2 * REMEMBERED);
}

/** The task, determined by its options and the seed. */
export function copyMemoryTask(head: TaskHead, options: OptionValues<typeof copyMemoryOptions>, seed: number): Task {
  const { delay } = options;
  const steps = delay + 2 * REMEMBERED;
  const example = `abcdefghab${'_'.repeat(delay - 1)}:${'_'.repeat(REMEMBERED)}`;
  const state = taggingState(SYMBOLS, LABELS, '', example);
  const codec = taggingCodec(state);
  const { train, validation } = endlessTokens(seed, options.validationItems, (random) => drawCopy(delay, random), {
    per: 'step',
    maxSteps: steps,
    fixedLength: true,
    describe: ({ tokens, targets }) => ({ input: written(tokens), target: written(targets) }),
  });
  return {
    ...head,
    kind: 'tagging',
    input: codec.input,
    output: codec.output,
    train,
    validation,
    state,
    baselines: () => [{ name: 'best without memory', metric: crossEntropy(memorylessLoss(delay)) }],
    criterion,
    evaluator: copyMemoryEvaluator,
    codec,
  };
}

function drawCopy(delay: number, random: Random): TokenItem {
  const steps = delay + 2 * REMEMBERED;
  const tokens = new Int32Array(steps).fill(BLANK);
  const targets = new Int32Array(steps).fill(BLANK);
  for (let n = 0; n < REMEMBERED; n++) {
    const letter = random.below(LETTERS.length);
    tokens[n] = letter;
    targets[steps - REMEMBERED + n] = letter;
  }
  tokens[REMEMBERED + delay - 1] = MARKER;
  return { tokens, targets };
}

/** A mean loss below the best predictor's without memory shows that something is remembered, not that all of it is. */
const criterion: Criterion = {
  metric: 'recall',
  required: SOLVED_FROM,
  chance: { name: 'guessing', share: 1 / LETTERS.length },
};

function copyMemoryEvaluator(): Evaluator {
  const loss = new MeanLoss();
  const recalled = new Ratio();
  return {
    add(buffers, steps, items, outputs) {
      loss.add(outputs);
      items.forEach((item, b) => {
        if (item < 0) return;
        let right = 0;
        for (let t = steps - REMEMBERED; t < steps; t++) {
          const row = t * buffers.batchSize + b;
          const answer = argmax(outputs.outputs, row * LABELS.length, LABELS.length);
          right += answer === buffers.targetLabels![row] ? 1 : 0;
        }
        recalled.add(right, REMEMBERED);
      });
    },
    finish() {
      const metrics = [
        crossEntropy(loss.value, loss.interval),
        shareRight(recalled, 'sequences', 'symbols recalled', 'recall'),
      ];
      return { metrics, solved: isSolved(metrics, criterion) };
    },
  };
}

function written(numbers: Int32Array): string {
  return Array.from(numbers, (number) => SYMBOLS[number]!).join('');
}
