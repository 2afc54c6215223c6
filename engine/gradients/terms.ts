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
  /** [G H], the part of ds that came through the cell state alone (LSTM); for the plain cell, zeros where k < t. */
  readonly dsThroughCell: Float64Array;
}

/** arrivals[t][k] for k <= t. */
export type Arrivals = readonly (readonly Arrival[])[];

/** `from`: the first loss that is looked at; those before have no arrivals. */
export function arrivals(network: UnrolledNetwork, steps: readonly UnrolledStep[], from = 0): Arrivals {
  return steps.map((_, t) => (t < from ? [] : arrivalsOf(network, steps, t)));
}

function arrivalsOf(network: UnrolledNetwork, steps: readonly UnrolledStep[], t: number): readonly Arrival[] {
  const { hiddenSize: H, weights, outputSize: K, cell } = network;
  const none = new Float64Array(H);
  const out: Arrival[] = [];
  let dh = timesMatrix(steps[t]!.dz, weights.v, K, H);
  let dcFromAfter: Float64Array = none;
  let cellOnly: { readonly dh: Float64Array; readonly dc: Float64Array } = { dh, dc: none };
  for (let k = t; k >= 0; k--) {
    const all = throughStep(network, steps, k, dh, dcFromAfter);
    // At its own step the loss has no hidden state to go through, and the plain cell has nothing else.
    const only = k === t ? all : cell === 'lstm' ? throughStep(network, steps, k, cellOnly.dh, cellOnly.dc) : undefined;
    out[k] = { dh, dc: all.dc, ds: all.ds, dsThroughCell: only?.ds ?? none };
    dh = timesMatrix(all.ds, weights.w, gateCount(cell) * H, H);
    dcFromAfter = all.dcBefore;
    cellOnly = { dh: none, dc: only?.dcBefore ?? none };
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
  for (let i = 0; i < rows; i++) {
    const factor = row[i]!;
    if (factor === 0) continue;
    for (let j = 0; j < cols; j++) out[j]! += factor * matrix[i * cols + j]!;
  }
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
  const zeros = () => Array.from({ length: T }, () => new Float64Array(size));
  const [sums, columns, total] = [zeros(), zeros(), new Float64Array(size)];
  const terms = steps.map((_, t) =>
    Array.from({ length: t + 1 }, (_, k) => {
      const term = termAt(network, steps, arrived, parameter, t, k, paths, part, size);
      addTo(sums[t]!, term);
      addTo(columns[k]!, term);
      addTo(total, term);
      return term;
    }),
  );
  return { parameter, shape, terms, rows: sums, columns, total };
}

function termAt(
  network: UnrolledNetwork,
  steps: readonly UnrolledStep[],
  arrived: Arrivals,
  parameter: ParameterName,
  t: number,
  k: number,
  paths: Paths,
  { from, to }: Rows,
  size: number,
): Float64Array {
  if (parameter === 'v' || parameter === 'c') {
    const { dz, h } = steps[t]!;
    if (k !== t || paths === 'hidden') return new Float64Array(size);
    const slopes = dz.subarray(from, to);
    return parameter === 'c' ? slopes : outer(slopes, h);
  }
  const { ds, dsThroughCell } = arrived[t]![k]!;
  const all = paths === 'all' ? ds : paths === 'cell' ? dsThroughCell : ds.map((value, i) => value - dsThroughCell[i]!);
  const arriving = all.subarray(from, to);
  if (parameter === 'b') return arriving;
  return outer(arriving, parameter === 'u' ? network.x[k]! : stateBefore(network, steps, k).h);
}

function outer(column: Float64Array, row: Float64Array): Float64Array {
  const out = new Float64Array(column.length * row.length);
  for (let i = 0; i < column.length; i++) {
    for (let j = 0; j < row.length; j++) out[i * row.length + j] = column[i]! * row[j]!;
  }
  return out;
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
  const kept = new Float64Array(total.length);
  let termsKept = 0;
  let count = 0;
  terms.forEach((row, t) => {
    row.forEach((term, k) => {
      count++;
      if (t - k >= window) return;
      termsKept++;
      addTo(kept, term);
    });
  });
  return {
    window,
    total: kept,
    angle: angleBetween(kept, total),
    length: norm(kept) / norm(total),
    termsKept,
    terms: count,
  };
}
