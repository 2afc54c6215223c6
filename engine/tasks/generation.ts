import * as v from 'valibot';
import { FormatError, InputError } from '../errors.ts';
import { oneOf, section, show } from '../experiment/fields.ts';
import type { JsonValue } from '../json.ts';
import { parseState, ranked, readSymbols, requireOutputs, splitSymbols, symbolsSchema } from './codec.ts';
import type { LabelledText } from './data.ts';
import { characterEvaluator } from './evaluation.ts';
import { listedTokens } from './items.ts';
import type { TokenItem } from './items.ts';
import { nGramBaselines } from './language.ts';
import { splitByGroup } from './split.ts';
import type { SplitOptions } from './split.ts';
import type { Task, TaskCodec, TaskHead, TaskState } from './task.ts';
import { END, START, UNKNOWN, Vocabulary } from './vocabulary.ts';

const stateSchema = section({
  family: oneOf('generation'),
  symbols: symbolsSchema,
  conditions: symbolsSchema,
});

const inputSchema = v.strictObject({ label: v.string(), start: v.optional(v.string(), '') });

/**
 * A class grows into a text: the input is START and the text, the target the text and END. Divided by text, letter
 * case aside. `what`: how messages call a text; `groupsOf`: as of classificationTask.
 */
export function generationTask(
  head: TaskHead,
  items: readonly LabelledText[],
  options: SplitOptions,
  what: string,
  groupsOf = (given: readonly LabelledText[]): readonly string[] => given.map(({ text }) => text.toLowerCase()),
): Task {
  const distinct = [...new Map(items.map((item) => [JSON.stringify([item.label, item.text]), item])).values()];
  const conditions = [...new Set(distinct.map(({ label }) => label))].sort();
  const sides = splitByGroup(groupsOf(distinct), options, what);
  const vocabulary = Vocabulary.of(
    sides.train.map((i) => distinct[i]!.text),
    [START, END, UNKNOWN],
  );
  /** START, the text, END */
  const wholes = (indices: readonly number[]) =>
    indices.map((i) => vocabulary.numbers([START, ...splitSymbols(distinct[i]!.text, ''), END]));
  const trainWholes = wholes(sides.train);
  const validationWholes = wholes(sides.validation);
  const setOf = (indices: readonly number[], sequences: readonly Int32Array[]) => {
    const tokens = sequences.map((whole, n): TokenItem => ({
      tokens: whole.subarray(0, -1),
      targets: whole.subarray(1),
      condition: conditions.indexOf(distinct[indices[n]!]!.label),
    }));
    const describe = (_item: TokenItem, index: number) => {
      const { text, label } = distinct[indices[index]!]!;
      return { input: label, target: text };
    };
    return listedTokens(tokens, { per: 'step', describe });
  };
  const state: TaskState = { family: 'generation', symbols: vocabulary.symbols, conditions };
  const codec = generationCodec(state);
  return {
    ...head,
    kind: 'generation',
    input: codec.input,
    output: codec.output,
    conditions,
    boundaries: codec.boundaries!,
    train: setOf(sides.train, trainWholes),
    validation: setOf(sides.validation, validationWholes),
    state,
    baselines: () => nGramBaselines(trainWholes, validationWholes, vocabulary.size),
    evaluator: characterEvaluator,
    codec,
  };
}

/** The codec of a generation task from its state, which may come from a file. */
export function generationCodec(state: unknown): TaskCodec {
  const { symbols, conditions } = parseState(stateSchema, state);
  const vocabulary = new Vocabulary(symbols);
  const V = symbols.length;
  const start = reserved(vocabulary, START);
  return {
    kind: 'generation',
    input: { kind: 'tokens', symbols },
    output: { kind: 'labels', labels: symbols, per: 'step' },
    conditions,
    boundaries: { start, end: reserved(vocabulary, END) },
    inputForm: `A label to grow from, as {"label": ${JSON.stringify(conditions[0])}}, with "start" for given first letters.`,
    encode(input) {
      const given = parseInput(input);
      const condition = conditions.indexOf(given.label);
      if (condition < 0) {
        const known = conditions.map((label) => JSON.stringify(label)).join(' or ');
        throw new InputError(`the input's label is ${show(given.label)}; it must be ${known}`);
      }
      const letters = given.start === '' ? [] : readSymbols(given.start, '');
      const tokens = Int32Array.of(start, ...vocabulary.numbersOf(letters, 'character'));
      return { steps: tokens.length, tokens, condition };
    },
    decode(encoded, outputs) {
      requireOutputs(outputs, encoded.steps * V);
      return { next: ranked(symbols, outputs.subarray((encoded.steps - 1) * V)) };
    },
  };
}

function parseInput(input: JsonValue): v.InferOutput<typeof inputSchema> {
  const result = v.safeParse(inputSchema, input);
  if (!result.success) {
    throw new InputError(`the input is ${show(input)}; it must be an object with a label and, where wanted, a start`);
  }
  return result.output;
}

function reserved(vocabulary: Vocabulary, symbol: string): number {
  const number = vocabulary.find(symbol);
  if (number === undefined) {
    throw new FormatError(`the task state's symbols lack ${show(symbol)}; a generated sequence needs it`);
  }
  return number;
}
