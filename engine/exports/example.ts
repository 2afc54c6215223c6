/** One input that every export tells what to do with: in its snippets, and in what checks it. */
import { InputError } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import type { EncodedInput } from '../tasks/task.ts';
import { END, START, UNKNOWN } from '../tasks/vocabulary.ts';
import type { TrainedModel } from './trained-model.ts';

export interface Example {
  readonly encoded: EncodedInput;
  /** In words, where it is of symbols: without the start of a generated sequence. */
  readonly symbols: readonly string[];
  /** The label that it grows from. */
  readonly label?: string;
}

/** Steps of an example of numbers, where the task does not say. */
const STEPS = 12;
const TEXTS = ['The ', 'the ', 'a'];

export function exampleOf(model: Pick<TrainedModel, 'codec' | 'taskState'>): Example {
  const { codec, taskState } = model;
  const { input } = codec;
  if (input.kind === 'values') {
    const { window } = taskState;
    const steps = typeof window === 'number' ? window : STEPS;
    return { encoded: { steps, values: exampleValues(steps * input.names.length) }, symbols: [] };
  }
  const ordinary = input.symbols.filter((symbol) => ![UNKNOWN, START, END].includes(symbol));
  if (codec.kind === 'generation') {
    const label = codec.conditions?.[0] ?? '';
    return { encoded: codec.encode({ label }), symbols: [], label };
  }
  const { example } = taskState;
  const encoded = firstEncoded(model, [...(typeof example === 'string' ? [example] : TEXTS), ordinary.slice(0, 8)]);
  return { encoded, symbols: Array.from(encoded.tokens ?? [], (token) => input.symbols[token] ?? '') };
}

/** sin 0, sin 1, ..., which every language can write. */
export function exampleValues(count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i));
}

function firstEncoded({ codec }: Pick<TrainedModel, 'codec'>, inputs: readonly JsonValue[]): EncodedInput {
  for (const input of inputs) {
    try {
      return codec.encode(input);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
    }
  }
  return { steps: 1, tokens: Int32Array.of(0) };
}
