/**
 * The gradient in a network that has learnt nothing yet: ||dJ(T)/dh(k)|| by k, for weights drawn anew. Everything that
 * is random is drawn once for a seed and size; what can be moved (scale, biases, T) only rescales it, so that the curve
 * follows a slider.
 */
import { Random } from '../random.ts';
import { norm } from './linear-algebra.ts';
import { largestSingularValue } from './singular-value.ts';
import { spectralRadius } from './spectral-radius.ts';
import { arrivals } from './terms.ts';
import { forward, type UnrolledNetwork, type UnrolledStep } from './unrolled-network.ts';

export interface UntrainedSettings {
  readonly cell: 'rnn' | 'lstm';
  readonly activation: 'tanh' | 'relu';
  /** H */
  readonly hiddenSize: number;
  /** T */
  readonly steps: number;
  /** How W_hh is drawn; identity: Le, Jaitly & Hinton 2015. */
  readonly recurrent: 'normal' | 'orthogonal' | 'identity';
  /** Multiplies W_hh, which is drawn with a spectral radius of about 1. */
  readonly scale: number;
  /** Of the LSTM; 'chrono': Tallec & Ollivier 2018, b_f = log(uniform(1, T - 1)) and b_i = -b_f. */
  readonly forgetBias: number | 'chrono';
  readonly seed: number;
}

export interface UntrainedCurve {
  /** [T] log10 ||dJ(T)/dh(k)||, k = 1 first; -Infinity where float64 too has nothing left. */
  readonly hidden: Float64Array;
  /** [T] log10 ||dJ(T)/dc(k)||, of the LSTM. */
  readonly cell: Float64Array | undefined;
  /** Spectral radius of W_hh (RNN), or of each gate's part (LSTM: input, forget, candidate, output). */
  readonly radii: readonly number[];
  /** Largest singular value of the same. */
  readonly singularValues: readonly number[];
  /** Mean of the forget gate over units and steps, of the LSTM. */
  readonly forget: number | undefined;
  /** Mean factor a step: what ||dJ(T)/dh(k)|| is multiplied by from k to k - 1, geometrically. */
  readonly factor: number;
}

const INPUTS = 2;
/** Streams of the generator. */
const STREAMS = { recurrent: 1, input: 2, head: 3, x: 4, chrono: 5 } as const;

/** Keeps what it has drawn for one seed and size. */
export class Untrained {
  #drawn:
    | {
        readonly key: string;
        readonly base: readonly Float64Array[];
        readonly radii: readonly number[];
        readonly singularValues: readonly number[];
      }
    | undefined;

  curve(settings: UntrainedSettings): UntrainedCurve {
    const network = this.network(settings);
    const steps = forward(network);
    // Only the last step has a loss, so one row is enough.
    const last = arrivals(network, steps, steps.length - 1).at(-1) ?? [];
    const hidden = Float64Array.from(last, ({ dh }) => Math.log10(norm(dh)));
    const cell = settings.cell === 'lstm' ? Float64Array.from(last, ({ dc }) => Math.log10(norm(dc))) : undefined;
    const ends = [hidden[0] ?? NaN, hidden.at(-1) ?? NaN] as const;
    return {
      hidden,
      cell,
      radii: this.#scaled(settings, 'radii'),
      singularValues: this.#scaled(settings, 'singularValues'),
      forget: settings.cell === 'lstm' ? meanForget(steps, settings.hiddenSize) : undefined,
      factor: hidden.length < 2 ? 1 : 10 ** ((ends[0] - ends[1]) / (hidden.length - 1)),
    };
  }

