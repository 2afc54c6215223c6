/** Products of planned matrices, in the words that layers use. Rows are counted by the caller: batches may be shorter than planned. */
import { LANES, ROW_BYTES, type Matrix } from '../core/arena.ts';
import { ZEROS_AT } from '../core/core.ts';
import type { Kernels } from '../core/kernels.ts';
import type { Plan } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';

/** What a product is added to: nothing, one row (a bias, by its address) or a matrix, which may be the result. */
export type Start = 'zero' | { readonly row: number } | { readonly matrix: Matrix };

/** c = start + a b on `rows` rows. a's panels are as many as b has rows / 8. */
export function multiply(kernels: Kernels, rows: number, a: Matrix, b: Matrix, start: Start, c: Matrix): void {
  const [init, panelStride, rowStride] =
    start === 'zero'
      ? [ZEROS_AT, 0, 0]
      : 'row' in start
        ? [start.row, ROW_BYTES, 0]
        : [start.matrix.at, start.matrix.stride, ROW_BYTES];
  const inner = a.panels * LANES;
  kernels.f32_gemm_nn(
    rows,
    b.panels,
    inner,
    a.at,
    a.stride,
    b.at,
    b.stride,
    init,
    panelStride,
    rowStride,
    c.at,
    c.stride,
  );
}

/** Adds a^T b, summed over `rows` rows, to the matrix that lies `offset` bytes beyond c. */
export function addTransposedProduct(
  kernels: Kernels,
  rows: number,
  a: Matrix,
  b: Matrix,
  c: Matrix,
  offset: number,
): void {
  kernels.f32_gemm_tn(a.panels, b.panels, rows, a.at, a.stride, b.at, b.stride, c.at + offset, c.stride);
}

/** W [N, K] for a parameter that is stored as its transpose, brought up to date after every update. */
export function keepTransposed(plan: Plan, { matrix }: Parameter): Matrix {
  const columns = matrix.panels * LANES;
  const transposed = plan.derived.matrix(columns, [matrix.rows]);
  plan.refresh.push(({ kernels }) => {
    kernels.f32_transpose(matrix.rows, columns, matrix.at, matrix.stride, transposed.at, transposed.stride);
  });
  return transposed;
}
