/**
 * Tiles of C = init + A B: a few rows by one panel, held in registers. Two vectors of four floats a row, TILE_ROWS rows at
 * most, one pair of vectors of B and one broadcast element of A.
 */
import { ROW } from './panels';
import { TILE_ROWS, fma } from './simd';

// The tile of C = init + A B: `rows` (a literal, 1 to TILE_ROWS) rows by one panel.
// @ts-ignore: decorator
@inline
function tile(
  rows: i32,
  inner: i32,
  a: usize,
  aStride: usize,
  b: usize,
  init: usize,
  initRowStride: usize,
  c: usize,
): void {
  let c00 = v128.load(init);
  let c01 = v128.load(init, 16);
  let c10 = c00, c11 = c01, c20 = c00, c21 = c01, c30 = c00, c31 = c01, c40 = c00, c41 = c01, c50 = c00, c51 = c01;
  if (rows > 1) {
    init += initRowStride;
    c10 = v128.load(init);
    c11 = v128.load(init, 16);
  }
  if (rows > 2) {
    init += initRowStride;
    c20 = v128.load(init);
    c21 = v128.load(init, 16);
  }
  if (rows > 3) {
    init += initRowStride;
    c30 = v128.load(init);
    c31 = v128.load(init, 16);
  }
  if (rows > 4) {
    init += initRowStride;
    c40 = v128.load(init);
    c41 = v128.load(init, 16);
  }
  if (rows > 5) {
    init += initRowStride;
    c50 = v128.load(init);
    c51 = v128.load(init, 16);
  }
  const next = aStride - ROW;
  const end = b + <usize>inner * ROW;
  while (b < end) {
    const panelEnd = b + 8 * ROW;
    do {
      let b0 = v128.load(b);
      let b1 = v128.load(b, 16);
      let x = v128.load32_splat(a);
      c00 = fma(x, b0, c00);
      c01 = fma(x, b1, c01);
      if (rows > 1) {
        x = v128.load32_splat(a, 32);
        c10 = fma(x, b0, c10);
        c11 = fma(x, b1, c11);
      }
      if (rows > 2) {
        x = v128.load32_splat(a, 64);
        c20 = fma(x, b0, c20);
        c21 = fma(x, b1, c21);
      }
      if (rows > 3) {
        x = v128.load32_splat(a, 96);
        c30 = fma(x, b0, c30);
        c31 = fma(x, b1, c31);
      }
      if (rows > 4) {
        x = v128.load32_splat(a, 128);
        c40 = fma(x, b0, c40);
        c41 = fma(x, b1, c41);
      }
      if (rows > 5) {
        x = v128.load32_splat(a, 160);
        c50 = fma(x, b0, c50);
        c51 = fma(x, b1, c51);
      }
      b0 = v128.load(b, 32);
      b1 = v128.load(b, 48);
      x = v128.load32_splat(a, 4);
      c00 = fma(x, b0, c00);
      c01 = fma(x, b1, c01);
      if (rows > 1) {
        x = v128.load32_splat(a, 36);
        c10 = fma(x, b0, c10);
        c11 = fma(x, b1, c11);
      }
      if (rows > 2) {
        x = v128.load32_splat(a, 68);
        c20 = fma(x, b0, c20);
        c21 = fma(x, b1, c21);
      }
      if (rows > 3) {
        x = v128.load32_splat(a, 100);
        c30 = fma(x, b0, c30);
        c31 = fma(x, b1, c31);
      }
      if (rows > 4) {
        x = v128.load32_splat(a, 132);
        c40 = fma(x, b0, c40);
        c41 = fma(x, b1, c41);
      }
      if (rows > 5) {
        x = v128.load32_splat(a, 164);
        c50 = fma(x, b0, c50);
        c51 = fma(x, b1, c51);
      }
      a += 8;
      b += 2 * ROW;
    } while (b < panelEnd);
    a += next;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  if (rows > 1) {
    v128.store(c, c10, 32);
    v128.store(c, c11, 48);
  }
  if (rows > 2) {
    v128.store(c, c20, 64);
    v128.store(c, c21, 80);
  }
  if (rows > 3) {
    v128.store(c, c30, 96);
    v128.store(c, c31, 112);
  }
  if (rows > 4) {
    v128.store(c, c40, 128);
    v128.store(c, c41, 144);
  }
  if (rows > 5) {
    v128.store(c, c50, 160);
    v128.store(c, c51, 176);
  }
}

/** C = init + A B for one panel of B and C and any number of rows. */
export function panelProduct(
  rows: i32,
  inner: i32,
  a: usize,
  aStride: usize,
  b: usize,
  init: usize,
  initRowStride: usize,
  c: usize,
): void {
  if (TILE_ROWS == 6) {
    while (rows > 9 || rows == 6) {
      tile(6, inner, a, aStride, b, init, initRowStride, c);
      a += 6 * ROW;
      init += 6 * initRowStride;
      c += 6 * ROW;
      rows -= 6;
    }
    if (rows == 5 || rows == 9) {
      tile(5, inner, a, aStride, b, init, initRowStride, c);
      a += 5 * ROW;
      init += 5 * initRowStride;
      c += 5 * ROW;
      rows -= 5;
    }
  }
  // Left over: 1 to 4, 7 or 8 rows of six-row tiles; any number of four-row tiles.
  while (rows > 6 || rows == 4) {
    tile(4, inner, a, aStride, b, init, initRowStride, c);
    a += 4 * ROW;
    init += 4 * initRowStride;
    c += 4 * ROW;
    rows -= 4;
  }
  while (rows > 4 || rows == 3) {
    tile(3, inner, a, aStride, b, init, initRowStride, c);
    a += 3 * ROW;
    init += 3 * initRowStride;
    c += 3 * ROW;
    rows -= 3;
  }
  if (rows == 2) tile(2, inner, a, aStride, b, init, initRowStride, c);
  else if (rows == 1) tile(1, inner, a, aStride, b, init, initRowStride, c);
}

/** One row by four panels that lie `bStep` (and `initStep`, `cStep`) bytes apart: a lone row keeps the multipliers busy. */
export function rowProduct4(
  inner: i32,
  a: usize,
  aStride: usize,
  b: usize,
  bStep: usize,
  init: usize,
  initStep: usize,
  c: usize,
  cStep: usize,
): void {
  let c00 = v128.load(init), c01 = v128.load(init, 16);
  init += initStep;
  let c10 = v128.load(init), c11 = v128.load(init, 16);
  init += initStep;
  let c20 = v128.load(init), c21 = v128.load(init, 16);
  init += initStep;
  let c30 = v128.load(init), c31 = v128.load(init, 16);
  let b1 = b + bStep;
  let b2 = b1 + bStep;
  let b3 = b2 + bStep;
  const next = aStride - ROW;
  const end = b + <usize>inner * ROW;
  while (b < end) {
    const panelEnd = b + 8 * ROW;
    do {
      const x = v128.load32_splat(a);
      c00 = fma(x, v128.load(b), c00);
      c01 = fma(x, v128.load(b, 16), c01);
      c10 = fma(x, v128.load(b1), c10);
      c11 = fma(x, v128.load(b1, 16), c11);
      c20 = fma(x, v128.load(b2), c20);
      c21 = fma(x, v128.load(b2, 16), c21);
      c30 = fma(x, v128.load(b3), c30);
      c31 = fma(x, v128.load(b3, 16), c31);
      a += 4;
      b += ROW;
      b1 += ROW;
      b2 += ROW;
      b3 += ROW;
    } while (b < panelEnd);
    a += next;
  }
  v128.store(c, c00);
  v128.store(c, c01, 16);
  c += cStep;
  v128.store(c, c10);
  v128.store(c, c11, 16);
  c += cStep;
  v128.store(c, c20);
  v128.store(c, c21, 16);
  c += cStep;
  v128.store(c, c30);
  v128.store(c, c31, 16);
}
