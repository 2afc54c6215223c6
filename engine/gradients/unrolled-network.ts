/**
 * One recurrent layer and its head, unrolled over a few steps, in float64 and in the textbook's letters:
 *
 *     s(t) = u x(t) + w h(t-1) + b        h(t) = tanh(s(t))       z(t) = v h(t) + c       y^(t) = softmax(z(t))
 *
 * and, for the LSTM, s(t) = (i, f, g, o)(t) before their functions, c(t) = sigmoid(f) c(t-1) + sigmoid(i) tanh(g),
 * h(t) = sigmoid(o) tanh(c(t)). J(t) is the loss at step t: the cross-entropy of y^(t), or, where the head gives numbers,
 * the mean of (y^(t) - target)^2 with y^(t) = z(t). Steps are counted from 1 where they are shown, from 0 in lists.
 */
import { norm } from './linear-algebra.ts';

export type UnrolledCell = 'rnn' | 'lstm';

/** What may be asked for a gradient. c: the head's bias. */
export const PARAMETERS = ['u', 'w', 'b', 'v', 'c'] as const;
export type ParameterName = (typeof PARAMETERS)[number];

/** In PyTorch's order. */
export const LSTM_GATES = ['input', 'forget', 'candidate', 'output'] as const;
export type LstmGate = (typeof LSTM_GATES)[number];

export interface UnrolledWeights {
  /** [G H, I], G = 1 or 4 */
  readonly u: Float64Array;
  /** [G H, H] */
  readonly w: Float64Array;
  /** [G H] */
  readonly b: Float64Array;
  /** [K, H] */
  readonly v: Float64Array;
  /** [K] */
  readonly c: Float64Array;
}

/** A label, numbers [K], or nothing asked at this step. */
export type StepTarget = number | Float64Array | null;

export interface UnrolledNetwork {
  readonly cell: UnrolledCell;
  /** Of the plain cell: relu in place of tanh. */
  readonly relu: boolean;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly outputSize: number;
  readonly weights: UnrolledWeights;
  /** [T], each [I] */
  readonly x: readonly Float64Array[];
  readonly targets: readonly StepTarget[];
  /** [H], the state before the first step: a constant here. */
  readonly h0: Float64Array;
  /** [H], of the LSTM. */
  readonly c0: Float64Array;
  /** Each J(t) is multiplied by this: 1, or 1 / (targets) where their mean is what training lowers. */
  readonly lossScale: number;
}

export interface UnrolledStep {
  /** [G H]; of the LSTM, before the gates' functions. */
  readonly s: Float64Array;
  /** [4 H], of the LSTM: after them. */
  readonly gates: Float64Array;
  /** [H], of the LSTM. */
  readonly cell: Float64Array;
  /** [H] */
  readonly h: Float64Array;
  /** [K] */
  readonly z: Float64Array;
  /** [K] */
  readonly y: Float64Array;
  /** J(t); 0 where nothing is asked. */
  readonly loss: number;
  /** [K], dJ(t)/dz(t). */
  readonly dz: Float64Array;
}

export function gateCount(cell: UnrolledCell): number {
  return cell === 'lstm' ? 4 : 1;
}

export function parameterShape(network: UnrolledNetwork, name: ParameterName): readonly number[] {
  const { cell, inputSize, hiddenSize, outputSize } = network;
  const rows = gateCount(cell) * hiddenSize;
  return { u: [rows, inputSize], w: [rows, hiddenSize], b: [rows], v: [outputSize, hiddenSize], c: [outputSize] }[name];
}

export function forward(network: UnrolledNetwork): readonly UnrolledStep[] {
  let h = network.h0;
  let cell = network.c0;
  return network.x.map((x, t) => {
    const step = stepForward(network, x, h, cell, network.targets[t] ?? null);
    ({ h, cell } = step);
    return step;
  });
}

/** The sum of all J(t). */
export function totalLoss(network: UnrolledNetwork): number {
  return forward(network).reduce((sum, { loss }) => sum + loss, 0);
}

/** The state before step t. */
export function stateBefore(network: UnrolledNetwork, steps: readonly UnrolledStep[], t: number) {
  const before = steps[t - 1];
  return { h: before?.h ?? network.h0, cell: before?.cell ?? network.c0 };
}

