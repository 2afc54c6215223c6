/** In the worker: sources translated by models of a run, as they are and with what a person changes. */
import { UnrolledError } from '../../engine/errors.ts';
import { lengthLimits, requirePositions } from '../../engine/models/input-length.ts';
import { attentionChanges, parseDecodingChanges, type DecodingChanges } from '../../engine/explain/decoding-changes.ts';
import type { BeamNode, BeamResult, Decoding } from '../../engine/models/decode.ts';
import { SAMPLING } from '../../engine/models/generate.ts';
import { Random } from '../../engine/random.ts';
import { longestTarget, Translator, type Changes } from '../../engine/models/translator.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import { visibleSymbol } from '../drawing/series.ts';
import type { ModelKey } from './model-key.ts';
import type { Models } from './models.ts';
import { readingOf, readSource, type Source } from './source.ts';

export interface TranslateArgs {
  readonly key: ModelKey;
  readonly source: Source;
  /** As engine/explain/decoding-changes.ts reads it. */
  readonly changed: string;
}

/** A symbol that is or could be written. */
export interface SymbolChoice {
  readonly symbol: number;
  /** As it is shown; empty: the end. */
  readonly label: string;
  readonly probability: number;
}

export interface WrittenSymbol extends SymbolChoice {
  /** The most probable symbols in its place, the best first. */
  readonly best: readonly SymbolChoice[];
}

/** Where one attention looked, over all its heads. */
export interface LookedMap {
  /** As traces begin: 'decoder.layers.0.multihead_attn'. */
  readonly name: string;
  /** Of each head, [T, S]. */
  readonly heads: readonly Float32Array[];
}

export interface Written {
  readonly text: string;
  readonly symbols: readonly WrittenSymbol[];
  /** The end was written, rather than room lacking. */
  readonly ended: boolean;
  readonly logProbability: number;
  readonly maps: readonly LookedMap[];
}

export interface Translated {
  readonly source: readonly string[];
  /** What would be right; empty where it is not known. */
  readonly target: string;
  readonly original: Written;
  /** Absent where nothing is changed. */
  readonly changed: Written | undefined;
  readonly changes: DecodingChanges;
}

export interface Branch extends SymbolChoice {
  /** Its place in the list; -1: it is a first symbol. */
  readonly parent: number;
  /** Natural, of the whole branch. */
  readonly logProbability: number;
  /** Labels from the beginning, this one included. */
  readonly path: readonly number[];
  /** It is part of the decoding that comes out. */
  readonly best: boolean;
}

/** How decodings are drawn. */
export interface DrawArgs extends TranslateArgs {
  readonly temperature: number;
  readonly topP: number;
  readonly seed: number;
}

/** One of the different decodings that came out. */
export interface Drawn {
  readonly text: string;
  /** Labels that are written, the end included. */
  readonly path: readonly number[];
  /** Of DRAWINGS. */
  readonly times: number;
  /** By the model's own probabilities, at temperature 1. */
  readonly probability: number;
  readonly ended: boolean;
}

export interface Searched {
  readonly branches: readonly Branch[];
  /** The best first. */
  readonly found: readonly { readonly text: string; readonly score: number; readonly logProbability: number }[];
}

/** Hypotheses that a beam keeps. */
export const BEAMS = 4;
/** Decodings that are drawn at once. */
export const DRAWINGS = 20;
/** Symbols that are told for each place. */
const TOLD = 6;
/** Sources that differ little in length use the same memory. */
const ROOM = 16;
const MOST_KEPT = 4;

interface Kept {
  readonly of: string;
  readonly translator: Promise<Translator>;
  update: number;
}

/** Keeps a translator of each run, since its checkpoints follow one another. */
export class Translations {
  readonly #models: Models;
  #kept: readonly Kept[] = [];

  constructor(models: Models) {
    this.#models = models;
  }

  async translate({ key, source, changed }: TranslateArgs): Promise<Translated> {
    const { codec } = this.#models.get(key);
    const example = readSource(source, codec);
    const translator = await this.translator(key, example.steps);
    const changes = parseDecodingChanges(changed);
    const original = translator.write(example);
    const different = changed === '' ? undefined : translator.write(example, asked(changes, codec));
    return {
      source: readingOf(example, codec).labels,
      target: example.target,
      original: writtenOf(original, codec),
      changed: different && writtenOf(different, codec),
      changes,
    };
  }

  async search({ key, source, changed }: TranslateArgs): Promise<Searched> {
    const { codec } = this.#models.get(key);
    const example = readSource(source, codec);
    const translator = await this.translator(key, example.steps, BEAMS);
    return searchedOf(translator.search(example, asked(parseDecodingChanges(changed), codec)), codec);
  }

  /** DRAWINGS decodings, those that came most often first. */
  async draw({ key, source, changed, temperature, topP, seed }: DrawArgs): Promise<readonly Drawn[]> {
    const { codec } = this.#models.get(key);
    const example = readSource(source, codec);
    const translator = await this.translator(key, example.steps);
    const changes = asked(parseDecodingChanges(changed), codec);
    const decodings = Array.from({ length: DRAWINGS }, (_, item) =>
      translator.draw(example, { temperature, topK: 0, topP, random: new Random(seed, SAMPLING, item) }, changes),
    );
    return drawnOf(decodings, codec);
  }

