/** In the worker: what an encoder leaves for its decoder, vectors between two sources', and what is lost on the way. */
import { contextQuantity, mixContexts, type ContextReading } from '../../engine/explain/context-quantities.ts';
import type { Quantity } from '../../engine/explain/quantity.ts';
import type { Translator } from '../../engine/models/translator.ts';
import type { Example } from '../../engine/tasks/examples.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import type { ModelKey } from './model-key.ts';
import type { Models } from './models.ts';
import { readingOf, readSource, type Source } from './source.ts';
import type { Translations } from './translations.ts';

export interface BottleneckArgs {
  readonly key: ModelKey;
  readonly first: Source;
  readonly second: Source;
  /** 0: the first source's vector; 1: the second's. */
  readonly share: number;
}

/** Where a part of the vector goes: h or c of a layer of the decoder. */
export interface ContextPart {
  readonly letter: 'h' | 'c';
  readonly layer: number;
  readonly from: number;
  readonly count: number;
}

export interface Between {
  readonly share: number;
  readonly text: string;
  readonly logProbability: number;
}

export interface BottleneckTold {
  readonly parts: readonly ContextPart[];
  readonly first: { readonly symbols: readonly string[]; readonly state: Float32Array };
  readonly second: { readonly symbols: readonly string[]; readonly state: Float32Array };
  readonly mixed: Float32Array;
  readonly here: Between;
  /** Along the whole line. */
  readonly line: readonly Between[];
}

/** How many of the items of one length came back right. */
export interface LengthScore {
  readonly steps: number;
  readonly items: number;
  readonly exact: number;
  /** Characters of the targets, and how many were written in their places. */
  readonly symbols: number;
  readonly right: number;
}

/** Points along the line, both ends included. */
const POINTS = 11;

export class Bottlenecks {
  readonly #models: Models;
  readonly #translations: Translations;

  constructor(models: Models, translations: Translations) {
    this.#models = models;
    this.#translations = translations;
  }

  async look({ key, first, second, share }: BottleneckArgs): Promise<BottleneckTold> {
    const { codec, experiment } = this.#models.get(key);
    const [a, b] = [readSource(first, codec), readSource(second, codec)];
    const translator = await this.#translations.translator(key, Math.max(a.steps, b.steps));
    const states = statesOf(translator, a, b);
    const write = (at: number): Between => between(translator, codec, a, { ...states, share: at });
    const { model } = experiment;
    const letters =
      model.architecture === 'encoder-decoder' && model.cell === 'lstm' ? (['h', 'c'] as const) : (['h'] as const);
    const count = states.first.length / (model.layers * letters.length);
    return {
      parts: Array.from({ length: model.layers * letters.length }, (_, i) => ({
        letter: letters[i % letters.length] ?? 'h',
        layer: Math.floor(i / letters.length),
        from: i * count,
        count,
      })),
      first: { symbols: readingOf(a, codec).labels, state: states.first },
      second: { symbols: readingOf(b, codec).labels, state: states.second },
      mixed: mixContexts({ ...states, share }),
      here: write(share),
      line: Array.from({ length: POINTS }, (_, i) => write(i / (POINTS - 1))),
    };
  }

  async quantity({
    key,
    first,
    second,
    share,
    quantity,
  }: BottleneckArgs & { readonly quantity: string }): Promise<Quantity> {
    const { codec } = this.#models.get(key);
    const [a, b] = [readSource(first, codec), readSource(second, codec)];
    const translator = await this.#translations.translator(key, Math.max(a.steps, b.steps));
    return contextQuantity({ ...statesOf(translator, a, b), share }, quantity);
  }

  /** How well sources come back, by their length. */
  async score({
    key,
    examples,
  }: {
    readonly key: ModelKey;
    readonly examples: readonly Example[];
  }): Promise<readonly LengthScore[]> {
    const { codec } = this.#models.get(key);
    const longest = Math.max(1, ...examples.map(({ steps }) => steps));
    const translator = await this.#translations.translator(key, longest);
    const scores = new Map<number, LengthScore>();
    for (const example of examples) {
      const wanted = Array.from(example.target);
      const written = codec.target?.write(translator.write(example).symbols) ?? '';
      const letters = Array.from(written);
      const right = wanted.filter((letter, i) => letters[i] === letter).length;
      const exact = written === example.target ? 1 : 0;
      const before = scores.get(example.steps) ?? { steps: example.steps, items: 0, exact: 0, symbols: 0, right: 0 };
      scores.set(example.steps, {
        steps: example.steps,
        items: before.items + 1,
        exact: before.exact + exact,
        symbols: before.symbols + wanted.length,
        right: before.right + right,
      });
    }
    return [...scores.values()];
  }
}

function statesOf(translator: Translator, a: Example, b: Example): Pick<ContextReading, 'first' | 'second'> {
  return { first: translator.startState(a), second: translator.startState(b) };
}

function between(translator: Translator, codec: TaskCodec, source: Example, reading: ContextReading): Between {
  // Without attention nothing else of the source is known to the decoder.
  const { symbols, logProbability } = translator.write(source, { startState: mixContexts(reading) });
  return { share: reading.share, text: codec.target?.write(symbols) ?? '', logProbability };
}