function stepForward(
  network: UnrolledNetwork,
  x: Float64Array,
  before: Float64Array,
  cellBefore: Float64Array,
  target: StepTarget,
): UnrolledStep {
  const { cell: kind, relu, hiddenSize: H, weights } = network;
  const s = Float64Array.from(weights.b);
  addProduct(s, weights.u, x);
  addProduct(s, weights.w, before);
  const h = new Float64Array(H);
  const cell = new Float64Array(kind === 'lstm' ? H : 0);
  const gates = new Float64Array(kind === 'lstm' ? 4 * H : 0);
  if (kind === 'rnn') {
    for (let j = 0; j < H; j++) h[j] = relu ? Math.max(0, s[j]!) : Math.tanh(s[j]!);
  } else {
    for (let j = 0; j < 2 * H; j++) gates[j] = sigmoid(s[j]!);
    for (let j = 2 * H; j < 3 * H; j++) gates[j] = Math.tanh(s[j]!);
    for (let j = 3 * H; j < 4 * H; j++) gates[j] = sigmoid(s[j]!);
    for (let j = 0; j < H; j++) {
      const state = gates[H + j]! * cellBefore[j]! + gates[j]! * gates[2 * H + j]!;
      cell[j] = state;
      h[j] = gates[3 * H + j]! * Math.tanh(state);
    }
  }
  const z = Float64Array.from(weights.c);
  addProduct(z, weights.v, h);
  return { s, gates, cell, h, z, ...lossOf(z, target, network.lossScale) };
}

function lossOf(z: Float64Array, target: StepTarget, scale: number): Pick<UnrolledStep, 'y' | 'loss' | 'dz'> {
  if (target instanceof Float64Array) {
    const dz = z.map((value, k) => (2 * scale * (value - target[k]!)) / z.length);
    const squares = z.reduce((sum, value, k) => sum + (value - target[k]!) ** 2, 0);
    return { y: z, loss: (scale * squares) / z.length, dz };
  }
  const largest = z.reduce((most, value) => Math.max(most, value), -Infinity);
  const total = z.reduce((sum, value) => sum + Math.exp(value - largest), 0);
  const y = z.map((value) => Math.exp(value - largest) / total);
  if (target === null) return { y, loss: 0, dz: new Float64Array(z.length) };
  const loss = scale * (Math.log(total) + largest - z[target]!);
  return { y, loss, dz: y.map((value, k) => scale * (value - (k === target ? 1 : 0))) };
}

/** out += matrix x, matrix row-major [out, x]. */
function addProduct(out: Float64Array, matrix: Float64Array, x: Float64Array): void {
  const cols = x.length;
  for (let i = 0; i < out.length; i++) {
    let sum = 0;
    for (let j = 0; j < cols; j++) sum += matrix[i * cols + j]! * x[j]!;
    out[i]! += sum;
  }
}

export function sigmoid(value: number): number {
  return 1 / (1 + Math.exp(-value));
}

/** dJ/d(parameter) by central differences, J the sum of all J(t); the step follows each value's size. */
export function finiteDifference(network: UnrolledNetwork, name: ParameterName): Float64Array {
  const values = network.weights[name];
  const out = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) out[i] = differenceAt(network, name, i);
  return out;
}

/** dJ/d(one element) by central differences. */
export function differenceAt(network: UnrolledNetwork, name: ParameterName, index: number): number {
  const epsilon = 1e-5 * Math.max(1, Math.abs(network.weights[name][index] ?? 0));
  const at = (shift: number): number => {
    const values = network.weights[name].slice();
    values[index]! += shift;
    return totalLoss({ ...network, weights: { ...network.weights, [name]: values } });
  };
  return (at(epsilon) - at(-epsilon)) / (2 * epsilon);
}

/**
 * The derivative of J along a direction, by a central difference: one number to hold beside gradient . direction, quick
 * where a parameter has many elements. The step is 1e-5 of the direction's length.
 */
export function differenceAlong(network: UnrolledNetwork, name: ParameterName, direction: Float64Array): number {
  const length = norm(direction);
  if (length === 0) return 0;
  const epsilon = 1e-5;
  const at = (shift: number): number => {
    const values = network.weights[name].map((value, i) => value + (shift * direction[i]!) / length);
    return totalLoss({ ...network, weights: { ...network.weights, [name]: values } });
  };
  return ((at(epsilon) - at(-epsilon)) / (2 * epsilon)) * length;
}
