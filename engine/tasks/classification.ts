import { InputError } from '../errors.ts';
import { oneOf, section, show, text } from '../experiment/fields.ts';
import {
  encodeSymbols,
  MOST_STEPS,
  parseState,
  requireOutputs,
  separatorSchema,
  splitSymbols,
  symbolsSchema,
} from './codec.ts';
import type { LabelledText } from './data.ts';
import { accuracy, argmax, crossEntropy, MeanLoss, shareRight } from './evaluation.ts';
import { Ratio } from './intervals.ts';
import { listedTokens } from './items.ts';
import type { TokenItem } from './items.ts';
import { NaiveBayes } from './naive-bayes.ts';
import { splitByGroup } from './split.ts';
import type { SplitIndices, SplitOptions } from './split.ts';
import type { Baseline, Evaluation, Evaluator, Task, TaskCodec, TaskHead, TaskState } from './task.ts';
import { Vocabulary } from './vocabulary.ts';

/** The most classes that a confusion table is made for. */
const MOST_CONFUSED = 64;

const stateSchema = section({
  family: oneOf('classification'),
  symbols: symbolsSchema,
  labels: symbolsSchema,
  separator: separatorSchema,
  example: text(MOST_STEPS),
});

/**
 * A short text to its class, by characters. Divided by text, letter case aside, so that the training part has every
 * class; texts that occur twice in one class count once. `what`: how messages call a text; `groupsOf`: names of the groups
 * that stay on one side, where these are not the texts themselves.
 */
export function classificationTask(
  head: TaskHead,
  items: readonly LabelledText[],
  options: SplitOptions,
  what: string,
  groupsOf: (items: readonly LabelledText[]) => readonly string[] = textGroups,
): Task {
  const distinct = distinctItems(items, what);
  const labels = [...new Set(distinct.map(({ label }) => label))].sort();
  const sides = divide(distinct, groupsOf(distinct), options, what);
  const vocabulary = Vocabulary.of(sides.train.map((i) => distinct[i]!.text));
  const setOf = (indices: readonly number[]) => indices.map((i) => encodeItem(distinct[i]!, vocabulary, labels));
  const train = setOf(sides.train);
  const validation = setOf(sides.validation);
  const state = classificationState(vocabulary.symbols, labels, '', distinct[sides.train[0]!]!.text);
  const codec = classificationCodec(state);
  const described = (indices: readonly number[]) => (_item: TokenItem, index: number) => {
    const { text, label } = distinct[indices[index]!]!;
    return { input: text, target: label };
  };
  return {
    ...head,
    kind: 'classification',
    input: codec.input,
    output: codec.output,
    train: listedTokens(train, { per: 'sequence', describe: described(sides.train) }),
    validation: listedTokens(validation, { per: 'sequence', describe: described(sides.validation) }),
    state,
    baselines: () => letterBaselines(train, validation, labels, vocabulary.size),
    evaluator: () => classificationEvaluator(labels),
    codec,
  };
}

/** The state that classificationCodec takes. `example`: one input, for the codec's description. */
export function classificationState(
  symbols: readonly string[],
  labels: readonly string[],
  separator: '' | ' ',
  example: string,
): TaskState {
  return { family: 'classification', symbols, labels, separator, example };
}

/** The codec of a classification task from its state, which may come from a file. */
export function classificationCodec(state: unknown): TaskCodec {
  const { symbols, labels, separator, example } = parseState(stateSchema, state);
  const vocabulary = new Vocabulary(symbols);
  return {
    kind: 'classification',
    input: { kind: 'tokens', symbols },
    output: { kind: 'labels', labels, per: 'sequence' },
    inputForm: `A text to be classified, as ${show(example)}.`,
    encode: (input) => encodeSymbols(input, vocabulary, separator, 'read'),
    decode(_encoded, outputs) {
      requireOutputs(outputs, labels.length);
      return {
        label: labels[argmax(outputs, 0, labels.length)]!,
        probabilities: Object.fromEntries(labels.map((label, i) => [label, outputs[i]!])),
      };
    },
  };
}

