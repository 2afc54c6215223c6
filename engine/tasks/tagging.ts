import * as v from 'valibot';
import { oneOf, section, show, text } from '../experiment/fields.ts';
import {
  encodeSymbols,
  MOST_STEPS,
  parseState,
  readSymbols,
  requireOutputs,
  separatorSchema,
  symbolsSchema,
} from './codec.ts';
import type { Separator } from './codec.ts';
import { accuracy, argmax, crossEntropy, MeanLoss, shareRight } from './evaluation.ts';
import { Ratio } from './intervals.ts';
import { listedTokens } from './items.ts';
import type { TokenItem } from './items.ts';
import { splitByGroup } from './split.ts';
import type { SplitOptions } from './split.ts';
import { IGNORED } from './task.ts';
import type { Baseline, Evaluation, Evaluator, Task, TaskCodec, TaskHead, TaskState } from './task.ts';
import { Vocabulary } from './vocabulary.ts';

/** A sequence with one tag for each symbol. Items of one group stay on one side of the division. */
export interface TaggedSequence {
  readonly symbols: readonly string[];
  readonly tags: readonly string[];
  readonly group: string;
}

const stateSchema = section({
  family: oneOf('tagging'),
  symbols: symbolsSchema,
  labels: symbolsSchema,
  separator: separatorSchema,
  example: text(MOST_STEPS),
  /** Whether symbols that the training part does not have may be asked about. */
  unknown: v.optional(v.boolean()),
});

export interface TaggingForm {
  /** How often a symbol must occur in the training part to be one of its own; the others are the unknown symbol. */
  readonly leastOften?: number;
}

/** Each symbol of a sequence to its tag, one of `tags`. `what`: how messages call a group. */
export function taggingTask(
  head: TaskHead,
  sequences: readonly TaggedSequence[],
  tags: readonly string[],
  options: SplitOptions,
  what: string,
  { leastOften = 1 }: TaggingForm = {},
): Task {
  const sides = splitByGroup(
    sequences.map(({ group }) => group),
    options,
    what,
  );
  const vocabulary = Vocabulary.of([
    frequentSymbols(
      sides.train.map((i) => sequences[i]!.symbols),
      leastOften,
    ),
  ]);
  const tagNumbers = new Vocabulary(tags);
  const encode = (i: number): TokenItem => ({
    tokens: vocabulary.numbers(sequences[i]!.symbols),
    targets: tagNumbers.numbers(sequences[i]!.tags),
  });
  const train = sides.train.map(encode);
  const validation = sides.validation.map(encode);
  const described = (indices: readonly number[]) => (_item: TokenItem, index: number) => {
    const { symbols, tags: given } = sequences[indices[index]!]!;
    return { input: symbols.join(' '), target: given.join(' ') };
  };
  const state: TaskState = {
    ...taggingState(vocabulary.symbols, tags, ' ', sequences[sides.train[0]!]!.symbols.join(' ')),
    ...(leastOften > 1 ? { unknown: true } : {}),
  };
  const codec = taggingCodec(state);
  return {
    ...head,
    kind: 'tagging',
    input: codec.input,
    output: codec.output,
    train: listedTokens(train, { per: 'step', describe: described(sides.train) }),
    validation: listedTokens(validation, { per: 'step', describe: described(sides.validation) }),
    state,
    baselines: () => tagBaselines(train, validation, vocabulary.size, tags.length),
    evaluator: () => taggingEvaluator(tags.length),
    codec,
  };
}

/** The symbols that occur at least so often. */
function frequentSymbols(sequences: readonly (readonly string[])[], leastOften: number): readonly string[] {
  const counts = new Map<string, number>();
  for (const symbol of sequences.flat()) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return [...counts].filter(([, count]) => count >= leastOften).map(([symbol]) => symbol);
}

