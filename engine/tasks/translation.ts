import { InputError } from '../errors.ts';
import { argmax } from './evaluation.ts';
import { splitSymbols } from './codec.ts';
import { accuracy } from './evaluation.ts';
import { listedPairs } from './pair-items.ts';
import type { PairItem } from './pair-items.ts';
import { splitByGroup } from './split.ts';
import type { SplitIndices, SplitOptions } from './split.ts';
import type { Baseline, Criterion, SequenceSet, Task, TaskHead } from './task.ts';
import { excludedLabels, translationCodec, translationState } from './translation-codec.ts';
import type { PairSeparators } from './translation-codec.ts';
import { quarters, someItems, translationEvaluator } from './translation-evaluation.ts';
import type { ItemGroup, TranslationMeasures } from './translation-evaluation.ts';
import { END, START, UNKNOWN, Vocabulary } from './vocabulary.ts';

/** A text and what it is to become. Pairs of one group stay on one side of the division. */
export interface Pair {
  readonly source: string;
  readonly target: string;
  /** The source itself where it is missing. */
  readonly group?: string;
}

export interface PairForm {
  readonly separators: PairSeparators;
  /** How messages call a group: "date". */
  readonly what: string;
  /** What the rate of wrong symbols in free decodings is called, and whether it decides which checkpoint is the best. */
  readonly errorRate?: TranslationMeasures['errorRate'];
}

/** Items of the validation part that are decoded freely at an evaluation. */
export const DECODED_ITEMS = 500;
const ERROR_RATE = { name: 'symbolErrorRate', label: 'symbol error rate', decides: false } as const;

/** Texts into others, of a length of their own. Whatever the training part does not have is the unknown symbol. */
export function translationTask(
  head: TaskHead,
  pairs: readonly Pair[],
  options: SplitOptions,
  { separators, what, errorRate }: PairForm,
): Task {
  const { train: trainIndices, validation: validationIndices } = dividePairs(pairs, options, what);
  const sourceOf = (i: number) => splitSymbols(pairs[i]!.source, separators.source);
  const targetOf = (i: number) => splitSymbols(pairs[i]!.target, separators.target);
  const sources = Vocabulary.of(trainIndices.map(sourceOf));
  const targets = Vocabulary.of(trainIndices.map(targetOf), [START, END, UNKNOWN]);
  const setOf = (indices: readonly number[]) => {
    const items = indices.map((i): PairItem => ({
      source: sources.numbers(sourceOf(i)),
      target: targets.numbers([START, ...targetOf(i), END]),
    }));
    const set = listedPairs(items, (_item, n) => {
      const { source, target } = pairs[indices[n]!]!;
      return { input: source, target };
    });
    return { items, set };
  };
  const train = setOf(trainIndices);
  const validation = setOf(validationIndices);
  return translationFrom(head, {
    symbols: sources.symbols,
    labels: targets.symbols,
    separators,
    example: pairs[trainIndices[0]!]!.source,
    train: train.set,
    validation: validation.set,
    trainItems: () => train.items,
    validationItems: () => validation.items,
    errorRate,
  });
}

/** Which pairs train and which validate. Throws InputError where one has no symbols, or there are too few. */
export function dividePairs(pairs: readonly Pair[], options: SplitOptions, what: string): SplitIndices {
  const empty = pairs.find(({ source, target }) => source === '' || target === '');
  if (empty !== undefined) {
    throw new InputError(
      `the pair ${JSON.stringify([empty.source, empty.target])} has an empty side; both need at least one character`,
    );
  }
  return splitByGroup(
    pairs.map(({ source, group }) => group ?? source),
    options,
    what,
  );
}

/** Everything that makes a translation task but its data. */
export interface TranslationParts {
  readonly symbols: readonly string[];
  /** With START and END. */
  readonly labels: readonly string[];
  readonly separators: PairSeparators;
  readonly example: string;
  readonly train: SequenceSet;
  readonly validation: SequenceSet;
  /** For the baselines; of an endless task some of them. */
  trainItems(): readonly PairItem[];
  validationItems(): readonly PairItem[];
  readonly errorRate?: TranslationMeasures['errorRate'] | undefined;
  /** For benchmarks. */
  readonly criterion?: Criterion;
  /** In place of quarters by length. */
  groups?(): readonly ItemGroup[];
}

export function translationFrom(head: TaskHead, parts: TranslationParts): Task {
  const { symbols, labels, train, validation } = parts;
  const state = translationState(symbols, labels, parts.separators, parts.example);
  const codec = translationCodec(state);
  const sourceSteps = (item: number) => validation.sourceStepsOf!(item);
  let groups: readonly ItemGroup[] | undefined;
  let items: readonly PairItem[] | undefined;
  return {
    ...head,
    kind: 'translation',
    input: codec.input,
    output: codec.output,
    boundaries: codec.boundaries!,
    train,
    validation,
    state,
    ...(parts.criterion === undefined ? {} : { criterion: parts.criterion }),
    baselines: () => pairBaselines(parts.trainItems(), parts.validationItems(), labels.length),
    evaluator: () =>
      translationEvaluator({
        labels: labels.length,
        excluded: excludedLabels(labels),
        sourceSteps,
        groups: () => (groups ??= parts.groups?.() ?? quarters(validation.count, sourceSteps)),
        decodes: someItems(validation, DECODED_ITEMS),
        errorRate: parts.errorRate ?? ERROR_RATE,
        criterion: parts.criterion,
        target: (item) => (items ??= parts.validationItems())[item]!.target.slice(1, -1),
        describe: (item) => validation.describe(item),
        write: (numbers) => codec.target!.write(numbers),
      }),
    codec,
  };
}

/** What always giving the most frequent target reaches, and the most frequent symbol after the one before. */
export function pairBaselines(
  train: readonly PairItem[],
  validation: readonly PairItem[],
  labels: number,
): readonly Baseline[] {
  const counts = new Map<string, number>();
  const after = new Float64Array(labels * labels);
  for (const { target } of train) {
    const key = target.join();
    counts.set(key, (counts.get(key) ?? 0) + 1);
    for (let t = 1; t < target.length; t++) {
      after[target[t - 1]! * labels + target[t]!]!++;
    }
  }
  let most = '';
  for (const [key, count] of counts) {
    if (count > (counts.get(most) ?? 0)) most = key;
  }
  let right = 0;
  let asked = 0;
  for (const { target } of validation) {
    for (let t = 1; t < target.length; t++) {
      right += argmax(after, target[t - 1]! * labels, labels) === target[t] ? 1 : 0;
      asked++;
    }
  }
  const whole = validation.filter(({ target }) => target.join() === most).length;
  return [
    { name: 'most frequent target', metric: accuracy(whole, validation.length, 'exact match', 'exactMatch') },
    {
      name: 'most frequent symbol after the previous one',
      metric: accuracy(right, asked, 'symbols right', 'symbolAccuracy'),
    },
  ];
}
