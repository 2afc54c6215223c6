/**
 * What a layer of a transformer makes of its attention: the heads' sums projected, the residual sum, the normalisation and
 * the feed-forward part, each number with its formula. Keys are a part, a step and an element, counted from 0:
 *
 *     layer.projected@3:2    the heads' sums times out_proj, plus its bias
 *     layer.residual@3:2     that plus what the layer reads, layer.before@3:2
 *     layer.read@3:2         what the feed-forward part reads
 *     layer.hidden@3:2       f(W1 x + b1); layer.given@3:2 is W2 times that, plus its bias
 *     layer.output@3:2       what the layer gives
 */
import type { FloatTensors } from '../formats/checkpoint.ts';
import type { Rows } from './attention-quantities.ts';
import type { Expression, QuantitySymbol, SquashName } from './quantity.ts';

export interface LayerPart {
  /** Names a message for people. */
  readonly name: string;
  readonly letter: string;
  /** Traced, or computed of what is. */
  readonly rows: Rows;
  /** Absent where it is given. */
  readonly formula?: (row: number, element: number) => Expression;
}

/** By the key's beginning, in the order in which they are made. */
export type LayerParts = ReadonlyMap<string, LayerPart>;

export interface LayerReading {
  /** As parameters begin: 'encoder.layers.0', 'encoder.layers.0.self_attn'. */
  readonly layer: string;
  readonly attention: string;
  readonly norm: 'pre' | 'post';
  /** Columns of each head's sum. */
  readonly headSize: number;
  /** What the attention's residual sum starts from, what the attention gives, and what comes of both: [T, D]. */
  readonly before: Rows;
  readonly projected: Rows;
  readonly sum: Rows;
  /** Of the normalisation: 'encoder.layers.0.norm1'. */
  readonly normName: string;
  /** Absent where another attention comes between. */
  readonly forward?: {
    readonly activation: 'relu' | 'gelu';
    readonly normName: string;
    /** [T, F], and [T, D] twice. */
    readonly hidden: Rows;
    readonly given: Rows;
    readonly output: Rows;
  };
  readonly weights: FloatTensors;
}

const EPSILON = 1e-5;
const quantity = (key: string): Expression => ({ kind: 'quantity', key });
const sumOf = (...terms: readonly Expression[]): Expression => ({ kind: 'sum', terms });

export function layerParts(reading: LayerReading): LayerParts {
  const { attention, norm, headSize, before, projected, sum, forward } = reading;
  const parts = new Building(reading.weights);
  parts.add('before', { name: 'layerBefore', letter: 'x', rows: before });
  parts.linear('projected', `${attention}.out_proj`, {
    ...{ name: 'layerProjected', letter: 'o', rows: projected, from: 'c', inputs: projected.width },
    input: (t, j) => `h${Math.floor(j / headSize)}.context@${t}:${j % headSize}`,
  });
  const residual = norm === 'pre' ? sum : added(before, projected);
  parts.residual('residual', residual, 'before', 'projected');
  if (norm === 'post') parts.normalise('sum', reading.normName, 'residual', residual, sum);
  if (forward === undefined) return parts.all;
  const last = norm === 'pre' ? 'residual' : 'sum';
  if (norm === 'pre') parts.normalise('read', forward.normName, last, sum);
  const read = norm === 'pre' ? 'read' : last;
  parts.forward(reading.layer, forward, read, sum.width);
  const output = norm === 'pre' ? forward.output : added(sum, forward.given);
  parts.residual(norm === 'pre' ? 'output' : 'total', output, last, 'given');
  if (norm === 'post') parts.normalise('output', forward.normName, 'total', output, forward.output);
  return parts.all;
}

export function layerSymbol({ letter }: LayerPart, row: number, element: number): QuantitySymbol {
  return { letter, index: String(element + 1), step: row + 1 };
}

interface LinearPart extends Pick<LayerPart, 'name' | 'letter' | 'rows'> {
  /** The letter of what goes in, how many numbers it has, and their keys. */
  readonly from: string;
  readonly inputs: number;
  readonly input: (row: number, element: number) => string;
}

class Building {
  readonly all = new Map<string, LayerPart>();
  readonly #weights: FloatTensors;

  constructor(weights: FloatTensors) {
    this.#weights = weights;
  }

  add(key: string, part: LayerPart): void {
    this.all.set(`layer.${key}`, part);
  }

  /** W x, and W x + b. */
  linear(key: string, tensor: string, { name, letter, rows, from, inputs, input }: LinearPart): void {
    const bias = this.#tensor(`${tensor}.bias`);
    const product = rows.values.map((value, i) => value - bias(i % rows.width));
    this.add(`${key}product`, {
      name: 'layerProduct',
      letter: 'W x',
      rows: { values: product, width: rows.width },
      formula: (t, i) => ({
        kind: 'dot',
        matrix: { letter: 'W' },
        vector: { letter: from, step: t + 1 },
        terms: Array.from({ length: inputs }, (_, j) => ({
          weight: `${tensor}.weight[${i},${j}]`,
          value: input(t, j),
        })),
      }),
    });
    this.add(key, {
      name,
      letter,
      rows,
      formula: (t, i) => sumOf(quantity(`layer.${key}product@${t}:${i}`), quantity(`${tensor}.bias[${i},0]`)),
    });
  }

  residual(key: string, rows: Rows, before: string, given: string): void {
    this.add(key, {
      name: 'layerResidual',
      letter: 'r',
      rows,
      formula: (t, i) => sumOf(quantity(`layer.${before}@${t}:${i}`), quantity(`layer.${given}@${t}:${i}`)),
    });
  }

