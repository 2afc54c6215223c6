/**
 * Pairs of texts forced into equal lengths: source and target are both padded with blanks to the length of the longest,
 * and the n-th symbol of the target is asked for when the n-th of the source is read. It is there to be seen failing.
 */
import { FormatError, InputError } from '../errors.ts';
import { oneOf, section, text, wholeNumber } from '../experiment/fields.ts';
import { MOST_STEPS, parseState, readSymbols, requireOutputs, splitSymbols, symbolsSchema } from './codec.ts';
import { tokenSet } from './items.ts';
import type { TokenItem } from './items.ts';
import type { PairItem } from './pair-items.ts';
import { IGNORED } from './task.ts';
import type { Criterion, SequenceSet, Task, TaskCodec, TaskHead, TaskState } from './task.ts';
import type { SplitOptions } from './split.ts';
import { dividePairs, pairBaselines } from './translation.ts';
import type { Pair } from './translation.ts';
import { choose, quarters, translationEvaluator } from './translation-evaluation.ts';
import type { ItemGroup } from './translation-evaluation.ts';
import { UNKNOWN, Vocabulary } from './vocabulary.ts';

/** Fills up the shorter side; as a label it says that the target has ended. */
export const BLANK = '·';

const stateSchema = section({
  family: oneOf('aligned'),
  symbols: symbolsSchema,
  labels: symbolsSchema,
  steps: wholeNumber(1, MOST_STEPS),
  example: text(MOST_STEPS),
});

/** One text to one of another length, character by character, in step. `what`: how messages call a group. */
export function alignedTask(head: TaskHead, pairs: readonly Pair[], options: SplitOptions, what: string): Task {
  const sides = dividePairs(pairs, options, what);
  const sourceOf = (i: number) => splitSymbols(pairs[i]!.source, '');
  const targetOf = (i: number) => splitSymbols(pairs[i]!.target, '');
  const sources = Vocabulary.of(sides.train.map(sourceOf), [BLANK, UNKNOWN]);
  const targets = Vocabulary.of(sides.train.map(targetOf), [BLANK, UNKNOWN]);
  const setOf = (indices: readonly number[]) => {
    const items = indices.map((i) => ({ source: sources.numbers(sourceOf(i)), target: targets.numbers(targetOf(i)) }));
    return {
      items,
      count: items.length,
      item: (index: number) => items[index]!,
      describe(index: number) {
        const { source, target } = pairs[indices[index]!]!;
        return { input: source, target };
      },
    };
  };
  const train = setOf(sides.train);
  const validation = setOf(sides.validation);
  const all = [...train.items, ...validation.items];
  return alignedFrom(head, {
    symbols: sources.symbols,
    labels: targets.symbols,
    steps: all.reduce((most, { source, target }) => Math.max(most, source.length, target.length), 1),
    example: pairs[sides.train[0]!]!.source,
    train,
    validation,
    trainItems: () => train.items,
    validationItems: () => validation.items,
  });
}

/** Items of an aligned task, both sides without blanks. */
export interface AlignedItems {
  readonly count: number;
  item(index: number): PairItem;
  describe(index: number): { readonly input: string; readonly target: string };
}

export interface AlignedParts {
  /** The first is BLANK. */
  readonly symbols: readonly string[];
  /** The first is BLANK. */
  readonly labels: readonly string[];
  /** Of every item. */
  readonly steps: number;
  readonly example: string;
  readonly train: AlignedItems;
  readonly validation: AlignedItems;
  trainItems(): readonly PairItem[];
  validationItems(): readonly PairItem[];
  /** For benchmarks. */
  readonly criterion?: Criterion;
  groups?(): readonly ItemGroup[];
}

export function alignedFrom(head: TaskHead, parts: AlignedParts): Task {
  const { symbols, labels, steps, validation } = parts;
  const state: TaskState = { family: 'aligned', symbols, labels, steps, example: parts.example };
  const codec = alignedCodec(state);
  const sourceSteps = (item: number) => validation.item(item).source.length;
  let groups: readonly ItemGroup[] | undefined;
  // As baselines see them: a target begins and ends with a blank.
  const framed = (items: readonly PairItem[]) =>
    items.map(({ source, target }) => ({ source, target: Int32Array.of(0, ...target, 0) }));
  return {
    ...head,
    kind: 'tagging',
    input: codec.input,
    output: codec.output,
    train: paddedSet(parts.train, steps),
    validation: paddedSet(validation, steps),
    state,
    ...(parts.criterion === undefined ? {} : { criterion: parts.criterion }),
    baselines: () => pairBaselines(framed(parts.trainItems()), framed(parts.validationItems()), labels.length),
    evaluator: () =>
      translationEvaluator({
        labels: labels.length,
        excluded: excludedLabels(labels),
        sourceSteps,
        groups: () => (groups ??= parts.groups?.() ?? quarters(validation.count, sourceSteps)),
        decodes: [],
        errorRate: { name: 'symbolErrorRate', label: 'symbol error rate', decides: false },
        criterion: parts.criterion,
        target: (item) => validation.item(item).target,
        describe: (item) => validation.describe(item),
        write: (numbers) => Array.from(numbers, (label) => labels[label]).join(''),
      }),
    codec,
  };
}

function paddedSet(items: AlignedItems, steps: number): SequenceSet {
  return tokenSet({
    count: items.count,
    maxSteps: steps,
    fixedLength: true,
    per: 'step',
    item: (index) => padItem(items.item(index), steps),
    describe: (_item, index) => items.describe(index),
  });
}

/** Blanks after the source; after the target one blank, which ends it, and then nothing that is asked for. */
function padItem({ source, target }: PairItem, steps: number): TokenItem {
  const tokens = new Int32Array(steps);
  tokens.set(source);
  const targets = new Int32Array(steps).fill(IGNORED);
  targets.set(target);
  if (target.length < steps) targets[target.length] = 0;
  return { tokens, targets };
}

/** The codec of an aligned task from its state, which may come from a file. */
export function alignedCodec(state: unknown): TaskCodec {
  const { symbols, labels, steps, example } = parseState(stateSchema, state);
  if (symbols[0] !== BLANK || labels[0] !== BLANK) {
    throw new FormatError(`the task state's symbols and labels must begin with "${BLANK}", which fills up sequences`);
  }
  const vocabulary = new Vocabulary(symbols);
  const V = labels.length;
  const excluded = excludedLabels(labels);
  return {
    kind: 'tagging',
    input: { kind: 'tokens', symbols },
    output: { kind: 'labels', labels, per: 'step' },
    inputForm: `A text of at most ${steps} characters, as ${JSON.stringify(example)}.`,
    encode(input) {
      const given = readSymbols(input, '');
      if (given.length > steps) {
        throw new InputError(`the input has ${given.length} characters; this model was trained on at most ${steps}`);
      }
      const tokens = new Int32Array(steps);
      tokens.set(vocabulary.numbersOf(given, 'character'));
      return { steps, tokens };
    },
    decode(_encoded, outputs) {
      requireOutputs(outputs, steps * V);
      const chosen = Array.from({ length: steps }, (_, t) => choose(outputs, t * V, V, excluded));
      const end = chosen.indexOf(0);
      const written = end < 0 ? chosen : chosen.slice(0, end);
      return {
        target: written.map((label) => labels[label]!).join(''),
        symbols: written.map((label, t) => ({ symbol: labels[label]!, probability: outputs[t * V + label]! })),
      };
    },
  };
}

function excludedLabels(labels: readonly string[]): ReadonlySet<number> {
  const unknown = labels.indexOf(UNKNOWN);
  return new Set(unknown < 0 ? [] : [unknown]);
}
