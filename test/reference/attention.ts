/** Scores and weights of attention for one item: queries [T, .], keys [S, .], scores and weights [T, S]. */
import { Matrix } from './matrix.ts';

/** Which keys query t sees: the first `length`; with before >= 0 of these the first before + t + 1. */
export interface Mask {
  readonly length: number;
  readonly before: number;
}

/** softmax(factor scores) over the keys that are seen; zeros elsewhere. */
export function maskedSoftmax(scores: Matrix, factor: number, { length, before }: Mask): Matrix {
  const weights = new Matrix(scores.rows, scores.cols);
  for (let t = 0; t < scores.rows; t++) {
    const seen = before < 0 ? length : Math.min(length, before + t + 1);
    const row = Array.from({ length: seen }, (_, s) => factor * scores.at(t, s));
    const most = Math.max(...row);
    const total = row.reduce((sum, score) => sum + Math.exp(score - most), 0);
    row.forEach((score, s) => weights.set(t, s, Math.exp(score - most) / total));
  }
  return weights;
}

/** With respect to the scores; the derivative of w[s] by factor x[k] is w[s] ((s = k) - w[k]). */
export function maskedSoftmaxBackward(weights: Matrix, dweights: Matrix, factor: number): Matrix {
  const gradient = new Matrix(weights.rows, weights.cols);
  for (let t = 0; t < weights.rows; t++) {
    for (let s = 0; s < weights.cols; s++) {
      for (let k = 0; k < weights.cols; k++) {
        const slope = weights.at(t, s) * ((s === k ? 1 : 0) - weights.at(t, k));
        gradient.add(t, k, factor * dweights.at(t, s) * slope);
      }
    }
  }
  return gradient;
}

/** v . tanh(q + k) (Bahdanau et al. 2015); v [1, A]. */
export function additiveScores(queries: Matrix, keys: Matrix, v: Matrix): Matrix {
  const scores = new Matrix(queries.rows, keys.rows);
  for (let t = 0; t < queries.rows; t++) {
    for (let s = 0; s < keys.rows; s++) {
      for (let a = 0; a < v.cols; a++) scores.add(t, s, v.at(0, a) * Math.tanh(queries.at(t, a) + keys.at(s, a)));
    }
  }
  return scores;
}

export interface AdditiveGradients {
  readonly queries: Matrix;
  readonly keys: Matrix;
  readonly v: Matrix;
}

export function additiveScoresBackward(queries: Matrix, keys: Matrix, v: Matrix, dscores: Matrix): AdditiveGradients {
  const gradients = {
    queries: new Matrix(queries.rows, v.cols),
    keys: new Matrix(keys.rows, v.cols),
    v: new Matrix(1, v.cols),
  };
  for (let t = 0; t < queries.rows; t++) {
    for (let s = 0; s < keys.rows; s++) {
      for (let a = 0; a < v.cols; a++) {
        const y = Math.tanh(queries.at(t, a) + keys.at(s, a));
        const inner = dscores.at(t, s) * v.at(0, a) * (1 - y * y);
        gradients.v.add(0, a, dscores.at(t, s) * y);
        gradients.queries.add(t, a, inner);
        gradients.keys.add(s, a, inner);
      }
    }
  }
  return gradients;
}
