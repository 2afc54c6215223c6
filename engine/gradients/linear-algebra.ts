/** Dense float64 matrices, small ones: what a textbook's formulas are computed with. */

/** Row-major [rows, cols]. */
export interface Dense {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export function dense(rows: number, cols: number, data: ArrayLike<number> = new Float64Array(rows * cols)): Dense {
  if (data.length !== rows * cols) throw new RangeError(`${data.length} values do not fill [${rows}, ${cols}].`);
  return { rows, cols, data: data instanceof Float64Array ? data : Float64Array.from(data) };
}

export function diagonal(values: ArrayLike<number>): Dense {
  const n = values.length;
  const data = new Float64Array(n * n);
  for (let i = 0; i < n; i++) data[i * n + i] = values[i]!;
  return { rows: n, cols: n, data };
}

/** [A, K] [K, B] */
export function product(a: Dense, b: Dense): Dense {
  if (a.cols !== b.rows) throw new RangeError(`[${a.rows}, ${a.cols}] cannot be multiplied by [${b.rows}, ${b.cols}].`);
  const out = new Float64Array(a.rows * b.cols);
  for (let i = 0; i < a.rows; i++) {
    for (let k = 0; k < a.cols; k++) {
      const factor = a.data[i * a.cols + k]!;
      if (factor === 0) continue;
      const from = k * b.cols;
      const to = i * b.cols;
      for (let j = 0; j < b.cols; j++) out[to + j]! += factor * b.data[from + j]!;
    }
  }
  return { rows: a.rows, cols: b.cols, data: out };
}

/** Writes block [toRow, toCol] of a matrix. */
export function putBlock(matrix: Dense, block: Dense, toRow: number, toCol: number): void {
  for (let i = 0; i < block.rows; i++) {
    const from = i * block.cols;
    matrix.data.set(block.data.subarray(from, from + block.cols), (toRow + i) * matrix.cols + toCol);
  }
}

export function addTo(sum: Float64Array, values: ArrayLike<number>, factor = 1): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += factor * values[i]!;
}

/** Euclidean norm; of a matrix, Frobenius'. Neither overflows nor underflows where its value does not. */
export function norm(values: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!(size <= largest)) largest = size;
  }
  if (largest === 0 || !Number.isFinite(largest)) return largest;
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += (values[i]! / largest) ** 2;
  return largest * Math.sqrt(squares);
}

export function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** Radians between two vectors; NaN where one of them is zero. */
export function angleBetween(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [first, second] = [norm(a), norm(b)];
  let apart = 0;
  let together = 0;
  // Kahan, "How futile are mindless assessments of roundoff", 2006: exact for small angles too.
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! / first, b[i]! / second];
    apart += (x - y) ** 2;
    together += (x + y) ** 2;
  }
  return 2 * Math.atan2(Math.sqrt(apart), Math.sqrt(together));
}
