/**
 * Planned memory. An arena hands out addresses one after the other and never takes one back: a network is constructed
 * once to learn how much it needs and once more at its final place, and nothing is allocated afterwards.
 */

/** Cache lines; every block starts on one. */
const ALIGNMENT = 64;
/** Columns of a panel, and the bytes of one of its rows. */
export const LANES = 8;
export const ROW_BYTES = 32;

/** Panels that hold `cols` columns. */
export function panelsOf(cols: number): number {
  return Math.ceil(cols / LANES);
}

/**
 * A matrix in panels of eight columns (drawn in kernels.ts). Columns come in segments (the gates of a cell, the two
 * directions of a bidirectional layer), each of which starts a panel of its own; `segments` are their true widths.
 */
export interface Matrix {
  readonly at: number;
  readonly rows: number;
  readonly segments: readonly number[];
  readonly panels: number;
  /** Bytes from one panel to the next. */
  readonly stride: number;
}

export class Arena {
  #next: number;

  constructor(start: number) {
    this.#next = align(start);
  }

  /** The first address that has not been given out. */
  get end(): number {
    return this.#next;
  }

  /** The address of `bytes` bytes. */
  take(bytes: number): number {
    const at = this.#next;
    this.#next = align(at + bytes);
    return at;
  }

  floats(count: number): number {
    return this.take(count * 4);
  }

  /**
   * Panels lie an odd number of cache lines apart: strides that are multiples of 4 KB would put one row's panels into the
   * same few sets of the first-level cache.
   */
  matrix(rows: number, segments: readonly number[]): Matrix {
    const panels = segments.reduce((sum, width) => sum + panelsOf(width), 0);
    const lines = Math.ceil(rows / 2);
    const stride = (lines % 2 === 0 ? lines + 1 : lines) * ALIGNMENT;
    return { at: this.take(panels * stride), rows, segments, panels, stride };
  }
}

function align(address: number): number {
  return Math.ceil(address / ALIGNMENT) * ALIGNMENT;
}

/** Rows `from` to `from + rows` of a matrix. */
export function rowsOf(matrix: Matrix, from: number, rows: number): Matrix {
  return { ...matrix, at: matrix.at + from * ROW_BYTES, rows };
}

/** Segments `from` to `from + count` of a matrix. */
export function segmentsOf(matrix: Matrix, from: number, count: number): Matrix {
  let skipped = 0;
  for (const width of matrix.segments.slice(0, from)) skipped += panelsOf(width);
  const segments = matrix.segments.slice(from, from + count);
  return {
    ...matrix,
    at: matrix.at + skipped * matrix.stride,
    segments,
    panels: segments.reduce((sum, width) => sum + panelsOf(width), 0),
  };
}

/** Where each true column of a matrix lies: bytes from its row's place in the first panel. */
export function columnOffsets(matrix: Pick<Matrix, 'segments' | 'stride'>): Uint32Array {
  const offsets: number[] = [];
  let panel = 0;
  for (const width of matrix.segments) {
    for (let c = 0; c < width; c++) offsets.push((panel + (c >> 3)) * matrix.stride + (c & 7) * 4);
    panel += panelsOf(width);
  }
  return Uint32Array.from(offsets);
}

/** The true columns of `matrix`, row-major [rows, columns], into `out`. */
export function readMatrix(f32: Float32Array, matrix: Matrix, out: Float32Array, outRowStride?: number): void {
  const columns = columnOffsets(matrix);
  const rowStride = outRowStride ?? columns.length;
  for (let r = 0; r < matrix.rows; r++) {
    const from = (matrix.at + r * ROW_BYTES) / 4;
    for (let c = 0; c < columns.length; c++) out[r * rowStride + c] = f32[from + (columns[c] ?? 0) / 4] ?? NaN;
  }
}

/** Row-major values [rows, columns] into the true columns of `matrix`; the others are left as they are. */
export function writeMatrix(f32: Float32Array, matrix: Matrix, values: ArrayLike<number>): void {
  const columns = columnOffsets(matrix);
  for (let r = 0; r < matrix.rows; r++) {
    const to = (matrix.at + r * ROW_BYTES) / 4;
    for (let c = 0; c < columns.length; c++) f32[to + (columns[c] ?? 0) / 4] = values[r * columns.length + c] ?? NaN;
  }
}
