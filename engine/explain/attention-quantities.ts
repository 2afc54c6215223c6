/**
 * The quantities of one attention over all its heads: weights, scores, queries, keys, values, the sum of values, down to
 * weights of the model and what the layer reads. Keys count from 0:
 *
 *     h1.weight@3:5      what head 1 gives key 5 when step 3 asks; mean@3:5 over all heads
 *     h1.scaled@3:5      its score, divided by the root of the head's size; h1.score@3:5 before that
 *     h0.mixed@3:5:2     tanh(q + k), element 2, of additive attention
 *     h1.query@3:2       element 2 of a query; h1.key@5:2, h1.value@5:2, h1.context@3:2
 *     input.query@3:4    what the layer reads at step 3, element 4; tensor[row,column] of the model's weights
 *     layer.output@3:4   and other parts of what a transformer's layer makes of it (layer-parts.ts)
 */
import { UnrolledError } from '../errors.ts';
import type { FloatTensors } from '../formats/checkpoint.ts';
import { layerSymbol, type LayerParts } from './layer-parts.ts';
import { evaluate, keysOf, type Expression, type Operand, type Quantity, type QuantitySymbol } from './quantity.ts';

/** Rows of numbers, row-major. */
export interface Rows {
  readonly values: Float32Array;
  readonly width: number;
}

export interface HeadReading {
  /** [T, D], [S, D], [S, E] and [T, E] */
  readonly queries: Rows;
  readonly keys: Rows;
  readonly values: Rows;
  readonly context: Rows;
  /** As softmax takes them, [T, S]; what is masked may be anything. */
  readonly scores: Float32Array;
  readonly weights: Float32Array;
}

/** A row is `input` times rows of a tensor from `from` on, one block a head, plus a bias where there is one. */
export interface Projection {
  readonly input: Rows;
  readonly tensor: string;
  readonly bias?: string;
  readonly from: number;
}

export interface AttentionReading {
  /** As traces begin. */
  readonly name: string;
  /** T */
  readonly steps: number;
  /** S */
  readonly keySteps: number;
  readonly heads: readonly HeadReading[];
  readonly score:
    { readonly kind: 'additive'; readonly v: string } | { readonly kind: 'dot'; readonly divisor: number };
  /** A query sees no later key. */
  readonly causal: boolean;
  /** Values are the states of the source themselves. */
  readonly ofStates: boolean;
  readonly made: Readonly<Partial<Record<'query' | 'key' | 'value', Projection>>>;
  /** By head and step: weights that a person has put there; heads that are silenced. */
  readonly edited: (head: number, step: number) => boolean;
  readonly silenced: ReadonlySet<number>;
  readonly weights: FloatTensors;
  /** What the layer makes of it; absent where there is no layer around it. */
  readonly layer?: LayerParts;
}

type Definition = Pick<Quantity, 'name' | 'symbol' | 'held'> & {
  readonly given?: number;
  readonly formula?: Expression;
};

/** Throws UnrolledError where there is no quantity of that key. */
export function attentionQuantity(reading: AttentionReading, key: string): Quantity {
  const { name, symbol, formula, held } = define(reading, key);
  const among = neighbours(reading, key);
  return {
    key,
    name,
    symbol,
    value: valueOf(reading, key),
    operands: formula === undefined ? [] : operandsOf(reading, formula),
    ...(held === true ? { held } : {}),
    ...(formula === undefined ? {} : { formula }),
    ...(among === undefined ? {} : { among }),
  };
}

function operandsOf(reading: AttentionReading, formula: Expression): readonly Operand[] {
  return keysOf(formula).map((key) => ({ key, symbol: define(reading, key).symbol, value: valueOf(reading, key) }));
}

function valueOf(reading: AttentionReading, key: string): number {
  const { given, formula } = define(reading, key);
  if (given !== undefined) return given;
  return formula === undefined ? NaN : evaluate(formula, (operand) => valueOf(reading, operand));
}

