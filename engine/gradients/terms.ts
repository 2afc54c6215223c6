/**
 * Backpropagation through time, term by term: dJ(t)/d(parameter) through its use at step k alone, for every t >= k, by the
 * recurrences of the chain rule in float64. For the LSTM, each term is told apart by its paths: those that go from t back
 * to k through the cell state alone, and those that go through the hidden state of some step between.
 */
import { addTo, angleBetween, dot, norm } from './linear-algebra.ts';
import {
  gateCount,
  parameterShape,
  stateBefore,
  type ParameterName,
  type UnrolledNetwork,
  type UnrolledStep,
} from './unrolled-network.ts';

/** How the gradient of J(t) arrives at step k. */
export interface Arrival {
  /** [H], dJ(t)/dh(k): over all paths from h(k), whether through s(k+1) or c(k) onwards. */
  readonly dh: Float64Array;
  /** [H], dJ(t)/dc(k), of the LSTM. */
  readonly dc: Float64Array;
  /** [G H], dJ(t)/ds(k): what every use of a parameter at step k is multiplied with. */
  readonly ds: Float64Array;
}

/** arrivals[t][k] for k <= t. */
export type Arrivals = readonly (readonly Arrival[])[];

/** `from`: the first loss that is looked at; those before have no arrivals. */
export function arrivals(network: UnrolledNetwork, steps: readonly UnrolledStep[], from = 0): Arrivals {
  return steps.map((_, t) => (t < from ? [] : arrivalsOf(network, steps, t)));
}

function arrivalsOf(network: UnrolledNetwork, steps: readonly UnrolledStep[], t: number): readonly Arrival[] {
  const { hiddenSize: H, weights, outputSize: K, cell } = network;
  const out: Arrival[] = [];
  let dh = timesMatrix(steps[t]!.dz, weights.v, K, H);
  let dcFromAfter: Float64Array = new Float64Array(H);
  for (let k = t; k >= 0; k--) {
    const { ds, dc, dcBefore } = throughStep(network, steps, k, dh, dcFromAfter);
    out[k] = { dh, dc, ds };
    dh = timesMatrix(ds, weights.w, gateCount(cell) * H, H);
    dcFromAfter = dcBefore;
  }
  return out;
}

/** [t + 1], each [G H]: of dJ(t)/ds(k), what came through the cell state alone; of the plain cell, zeros where k < t. */
function throughCellAlone(
  network: UnrolledNetwork,
  steps: readonly UnrolledStep[],
  arrived: Arrivals,
  t: number,
): readonly Float64Array[] {
  const none = new Float64Array(network.hiddenSize);
  const out: Float64Array[] = [];
  let dc: Float64Array = none;
  for (let k = t; k >= 0; k--) {
    // At its own step the loss has no hidden state to go through, and the plain cell has nothing else.
    const dh = k === t ? arrived[t]![k]!.dh : none;
    const only = throughStep(network, steps, k, dh, dc);
    out[k] = only.ds;
    dc = only.dcBefore;
  }
  return out;
}

// From the gradients of h(k), and of c(k) through later steps, to those of s(k) and c(k-1).
function throughStep(
  network: UnrolledNetwork,
  steps: readonly UnrolledStep[],
  k: number,
  dh: Float64Array,
  dcAfter: Float64Array,
) {
  const { cell: kind, hiddenSize: H } = network;
  const step = steps[k]!;
  if (kind === 'rnn') {
    const ds = new Float64Array(H);
    for (let j = 0; j < H; j++) ds[j] = dh[j]! * slope(network, step, j);
    return { ds, dc: new Float64Array(0), dcBefore: dcAfter };
  }
  const { gates, cell } = step;
  const before = stateBefore(network, steps, k).cell;
  const ds = new Float64Array(4 * H);
  const dc = new Float64Array(H);
  const dcBefore = new Float64Array(H);
  for (let j = 0; j < H; j++) {
    const i = gates[j]!;
    const f = gates[H + j]!;
    const g = gates[2 * H + j]!;
    const o = gates[3 * H + j]!;
    const squashed = Math.tanh(cell[j]!);
    const total = dcAfter[j]! + dh[j]! * o * (1 - squashed * squashed);
    dc[j] = total;
    ds[j] = total * g * i * (1 - i);
    ds[H + j] = total * before[j]! * f * (1 - f);
    ds[2 * H + j] = total * i * (1 - g * g);
    ds[3 * H + j] = dh[j]! * squashed * o * (1 - o);
    dcBefore[j] = total * f;
  }
  return { ds, dc, dcBefore };
}

/** The derivative of the plain cell's function at unit j of a step. */
export function slope({ relu }: Pick<UnrolledNetwork, 'relu'>, { s, h }: UnrolledStep, j: number): number {
  return relu ? (s[j]! > 0 ? 1 : 0) : 1 - h[j]! ** 2;
}

/** row [rows] times matrix [rows, cols]. */
function timesMatrix(row: Float64Array, matrix: Float64Array, rows: number, cols: number): Float64Array {
  const out = new Float64Array(cols);
  let i = 0;
  // Four rows at once: what is summed is read and written a quarter as often.
  for (; i + 3 < rows; i += 4) {
    const a = row[i]!;
    const b = row[i + 1]!;
    const c = row[i + 2]!;
    const d = row[i + 3]!;
    for (let j = 0, at = i * cols; j < cols; j++, at++) {
      out[j]! += a * matrix[at]! + b * matrix[at + cols]! + c * matrix[at + 2 * cols]! + d * matrix[at + 3 * cols]!;
    }
  }
  for (; i < rows; i++) for (let j = 0; j < cols; j++) out[j]! += row[i]! * matrix[i * cols + j]!;
  return out;
}

