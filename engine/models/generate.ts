/** Sequences that a trained model grows symbol by symbol. */
import type { JsonValue } from '../json.ts';
import type { Random } from '../random.ts';
import type { EncodedInput, TaskCodec } from '../tasks/task.ts';
import { START, UNKNOWN } from '../tasks/vocabulary.ts';
import type { Predictor } from './predictor.ts';
import { drawSymbol } from './sampling.ts';

export interface GrowthOptions {
  /** The most symbols to grow. */
  readonly length: number;
  readonly temperature: number;
  readonly topK: number;
  readonly random: Random;
}

/** The stream of `Random` that symbols are drawn from. */
export const SAMPLING = 0xff00_0000;

/**
 * What follows `input` (as the codec of a language or generation task takes it), one symbol after the other, drawn from
 * the model's probabilities; the end of a generated sequence ends it.
 */
export function* grow(
  predictor: Predictor,
  codec: TaskCodec,
  input: JsonValue,
  options: GrowthOptions,
): Generator<string, void> {
  const { input: taken, boundaries } = codec;
  if (taken.kind !== 'tokens' || codec.output.per !== 'step') {
    throw new TypeError('Only models of symbols that follow each other can grow a sequence.');
  }
  const { symbols } = taken;
  const excluded = new Set([symbols.indexOf(UNKNOWN), symbols.indexOf(START)]);
  let next = readPrompt(predictor, codec.encode(input), symbols.length);
  for (let grown = 0; grown < options.length; grown++) {
    const symbol = drawSymbol(next, { ...options, excluded }, options.random);
    if (symbol === boundaries?.end) return;
    yield symbols[symbol] ?? '';
    next = predictor.run({ steps: 1, tokens: Int32Array.of(symbol) }, true);
  }
}

/** Reads a prompt in parts of at most the planned steps; returns the probabilities of what follows it, [V]. */
function readPrompt(predictor: Predictor, input: EncodedInput, V: number): Float32Array {
  const prompt = predictor.fit(input);
  const tokens = prompt.tokens ?? new Int32Array();
  const planned = predictor.spec.steps;
  let outputs = new Float32Array();
  for (let from = 0; from < tokens.length; from += planned) {
    const part = tokens.subarray(from, from + planned);
    const condition = prompt.condition ?? 0;
    outputs = new Float32Array(predictor.run({ steps: part.length, tokens: part, condition }, from > 0));
  }
  return outputs.subarray(outputs.length - V);
}