function define(reading: AttentionReading, key: string): Definition {
  const tensor = /^(.+)\[(\d+),(\d+)\]$/u.exec(key);
  const found =
    tensor === null
      ? (partOf(reading, key) ?? inputOf(reading, key) ?? layerOf(reading, key))
      : tensorOf(reading, tensor[1]!, Number(tensor[2]), Number(tensor[3]));
  if (found === undefined) throw new UnrolledError('no-quantity', `There is no quantity "${key}".`);
  return found;
}

const LAYER_KEY = /^(layer\.[a-z]+)@(\d+):(\d+)$/u;
const quantity = (key: string): Expression => ({ kind: 'quantity', key });

function partOf(reading: AttentionReading, key: string): Definition | undefined {
  const [, head, part = '', row = '', place = '', element] =
    /^(?:h(\d+)\.)?([a-z]+)@(\d+):(\d+)(?::(\d+))?$/u.exec(key) ?? [];
  const [t, s, h] = [Number(row), Number(place), Number(head ?? 0)];
  if (part === 'mean' && head === undefined && t < reading.steps && s < reading.keySteps) return meanOf(reading, t, s);
  const own = reading.heads[h];
  if (own === undefined || head === undefined) return undefined;
  if (part === 'query' || part === 'key' || part === 'value') return elementOf(reading, part, h, t, s);
  if (part === 'context') return contextOf(reading, h, t, s);
  if (t >= reading.steps || s >= reading.keySteps) return undefined;
  if (part === 'weight') return weightOf(reading, h, t, s);
  if (part === 'score') return scoreOf(reading, h, t, s);
  if (part === 'scaled' && reading.score.kind === 'dot' && reading.score.divisor !== 1) {
    const divisor: Expression = { kind: 'number', value: reading.score.divisor };
    const formula: Expression = { kind: 'quotient', dividend: quantity(`h${h}.score@${t}:${s}`), divisor };
    const given = own.scores[t * reading.keySteps + s]!;
    const masked = reading.causal && s > t;
    return { name: 'attentionScaled', symbol: pair('e', t, s), formula, ...(masked ? {} : { given }) };
  }
  if (part === 'mixed' && reading.score.kind === 'additive' && Number(element) < own.queries.width) {
    const a = Number(element);
    const terms = [quantity(`h${h}.query@${t}:${a}`), quantity(`h${h}.key@${s}:${a}`)];
    const formula: Expression = { kind: 'squash', squash: 'tanh', argument: { kind: 'sum', terms } };
    return { name: 'attentionMixed', symbol: { letter: 'm', index: `${t + 1},${s + 1},${a + 1}` }, formula };
  }
  return undefined;
}

function weightOf(reading: AttentionReading, h: number, t: number, s: number): Definition {
  const given = reading.heads[h]!.weights[t * reading.keySteps + s]!;
  const symbol = { ...pair('\u03b1', t, s), ...(reading.heads.length > 1 ? { gate: `h${h + 1}` } : {}) };
  const common = { name: 'attentionWeight', symbol, given };
  if (reading.edited(h, t)) return { ...common, held: true };
  if (reading.causal && s > t) return { ...common, name: 'attentionMasked' };
  const { score, keySteps } = reading;
  const part = score.kind === 'dot' && score.divisor !== 1 ? 'scaled' : 'score';
  const seen = reading.causal ? t + 1 : keySteps;
  const among = Array.from({ length: seen }, (_, other) => `h${h}.${part}@${t}:${other}`);
  return { ...common, formula: { kind: 'softmax', key: `h${h}.${part}@${t}:${s}`, among } };
}

function meanOf(reading: AttentionReading, t: number, s: number): Definition {
  const terms = reading.heads.map((_, h) => quantity(`h${h}.weight@${t}:${s}`));
  const divisor: Expression = { kind: 'number', value: terms.length };
  const formula: Expression = { kind: 'quotient', dividend: { kind: 'sum', terms }, divisor };
  return { name: 'attentionMean', symbol: pair('\u03b1\u0304', t, s), formula };
}