/** Which paths of a term. */
export type Paths = 'all' | 'cell' | 'hidden';

/** All terms of one parameter, and what adds up from them. */
export interface Terms {
  readonly parameter: ParameterName;
  /** Of what is looked at of it. */
  readonly shape: readonly number[];
  /** terms[t][k], k <= t: row-major, of that shape. v and c are used by J(t) at step t alone. */
  readonly terms: readonly (readonly Float64Array[])[];
  /** Sums over k: dJ(t)/d(parameter). */
  readonly rows: readonly Float64Array[];
  /** Sums over t: through the use at step k. */
  readonly columns: readonly Float64Array[];
  readonly total: Float64Array;
}

/** Rows [from, to) of a parameter: of the LSTM's, a gate's. */
export interface Rows {
  readonly from: number;
  readonly to: number;
}

/** `rows`: which of the parameter's are looked at; absent: all. */
export function termsOf(
  network: UnrolledNetwork,
  steps: readonly UnrolledStep[],
  arrived: Arrivals,
  parameter: ParameterName,
  paths: Paths = 'all',
  rows?: Rows,
): Terms {
  const [height = 0, ...width] = parameterShape(network, parameter);
  const part = rows ?? { from: 0, to: height };
  const shape = [part.to - part.from, ...width];
  const size = shape.reduce((product, extent) => product * extent, 1);
  const T = steps.length;
  // In one piece: hundreds of arrays of their own cost more than the maths.
  const all = new Float64Array(size * ((T * (T + 1)) / 2 + 2 * T + 1));
  let taken = 0;
  const take = () => all.subarray(size * taken++, size * taken);
  const takeSteps = () => Array.from({ length: T }, take);
  const [rowSums, columns, total] = [takeSteps(), takeSteps(), take()];
  const terms = steps.map((_, t) => {
    const cellAlone = paths === 'all' ? undefined : throughCellAlone(network, steps, arrived, t);
    return Array.from({ length: t + 1 }, (_, k) => {
      const term = take();
      const { ds } = arrived[t]![k]!;
      const alone = cellAlone?.[k] ?? ds;
      const along = paths === 'hidden' ? ds.map((value, i) => value - alone[i]!) : alone;
      const factors = factorsOf(network, steps, parameter, paths, along, t, k);
      if (factors) {
        const slopes = factors.slopes.subarray(part.from, part.to);
        writeOuter(slopes, factors.used, term, rowSums[t]!, columns[k]!, total);
      }
      return term;
    });
  });
  return { parameter, shape, terms, rows: rowSums, columns, total };
}

// What a term is the outer product of; undefined where it is zero. `along`: [G H], dJ(t)/ds(k) by the paths looked at.
function factorsOf(
  network: UnrolledNetwork,
  steps: readonly UnrolledStep[],
  parameter: ParameterName,
  paths: Paths,
  along: Float64Array,
  t: number,
  k: number,
): { readonly slopes: Float64Array; readonly used: Float64Array } | undefined {
  if (parameter === 'v' || parameter === 'c') {
    const { dz, h } = steps[t]!;
    return k === t && paths !== 'hidden' ? { slopes: dz, used: parameter === 'c' ? ONE : h } : undefined;
  }
  if (parameter === 'b') return { slopes: along, used: ONE };
  return { slopes: along, used: parameter === 'u' ? network.x[k]! : stateBefore(network, steps, k).h };
}

const ONE = Float64Array.of(1);

// A term, and what it adds to the sums; of inputs that are one-hot nearly everything is zero and stays so.
function writeOuter(
  column: Float64Array,
  row: Float64Array,
  term: Float64Array,
  rowSum: Float64Array,
  columnSum: Float64Array,
  total: Float64Array,
): void {
  const cols = row.length;
  const places = Array.from(row.keys()).filter((j) => row[j] !== 0);
  for (let i = 0; i < column.length; i++) {
    const slope = column[i]!;
    for (const j of places) {
      const at = i * cols + j;
      const value = slope * row[j]!;
      term[at] = value;
      rowSum[at]! += value;
      columnSum[at]! += value;
      total[at]! += value;
    }
  }
}

/** Each term's length along the total's direction, as a share of the total's: they add up to 1. Negative: it works against. */
export function signedShares({ terms, total }: Terms): readonly (readonly number[])[] {
  const square = dot(total, total);
  return terms.map((row) => row.map((term) => (square === 0 ? 0 : dot(term, total) / square)));
}

/** What is left of the gradient when every J(t) reaches back over `window` uses at most: those with t - k < window. */
export interface Truncation {
  readonly window: number;
  readonly total: Float64Array;
  /** Radians from the whole gradient; NaN where one of them is zero. */
  readonly angle: number;
  /** Its length, as a share of the whole gradient's. */
  readonly length: number;
  readonly termsKept: number;
  readonly terms: number;
}

export function truncate({ terms, total }: Terms, window: number): Truncation {
  const near = terms.flatMap((row, t) => row.slice(Math.max(0, t + 1 - window)));
  const count = terms.reduce((sum, row) => sum + row.length, 0);
  const termsKept = near.length;
  const kept = termsKept === count ? total : new Float64Array(total.length);
  if (kept !== total) for (const term of near) addTo(kept, term);
  return {
    window,
    total: kept,
    angle: angleBetween(kept, total),
    length: norm(kept) / norm(total),
    termsKept,
    terms: count,
  };
}
