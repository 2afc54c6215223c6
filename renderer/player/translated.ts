/** Translations as the page shows them. */
import type { Decoding } from '../../engine/models/decode.ts';
import { attentionMaps, type AttentionMap } from '../../engine/models/translator.ts';
import type { EncodedInput, TaskCodec } from '../../engine/tasks/task.ts';
import { visibleSymbol } from '../drawing/series.ts';
import { t } from '../messages/messages.ts';
import { layerOf } from '../views/attention/maps.ts';

export interface Choice {
  /** As it is shown; the end in words. */
  readonly name: string;
  readonly probability: number;
}

export interface WrittenSymbol extends Choice {
  /** The most probable symbols in its place, the best first. */
  readonly best: readonly Choice[];
}

export interface Translation {
  readonly target: string;
  /** The end, where it was written, included. */
  readonly written: readonly WrittenSymbol[];
  /** The end was written, rather than room lacking. */
  readonly ended: boolean;
  /** Mean natural log-probability of a symbol. */
  readonly score: number;
  readonly probability: number;
  /** Where it looked; empty where the model has no attention. */
  readonly maps: readonly ShownMap[];
}

export interface Translated {
  readonly source: readonly string[];
  /** The best first. */
  readonly translations: readonly Translation[];
}

/** Attention of one head, or the mean over a layer's heads. */
export interface ShownMap {
  readonly key: string;
  readonly name: string;
  /** [T][S] */
  readonly weights: readonly (readonly number[])[];
}

/** Symbols that are told for each place. */
const TOLD = 6;

export function translatedOf(
  { tokens = new Int32Array() }: EncodedInput,
  decodings: readonly Decoding[],
  codec: TaskCodec,
): Translated {
  const { input } = codec;
  const symbols = input.kind === 'tokens' ? input.symbols : [];
  return {
    source: Array.from(tokens, (token) => visibleSymbol(symbols[token] ?? '')),
    translations: decodings.map((decoding) => translationOf(decoding, codec)),
  };
}

function translationOf(decoding: Decoding, codec: TaskCodec): Translation {
  const { steps, symbols, ended, score, logProbability } = decoding;
  return {
    target: codec.target?.write(symbols) ?? '',
    written: steps.map(({ symbol, probability, probabilities }) => ({
      name: nameOf(symbol, codec),
      probability,
      best: bestOf(probabilities, codec),
    })),
    ended,
    score,
    probability: Math.exp(logProbability),
    maps: shownMaps(attentionMaps(decoding)),
  };
}

function nameOf(symbol: number, { output, boundaries }: TaskCodec): string {
  if (symbol === boundaries?.end) return t('attention.end');
  return visibleSymbol(output.kind === 'labels' ? (output.labels[symbol] ?? '') : '');
}

function bestOf(probabilities: Float32Array, codec: TaskCodec): readonly Choice[] {
  return Array.from(probabilities, (probability, symbol) => ({ symbol, probability }))
    .filter(({ symbol }) => codec.target?.excluded.has(symbol) !== true)
    .sort((a, b) => b.probability - a.probability || a.symbol - b.symbol)
    .slice(0, TOLD)
    .map(({ symbol, probability }) => ({ name: nameOf(symbol, codec), probability }));
}

/** Each layer's mean, where it has several heads, before its heads. */
function shownMaps(maps: readonly AttentionMap[]): readonly ShownMap[] {
  const names = [...new Set(maps.map(({ name }) => name))];
  return names.flatMap((name) => {
    const layer = layerOf(name) ?? 1;
    const heads = maps.filter((map) => map.name === name);
    const each = heads.map(({ head, weights }) => ({
      key: `${name}/${head}`,
      name: t('attention.head', { layer, head: head + 1 }),
      weights,
    }));
    const mean = { key: `${name}/`, name: t('attention.mean', { layer }), weights: meanOf(heads) };
    return heads.length > 1 ? [mean, ...each] : each;
  });
}

function meanOf(heads: readonly AttentionMap[]): readonly (readonly number[])[] {
  const [first] = heads;
  return (first?.weights ?? []).map((row, step) =>
    row.map((_, s) => heads.reduce((sum, { weights }) => sum + (weights[step]?.[s] ?? 0), 0) / heads.length),
  );
}
