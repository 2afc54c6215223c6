/** Rows of a table [V, C] by id; a negative id names no row. */
import { Matrix } from './matrix.ts';

/** out[r] = init + table[ids[r]]. */
export function gatherRows(ids: readonly number[], table: Matrix, init: Matrix): Matrix {
  const out = new Matrix(ids.length, table.cols);
  ids.forEach((id, r) => {
    for (let c = 0; c < table.cols; c++) out.set(r, c, init.at(0, c) + (id < 0 ? 0 : table.at(id, c)));
  });
  return out;
}

/** The table with source[r] added to row ids[r]. */
export function scatterAddRows(ids: readonly number[], source: Matrix, table: Matrix): Matrix {
  const out = table.copy();
  ids.forEach((id, r) => {
    if (id < 0) return;
    for (let c = 0; c < table.cols; c++) out.add(id, c, source.at(r, c));
  });
  return out;
}
