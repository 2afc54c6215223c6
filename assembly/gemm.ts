/**
 * Matrix products over panels of eight columns (engine/core/kernels.ts draws the layout), cut into tiles that lie in
 * registers. Blocks of rows are chosen so that what is read again stays in the caches. Each element of a product is the
 * same sum in the same order whatever the tile that holds it.
 */
import { ROW } from './panels';
import { TILE_ROWS, WIDE } from './simd';
import { panelProduct, rowProduct4 } from './tile';
import { transposedPanelProduct } from './transposed-tile';
import { pairProduct } from './wide-tile';
import { transposedPairProduct } from './wide-transposed-tile';

/** A's rows that pass through all of B in one go take at most this many bytes: a part of a 1 MB second-level cache. */
const A_BLOCK_BYTES: usize = 256 * 1024;
/** Rows summed in one pass of A^T B: a panel's block (8 KB) stays in the first-level cache. */
const SUM_BLOCK_ROWS: i32 = 256;

export function f32_gemm_nn(
  rows: i32,
  panels: i32,
  inner: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  init: usize,
  initPanelStride: usize,
  initRowStride: usize,
  c: usize,
  cStride: usize,
): void {
  if (rows == 1) {
    while (panels >= 4) {
      rowProduct4(inner, a, aStride, b, bStride, init, initPanelStride, c, cStride);
      b += 4 * bStride;
      init += 4 * initPanelStride;
      c += 4 * cStride;
      panels -= 4;
    }
  }
  const fitting = <i32>(A_BLOCK_BYTES / (<usize>inner << 2));
  const block = max<i32>(fitting - (fitting % TILE_ROWS), 8 * TILE_ROWS);
  for (let row = 0; row < rows; row += block) {
    const count = min<i32>(block, rows - row);
    const down = <usize>row * ROW;
    const initDown = <usize>row * initRowStride;
    let panel: usize = 0;
    for (; panel + 2 <= <usize>panels; panel += 2) {
      pairProduct(
        count,
        inner,
        a + down,
        aStride,
        b + panel * bStride,
        bStride,
        init + panel * initPanelStride + initDown,
        initPanelStride,
        initRowStride,
        c + panel * cStride + down,
        cStride,
      );
    }
    if (panel < <usize>panels) {
      panelProduct(
        count,
        inner,
        a + down,
        aStride,
        b + panel * bStride,
        init + panel * initPanelStride + initDown,
        initRowStride,
        c + panel * cStride + down,
      );
    }
  }
}

export function f32_gemm_tn(
  aPanels: i32,
  bPanels: i32,
  rows: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStride: usize,
  c: usize,
  cStride: usize,
): void {
  for (let row = 0; row < rows; row += SUM_BLOCK_ROWS) {
    const count = min<i32>(SUM_BLOCK_ROWS, rows - row);
    const down = <usize>row * ROW;
    let panel: usize = 0;
    if (WIDE) {
      for (; panel + 2 <= <usize>bPanels; panel += 2) {
        const to = c + panel * cStride;
        transposedPairProduct(aPanels, count, a + down, aStride, b + panel * bStride + down, bStride, to, cStride);
      }
    }
    for (; panel < <usize>bPanels; ++panel) {
      transposedPanelProduct(aPanels, count, a + down, aStride, b + panel * bStride + down, c + panel * cStride);
    }
  }
}