  /** Layer normalisation; `result`: as it was traced, where it was. */
  normalise(key: string, tensor: string, from: string, x: Rows, result?: Rows): void {
    const { width } = x;
    const steps = x.values.length / width;
    const column = (of: (row: Float32Array) => number): Rows => ({
      values: Float32Array.from({ length: steps }, (_, t) => of(x.values.subarray(t * width, (t + 1) * width))),
      width: 1,
    });
    const mean = column(meanOf);
    const variance = column((row) => meanOf(row.map((value) => (value - meanOf(row)) ** 2)));
    const deviation: Rows = { values: variance.values.map((value) => Math.sqrt(value + EPSILON)), width: 1 };
    const centred: Rows = {
      values: x.values.map((value, i) => value - mean.values[Math.floor(i / width)]!),
      width,
    };
    const [weight, bias] = [this.#tensor(`${tensor}.weight`), this.#tensor(`${tensor}.bias`)];
    const computed = centred.values.map(
      (value, i) => (value / deviation.values[Math.floor(i / width)]!) * weight(i % width) + bias(i % width),
    );
    const columns = Array.from({ length: width }, (_, i) => i);
    const at = (part: string, t: number, i = 0): string => `layer.${key}${part}@${t}:${i}`;
    this.add(`${key}share`, {
      ...{ name: 'layerShare', letter: '1/D' },
      rows: { values: new Float32Array(steps).fill(1 / width), width: 1 },
    });
    this.add(`${key}mean`, {
      ...{ name: 'layerMean', letter: '\u03bc', rows: mean },
      formula: (t) => ({
        kind: 'dot',
        matrix: { letter: '1/D' },
        vector: { letter: 'r', step: t + 1 },
        terms: columns.map((i) => ({ weight: at('share', t), value: `layer.${from}@${t}:${i}` })),
      }),
    });
    this.add(`${key}centred`, {
      ...{ name: 'layerCentred', letter: 'd', rows: centred },
      formula: (t, i) => ({
        kind: 'difference',
        from: quantity(`layer.${from}@${t}:${i}`),
        take: quantity(at('mean', t)),
      }),
    });
    this.add(`${key}variance`, {
      ...{ name: 'layerVariance', letter: '\u03c3\u00b2', rows: variance },
      formula: (t) => ({
        kind: 'quotient',
        dividend: {
          kind: 'dot',
          matrix: { letter: 'd', step: t + 1 },
          vector: { letter: 'd', step: t + 1 },
          terms: columns.map((i) => ({ weight: at('centred', t, i), value: at('centred', t, i) })),
        },
        divisor: { kind: 'number', value: width },
      }),
    });
    this.add(`${key}deviation`, {
      ...{ name: 'layerDeviation', letter: '\u03c3', rows: deviation },
      formula: (t) => ({
        kind: 'root',
        argument: sumOf(quantity(at('variance', t)), { kind: 'number', value: EPSILON }),
      }),
    });
    this.add(key, {
      ...{ name: 'layerNormalised', letter: 'n', rows: result ?? { values: computed, width } },
      formula: (t, i) =>
        sumOf(
          {
            kind: 'product',
            factors: [
              { kind: 'quotient', dividend: quantity(at('centred', t, i)), divisor: quantity(at('deviation', t)) },
              quantity(`${tensor}.weight[${i},0]`),
            ],
          },
          quantity(`${tensor}.bias[${i},0]`),
        ),
    });
  }

  forward(
    layer: string,
    { activation, hidden, given }: NonNullable<LayerReading['forward']>,
    read: string,
    size: number,
  ): void {
    const x = this.all.get(`layer.${read}`)?.rows;
    const bias = this.#tensor(`${layer}.linear1.bias`);
    const weight = this.#weights.get(`${layer}.linear1.weight`)?.data ?? new Float32Array();
    const steps = hidden.values.length / hidden.width;
    const inner = Float32Array.from({ length: steps * hidden.width }, (_, n) => {
      const [t, f] = [Math.floor(n / hidden.width), n % hidden.width];
      let total = bias(f);
      for (let i = 0; i < size; i++) total += (weight[f * size + i] ?? NaN) * (x?.values[t * size + i] ?? NaN);
      return total;
    });
    this.linear('inner', `${layer}.linear1`, {
      ...{ name: 'layerInner', letter: 'a', rows: { values: inner, width: hidden.width } },
      ...{ from: 'n', inputs: size, input: (t, j) => `layer.${read}@${t}:${j}` },
    });
    const squash: SquashName = activation;
    this.add('hidden', {
      ...{ name: 'layerHidden', letter: 'u', rows: hidden },
      formula: (t, f) => ({ kind: 'squash', squash, argument: quantity(`layer.inner@${t}:${f}`) }),
    });
    this.linear('given', `${layer}.linear2`, {
      ...{ name: 'layerGiven', letter: 'f', rows: given },
      ...{ from: 'u', inputs: hidden.width, input: (t, j) => `layer.hidden@${t}:${j}` },
    });
  }

  #tensor(name: string): (i: number) => number {
    const data = this.#weights.get(name)?.data;
    return (i) => data?.[i] ?? NaN;
  }
}

function added(a: Rows, b: Rows): Rows {
  return { values: a.values.map((value, i) => value + (b.values[i] ?? NaN)), width: a.width };
}

function meanOf(row: Float32Array): number {
  return row.reduce((sum, value) => sum + value, 0) / row.length;
}