function scoreOf({ heads, keySteps, score, causal }: AttentionReading, h: number, t: number, s: number): Definition {
  const { queries, scores } = heads[h]!;
  const given = scores[t * keySteps + s]!;
  const elements = Array.from({ length: queries.width }, (_, i) => i);
  const additive = score.kind === 'additive';
  const formula: Expression = {
    kind: 'dot',
    matrix: additive ? { letter: 'v' } : { letter: 'q', step: t + 1 },
    vector: additive ? pair('m', t, s) : { letter: 'k', step: s + 1 },
    terms: elements.map((i) =>
      additive
        ? { weight: `${score.v}[${i},0]`, value: `h${h}.mixed@${t}:${s}:${i}` }
        : { weight: `h${h}.query@${t}:${i}`, value: `h${h}.key@${s}:${i}` },
    ),
  };
  const plain = additive || score.divisor === 1;
  const traced = plain && !(causal && s > t);
  const symbol = pair(plain ? 'e' : 'q\u00b7k', t, s);
  return { name: 'attentionScore', symbol, formula, ...(traced ? { given } : {}) };
}

function contextOf(
  { heads, keySteps, silenced }: AttentionReading,
  h: number,
  t: number,
  i: number,
): Definition | undefined {
  const { context } = heads[h]!;
  const given = elementAt(context, t, i);
  if (given === undefined) return undefined;
  const symbol = { letter: 'c', index: String(i + 1), step: t + 1 };
  if (silenced.has(h)) return { name: 'attentionContext', symbol, given, held: true };
  const formula: Expression = {
    kind: 'dot',
    matrix: { letter: '\u03b1', step: t + 1 },
    vector: { letter: 'v', index: String(i + 1) },
    terms: Array.from({ length: keySteps }, (_, s) => ({
      weight: `h${h}.weight@${t}:${s}`,
      value: `h${h}.value@${s}:${i}`,
    })),
  };
  return { name: 'attentionContext', symbol, given, formula };
}

const LETTERS = { query: 'q', key: 'k', value: 'v' } as const;
const NAMES = { query: 'attentionQuery', key: 'attentionKey', value: 'attentionValue' } as const;
const PARTS = { query: 'queries', key: 'keys', value: 'values' } as const;

function elementOf(
  reading: AttentionReading,
  part: keyof typeof PARTS,
  h: number,
  row: number,
  i: number,
): Definition | undefined {
  const rows = reading.heads[h]![PARTS[part]];
  const given = elementAt(rows, row, i);
  if (given === undefined) return undefined;
  const state = reading.ofStates && part !== 'query' && reading.made[part] === undefined;
  const letter = state ? 'h' : LETTERS[part];
  const common = { name: NAMES[part], symbol: { letter, index: String(i + 1), step: row + 1 }, given };
  const projection = reading.made[part];
  if (projection === undefined) return common;
  const at = projection.from + h * rows.width + i;
  const formula: Expression = {
    kind: 'dot',
    matrix: { letter: 'W', gate: LETTERS[part] },
    vector: { letter: 'x', step: row + 1 },
    terms: Array.from({ length: projection.input.width }, (_, j) => ({
      weight: `${projection.tensor}[${at},${j}]`,
      value: `input.${part}@${row}:${j}`,
    })),
  };
  if (projection.bias === undefined) return { ...common, formula };
  const terms = [quantity(`product.${part}@${row}:${at}`), quantity(`${projection.bias}[${at},0]`)];
  return { ...common, formula: { kind: 'sum', terms } };
}