  network(settings: UntrainedSettings): UnrolledNetwork {
    const { cell, activation, hiddenSize: H, steps, scale, seed } = settings;
    const gates = cell === 'lstm' ? 4 : 1;
    const w = new Float64Array(gates * H * H);
    this.#base(settings).forEach((base, gate) => base.forEach((value, i) => (w[gate * H * H + i] = scale * value)));
    const normal = (stream: number, count: number, deviation: number) => {
      const random = new Random(seed, stream, 0);
      return Float64Array.from({ length: count }, () => deviation * gaussian(random));
    };
    const x = new Random(seed, STREAMS.x, 0);
    return {
      cell,
      relu: cell === 'rnn' && activation === 'relu',
      inputSize: INPUTS,
      hiddenSize: H,
      outputSize: 1,
      weights: {
        u: normal(STREAMS.input, gates * H * INPUTS, 1 / Math.sqrt(H)),
        w,
        b: biases(settings),
        v: normal(STREAMS.head, H, 1 / Math.sqrt(H)),
        c: new Float64Array(1),
      },
      // As the adding problem has them: a number from 0 to 1, and a mark at one step of each half.
      x: Array.from({ length: steps }, (_, t) => Float64Array.of(x.unit(), t % (steps / 2) < 1 ? 1 : 0)),
      targets: Array.from({ length: steps }, (_, t) => (t + 1 === steps ? Float64Array.of(1) : null)),
      h0: new Float64Array(H),
      c0: new Float64Array(cell === 'lstm' ? H : 0),
      lossScale: 1,
    };
  }

  #scaled(settings: UntrainedSettings, key: 'radii' | 'singularValues'): readonly number[] {
    this.#base(settings);
    return (this.#drawn?.[key] ?? []).map((value) => value * Math.abs(settings.scale));
  }

  // Unscaled, one matrix a gate.
  #base({ cell, hiddenSize: H, recurrent, seed }: UntrainedSettings): readonly Float64Array[] {
    const key = [cell, H, recurrent, seed].join();
    if (this.#drawn?.key !== key) {
      const gates = cell === 'lstm' ? 4 : 1;
      const base = Array.from({ length: gates }, (_, gate) =>
        drawMatrix(recurrent, H, new Random(seed, STREAMS.recurrent, gate)),
      );
      this.#drawn = {
        key,
        base,
        radii: base.map((matrix) => spectralRadius(matrix, H)),
        singularValues: base.map((matrix) => largestSingularValue(matrix, H)),
      };
    }
    return this.#drawn.base;
  }
}

/** Gates in the order i, f, g, o. */
function meanForget(steps: readonly UnrolledStep[], H: number): number {
  let sum = 0;
  for (const { gates } of steps) {
    for (let j = H; j < 2 * H; j++) sum += gates[j]!;
  }
  return sum / (steps.length * H);
}

function biases({ cell, hiddenSize: H, forgetBias, steps, seed }: UntrainedSettings): Float64Array {
  if (cell === 'rnn') return new Float64Array(H);
  const b = new Float64Array(4 * H);
  const random = new Random(seed, STREAMS.chrono, 0);
  for (let j = 0; j < H; j++) {
    const forget = forgetBias === 'chrono' ? chronoBias(random, steps) : forgetBias;
    b[H + j] = forget;
    if (forgetBias === 'chrono') b[j] = -forget;
  }
  return b;
}

/** log(u), u uniform in [1, T - 1]. */
function chronoBias(random: Random, steps: number): number {
  return Math.log(1 + random.unit() * Math.max(0, steps - 2));
}

function drawMatrix(kind: UntrainedSettings['recurrent'], H: number, random: Random): Float64Array {
  const matrix = new Float64Array(H * H);
  if (kind === 'identity') {
    for (let i = 0; i < H; i++) matrix[i * H + i] = 1;
    return matrix;
  }
  for (let i = 0; i < matrix.length; i++) matrix[i] = gaussian(random) / Math.sqrt(H);
  if (kind === 'orthogonal') orthonormalise(matrix, H);
  return matrix;
}

// Rows, by Gram and Schmidt, each taken away twice for the sake of rounding.
function orthonormalise(matrix: Float64Array, H: number): void {
  const row = (i: number) => matrix.subarray(i * H, (i + 1) * H);
  for (let i = 0; i < H; i++) {
    const own = row(i);
    for (let pass = 0; pass < 2; pass++) {
      for (let j = 0; j < i; j++) {
        const other = row(j);
        const along = own.reduce((sum, value, k) => sum + value * other[k]!, 0);
        for (let k = 0; k < H; k++) own[k]! -= along * other[k]!;
      }
    }
    const length = norm(own);
    for (let k = 0; k < H; k++) own[k]! /= length;
  }
}

/** Box & Muller 1958, one of the pair. */
export function gaussian(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(1 - random.unit()));
  return radius * Math.cos(2 * Math.PI * random.unit());
}
