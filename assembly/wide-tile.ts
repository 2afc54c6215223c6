/** Tiles of C = init + A B over two panels, for the wide builds (simd.ts); the other builds take one panel after the other. */
import { ROW } from './panels';
import { WIDE, fma } from './simd';
import { panelProduct } from './tile';

// `rows` (a literal, 1 to 6) rows by two panels, `bStep`, `initStep` and `cStep` bytes apart. Pairs of vectors lie side by
// side; six rows of two such pairs, two pairs of B and an element of A take fifteen registers of eight floats.
// @ts-ignore: decorator
@inline
function pairTile(
  rows: i32,
  inner: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStep: usize,
  init: usize,
  initStep: usize,
  initRowStride: usize,
  c: usize,
  cStep: usize,
): void {
  let second = init + initStep;
  let c00 = v128.load(init), c01 = v128.load(init, 16), c02 = v128.load(second), c03 = v128.load(second, 16);
  let c10 = c00, c11 = c01, c12 = c02, c13 = c03, c20 = c00, c21 = c01, c22 = c02, c23 = c03, c30 = c00, c31 = c01,
    c32 = c02, c33 = c03, c40 = c00, c41 = c01, c42 = c02, c43 = c03, c50 = c00, c51 = c01, c52 = c02, c53 = c03;
  if (rows > 1) {
    init += initRowStride;
    second += initRowStride;
    c10 = v128.load(init);
    c11 = v128.load(init, 16);
    c12 = v128.load(second);
    c13 = v128.load(second, 16);
  }
  if (rows > 2) {
    init += initRowStride;
    second += initRowStride;
    c20 = v128.load(init);
    c21 = v128.load(init, 16);
    c22 = v128.load(second);
    c23 = v128.load(second, 16);
  }
  if (rows > 3) {
    init += initRowStride;
    second += initRowStride;
    c30 = v128.load(init);
    c31 = v128.load(init, 16);
    c32 = v128.load(second);
    c33 = v128.load(second, 16);
  }
  if (rows > 4) {
    init += initRowStride;
    second += initRowStride;
    c40 = v128.load(init);
    c41 = v128.load(init, 16);
    c42 = v128.load(second);
    c43 = v128.load(second, 16);
  }
  if (rows > 5) {
    init += initRowStride;
    second += initRowStride;
    c50 = v128.load(init);
    c51 = v128.load(init, 16);
    c52 = v128.load(second);
    c53 = v128.load(second, 16);
  }
  let other = b + bStep;
  const next = aStride - ROW;
  const end = b + <usize>inner * ROW;
  while (b < end) {
    const panelEnd = b + 8 * ROW;
    do {
      const b0 = v128.load(b);
      const b1 = v128.load(b, 16);
      const b2 = v128.load(other);
      const b3 = v128.load(other, 16);
      let x = v128.load32_splat(a);
      c00 = fma(x, b0, c00);
      c01 = fma(x, b1, c01);
      c02 = fma(x, b2, c02);
      c03 = fma(x, b3, c03);
      if (rows > 1) {
        x = v128.load32_splat(a, 32);
        c10 = fma(x, b0, c10);
        c11 = fma(x, b1, c11);
        c12 = fma(x, b2, c12);
        c13 = fma(x, b3, c13);
      }
      if (rows > 2) {
        x = v128.load32_splat(a, 64);
        c20 = fma(x, b0, c20);
        c21 = fma(x, b1, c21);
        c22 = fma(x, b2, c22);
        c23 = fma(x, b3, c23);
      }
      if (rows > 3) {
        x = v128.load32_splat(a, 96);
        c30 = fma(x, b0, c30);
        c31 = fma(x, b1, c31);
        c32 = fma(x, b2, c32);
        c33 = fma(x, b3, c33);
      }
      if (rows > 4) {
        x = v128.load32_splat(a, 128);
        c40 = fma(x, b0, c40);
        c41 = fma(x, b1, c41);
        c42 = fma(x, b2, c42);
        c43 = fma(x, b3, c43);
      }
      if (rows > 5) {
        x = v128.load32_splat(a, 160);
        c50 = fma(x, b0, c50);
        c51 = fma(x, b1, c51);
        c52 = fma(x, b2, c52);
        c53 = fma(x, b3, c53);
      }
      a += 4;
      b += ROW;
      other += ROW;
    } while (b < panelEnd);
    a += next;
  }
  second = c + cStep;
  v128.store(c, c00);
  v128.store(c, c01, 16);
  v128.store(second, c02);
  v128.store(second, c03, 16);
  if (rows > 1) {
    v128.store(c, c10, 32);
    v128.store(c, c11, 48);
    v128.store(second, c12, 32);
    v128.store(second, c13, 48);
  }
  if (rows > 2) {
    v128.store(c, c20, 64);
    v128.store(c, c21, 80);
    v128.store(second, c22, 64);
    v128.store(second, c23, 80);
  }
  if (rows > 3) {
    v128.store(c, c30, 96);
    v128.store(c, c31, 112);
    v128.store(second, c32, 96);
    v128.store(second, c33, 112);
  }
  if (rows > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
    v128.store(second, c42, 128);
    v128.store(second, c43, 144);
  }
  if (rows > 5) {
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
    v128.store(second, c52, 160);
    v128.store(second, c53, 176);
  }
}

/** C = init + A B for two panels of B and C that lie `bStep` and `cStep` bytes apart. */
export function pairProduct(
  rows: i32,
  inner: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStep: usize,
  init: usize,
  initStep: usize,
  initRowStride: usize,
  c: usize,
  cStep: usize,
): void {
  if (!WIDE) {
    panelProduct(rows, inner, a, aStride, b, init, initRowStride, c);
    panelProduct(rows, inner, a, aStride, b + bStep, init + initStep, initRowStride, c + cStep);
    return;
  }
  while (rows > 9 || rows == 6) {
    pairTile(6, inner, a, aStride, b, bStep, init, initStep, initRowStride, c, cStep);
    a += 6 * ROW;
    init += 6 * initRowStride;
    c += 6 * ROW;
    rows -= 6;
  }
  if (rows == 5 || rows == 9) {
    pairTile(5, inner, a, aStride, b, bStep, init, initStep, initRowStride, c, cStep);
    a += 5 * ROW;
    init += 5 * initRowStride;
    c += 5 * ROW;
    rows -= 5;
  }
  while (rows > 6 || rows == 4) {
    pairTile(4, inner, a, aStride, b, bStep, init, initStep, initRowStride, c, cStep);
    a += 4 * ROW;
    init += 4 * initRowStride;
    c += 4 * ROW;
    rows -= 4;
  }
  if (rows == 3) pairTile(3, inner, a, aStride, b, bStep, init, initStep, initRowStride, c, cStep);
  else if (rows == 2) pairTile(2, inner, a, aStride, b, bStep, init, initStep, initRowStride, c, cStep);
  else if (rows == 1) pairTile(1, inner, a, aStride, b, bStep, init, initStep, initRowStride, c, cStep);
}
