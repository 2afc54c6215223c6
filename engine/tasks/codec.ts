/** What codecs share: reading symbols from a person's JSON, writing probabilities to JSON. */
import * as v from 'valibot';
import { FormatError, InputError } from '../errors.ts';
import { oneOf, show } from '../experiment/fields.ts';
import type { JsonValue } from '../json.ts';
import type { EncodedInput, TaskState } from './task.ts';
import { UNKNOWN, type Vocabulary } from './vocabulary.ts';

/** The most symbols or rows that one input may have. */
export const MOST_STEPS = 65_536;

/** How a sequence of symbols is written as one string: characters side by side, or words with spaces. */
export type Separator = '' | ' ';

export const separatorSchema = oneOf('', ' ');

/** Symbols or labels in a task's state. */
export const symbolsSchema = v.custom<readonly string[]>(
  (value) => isStringList(value) && value.length > 0 && new Set(value).size === value.length,
  (issue) => `is ${show(issue.input)}; it must be a list of different texts`,
);

/** A state with the schema's shape, whose messages continue the field's name. Throws FormatError naming the field. */
export function parseState<S extends v.GenericSchema>(schema: S, state: unknown): v.InferOutput<S> {
  const result = v.safeParse(schema, state, { abortPipeEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    const field = v.getDotPath(issue);
    throw new FormatError(`${field === null ? 'the task state' : `the task state's ${field}`} ${issue.message}`);
  }
  return result.output;
}

/** A string, or a list of symbols, as symbols; code points where the separator is ''. */
export function readSymbols(input: JsonValue, separator: Separator): readonly string[] {
  const symbols = typeof input === 'string' ? splitSymbols(input, separator) : input;
  if (!isStringList(symbols)) {
    throw new InputError(`the input is ${show(input)}; it must be a string or a list of symbols`);
  }
  requireSteps(symbols.length, 'symbols');
  return symbols;
}

export function splitSymbols(text: string, separator: Separator): readonly string[] {
  return separator === '' ? Array.from(text) : text.split(' ').filter((symbol) => symbol !== '');
}

/** `unknown`: where the separator is ' ', words that the vocabulary does not have are read as its unknown symbol. */
export function encodeSymbols(
  input: JsonValue,
  vocabulary: Vocabulary,
  separator: Separator,
  unknown: 'refused' | 'read' = 'refused',
): EncodedInput {
  const symbols = readSymbols(input, separator);
  const what = separator === '' ? 'character' : 'symbol';
  const tokens =
    unknown === 'read' && separator === ' ' && vocabulary.find(UNKNOWN) !== undefined
      ? vocabulary.numbers(symbols)
      : vocabulary.numbersOf(symbols, what);
  return { steps: symbols.length, tokens };
}

/** Whether the codec of a state reads words that the vocabulary `symbols` does not have as its unknown symbol. */
export function readsUnknownWords({ family, separator, separators }: TaskState, symbols: readonly string[]): boolean {
  const between = family === 'translation' ? (separators as { readonly source?: unknown }).source : separator;
  return (family === 'translation' || family === 'classification') && between === ' ' && symbols.includes(UNKNOWN);
}

/** Throws InputError where an input is empty or too long. `what`: plural. */
export function requireSteps(steps: number, what: string): void {
  if (steps === 0 || steps > MOST_STEPS) {
    throw new InputError(`the input has ${steps} ${what}; it must have 1 to ${MOST_STEPS}`);
  }
}

/** Symbols that may come next with their probabilities, most probable first. */
export function ranked(symbols: readonly string[], probabilities: Float32Array): JsonValue {
  return symbols
    .map((symbol, i) => ({ symbol, probability: probabilities[i]! }))
    .sort((a, b) => b.probability - a.probability);
}

/** Throws where the model's outputs for one item are not `count` numbers. */
export function requireOutputs(outputs: Float32Array, count: number): void {
  if (outputs.length !== count) {
    throw new RangeError(`${outputs.length} outputs where ${count} were expected`);
  }
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((symbol) => typeof symbol === 'string');
}
