/**
 * The GRU of Cho et al. 2014 with the reset gate after the recurrent product (PyTorch's form), step by step. Gate order
 * r, z, n:
 *
 *     r(t) = sigmoid(W_ir x(t) + b_ir + W_hr h(t-1) + b_hr)
 *     z(t) = sigmoid(W_iz x(t) + b_iz + W_hz h(t-1) + b_hz)
 *     q(t) = W_hn h(t-1) + b_hn
 *     n(t) = tanh(W_in x(t) + b_in + r(t) q(t))
 *     h(t) = (1 - z(t)) n(t) + z(t) h(t-1)
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
  sigmoid,
  zerosLike,
  type RecurrentParameters,
  type RecurrentShape,
} from './recurrent.ts';

export interface GruForward {
  /** r, z, n, activated, [T * B, 3H]; zero in padding. */
  readonly gates: Matrix;
  /** q(t), [T * B, H]; zero in padding. */
  readonly q: Matrix;
  /** The state after step t, [T * B, H]. */
  readonly h: Matrix;
  /** The state before step t, [T * B, H]. */
  readonly hBefore: Matrix;
  /** h, but zero in padding. */
  readonly y: Matrix;
  /** The final state, [B, H]. */
  readonly hn: Matrix;
}

export interface GruGradients {
  readonly x: Matrix;
  readonly h0: Matrix;
  readonly parameters: RecurrentParameters;
  /** dL/d(r, z, n before the sigmoid or tanh), [T * B, 3H]. */
  readonly preactivations: Matrix;
  /** dL/dq(t), [T * B, H]. */
  readonly q: Matrix;
  /** dL/d(r, z, n), [T * B, 3H]. */
  readonly activations: Matrix;
  /** The whole dL/dh(t), [T * B, H]. */
  readonly h: Matrix;
}

export function gruForward(shape: RecurrentShape, x: Matrix, p: RecurrentParameters, h0: Matrix): GruForward {
  const H = h0.cols;
  const rows = shape.steps * shape.batch;
  const gates = new Matrix(rows, 3 * H);
  const q = new Matrix(rows, H);
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
          const input = (k: number) => p.biasIh.at(0, k) + dotRows(p.weightIh, k, x, row);
          const recurrent = (k: number) => p.biasHh.at(0, k) + dotRows(p.weightHh, k, hBefore, row);
          const r = heldValue(shape, row, j, sigmoid(input(j) + recurrent(j)));
          const z = heldValue(shape, row, H + j, sigmoid(input(H + j) + recurrent(H + j)));
          q.set(row, j, recurrent(2 * H + j));
          const n = heldValue(shape, row, 2 * H + j, Math.tanh(input(2 * H + j) + r * q.at(row, j)));
          gates.set(row, j, r);
          gates.set(row, H + j, z);
          gates.set(row, 2 * H + j, n);
          state.set(b, j, heldValue(shape, row, 3 * H + j, (1 - z) * n + z * hBefore.at(row, j)));
        }
        copyRow(state, b, y, row);
      }
      copyRow(state, b, h, row);
    }
  }
  return { gates, q, h, hBefore, y, hn: state };
}

export function gruBackward(
  shape: RecurrentShape,
  x: Matrix,
  p: RecurrentParameters,
  forward: GruForward,
  dy: Matrix,
  dhn: Matrix,
): GruGradients {
  const H = dhn.cols;
  const rows = shape.steps * shape.batch;
  const parameters = zerosLike(p);
  const dx = new Matrix(rows, x.cols);
  const preactivations = new Matrix(rows, 3 * H);
  const activations = new Matrix(rows, 3 * H);
  const dq = new Matrix(rows, H);
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
        const r = forward.gates.at(row, j);
        const z = forward.gates.at(row, H + j);
        const n = forward.gates.at(row, 2 * H + j);
        const free = (segment: number, own: number) => freeGradient(shape, row, segment * H + j, own);
        const dhNow = free(3, dstate.at(b, j) + dy.at(row, j));
        dh.set(row, j, dhNow);

        const dz = free(1, dhNow * (forward.hBefore.at(row, j) - n));
        const dn = free(2, dhNow * (1 - z));
        const dnPre = dn * (1 - n * n);
        const dr = free(0, dnPre * forward.q.at(row, j));
        activations.set(row, j, dr);
        activations.set(row, H + j, dz);
        activations.set(row, 2 * H + j, dn);
        preactivations.set(row, j, dr * r * (1 - r));
        preactivations.set(row, H + j, dz * z * (1 - z));
        preactivations.set(row, 2 * H + j, dnPre);
        dq.set(row, j, dnPre * r);

        dstate.set(b, j, dhNow * z);
      }
      for (let k = 0; k < 3 * H; k++) {
        const d = preactivations.at(row, k);
        const dRecurrent = k < 2 * H ? d : dq.at(row, k - 2 * H);
        addProductGradient(d, k, p.weightIh, x, row, parameters.weightIh, parameters.biasIh, dx, row);
        addProductGradient(
          dRecurrent,
          k,
          p.weightHh,
          forward.hBefore,
          row,
          parameters.weightHh,
          parameters.biasHh,
          dstate,
          b,
        );
      }
    }
  }
  return { x: dx, h0: dstate, parameters, preactivations, q: dq, activations, h: dh };
}
