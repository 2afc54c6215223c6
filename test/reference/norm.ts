/** Layer normalisation (Ba et al. 2016): x [rows, C], gamma and beta [1, C]. */
import { Matrix } from './matrix.ts';

export interface LayerNorm {
  readonly y: Matrix;
  /** [rows, 2]: mean and 1 / sqrt(var + eps). */
  readonly stats: Matrix;
}

export interface LayerNormGradients {
  readonly x: Matrix;
  readonly gamma: Matrix;
  readonly beta: Matrix;
}

export function layerNorm(x: Matrix, gamma: Matrix, beta: Matrix, eps: number): LayerNorm {
  const y = new Matrix(x.rows, x.cols);
  const stats = new Matrix(x.rows, 2);
  for (let r = 0; r < x.rows; r++) {
    const row = x.rowsFrom(r, 1).data;
    const mean = row.reduce((total, value) => total + value, 0) / x.cols;
    const variance = row.reduce((total, value) => total + (value - mean) ** 2, 0) / x.cols;
    const inverse = 1 / Math.sqrt(variance + eps);
    row.forEach((value, c) => y.set(r, c, (value - mean) * inverse * gamma.at(0, c) + beta.at(0, c)));
    stats.set(r, 0, mean);
    stats.set(r, 1, inverse);
  }
  return { y, stats };
}

/** The derivative of y[c] by x[k] is gamma[c] inverse ((c = k) - 1 / C - xhat[c] xhat[k] / C). */
export function layerNormBackward(x: Matrix, gamma: Matrix, stats: Matrix, dy: Matrix): LayerNormGradients {
  const gradients = { x: new Matrix(x.rows, x.cols), gamma: new Matrix(1, x.cols), beta: new Matrix(1, x.cols) };
  for (let r = 0; r < x.rows; r++) {
    const inverse = stats.at(r, 1);
    const hat = x.rowsFrom(r, 1).data.map((value) => (value - stats.at(r, 0)) * inverse);
    for (let c = 0; c < x.cols; c++) {
      gradients.gamma.add(0, c, dy.at(r, c) * hat[c]!);
      gradients.beta.add(0, c, dy.at(r, c));
      for (let k = 0; k < x.cols; k++) {
        const slope = (c === k ? 1 : 0) - 1 / x.cols - (hat[c]! * hat[k]!) / x.cols;
        gradients.x.add(r, k, dy.at(r, c) * gamma.at(0, c) * inverse * slope);
      }
    }
  }
  return gradients;
}
