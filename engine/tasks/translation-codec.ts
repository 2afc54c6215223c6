import { FormatError } from '../errors.ts';
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
import type { Separator } from './codec.ts';
import type { TaskCodec, TaskState } from './task.ts';
import { choose } from './translation-evaluation.ts';
import { END, START, UNKNOWN, Vocabulary } from './vocabulary.ts';

/** How sources and targets are written: characters side by side, or words with spaces. */
export interface PairSeparators {
  readonly source: Separator;
  readonly target: Separator;
}

const stateSchema = section({
  family: oneOf('translation'),
  symbols: symbolsSchema,
  labels: symbolsSchema,
  separators: section({ source: separatorSchema, target: separatorSchema }),
  example: text(MOST_STEPS),
});

/** The state that translationCodec takes. `labels`: with START and END; `example`: one source. */
export function translationState(
  symbols: readonly string[],
  labels: readonly string[],
  separators: PairSeparators,
  example: string,
): TaskState {
  return { family: 'translation', symbols, labels, separators: { ...separators }, example };
}

/** Labels that a decoder never chooses. */
export function excludedLabels(labels: readonly string[]): ReadonlySet<number> {
  return new Set([START, UNKNOWN].map((symbol) => labels.indexOf(symbol)).filter((label) => label >= 0));
}

/** The codec of a translation from its state, which may come from a file. */
export function translationCodec(state: unknown): TaskCodec {
  const { symbols, labels, separators, example } = parseState(stateSchema, state);
  const sources = new Vocabulary(symbols);
  const targets = new Vocabulary(labels);
  const boundaries = { start: required(targets, START), end: required(targets, END) };
  const excluded = excludedLabels(labels);
  const V = labels.length;
  const write = (numbers: Iterable<number>) =>
    Array.from(numbers, (number) => targets.symbol(number)).join(separators.target);
  return {
    kind: 'translation',
    input: { kind: 'tokens', symbols },
    output: { kind: 'labels', labels, per: 'step' },
    boundaries,
    inputForm:
      separators.source === ' '
        ? `Words with spaces between them, as ${show(example)}.`
        : `A text to be turned into another, as ${show(example)}.`,
    encode: (input) => encodeSymbols(input, sources, separators.source, 'read'),
    decode(_encoded, outputs) {
      if (outputs.length % V !== 0) requireOutputs(outputs, Math.ceil(outputs.length / V) * V);
      const chosen = Array.from({ length: outputs.length / V }, (_, t) => choose(outputs, t * V, V, excluded));
      const end = chosen.indexOf(boundaries.end);
      const written = end < 0 ? chosen : chosen.slice(0, end);
      return {
        target: write(written),
        symbols: written.map((label, t) => ({ symbol: targets.symbol(label), probability: outputs[t * V + label]! })),
      };
    },
    target: {
      excluded,
      write,
      read: (given) => targets.numbersOf(splitSymbols(given, separators.target), 'symbol'),
    },
  };
}

function required(vocabulary: Vocabulary, symbol: string): number {
  const number = vocabulary.find(symbol);
  if (number === undefined) {
    throw new FormatError(`the task state's labels lack ${show(symbol)}; a translation needs it`);
  }
  return number;
}
