/**
 * What the recurrent twins share. One layer, one direction, a whole sequence: x [T * B, I] to y [T * B, H].
 *
 * `gates` is the number of gates: 1 (rnn), 4 (lstm: i, f, g, o) or 3 (gru: r, z, n). Parameters are PyTorch's.
 */
import { Matrix } from './matrix.ts';
import type { Numbers } from './numbers.ts';

export interface RecurrentShape {
  /** T. */
  readonly steps: number;
  /** B. */
  readonly batch: number;
  /** From the last step to the first. */
  readonly reverse: boolean;
  /** True length of each item: a step t >= lengths[b] is padding, gives y = 0 and leaves the state as it is. */
  readonly lengths?: readonly number[] | undefined;
  /**
   * What is held, [T * B, segments * H]: the gates in the twin's order, then c (lstm), then h; NaN where it is free. What
   * is held has no gradient. Not together with lengths.
   */
  readonly held?: Matrix | undefined;
}

export interface RecurrentParameters {
  /** W_ih [gates * H, I], for the input. */
  readonly weightIh: Matrix;
  /** W_hh [gates * H, H], for the state before the step. */
  readonly weightHh: Matrix;
  /** b_ih [1, gates * H]. */
  readonly biasIh: Matrix;
  /** b_hh [1, gates * H]. */
  readonly biasHh: Matrix;
}

/** The steps in the order in which a forward pass takes them. A backward pass takes them the other way round. */
export function forwardOrder(shape: RecurrentShape): number[] {
  const order = Array.from({ length: shape.steps }, (_, t) => t);
  return shape.reverse ? order.reverse() : order;
}

/** Whether step t lies beyond the end of item b. */
export function isPadding(shape: RecurrentShape, t: number, b: number): boolean {
  return shape.lengths !== undefined && t >= (shape.lengths[b] ?? shape.steps);
}

/** The value that element k of the cell is held at in this row, or its own. */
export function heldValue(shape: RecurrentShape, row: number, k: number, own: number): number {
  const value = shape.held?.at(row, k) ?? NaN;
  return Number.isNaN(value) ? own : value;
}

/** Its gradient: zero where it is held. */
export function freeGradient(shape: RecurrentShape, row: number, k: number, own: number): number {
  return Number.isNaN(shape.held?.at(row, k) ?? NaN) ? own : 0;
}

/** Writes row `from` of one matrix into row `to` of another. */
export function copyRow(source: Matrix, from: number, target: Matrix, to: number): void {
  for (let c = 0; c < source.cols; c++) target.set(to, c, source.at(from, c));
}

/** Parameters of the same shapes, all zero: where gradients are summed up. */
export function zerosLike(p: RecurrentParameters): RecurrentParameters {
  return {
    weightIh: new Matrix(p.weightIh.rows, p.weightIh.cols),
    weightHh: new Matrix(p.weightHh.rows, p.weightHh.cols),
    biasIh: new Matrix(1, p.biasIh.cols),
    biasHh: new Matrix(1, p.biasHh.cols),
  };
}

/**
 * The backward pass of a[k] = weight[k] . v + bias[k] for one row k, given da[k]: adds to dweight[k], dbias[k] and to
 * row `vRow` of dv.
 */
export function addProductGradient(
  da: number,
  k: number,
  weight: Matrix,
  v: Matrix,
  row: number,
  dweight: Matrix,
  dbias: Matrix,
  dv: Matrix,
  vRow: number,
): void {
  dbias.add(0, k, da);
  for (let i = 0; i < v.cols; i++) {
    dweight.add(k, i, da * v.at(row, i));
    dv.add(vRow, i, da * weight.at(k, i));
  }
}

export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

/** Parameters with elements uniform in +-1 / sqrt(H), as PyTorch initialises them. */
export function randomParameters(numbers: Numbers, gates: number, input: number, hidden: number): RecurrentParameters {
  const scale = 1 / Math.sqrt(hidden);
  return {
    weightIh: numbers.matrix(gates * hidden, input, scale),
    weightHh: numbers.matrix(gates * hidden, hidden, scale),
    biasIh: numbers.matrix(1, gates * hidden, scale),
    biasHh: numbers.matrix(1, gates * hidden, scale),
  };
}