/** The state that taggingCodec takes. `example`: one input, for the codec's description. */
export function taggingState(
  symbols: readonly string[],
  labels: readonly string[],
  separator: Separator,
  example: string,
): TaskState {
  return { family: 'tagging', symbols, labels, separator, example };
}

/** The codec of a tagging task from its state, which may come from a file. */
export function taggingCodec(state: unknown): TaskCodec {
  const { symbols, labels, separator, example, unknown = false } = parseState(stateSchema, state);
  const vocabulary = new Vocabulary(symbols);
  const form = separator === ' ' ? 'Symbols with spaces between them' : 'A string of symbols';
  return {
    kind: 'tagging',
    input: { kind: 'tokens', symbols },
    output: { kind: 'labels', labels, per: 'step' },
    inputForm: `${form}, or a list of them, as ${show(example)}.`,
    encode(input) {
      if (!unknown) return encodeSymbols(input, vocabulary, separator);
      const given = readSymbols(input, separator);
      return { steps: given.length, tokens: vocabulary.numbers(given), context: [...given] };
    },
    decode({ steps, tokens, context }, outputs) {
      requireOutputs(outputs, steps * labels.length);
      const given = Array.isArray(context) ? (context as readonly string[]) : undefined;
      return Array.from(tokens ?? [], (token, t) => {
        const best = argmax(outputs, t * labels.length, labels.length);
        return {
          symbol: given?.[t] ?? vocabulary.symbol(token),
          tag: labels[best]!,
          probability: outputs[t * labels.length + best]!,
        };
      });
    },
  };
}

/** Share of tags that are right, share of sequences that are right throughout, cross-entropy. `V`: the number of tags. */
export function taggingEvaluator(V: number): Evaluator {
  const loss = new MeanLoss();
  const right = new Ratio();
  const rightThroughout = new Ratio();
  return {
    add(buffers, steps, items, outputs) {
      loss.add(outputs);
      items.forEach((item, b) => {
        if (item < 0) {
          return;
        }
        let wrongHere = 0;
        let asked = 0;
        for (let t = 0; t < steps; t++) {
          const row = t * buffers.batchSize + b;
          const truth = buffers.targetLabels![row]!;
          if (truth !== IGNORED) {
            asked++;
            wrongHere += argmax(outputs.outputs, row * V, V) === truth ? 0 : 1;
          }
        }
        right.add(asked - wrongHere, asked);
        rightThroughout.add(wrongHere === 0 ? 1 : 0, 1);
      });
    },
    finish: (): Evaluation => ({
      metrics: [
        shareRight(right, 'sequences'),
        shareRight(rightThroughout, 'sequences', 'sequences right throughout', 'sequenceAccuracy'),
        crossEntropy(loss.value, loss.interval),
      ],
    }),
  };
}

/** What the most frequent tag reaches, over all symbols and for each symbol by itself. `V`: the number of tags. */
function tagBaselines(
  train: readonly TokenItem[],
  validation: readonly TokenItem[],
  symbols: number,
  V: number,
): readonly Baseline[] {
  const overall = new Float64Array(V);
  const bySymbol = new Float64Array(symbols * V);
  for (const { tokens, targets } of train) {
    tokens.forEach((token, t) => {
      overall[targets[t]!]!++;
      bySymbol[token * V + targets[t]!]!++;
    });
  }
  const mostFrequent = argmax(overall, 0, V);
  let rightOverall = 0;
  let rightBySymbol = 0;
  let asked = 0;
  for (const { tokens, targets } of validation) {
    tokens.forEach((token, t) => {
      rightOverall += targets[t] === mostFrequent ? 1 : 0;
      rightBySymbol += targets[t] === argmax(bySymbol, token * V, V) ? 1 : 0;
      asked++;
    });
  }
  return [
    { name: 'most frequent tag', metric: accuracy(rightOverall, asked) },
    { name: 'most frequent tag of each symbol', metric: accuracy(rightBySymbol, asked) },
  ];
}