/** Accuracy, cross-entropy and, for at most 64 classes, the table of what was taken for what. */
export function classificationEvaluator(labels: readonly string[]): Evaluator {
  const counts = labels.map(() => labels.map(() => 0));
  const loss = new MeanLoss();
  const right = new Ratio();
  return {
    add(buffers, _steps, items, outputs) {
      loss.add(outputs);
      items.forEach((item, b) => {
        if (item >= 0) {
          const truth = buffers.targetLabels![b]!;
          const guess = argmax(outputs.outputs, b * labels.length, labels.length);
          counts[truth]![guess]!++;
          right.add(guess === truth ? 1 : 0, 1);
        }
      });
    },
    finish(): Evaluation {
      const metrics = [shareRight(right, 'texts'), crossEntropy(loss.value, loss.interval)];
      return labels.length > MOST_CONFUSED ? { metrics } : { metrics, confusion: { labels, counts } };
    },
  };
}

/** What always naming the class that the training part has most of reaches. */
export function mostFrequentBaseline(train: readonly TokenItem[], validation: readonly TokenItem[]): Baseline {
  const counts = new Map<number, number>();
  for (const { targets } of train) {
    counts.set(targets[0]!, (counts.get(targets[0]!) ?? 0) + 1);
  }
  const most = Math.max(...counts.values());
  const guess = Math.min(...[...counts.keys()].filter((label) => counts.get(label) === most));
  const right = validation.filter(({ targets }) => targets[0] === guess).length;
  return { name: 'most frequent class', metric: accuracy(right, validation.length) };
}

function letterBaselines(
  train: readonly TokenItem[],
  validation: readonly TokenItem[],
  labels: readonly string[],
  symbols: number,
): readonly Baseline[] {
  const bayes = new NaiveBayes(
    train.map(({ tokens }) => tokens),
    train.map(({ targets }) => targets[0]!),
    labels.length,
    symbols,
  );
  const right = validation.filter(({ tokens, targets }) => bayes.classify(tokens) === targets[0]).length;
  return [
    mostFrequentBaseline(train, validation),
    { name: 'letter frequencies (naive Bayes)', metric: accuracy(right, validation.length) },
  ];
}

function distinctItems(items: readonly LabelledText[], what: string): readonly LabelledText[] {
  const found = new Map<string, LabelledText>();
  items.forEach((item, at) => {
    if (item.text === '') {
      throw new InputError(`${what} ${at + 1} of the data is empty; it must have at least one character`);
    }
    const earlier = found.get(item.text);
    if (earlier !== undefined && earlier.label !== item.label) {
      throw new InputError(
        `the ${what} ${show(item.text)} is in the class ${show(earlier.label)} and in ${show(item.label)}; ` +
          `it must be in one`,
      );
    }
    found.set(item.text, item);
  });
  return [...found.values()];
}

function textGroups(items: readonly LabelledText[]): readonly string[] {
  return items.map(({ text }) => text.toLowerCase());
}

/** A random division, but for classes that would be held out as a whole: their texts go to the training part. */
function divide(
  items: readonly LabelledText[],
  groups: readonly string[],
  options: SplitOptions,
  what: string,
): SplitIndices {
  const { train, validation } = splitByGroup(groups, options, what);
  const learnt = new Set(train.map((i) => items[i]!.label));
  const moved = new Set(validation.filter((i) => !learnt.has(items[i]!.label)).map((i) => groups[i]!));
  if (moved.size === 0) {
    return { train, validation };
  }
  const kept = validation.filter((i) => !moved.has(groups[i]!));
  if (kept.length === 0) {
    throw new InputError(
      `the training part needs a ${what} of every class, which leaves none of ${items.length} to validate`,
    );
  }
  const held = new Set(kept);
  return { train: [...items.keys()].filter((i) => !held.has(i)), validation: kept };
}

function encodeItem(item: LabelledText, vocabulary: Vocabulary, labels: readonly string[]): TokenItem {
  return {
    tokens: vocabulary.numbers(splitSymbols(item.text, '')),
    targets: Int32Array.of(labels.indexOf(item.label)),
  };
}
