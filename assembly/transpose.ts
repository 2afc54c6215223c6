/** Panels to panels: transposes, and sums of rows. */
import { ROW } from './panels';

// One 8x8 block, four at a time: rows 4i..4i+3 by columns 4j..4j+3 go to rows 4j.. by columns 4i...
// @ts-ignore: decorator
@inline
function transpose4(src: usize, dst: usize): void {
  const r0 = v128.load(src);
  const r1 = v128.load(src, 32);
  const r2 = v128.load(src, 64);
  const r3 = v128.load(src, 96);
  const low01 = i8x16.shuffle(r0, r1, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const low23 = i8x16.shuffle(r2, r3, 0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23);
  const high01 = i8x16.shuffle(r0, r1, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  const high23 = i8x16.shuffle(r2, r3, 8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31);
  v128.store(dst, i8x16.shuffle(low01, low23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23));
  v128.store(dst, i8x16.shuffle(low01, low23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 32);
  v128.store(dst, i8x16.shuffle(high01, high23, 0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23), 64);
  v128.store(dst, i8x16.shuffle(high01, high23, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31), 96);
}

export function f32_transpose(rows: i32, cols: i32, src: usize, srcStride: usize, dst: usize, dstStride: usize): void {
  for (let row: usize = 0; row < <usize>rows; row += 8) {
    const toPanel = dst + (row >> 3) * dstStride;
    for (let col: usize = 0; col < <usize>cols; col += 8) {
      const from = src + (col >> 3) * srcStride + row * ROW;
      const to = toPanel + col * ROW;
      transpose4(from, to);
      transpose4(from + 16, to + 4 * ROW);
      transpose4(from + 4 * ROW, to + 16);
      transpose4(from + 4 * ROW + 16, to + 4 * ROW + 16);
    }
  }
}

export function f32_sum_rows(rows: i32, panels: i32, a: usize, aStride: usize, out: usize): void {
  for (let panel: usize = 0; panel < <usize>panels; ++panel) {
    let from = a + panel * aStride;
    const end = from + <usize>rows * ROW;
    // Two chains a vector: the additions of one row do not wait for the row before.
    let even0 = v128.load(out), even1 = v128.load(out, 16);
    let odd0 = f32x4.splat(0), odd1 = f32x4.splat(0);
    while (from + ROW < end) {
      even0 = f32x4.add(even0, v128.load(from));
      even1 = f32x4.add(even1, v128.load(from, 16));
      odd0 = f32x4.add(odd0, v128.load(from, 32));
      odd1 = f32x4.add(odd1, v128.load(from, 48));
      from += 2 * ROW;
    }
    if (from < end) {
      even0 = f32x4.add(even0, v128.load(from));
      even1 = f32x4.add(even1, v128.load(from, 16));
    }
    v128.store(out, f32x4.add(even0, odd0));
    v128.store(out, f32x4.add(even1, odd1), 16);
    out += ROW;
  }
}
