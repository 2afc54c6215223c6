import { InputError } from '../errors.ts';
import { oneOf, section } from '../experiment/fields.ts';
import { encodeSymbols, parseState, ranked, requireOutputs, symbolsSchema } from './codec.ts';
import { bitsPerCharacter, characterEvaluator } from './evaluation.ts';
import { nGramLosses } from './n-grams.ts';
import type { Baseline, Task, TaskCodec, TaskHead, TaskState } from './task.ts';
import { Vocabulary } from './vocabulary.ts';

export interface LanguageOptions {
  /** Share of the text, from its end, that is held out. */
  readonly validationShare: number;
}

const stateSchema = section({ family: oneOf('language'), symbols: symbolsSchema });

/**
 * The next character of a text. The first part trains, the rest validates; the vocabulary is the first part's, and
 * whatever else the rest has counts as the unknown symbol.
 */
export function languageTask(head: TaskHead, text: string, options: LanguageOptions): Task {
  const characters = countCharacters(text);
  const trainLength = characters - Math.ceil(characters * options.validationShare);
  if (trainLength < 2 || characters - trainLength < 2) {
    throw new InputError(
      `the text has ${characters} characters; a training and a validation part need 2 characters each`,
    );
  }
  const trainText = firstCharacters(text, trainLength);
  const vocabulary = Vocabulary.of([trainText]);
  const train = vocabulary.numbers(trainText);
  const validation = vocabulary.numbers(text.slice(trainText.length));
  const state: TaskState = { family: 'language', symbols: vocabulary.symbols };
  const codec = languageCodec(state);
  return {
    ...head,
    kind: 'language',
    input: codec.input,
    output: codec.output,
    train: { form: 'stream', tokens: train },
    validation: { form: 'stream', tokens: validation },
    state,
    baselines: () => nGramBaselines([train], [validation], vocabulary.size),
    evaluator: characterEvaluator,
    codec,
  };
}

/** Code points: a pair of surrogates counts once. */
export function countCharacters(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at += isPair(text, at) ? 2 : 1) {
    count++;
  }
  return count;
}

/** The first `count` code points of a text, or all of them. */
export function firstCharacters(text: string, count: number): string {
  let at = 0;
  for (let n = 0; n < count && at < text.length; n++) {
    at += isPair(text, at) ? 2 : 1;
  }
  return text.slice(0, at);
}

function isPair(text: string, at: number): boolean {
  return text.codePointAt(at)! > 0xffff;
}

/** What letter frequencies alone, and pairs of letters, reach on the validation part. */
export function nGramBaselines(
  train: readonly Int32Array[],
  validation: readonly Int32Array[],
  vocabularySize: number,
): readonly Baseline[] {
  const losses = nGramLosses(train, validation, vocabularySize);
  return [
    { name: 'character frequencies', metric: bitsPerCharacter(losses.unigram) },
    { name: 'frequencies after the previous character', metric: bitsPerCharacter(losses.bigram) },
  ];
}

/** The codec of a language task from its state, which may come from a file. */
export function languageCodec(state: unknown): TaskCodec {
  const vocabulary = new Vocabulary(parseState(stateSchema, state).symbols);
  const { symbols } = vocabulary;
  return {
    kind: 'language',
    input: { kind: 'tokens', symbols },
    output: { kind: 'labels', labels: symbols, per: 'step' },
    inputForm: 'A text, as "Call me ", of which the next character is asked.',
    encode: (input) => encodeSymbols(input, vocabulary, ''),
    decode(encoded, outputs) {
      requireOutputs(outputs, encoded.steps * symbols.length);
      return { next: ranked(symbols, outputs.subarray((encoded.steps - 1) * symbols.length)) };
    },
  };
}
