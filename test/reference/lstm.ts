/**
 * The LSTM of Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000, step by step. Gate order i, f, g, o:
 *
 *     a(t) = W_ih x(t) + b_ih + W_hh h(t-1) + b_hh        [4H], in four segments
 *     i(t) = sigmoid(a_i)   f(t) = sigmoid(a_f)   g(t) = tanh(a_g)   o(t) = sigmoid(a_o)
 *     c(t) = f(t) c(t-1) + i(t) g(t)
 *     h(t) = o(t) tanh(c(t))
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

export interface LstmForward {
  /** i, f, g, o, activated, [T * B, 4H]; zero in padding. */
  readonly gates: Matrix;
  /** The states after step t, [T * B, H]. */
  readonly h: Matrix;
  readonly c: Matrix;
  /** The states before step t, [T * B, H]. */
  readonly hBefore: Matrix;
  readonly cBefore: Matrix;
  /** h, but zero in padding. */
  readonly y: Matrix;
  /** The final states, [B, H]. */
  readonly hn: Matrix;
  readonly cn: Matrix;
}

export interface LstmGradients {
  readonly x: Matrix;
  readonly h0: Matrix;
  readonly c0: Matrix;
  readonly parameters: RecurrentParameters;
  /** dL/d(a(t)), before the sigmoid or tanh, [T * B, 4H]. */
  readonly preactivations: Matrix;
  /** dL/d(i, f, g, o), behind it, [T * B, 4H]. */
  readonly activations: Matrix;
  /** The whole dL/dh(t) and dL/dc(t), [T * B, H]. */
  readonly h: Matrix;
  readonly c: Matrix;
}

export function lstmForward(
  shape: RecurrentShape,
  x: Matrix,
  p: RecurrentParameters,
  h0: Matrix,
  c0: Matrix,
): LstmForward {
  const H = h0.cols;
  const rows = shape.steps * shape.batch;
  const gates = new Matrix(rows, 4 * H);
  const h = new Matrix(rows, H);
  const c = new Matrix(rows, H);
  const hBefore = new Matrix(rows, H);
  const cBefore = new Matrix(rows, H);
  const y = new Matrix(rows, H);
  const hState = h0.copy();
  const cState = c0.copy();

  for (const t of forwardOrder(shape)) {
    for (let b = 0; b < shape.batch; b++) {
      const row = t * shape.batch + b;
      copyRow(hState, b, hBefore, row);
      copyRow(cState, b, cBefore, row);
      if (!isPadding(shape, t, b)) {
        for (let k = 0; k < 4 * H; k++) {
          const input = p.biasIh.at(0, k) + dotRows(p.weightIh, k, x, row);
          const recurrent = p.biasHh.at(0, k) + dotRows(p.weightHh, k, hBefore, row);
          const isCandidate = k >= 2 * H && k < 3 * H;
          const gate = isCandidate ? Math.tanh(input + recurrent) : sigmoid(input + recurrent);
          gates.set(row, k, heldValue(shape, row, k, gate));
        }
        for (let j = 0; j < H; j++) {
          const i = gates.at(row, j);
          const f = gates.at(row, H + j);
          const g = gates.at(row, 2 * H + j);
          const o = gates.at(row, 3 * H + j);
          cState.set(b, j, heldValue(shape, row, 4 * H + j, f * cBefore.at(row, j) + i * g));
          hState.set(b, j, heldValue(shape, row, 5 * H + j, o * Math.tanh(cState.at(b, j))));
        }
        copyRow(hState, b, y, row);
      }
      copyRow(hState, b, h, row);
      copyRow(cState, b, c, row);
    }
  }
  return { gates, h, c, hBefore, cBefore, y, hn: hState, cn: cState };
}

export function lstmBackward(
  shape: RecurrentShape,
  x: Matrix,
  p: RecurrentParameters,
  forward: LstmForward,
  dy: Matrix,
  dhn: Matrix,
  dcn: Matrix,
): LstmGradients {
  const H = dhn.cols;
  const rows = shape.steps * shape.batch;
  const parameters = zerosLike(p);
  const dx = new Matrix(rows, x.cols);
  const preactivations = new Matrix(rows, 4 * H);
  const activations = new Matrix(rows, 4 * H);
  const dh = new Matrix(rows, H);
  const dc = new Matrix(rows, H);
  // dL/d(the states between two steps), of which the later steps have given their part.
  const dhState = dhn.copy();
  const dcState = dcn.copy();

  for (const t of forwardOrder(shape).reverse()) {
    for (let b = 0; b < shape.batch; b++) {
      const row = t * shape.batch + b;
      if (isPadding(shape, t, b)) {
        copyRow(dhState, b, dh, row);
        copyRow(dcState, b, dc, row);
        continue;
      }
      for (let j = 0; j < H; j++) {
        const i = forward.gates.at(row, j);
        const f = forward.gates.at(row, H + j);
        const g = forward.gates.at(row, 2 * H + j);
        const o = forward.gates.at(row, 3 * H + j);
        const tanhC = Math.tanh(forward.c.at(row, j));
        const free = (segment: number, own: number) => freeGradient(shape, row, segment * H + j, own);
        const dhNow = free(5, dhState.at(b, j) + dy.at(row, j));
        const dcNow = free(4, dcState.at(b, j) + dhNow * o * (1 - tanhC * tanhC));
        dh.set(row, j, dhNow);
        dc.set(row, j, dcNow);

        const di = free(0, dcNow * g);
        const df = free(1, dcNow * forward.cBefore.at(row, j));
        const dg = free(2, dcNow * i);
        const dO = free(3, dhNow * tanhC);
        activations.set(row, j, di);
        activations.set(row, H + j, df);
        activations.set(row, 2 * H + j, dg);
        activations.set(row, 3 * H + j, dO);
        preactivations.set(row, j, di * i * (1 - i));
        preactivations.set(row, H + j, df * f * (1 - f));
        preactivations.set(row, 2 * H + j, dg * (1 - g * g));
        preactivations.set(row, 3 * H + j, dO * o * (1 - o));

        dcState.set(b, j, dcNow * f);
        dhState.set(b, j, 0);
      }
      for (let k = 0; k < 4 * H; k++) {
        const d = preactivations.at(row, k);
        addProductGradient(d, k, p.weightIh, x, row, parameters.weightIh, parameters.biasIh, dx, row);
        addProductGradient(d, k, p.weightHh, forward.hBefore, row, parameters.weightHh, parameters.biasHh, dhState, b);
      }
    }
  }
  return { x: dx, h0: dhState, c0: dcState, parameters, preactivations, activations, h: dh, c: dc };
}
