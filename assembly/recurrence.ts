/**
 * What the recurrent cells share: products for one block of rows (one time step), and the rows of items that have
 * already ended (padding). Blocks, directions and lengths: engine/core/kernels.ts.
 */
import { ROW } from './panels';
import { panelProduct, rowProduct4 } from './tile';
import { pairProduct } from './wide-tile';

const ZEROS = memory.data<f32>([0, 0, 0, 0, 0, 0, 0, 0], 16);

/** out = init + A B for the `rows` rows of one step, `panels` panels wide. */
export function blockProduct(
  rows: i32,
  panels: usize,
  inner: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  init: usize,
  initStride: usize,
  initRowStride: usize,
  out: usize,
  outStride: usize,
): void {
  let panel: usize = 0;
  if (rows == 1) {
    for (; panel + 4 <= panels; panel += 4) {
      rowProduct4(
        inner,
        a,
        aStride,
        b + panel * bStride,
        bStride,
        init + panel * initStride,
        initStride,
        out + panel * outStride,
        outStride,
      );
    }
  }
  for (; panel + 2 <= panels; panel += 2) {
    const from = init + panel * initStride;
    const to = out + panel * outStride;
    pairProduct(
      rows,
      inner,
      a,
      aStride,
      b + panel * bStride,
      bStride,
      from,
      initStride,
      initRowStride,
      to,
      outStride,
    );
  }
  if (panel < panels) {
    const from = init + panel * initStride;
    panelProduct(rows, inner, a, aStride, b + panel * bStride, from, initRowStride, out + panel * outStride);
  }
}

/**
 * The gradient with respect to a state, as far as it comes through products: dy (0 for the initial state, which has
 * none) plus the next step's gate gradients times W_hh; or, for the last state, dy plus dhn (0 where nothing comes in; it
 * may lie where dh does).
 */
export function stateGradient(
  batch: i32,
  panels: i32,
  inner: i32,
  dy: usize,
  dyStride: usize,
  dgatesNext: usize,
  dgatesStride: usize,
  weight: usize,
  weightStride: usize,
  dhn: usize,
  dhnStride: usize,
  dh: usize,
  dhStride: usize,
): void {
  if (dgatesNext) {
    const init = dy ? dy : ZEROS;
    const initStride: usize = dy ? dyStride : 0;
    const initRow: usize = dy ? ROW : 0;
    blockProduct(
      batch,
      panels,
      inner,
      dgatesNext,
      dgatesStride,
      weight,
      weightStride,
      init,
      initStride,
      initRow,
      dh,
      dhStride,
    );
    return;
  }
  const bytes = <usize>batch * ROW;
  for (let panel: usize = 0; panel < <usize>panels; ++panel) {
    let to = dh + panel * dhStride;
    let from = dy + panel * dyStride;
    let later = dhn + panel * dhnStride;
    const end = to + bytes;
    for (; to < end; to += 16, from += 16, later += 16) {
      const own = v128.load(from);
      v128.store(to, dhn ? f32x4.add(own, v128.load(later)) : own);
    }
  }
}

// @ts-ignore: decorator
@inline
function ended(step: i32, b: i32, lengths: usize): bool {
  return step >= load<i32>(lengths + ((<usize>b) << 2));
}

/** to[b] = from[b] for the items that have ended before `step`. */
export function keepRowsOfPadding(
  step: i32,
  batch: i32,
  panels: i32,
  lengths: usize,
  from: usize,
  to: usize,
  stride: usize,
): void {
  for (let b = 0; b < batch; ++b) {
    if (!ended(step, b, lengths)) continue;
    let source = from + <usize>b * ROW;
    let target = to + <usize>b * ROW;
    for (let panel = 0; panel < panels; ++panel) {
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
      source += stride;
      target += stride;
    }
  }
}

/** at[b] = value for the items that have ended before `step`. */
export function fillRowsOfPadding(
  step: i32,
  batch: i32,
  panels: i32,
  lengths: usize,
  value: f32,
  at: usize,
  stride: usize,
): void {
  const filling = f32x4.splat(value);
  for (let b = 0; b < batch; ++b) {
    if (!ended(step, b, lengths)) continue;
    let target = at + <usize>b * ROW;
    for (let panel = 0; panel < panels; ++panel) {
      v128.store(target, filling);
      v128.store(target, filling, 16);
      target += stride;
    }
  }
}

/** to[b] += from[b] for the items that have ended before `step`. */
export function addRowsOfPadding(
  step: i32,
  batch: i32,
  panels: i32,
  lengths: usize,
  from: usize,
  fromStride: usize,
  to: usize,
  toStride: usize,
): void {
  for (let b = 0; b < batch; ++b) {
    if (!ended(step, b, lengths)) continue;
    let source = from + <usize>b * ROW;
    let target = to + <usize>b * ROW;
    for (let panel = 0; panel < panels; ++panel) {
      v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
      v128.store(target, f32x4.add(v128.load(target, 16), v128.load(source, 16)), 16);
      source += fromStride;
      target += toStride;
    }
  }
}
