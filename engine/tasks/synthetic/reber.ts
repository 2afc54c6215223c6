import { Random } from '../../random.ts';
import { crossEntropy, isSolved, MeanLoss, shareRight, SOLVED_FROM } from '../evaluation.ts';
import { Ratio } from '../intervals.ts';
import { listedTokens } from '../items.ts';
import type { TokenItem } from '../items.ts';
import { nGramLosses } from '../n-grams.ts';
import type { OptionValues, TaskOptions } from '../options.ts';
import { Stream } from '../streams.ts';
import { taggingCodec, taggingState } from '../tagging.ts';
import type { Criterion, Evaluator, SequenceSet, Task, TaskHead } from '../task.ts';
import { drawReber, REBER_SYMBOLS, ReberReader } from './reber-grammar.ts';

const V = REBER_SYMBOLS.length;

export const reberOptions = {
  trainingStrings: {
    type: 'integer',
    description: 'Strings drawn for the training part',
    default: 256,
    minimum: 1,
    maximum: 20_000,
  },
  validationStrings: {
    type: 'integer',
    description: 'Different strings in the validation part, none of them in the training part',
    default: 256,
    minimum: 1,
    maximum: 2000,
  },
} as const satisfies TaskOptions;

/** The next symbol of embedded Reber strings at every step, determined by its options and the seed. */
export function reberTask(head: TaskHead, options: OptionValues<typeof reberOptions>, seed: number): Task {
  const trainStrings = Array.from({ length: options.trainingStrings }, (_, index) =>
    drawReber(new Random(seed, Stream.train, index)),
  );
  const validationStrings = otherStrings(trainStrings, options.validationStrings, new Random(seed, Stream.validation));
  const state = taggingState(REBER_SYMBOLS, REBER_SYMBOLS, '', 'BTBTXSET');
  const codec = taggingCodec(state);
  return {
    ...head,
    kind: 'tagging',
    input: codec.input,
    output: codec.output,
    train: stringSet(trainStrings),
    validation: stringSet(validationStrings),
    state,
    baselines: () => {
      const { unigram, bigram } = nGramLosses(trainStrings, validationStrings, V);
      return [
        { name: 'symbol frequencies', metric: crossEntropy(unigram) },
        { name: 'frequencies after the previous symbol', metric: crossEntropy(bigram) },
      ];
    },
    criterion,
    legalNext,
    evaluator: reberEvaluator,
    codec,
  };
}

/** `count` different strings that are not among these. */
function otherStrings(strings: readonly Int32Array[], count: number, random: Random): readonly Int32Array[] {
  const seen = new Set(strings.map((symbols) => symbols.join()));
  const others: Int32Array[] = [];
  while (others.length < count) {
    const symbols = drawReber(random);
    const key = symbols.join();
    if (!seen.has(key)) {
      seen.add(key);
      others.push(symbols);
    }
  }
  return others;
}

function stringSet(strings: readonly Int32Array[]): SequenceSet {
  const items = strings.map((symbols): TokenItem => ({
    tokens: symbols.subarray(0, -1),
    targets: symbols.subarray(1),
  }));
  const written = (symbols: Int32Array) => Array.from(symbols, (symbol) => REBER_SYMBOLS[symbol]!).join('');
  return listedTokens(items, {
    per: 'step',
    describe: ({ tokens, targets }) => ({ input: written(tokens), target: written(targets) }),
  });
}

/**
 * A string is right where, at every step, each symbol that may come next is more probable than each that may not. All but
 * one step can be right without memory: at the last but one the second symbol must be known, which is a guess of two.
 */
const criterion: Criterion = {
  metric: 'sequenceAccuracy',
  required: SOLVED_FROM,
  chance: { name: 'all rules but the memory', share: 1 / 2 },
};

function reberEvaluator(): Evaluator {
  const loss = new MeanLoss();
  const right = new Ratio();
  const rightThroughout = new Ratio();
  return {
    add(buffers, _steps, items, outputs) {
      loss.add(outputs);
      items.forEach((item, b) => {
        if (item < 0) {
          return;
        }
        const length = buffers.lengths[b]!;
        const reader = new ReberReader();
        let rightHere = 0;
        for (let t = 0; t < length; t++) {
          const row = t * buffers.batchSize + b;
          reader.read(buffers.tokens![row]!);
          rightHere += legalAreMostActive(reader, outputs.outputs.subarray(row * V, (row + 1) * V)) ? 1 : 0;
        }
        right.add(rightHere, length);
        rightThroughout.add(rightHere === length ? 1 : 0, 1);
      });
    },
    finish() {
      const metrics = [
        shareRight(right, 'strings', 'steps with the legal symbols ranked first', 'legalSteps'),
        shareRight(rightThroughout, 'strings', 'strings right throughout', 'sequenceAccuracy'),
        crossEntropy(loss.value, loss.interval),
      ];
      return { metrics, solved: isSolved(metrics, criterion) };
    },
  };
}

function legalNext(tokens: Int32Array): readonly (readonly number[])[] {
  const reader = new ReberReader();
  return Array.from(tokens, (token) => {
    reader.read(token);
    return REBER_SYMBOLS.flatMap((_, symbol) => (reader.allows(symbol) ? [symbol] : []));
  });
}

function legalAreMostActive(reader: ReberReader, probabilities: Float32Array): boolean {
  let leastLegal = Infinity;
  let mostIllegal = -Infinity;
  probabilities.forEach((probability, symbol) => {
    if (reader.allows(symbol)) {
      leastLegal = Math.min(leastLegal, probability);
    } else {
      mostIllegal = Math.max(mostIllegal, probability);
    }
  });
  return leastLegal > mostIllegal;
}
