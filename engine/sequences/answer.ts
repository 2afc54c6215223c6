/** What a model makes of one input, symbol by symbol as it goes in and comes out. */
import type { Predictor } from '../models/predictor.ts';
import { Translator } from '../models/translator.ts';
import { BLANK } from '../tasks/aligned.ts';
import { argmax } from '../tasks/evaluation.ts';
import type { EncodedInput, TaskCodec } from '../tasks/task.ts';
import { START } from '../tasks/vocabulary.ts';

export interface SequenceAnswer {
  /** Symbols as they go in and come out, step by step. */
  readonly input: readonly string[];
  readonly output: readonly string[];
}

/** The most symbols that are read, and that are grown from a label. */
export const ROOM = 64;

/** `text`: what was typed, as it was encoded. */
export function answerWith(
  model: Predictor | Translator,
  codec: TaskCodec,
  encoded: EncodedInput,
  text: string,
): SequenceAnswer {
  const labels = codec.output.kind === 'labels' ? codec.output.labels : [];
  const symbols = codec.input.kind === 'tokens' ? codec.input.symbols : [];
  const read = Array.from(encoded.tokens ?? [], (token) => symbols[token] ?? '');
  if (model instanceof Translator) {
    return { input: read, output: model.write(encoded).symbols.map((symbol) => labels[symbol] ?? '') };
  }
  if (codec.kind === 'generation') return { input: [text], output: grown(model, encoded, codec) };
  const outputs = model.run(encoded);
  const width = labels.length;
  const output = Array.from(
    { length: outputs.length / width },
    (_, t) => labels[argmax(outputs, t * width, width)] ?? '',
  );
  // What is forced into step is filled up with blanks.
  if (!labels.includes(BLANK)) return { input: read, output };
  const end = output.indexOf(BLANK);
  return { input: Array.from(text), output: end < 0 ? output : output.slice(0, end) };
}

/** The most probable symbol each time, until the end. */
function grown(predictor: Predictor, { steps, tokens, condition }: EncodedInput, codec: TaskCodec): readonly string[] {
  const symbols = codec.input.kind === 'tokens' ? codec.input.symbols : [];
  const start = symbols.indexOf(START);
  const written: string[] = [];
  let next = predictor.run({ steps, tokens: tokens!, condition: condition! });
  while (written.length < ROOM) {
    next = next.map((probability, symbol) => (symbol === start ? -1 : probability));
    const symbol = argmax(next, 0, symbols.length);
    if (symbol === codec.boundaries?.end) break;
    written.push(symbols[symbol]!);
    next = predictor.run({ steps: 1, tokens: Int32Array.of(symbol) }, true);
  }
  return written;
}
