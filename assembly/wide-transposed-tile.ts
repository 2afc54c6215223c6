/** Tiles of C += A^T B over two panels of B, for the wide builds (simd.ts). Columns of A are picked as in transposed-tile.ts. */
import { ROW } from './panels';
import { fma } from './simd';

// `columns` (a literal, 4 or 6) columns of A from lane `lane` (a literal) on, by two panels of B and C.
// @ts-ignore: decorator
@inline
function transposedPairTile(
  columns: i32,
  lane: i32,
  rows: i32,
  a: usize,
  aNext: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
): void {
  const second = c + cStep;
  let c00 = v128.load(c, 0), c01 = v128.load(c, 16);
  let c02 = v128.load(second, 0), c03 = v128.load(second, 16);
  let c10 = v128.load(c, 32), c11 = v128.load(c, 48);
  let c12 = v128.load(second, 32), c13 = v128.load(second, 48);
  let c20 = v128.load(c, 64), c21 = v128.load(c, 80);
  let c22 = v128.load(second, 64), c23 = v128.load(second, 80);
  let c30 = v128.load(c, 96), c31 = v128.load(c, 112);
  let c32 = v128.load(second, 96), c33 = v128.load(second, 112);
  let c40 = c00, c41 = c00, c42 = c00, c43 = c00, c50 = c00, c51 = c00, c52 = c00, c53 = c00;
  if (columns > 4) {
    c40 = v128.load(c, 128);
    c41 = v128.load(c, 144);
    c42 = v128.load(second, 128);
    c43 = v128.load(second, 144);
    c50 = v128.load(c, 160);
    c51 = v128.load(c, 176);
    c52 = v128.load(second, 160);
    c53 = v128.load(second, 176);
  }
  a += <usize>lane << 2;
  aNext += (<usize>lane << 2) - 32;
  let other = b + bStep;
  const end = b + <usize>rows * ROW;
  while (b < end) {
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const b2 = v128.load(other);
    const b3 = v128.load(other, 16);
    let x = v128.load32_splat(a);
    c00 = fma(x, b0, c00);
    c01 = fma(x, b1, c01);
    c02 = fma(x, b2, c02);
    c03 = fma(x, b3, c03);
    x = v128.load32_splat(a, 4);
    c10 = fma(x, b0, c10);
    c11 = fma(x, b1, c11);
    c12 = fma(x, b2, c12);
    c13 = fma(x, b3, c13);
    x = lane > 5 ? v128.load32_splat(aNext, 8) : v128.load32_splat(a, 8);
    c20 = fma(x, b0, c20);
    c21 = fma(x, b1, c21);
    c22 = fma(x, b2, c22);
    c23 = fma(x, b3, c23);
    x = lane > 4 ? v128.load32_splat(aNext, 12) : v128.load32_splat(a, 12);
    c30 = fma(x, b0, c30);
    c31 = fma(x, b1, c31);
    c32 = fma(x, b2, c32);
    c33 = fma(x, b3, c33);
    if (columns > 4) {
      x = lane > 3 ? v128.load32_splat(aNext, 16) : v128.load32_splat(a, 16);
      c40 = fma(x, b0, c40);
      c41 = fma(x, b1, c41);
      c42 = fma(x, b2, c42);
      c43 = fma(x, b3, c43);
      x = lane > 2 ? v128.load32_splat(aNext, 20) : v128.load32_splat(a, 20);
      c50 = fma(x, b0, c50);
      c51 = fma(x, b1, c51);
      c52 = fma(x, b2, c52);
      c53 = fma(x, b3, c53);
    }
    a += ROW;
    aNext += ROW;
    b += ROW;
    other += ROW;
  }
  v128.store(c, c00, 0);
  v128.store(c, c01, 16);
  v128.store(second, c02, 0);
  v128.store(second, c03, 16);
  v128.store(c, c10, 32);
  v128.store(c, c11, 48);
  v128.store(second, c12, 32);
  v128.store(second, c13, 48);
  v128.store(c, c20, 64);
  v128.store(c, c21, 80);
  v128.store(second, c22, 64);
  v128.store(second, c23, 80);
  v128.store(c, c30, 96);
  v128.store(c, c31, 112);
  v128.store(second, c32, 96);
  v128.store(second, c33, 112);
  if (columns > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
    v128.store(second, c42, 128);
    v128.store(second, c43, 144);
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
    v128.store(second, c52, 160);
    v128.store(second, c53, 176);
  }
}

// Two panels of C += A^T B over `rows` rows, in wide builds.
export function transposedPairProduct(
  aPanels: i32,
  rows: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStep: usize,
  c: usize,
  cStep: usize,
): void {
  while (aPanels >= 3) {
    const second = a + aStride;
    const third = second + aStride;
    transposedPairTile(6, 0, rows, a, second, b, bStep, c, cStep);
    transposedPairTile(6, 6, rows, a, second, b, bStep, c + 6 * ROW, cStep);
    transposedPairTile(6, 4, rows, second, third, b, bStep, c + 12 * ROW, cStep);
    transposedPairTile(6, 2, rows, third, third, b, bStep, c + 18 * ROW, cStep);
    a = third + aStride;
    c += 24 * ROW;
    aPanels -= 3;
  }
  if (aPanels == 2) {
    const second = a + aStride;
    transposedPairTile(6, 0, rows, a, second, b, bStep, c, cStep);
    transposedPairTile(6, 6, rows, a, second, b, bStep, c + 6 * ROW, cStep);
    transposedPairTile(4, 4, rows, second, second, b, bStep, c + 12 * ROW, cStep);
  } else if (aPanels == 1) {
    transposedPairTile(4, 0, rows, a, a, b, bStep, c, cStep);
    transposedPairTile(4, 4, rows, a, a, b, bStep, c + 4 * ROW, cStep);
  }
}
