/** Moving and changing rows of planned matrices, in the words that layers use. */
import { LANES, ROW_BYTES, panelsOf, rowsOf, type Matrix } from '../core/arena.ts';
import type { Kernels } from '../core/kernels.ts';

/** `rows` rows of `from`, the first being `first` and each `every` rows on, to rows of `to` that lie likewise. */
export function moveRows(
  kernels: Kernels,
  rows: number,
  from: Matrix,
  first: number,
  every: number,
  to: Matrix,
  toFirst: number,
  toEvery: number,
): void {
  kernels.f32_move_rows(
    rows,
    from.panels,
    from.at + first * ROW_BYTES,
    from.stride,
    every * ROW_BYTES,
    to.at + toFirst * ROW_BYTES,
    to.stride,
    toEvery * ROW_BYTES,
  );
}

/** The first rows (up to a multiple of 8) as columns. */
export function transposeInto(kernels: Kernels, from: Matrix, rows: number, to: Matrix): void {
  kernels.f32_transpose(panelsOf(rows) * LANES, from.panels * LANES, from.at, from.stride, to.at, to.stride);
}

export function fillMatrix(kernels: Kernels, matrix: Matrix, value: number): void {
  kernels.f32_fill((matrix.panels * matrix.stride) / 4, value, matrix.at);
}

/** Adds rows [from, from + rows) of one matrix to those of another. */
export function addRows(kernels: Kernels, rows: number, from: number, source: Matrix, to: Matrix): void {
  const a = rowsOf(source, from, rows);
  const b = rowsOf(to, from, rows);
  kernels.f32_add_rows(rows, a.panels, a.at, a.stride, b.at, b.stride);
}

/** Copies rows [from, from + rows). */
export function copySpan(kernels: Kernels, rows: number, from: number, source: Matrix, to: Matrix): void {
  const a = rowsOf(source, from, rows);
  const b = rowsOf(to, from, rows);
  kernels.f32_copy_rows(rows, a.panels, a.at, a.stride, b.at, b.stride);
}

/** Calls `visit` with the floats of each panel's rows [from, from + rows), at the same place of each matrix. */
export function eachPanel(
  rows: number,
  from: number,
  matrices: readonly Matrix[],
  visit: (floats: number, ...at: number[]) => void,
): void {
  const panels = matrices[0]?.panels ?? 0;
  for (let panel = 0; panel < panels; panel++) {
    visit(rows * LANES, ...matrices.map(({ at, stride }) => at + panel * stride + from * ROW_BYTES));
  }
}
