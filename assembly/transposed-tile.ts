/** Tiles of C += A^T B: a few columns of A by one panel of B, summed over rows in registers. */
import { ROW } from './panels';
import { TILE_ROWS, fma } from './simd';

// The tile of C += A^T B: `columns` (a literal, 4 or 6) columns of A, the first of them lane `lane` (a literal) of the
// panel at a, going on in the panel at aNext, by one panel of B.
// @ts-ignore: decorator
@inline
function transposedTile(
  columns: i32,
  lane: i32,
  rows: i32,
  a: usize,
  aNext: usize,
  b: usize,
  c: usize,
): void {
  let c00 = v128.load(c), c01 = v128.load(c, 16);
  let c10 = v128.load(c, 32), c11 = v128.load(c, 48);
  let c20 = v128.load(c, 64), c21 = v128.load(c, 80);
  let c30 = v128.load(c, 96), c31 = v128.load(c, 112);
  let c40 = c00, c41 = c00, c50 = c00, c51 = c00;
  if (columns > 4) {
    c40 = v128.load(c, 128);
    c41 = v128.load(c, 144);
    c50 = v128.load(c, 160);
    c51 = v128.load(c, 176);
  }
  // Columns beyond lane 7 are read from the next panel, eight lanes (32 bytes) back.
  a += <usize>lane << 2;
  aNext += (<usize>lane << 2) - 32;
  const end = b + <usize>rows * ROW;
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    let x = v128.load32_splat(a);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    x = v128.load32_splat(a, 4);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    x = lane > 5 ? v128.load32_splat(aNext, 8) : v128.load32_splat(a, 8);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    x = lane > 4 ? v128.load32_splat(aNext, 12) : v128.load32_splat(a, 12);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
    if (columns > 4) {
      x = lane > 3 ? v128.load32_splat(aNext, 16) : v128.load32_splat(a, 16);
      c40 = fma(x, b0, c40);
      c41 = fma(x, b1, c41);
      x = lane > 2 ? v128.load32_splat(aNext, 20) : v128.load32_splat(a, 20);
      c50 = fma(x, b0, c50);
      c51 = fma(x, b1, c51);
    }
    a += ROW;
    aNext += ROW;
    b += ROW;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
  if (columns > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
  }
}

// One panel of C += A^T B over `rows` rows: three panels of A make four tiles of six columns.
export function transposedPanelProduct(aPanels: i32, rows: i32, a: usize, aStride: usize, b: usize, c: usize): void {
  if (TILE_ROWS == 6) {
    while (aPanels >= 3) {
      const second = a + aStride;
      const third = second + aStride;
      transposedTile(6, 0, rows, a, second, b, c);
      transposedTile(6, 6, rows, a, second, b, c + 6 * ROW);
      transposedTile(6, 4, rows, second, third, b, c + 12 * ROW);
      transposedTile(6, 2, rows, third, third, b, c + 18 * ROW);
      a = third + aStride;
      c += 24 * ROW;
      aPanels -= 3;
    }
    if (aPanels == 2) {
      const second = a + aStride;
      transposedTile(6, 0, rows, a, second, b, c);
      transposedTile(6, 6, rows, a, second, b, c + 6 * ROW);
      transposedTile(4, 4, rows, second, second, b, c + 12 * ROW);
      return;
    }
  }
  while (aPanels > 0) {
    transposedTile(4, 0, rows, a, a, b, c);
    transposedTile(4, 4, rows, a, a, b, c + 4 * ROW);
    a += aStride;
    c += 8 * ROW;
    --aPanels;
  }
}
