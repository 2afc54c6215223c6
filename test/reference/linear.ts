/** The linear layer y = x W^T + b: x [rows, I], W [O, I], b [1, O]. */
import { Matrix } from './matrix.ts';
import { dotRows, product, productTransposedA, sumRows } from './products.ts';

export interface LinearGradients {
  readonly x: Matrix;
  readonly weight: Matrix;
  readonly bias: Matrix;
}

export function linearForward(x: Matrix, weight: Matrix, bias: Matrix): Matrix {
  const y = new Matrix(x.rows, weight.rows);
  for (let r = 0; r < x.rows; r++) {
    for (let o = 0; o < weight.rows; o++) y.set(r, o, bias.at(0, o) + dotRows(x, r, weight, o));
  }
  return y;
}

export function linearBackward(x: Matrix, weight: Matrix, dy: Matrix): LinearGradients {
  return { x: product(dy, weight), weight: productTransposedA(dy, x), bias: sumRows(dy) };
}
