/** Softmax and losses. */
import { Matrix } from './matrix.ts';

export interface Targets {
  /** A class for each row. */
  readonly classes: readonly number[];
  /** Rows with this class do not count, nor do rows with a negative one. */
  readonly ignore: number;
  readonly batch: number;
  /** Row t * batch + b counts only where t < lengths[b]. */
  readonly lengths?: readonly number[] | undefined;
}

export interface CrossEntropy {
  readonly probabilities: Matrix;
  /** -log p[target] of each row, 0 where the row does not count. */
  readonly losses: number[];
  readonly total: number;
}

export function logSoftmax(x: Matrix): Matrix {
  const y = new Matrix(x.rows, x.cols);
  for (let r = 0; r < x.rows; r++) {
    const row = x.rowsFrom(r, 1).data;
    const maximum = Math.max(...row);
    const logSum = Math.log(row.reduce((total, value) => total + Math.exp(value - maximum), 0));
    row.forEach((value, c) => y.set(r, c, value - maximum - logSum));
  }
  return y;
}

export function softmax(x: Matrix): Matrix {
  return new Matrix(x.rows, x.cols, logSoftmax(x).data.map(Math.exp));
}

export function rowCounts({ classes, ignore, batch, lengths }: Targets, r: number): boolean {
  const target = classes[r]!;
  if (target < 0 || target === ignore) return false;
  return lengths === undefined || Math.floor(r / batch) < lengths[r % batch]!;
}

export function crossEntropy(logits: Matrix, targets: Targets): CrossEntropy {
  const logs = logSoftmax(logits);
  const losses = targets.classes.map((target, r) => (rowCounts(targets, r) ? -logs.at(r, target) : 0));
  return { probabilities: softmax(logits), losses, total: losses.reduce((total, loss) => total + loss, 0) };
}

/** scale * d(total) / d(logits). */
export function crossEntropyBackward(probabilities: Matrix, targets: Targets, scale: number): Matrix {
  const dlogits = new Matrix(probabilities.rows, probabilities.cols);
  targets.classes.forEach((target, r) => {
    if (!rowCounts(targets, r)) return;
    for (let c = 0; c < dlogits.cols; c++) {
      dlogits.set(r, c, scale * (probabilities.at(r, c) - (c === target ? 1 : 0)));
    }
  });
  return dlogits;
}

export function squaredError(x: Matrix, target: Matrix): number {
  return x.data.reduce((total, value, i) => total + (value - target.data[i]!) ** 2, 0);
}

/** scale * d(squaredError) / dx. */
export function squaredErrorBackward(x: Matrix, target: Matrix, scale: number): Matrix {
  return new Matrix(
    x.rows,
    x.cols,
    x.data.map((value, i) => 2 * scale * (value - target.data[i]!)),
  );
}
