/**
 * The plain recurrent network, step by step: s(t) = W_ih x(t) + b_ih + W_hh h(t-1) + b_hh, h(t) = tanh or relu of s(t).
 */
import { Matrix } from './matrix.ts';
import { dotRows } from './products.ts';
import {
  addProductGradient,
  copyRow,
  forwardOrder,
  freeGradient,
  heldValue,
  isPadding,
  zerosLike,
  type RecurrentParameters,
  type RecurrentShape,
} from './recurrent.ts';

export type Nonlinearity = 'tanh' | 'relu';

export interface RnnForward {
  /** s(t), [T * B, H]; zero in padding. */
  readonly s: Matrix;
  /** The state after step t, [T * B, H]. */
  readonly h: Matrix;
  /** The state before step t, [T * B, H]. */
  readonly hBefore: Matrix;
  /** h, but zero in padding. */
  readonly y: Matrix;
  /** The final state, [B, H]. */
  readonly hn: Matrix;
}

export interface RnnGradients {
  readonly x: Matrix;
  readonly h0: Matrix;
  readonly parameters: RecurrentParameters;
  /** dL/ds(t), [T * B, H]. */
  readonly s: Matrix;
  /** The whole dL/dh(t), [T * B, H]: through y(t), through step t + 1 and through hn. */
  readonly h: Matrix;
}

export function rnnForward(
  shape: RecurrentShape,
  nonlinearity: Nonlinearity,
  x: Matrix,
  p: RecurrentParameters,
  h0: Matrix,
): RnnForward {
  const H = h0.cols;
  const rows = shape.steps * shape.batch;
  const s = new Matrix(rows, H);
  const h = new Matrix(rows, H);
  const hBefore = new Matrix(rows, H);
  const y = new Matrix(rows, H);
  const state = h0.copy();

  for (const t of forwardOrder(shape)) {
    for (let b = 0; b < shape.batch; b++) {
      const row = t * shape.batch + b;
      copyRow(state, b, hBefore, row);
      if (!isPadding(shape, t, b)) {
        for (let j = 0; j < H; j++) {
          const input = p.biasIh.at(0, j) + dotRows(p.weightIh, j, x, row);
          const recurrent = p.biasHh.at(0, j) + dotRows(p.weightHh, j, hBefore, row);
          s.set(row, j, input + recurrent);
        }
        for (let j = 0; j < H; j++) {
          const own = nonlinearity === 'tanh' ? Math.tanh(s.at(row, j)) : Math.max(0, s.at(row, j));
          state.set(b, j, heldValue(shape, row, j, own));
        }
        copyRow(state, b, y, row);
      }
      copyRow(state, b, h, row);
    }
  }
  return { s, h, hBefore, y, hn: state };
}

export function rnnBackward(
  shape: RecurrentShape,
  nonlinearity: Nonlinearity,
  x: Matrix,
  p: RecurrentParameters,
  forward: RnnForward,
  dy: Matrix,
  dhn: Matrix,
): RnnGradients {
  const H = dhn.cols;
  const rows = shape.steps * shape.batch;
  const parameters = zerosLike(p);
  const dx = new Matrix(rows, x.cols);
  const ds = new Matrix(rows, H);
  const dh = new Matrix(rows, H);
  // dL/d(the state between two steps), of which the later steps have given their part.
  const dstate = dhn.copy();

  for (const t of forwardOrder(shape).reverse()) {
    for (let b = 0; b < shape.batch; b++) {
      const row = t * shape.batch + b;
      if (isPadding(shape, t, b)) {
        copyRow(dstate, b, dh, row);
        continue;
      }
      for (let j = 0; j < H; j++) {
        const h = forward.h.at(row, j);
        dh.set(row, j, freeGradient(shape, row, j, dstate.at(b, j) + dy.at(row, j)));
        const slope = nonlinearity === 'tanh' ? 1 - h * h : h > 0 ? 1 : 0;
        ds.set(row, j, dh.at(row, j) * slope);
        dstate.set(b, j, 0);
      }
      for (let j = 0; j < H; j++) {
        const d = ds.at(row, j);
        addProductGradient(d, j, p.weightIh, x, row, parameters.weightIh, parameters.biasIh, dx, row);
        addProductGradient(d, j, p.weightHh, forward.hBefore, row, parameters.weightHh, parameters.biasHh, dstate, b);
      }
    }
  }
  return { x: dx, h0: dstate, parameters, s: ds, h: dh };
}