  /** At this checkpoint, with room for sources of so many steps. */
  async translator(key: ModelKey, sourceSteps: number, beams = 1): Promise<Translator> {
    const { experiment, codec, weights, name } = this.#models.get(key);
    const limits = lengthLimits(experiment, codec.kind);
    requirePositions(limits, sourceSteps);
    const room = Math.max(sourceSteps, Math.min(Math.ceil(sourceSteps / ROOM) * ROOM, limits.positions ?? Infinity));
    const of = `${key.run} ${room} ${beams}`;
    let kept = this.#kept.find((one) => one.of === of);
    if (kept === undefined) {
      const core = await this.#models.core();
      const steps = longestTarget(experiment);
      const options = { core, experiment, codec, weights, sourceSteps: room, steps, beams, sourceName: name };
      kept = { of, translator: Translator.load(options), update: key.update };
    }
    const used = kept;
    this.#kept = [used, ...this.#kept.filter((one) => one !== used)].slice(0, MOST_KEPT);
    try {
      const translator = await used.translator;
      if (used.update !== key.update) translator.setWeights(weights, name);
      used.update = key.update;
      return translator;
    } catch (error) {
      this.#kept = this.#kept.filter((one) => one !== used);
      throw error;
    }
  }
}

/** Throws UnrolledError where there is a symbol that the model does not have. */
export function checkSymbols(path: readonly number[], { output }: TaskCodec): void {
  const labels = output.kind === 'labels' ? output.labels : [];
  const unknown = path.find((label) => label >= labels.length);
  if (unknown !== undefined) throw new UnrolledError('no-symbol', `There is no symbol ${unknown}.`);
}

function asked(changes: DecodingChanges, codec: TaskCodec): Changes {
  checkSymbols(changes.forced, codec);
  return { forced: changes.forced, changes: attentionChanges(changes) };
}

function writtenOf({ steps, symbols, ended, logProbability }: Decoding, codec: TaskCodec): Written {
  const maps = new Map<string, Float32Array[][]>();
  for (const { attention } of steps) {
    for (const { name, head, weights } of attention) {
      const heads = maps.get(name) ?? [];
      maps.set(name, heads);
      (heads[head] ??= []).push(weights);
    }
  }
  return {
    text: codec.target?.write(symbols) ?? '',
    symbols: steps.map(({ symbol, probability, probabilities }) => ({
      ...symbolOf(symbol, probability, codec),
      best: bestOf(probabilities, codec),
    })),
    ended,
    logProbability,
    maps: [...maps].map(([name, heads]) => ({ name, heads: heads.map(joined) })),
  };
}

function symbolOf(symbol: number, probability: number, { output, boundaries }: TaskCodec): SymbolChoice {
  const label = output.kind === 'labels' ? (output.labels[symbol] ?? '') : '';
  return { symbol, label: symbol === boundaries?.end ? '' : visibleSymbol(label), probability };
}

function bestOf(probabilities: Float32Array, codec: TaskCodec): readonly SymbolChoice[] {
  return Array.from(probabilities, (probability, symbol) => ({ symbol, probability }))
    .filter(({ symbol }) => codec.target?.excluded.has(symbol) !== true)
    .sort((a, b) => b.probability - a.probability || a.symbol - b.symbol)
    .slice(0, TOLD)
    .map(({ symbol, probability }) => symbolOf(symbol, probability, codec));
}

function searchedOf({ decodings, tree }: BeamResult, codec: TaskCodec): Searched {
  const paths: number[][] = [];
  for (const { parent, symbol } of tree) paths.push([...(paths[parent] ?? []), symbol]);
  const [first] = decodings;
  const best = first?.steps.map(({ symbol }) => symbol) ?? [];
  const isBest = (path: readonly number[]): boolean => path.every((symbol, t) => symbol === best[t]);
  return {
    branches: tree.map(({ parent, symbol, probability, logProbability }: BeamNode, i) => {
      const path = paths[i] ?? [];
      return { ...symbolOf(symbol, probability, codec), parent, logProbability, path, best: isBest(path) };
    }),
    found: decodings.map(({ symbols, score, logProbability }) => ({
      text: codec.target?.write(symbols) ?? '',
      score,
      logProbability,
    })),
  };
}

/** The same symbols are one decoding, however often they came. */
function drawnOf(decodings: readonly Decoding[], codec: TaskCodec): readonly Drawn[] {
  const found = new Map<string, Drawn>();
  for (const { steps, symbols, ended, logProbability } of decodings) {
    const path = steps.map(({ symbol }) => symbol);
    const of = path.join(' ');
    const times = (found.get(of)?.times ?? 0) + 1;
    found.set(of, {
      text: codec.target?.write(symbols) ?? '',
      path,
      times,
      probability: Math.exp(logProbability),
      ended,
    });
  }
  return [...found.values()].sort((a, b) => b.times - a.times || b.probability - a.probability);
}

/** Rows of equal length one after the other. */
function joined(rows: readonly Float32Array[]): Float32Array {
  const width = rows[0]?.length ?? 0;
  const all = new Float32Array(rows.length * width);
  rows.forEach((row, t) => all.set(row, t * width));
  return all;
}
