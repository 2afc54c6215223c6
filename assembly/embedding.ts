/** Rows of a table by id: the product with a one-hot matrix and its gradient. */
import { ROW } from './panels';

export function f32_gather_rows(
  rows: i32,
  panels: i32,
  ids: usize,
  table: usize,
  tableStride: usize,
  init: usize,
  out: usize,
  outStride: usize,
): void {
  for (let panel = 0; panel < panels; ++panel) {
    let start0 = f32x4.splat(0);
    let start1 = f32x4.splat(0);
    if (init) {
      start0 = v128.load(init);
      start1 = v128.load(init, 16);
      init += ROW;
    }
    let id = ids;
    let to = out;
    const end = out + <usize>rows * ROW;
    while (to < end) {
      const index = load<i32>(id);
      let sum0 = start0;
      let sum1 = start1;
      if (index >= 0) {
        const from = table + <usize>index * ROW;
        sum0 = f32x4.add(sum0, v128.load(from));
        sum1 = f32x4.add(sum1, v128.load(from, 16));
      }
      v128.store(to, sum0);
      v128.store(to, sum1, 16);
      id += 4;
      to += ROW;
    }
    table += tableStride;
    out += outStride;
  }
}

export function f32_scatter_add_rows(
  rows: i32,
  panels: i32,
  ids: usize,
  src: usize,
  srcStride: usize,
  table: usize,
  tableStride: usize,
): void {
  for (let panel = 0; panel < panels; ++panel) {
    let id = ids;
    let from = src;
    const end = src + <usize>rows * ROW;
    while (from < end) {
      const index = load<i32>(id);
      if (index >= 0) {
        const to = table + <usize>index * ROW;
        v128.store(to, f32x4.add(v128.load(to), v128.load(from)));
        v128.store(to, f32x4.add(v128.load(to, 16), v128.load(from, 16)), 16);
      }
      id += 4;
      from += ROW;
    }
    src += srcStride;
    table += tableStride;
  }
}
