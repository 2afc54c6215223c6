/**
 * A matrix of float64, row-major: element (r, c) is data[r * cols + c]. Vectors are matrices of one row. Sequences
 * [T, B, C] are matrices of T * B rows, step t of item b in row t * B + b.
 */
export class Matrix {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;

  constructor(rows: number, cols: number, data: ArrayLike<number> = new Float64Array(rows * cols)) {
    if (data.length !== rows * cols) throw new Error(`${data.length} values do not fill [${rows}, ${cols}]`);
    this.rows = rows;
    this.cols = cols;
    this.data = data instanceof Float64Array ? data : Float64Array.from(data);
  }

  at(r: number, c: number): number {
    return this.data[r * this.cols + c]!;
  }

  set(r: number, c: number, value: number): void {
    this.data[r * this.cols + c] = value;
  }

  /** Adds to element (r, c). */
  add(r: number, c: number, value: number): void {
    this.data[r * this.cols + c]! += value;
  }

  copy(): Matrix {
    return new Matrix(this.rows, this.cols, this.data.slice());
  }

  /** Rows first, first + 1, ... as a matrix that shares this one's memory. */
  rowsFrom(first: number, count: number): Matrix {
    return new Matrix(count, this.cols, this.data.subarray(first * this.cols, (first + count) * this.cols));
  }

  /** Columns first, first + 1, ... copied. */
  colsFrom(first: number, count: number): Matrix {
    const out = new Matrix(this.rows, count);
    for (let r = 0; r < this.rows; r++) {
      for (let c = 0; c < count; c++) out.set(r, c, this.at(r, first + c));
    }
    return out;
  }
}

/** A matrix of one row. */
export function vector(values: ArrayLike<number>): Matrix {
  return new Matrix(1, values.length, values);
}

/** [left | right]: the columns of both side by side. */
export function joinCols(left: Matrix, right: Matrix): Matrix {
  const out = new Matrix(left.rows, left.cols + right.cols);
  for (let r = 0; r < left.rows; r++) {
    for (let c = 0; c < left.cols; c++) out.set(r, c, left.at(r, c));
    for (let c = 0; c < right.cols; c++) out.set(r, left.cols + c, right.at(r, c));
  }
  return out;
}

/** The rows of all matrices one below the other. */
export function joinRows(parts: readonly Matrix[]): Matrix {
  const cols = parts[0]?.cols ?? 0;
  const out = new Matrix(
    parts.reduce((rows, part) => rows + part.rows, 0),
    cols,
  );
  let offset = 0;
  for (const part of parts) {
    out.data.set(part.data, offset);
    offset += part.data.length;
  }
  return out;
}

/** Element by element. */
export function sum(a: Matrix, b: Matrix): Matrix {
  const out = a.copy();
  for (let i = 0; i < out.data.length; i++) out.data[i]! += b.data[i]!;
  return out;
}
