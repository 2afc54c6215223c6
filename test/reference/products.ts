/** Matrix products in plain loops, the twins of assembly/gemm.ts. */
import { Matrix } from './matrix.ts';

/** A B for A [rows, inner], B [inner, cols]. */
export function product(a: Matrix, b: Matrix): Matrix {
  const out = new Matrix(a.rows, b.cols);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < b.cols; c++) {
      let total = 0;
      for (let k = 0; k < a.cols; k++) total += a.at(r, k) * b.at(k, c);
      out.set(r, c, total);
    }
  }
  return out;
}

/** A^T B for A [rows, m], B [rows, n]: [m, n], the sum over rows of the outer products. */
export function productTransposedA(a: Matrix, b: Matrix): Matrix {
  const out = new Matrix(a.cols, b.cols);
  for (let r = 0; r < a.rows; r++) {
    for (let m = 0; m < a.cols; m++) {
      for (let n = 0; n < b.cols; n++) out.add(m, n, a.at(r, m) * b.at(r, n));
    }
  }
  return out;
}

/** A B^T for A [rows, inner], B [cols, inner]. */
export function productTransposedB(a: Matrix, b: Matrix): Matrix {
  const out = new Matrix(a.rows, b.rows);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < b.rows; c++) out.set(r, c, dotRows(a, r, b, c));
  }
  return out;
}

/** The scalar product of row i of A and row j of B. */
export function dotRows(a: Matrix, i: number, b: Matrix, j: number): number {
  let total = 0;
  for (let k = 0; k < a.cols; k++) total += a.at(i, k) * b.at(j, k);
  return total;
}

/** A^T. */
export function transpose(a: Matrix): Matrix {
  const out = new Matrix(a.cols, a.rows);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < a.cols; c++) out.set(c, r, a.at(r, c));
  }
  return out;
}

/** The sum of all rows, [1, cols]. */
export function sumRows(a: Matrix): Matrix {
  const out = new Matrix(1, a.cols);
  for (let r = 0; r < a.rows; r++) {
    for (let c = 0; c < a.cols; c++) out.add(0, c, a.at(r, c));
  }
  return out;
}