function layerOf({ layer }: AttentionReading, key: string): Definition | undefined {
  const [, name = '', row = '', element = ''] = LAYER_KEY.exec(key) ?? [];
  const part = layer?.get(name);
  const [t, i] = [Number(row), Number(element)];
  const given = part === undefined ? undefined : elementAt(part.rows, t, i);
  if (part === undefined || given === undefined) return undefined;
  const common = { name: part.name, symbol: layerSymbol(part, t, i), given };
  return part.formula === undefined ? common : { ...common, formula: part.formula(t, i) };
}

/** What a projection reads, and its product with a row of the weights. */
function inputOf({ made }: AttentionReading, key: string): Definition | undefined {
  const [, kind, part = '', row = '', place = ''] = /^(input|product)\.(query|key|value)@(\d+):(\d+)$/u.exec(key) ?? [];
  const projection = made[part as keyof typeof PARTS];
  if (projection === undefined) return undefined;
  const [at, j] = [Number(row), Number(place)];
  if (kind === 'input') {
    const given = elementAt(projection.input, at, j);
    return given === undefined
      ? undefined
      : { name: 'attentionInput', symbol: { letter: 'x', index: String(j + 1), step: at + 1 }, given };
  }
  if (elementAt(projection.input, at, 0) === undefined) return undefined;
  const formula: Expression = {
    kind: 'dot',
    matrix: { letter: 'W', gate: LETTERS[part as keyof typeof PARTS] },
    vector: { letter: 'x', step: at + 1 },
    terms: Array.from({ length: projection.input.width }, (_, column) => ({
      weight: `${projection.tensor}[${j},${column}]`,
      value: `input.${part}@${at}:${column}`,
    })),
  };
  return { name: 'attentionProduct', symbol: { letter: 'W x', index: String(j + 1), step: at + 1 }, formula };
}

function tensorOf(
  { weights, score }: AttentionReading,
  name: string,
  row: number,
  column: number,
): Definition | undefined {
  const tensor = weights.get(name);
  const [, columns = 1] = tensor?.shape ?? [];
  const given = column < columns ? tensor?.data[row * columns + column] : undefined;
  if (given === undefined) return undefined;
  if (score.kind === 'additive' && name === score.v) {
    return { name: 'weight', symbol: { letter: 'v', index: String(row + 1) }, given };
  }
  const bias = name.endsWith('bias');
  const index = bias ? String(row + 1) : `${row + 1},${column + 1}`;
  return { name: bias ? 'bias' : 'weight', symbol: { letter: bias ? 'b' : 'W', index }, given };
}

function pair(letter: string, t: number, s: number): QuantitySymbol {
  return { letter, index: `${t + 1},${s + 1}` };
}

function elementAt({ values, width }: Rows, row: number, i: number): number | undefined {
  return i < width ? values[row * width + i] : undefined;
}

/** A step's weights over all keys; all elements of a vector. */
function neighbours(reading: AttentionReading, key: string): Quantity['among'] {
  const [, head, part = '', row = '', place = ''] =
    /^h(\d+)\.(weight|query|key|value|context)@(\d+):(\d+)$/u.exec(key) ?? [];
  const own = reading.heads[Number(head)];
  if (own === undefined) return rowOfLayer(reading, key);
  const { values, width } =
    part === 'weight'
      ? { values: own.weights, width: reading.keySteps }
      : own[part === 'context' ? 'context' : PARTS[part as keyof typeof PARTS]];
  return { values: values.slice(Number(row) * width, (Number(row) + 1) * width), place: Number(place) };
}

/** All elements of a layer's vector. */
function rowOfLayer({ layer }: AttentionReading, key: string): Quantity['among'] {
  const [, name = '', row = '', element = ''] = LAYER_KEY.exec(key) ?? [];
  const { values, width } = layer?.get(name)?.rows ?? { values: new Float32Array(), width: 0 };
  if (width < 2) return undefined;
  return { values: values.slice(Number(row) * width, (Number(row) + 1) * width), place: Number(element) };
}
