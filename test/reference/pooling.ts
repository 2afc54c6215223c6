/** Pooling over time: x [T * B, C] to y [B, C], over the first lengths[b] steps of item b; of no steps at all it is 0. */
import { Matrix } from './matrix.ts';

export interface Maximum {
  readonly y: Matrix;
  /** The first step that has the maximum, or -1 where there are no steps. */
  readonly argmax: Matrix;
}

export function meanSteps(x: Matrix, lengths: readonly number[]): Matrix {
  const batch = lengths.length;
  const y = new Matrix(batch, x.cols);
  lengths.forEach((length, b) => {
    for (let t = 0; t < length; t++) {
      for (let c = 0; c < x.cols; c++) y.add(b, c, x.at(t * batch + b, c) / length);
    }
  });
  return y;
}

export function meanStepsBackward(steps: number, dy: Matrix, lengths: readonly number[]): Matrix {
  const batch = lengths.length;
  const dx = new Matrix(steps * batch, dy.cols);
  lengths.forEach((length, b) => {
    for (let t = 0; t < length; t++) {
      for (let c = 0; c < dy.cols; c++) dx.set(t * batch + b, c, dy.at(b, c) / length);
    }
  });
  return dx;
}

export function maxSteps(x: Matrix, lengths: readonly number[]): Maximum {
  const batch = lengths.length;
  const y = new Matrix(batch, x.cols);
  const argmax = new Matrix(batch, x.cols, new Float64Array(batch * x.cols).fill(-1));
  lengths.forEach((length, b) => {
    for (let t = 0; t < length; t++) {
      for (let c = 0; c < x.cols; c++) {
        const value = x.at(t * batch + b, c);
        if (t > 0 && value <= y.at(b, c)) continue;
        y.set(b, c, value);
        argmax.set(b, c, t);
      }
    }
  });
  return { y, argmax };
}

export function maxStepsBackward(steps: number, dy: Matrix, argmax: Matrix): Matrix {
  const dx = new Matrix(steps * dy.rows, dy.cols);
  for (let b = 0; b < dy.rows; b++) {
    for (let c = 0; c < dy.cols; c++) {
      const t = argmax.at(b, c);
      if (t >= 0) dx.set(t * dy.rows + b, c, dy.at(b, c));
    }
  }
  return dx;
}
