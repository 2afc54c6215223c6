/** Moving matrices between layouts and the arithmetic that is one operation an element. */
import { ROW, highMask, lowMask, panelsOf } from './panels';

/** For a few floats: memory.copy is a call out of the module. */
// @ts-ignore: decorator
@inline
function copyFloats(n: i32, src: usize, dst: usize): void {
  for (let i: usize = 0; i < (<usize>n) << 2; i += 4) store<f32>(dst + i, load<f32>(src + i));
}

export function f32_pack(rows: i32, cols: i32, src: usize, dst: usize, dstStride: usize): void {
  const rowBytes = <usize>cols << 2;
  for (let col = 0; col < cols; col += 8) {
    const present = min<i32>(cols - col, 8);
    let from = src + ((<usize>col) << 2);
    let to = dst;
    const end = dst + <usize>rows * ROW;
    while (to < end) {
      if (present == 8) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        v128.store(to, f32x4.splat(0));
        v128.store(to, f32x4.splat(0), 16);
        copyFloats(present, from, to);
      }
      from += rowBytes;
      to += ROW;
    }
    dst += dstStride;
  }
}

export function f32_unpack(rows: i32, cols: i32, src: usize, srcStride: usize, dst: usize): void {
  const rowBytes = <usize>cols << 2;
  for (let col = 0; col < cols; col += 8) {
    const present = min<i32>(cols - col, 8);
    let from = src;
    let to = dst + ((<usize>col) << 2);
    const end = src + <usize>rows * ROW;
    while (from < end) {
      if (present == 8) {
        v128.store(to, v128.load(from));
        v128.store(to, v128.load(from, 16), 16);
      } else {
        copyFloats(present, from, to);
      }
      from += ROW;
      to += rowBytes;
    }
    src += srcStride;
  }
}

export function f32_copy_rows(rows: i32, panels: i32, src: usize, srcStride: usize, dst: usize, dstStride: usize): void {
  for (let panel: usize = 0; panel < <usize>panels; ++panel) {
    memory.copy(dst + panel * dstStride, src + panel * srcStride, <usize>rows * ROW);
  }
}

export function f32_add_rows(rows: i32, panels: i32, src: usize, srcStride: usize, dst: usize, dstStride: usize): void {
  for (let panel: usize = 0; panel < <usize>panels; ++panel) {
    const to = dst + panel * dstStride;
    f32_add(rows << 3, to, src + panel * srcStride, to);
  }
}

export function f32_zero_padding(steps: i32, batch: i32, panels: i32, a: usize, aStride: usize, lengths: usize): void {
  for (let item: usize = 0; item < <usize>batch; ++item) {
    const length = load<i32>(lengths + (item << 2));
    for (let t = length; t < steps; ++t) {
      let row = a + ((<usize>t) * <usize>batch + item) * ROW;
      for (let panel = 0; panel < panels; ++panel) {
        v128.store(row, f32x4.splat(0));
        v128.store(row, f32x4.splat(0), 16);
        row += aStride;
      }
    }
  }
}

export function f32_zero_columns(rows: i32, cols: i32, a: usize, aStride: usize): void {
  const low = lowMask(cols);
  const high = highMask(cols);
  let row = a + <usize>(panelsOf(cols) - 1) * aStride;
  const end = row + <usize>rows * ROW;
  while (row < end) {
    v128.store(row, v128.and(v128.load(row), low));
    v128.store(row, v128.and(v128.load(row, 16), high), 16);
    row += ROW;
  }
}

export function f32_fill(n: i32, value: f64, out: usize): void {
  const filling = f32x4.splat(<f32>value);
  const end = out + ((<usize>n) << 2);
  while (out < end) {
    v128.store(out, filling);
    out += 16;
  }
}

export function f32_add(n: i32, a: usize, b: usize, out: usize): void {
  const end = a + ((<usize>n) << 2);
  while (a < end) {
    v128.store(out, f32x4.add(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    out += 16;
  }
}

export function f32_multiply(n: i32, a: usize, b: usize, out: usize): void {
  const end = a + ((<usize>n) << 2);
  while (a < end) {
    v128.store(out, f32x4.mul(v128.load(a), v128.load(b)));
    a += 16;
    b += 16;
    out += 16;
  }
}

export function f32_scale(n: i32, a: usize, factor: f64, out: usize): void {
  const factors = f32x4.splat(<f32>factor);
  const end = a + ((<usize>n) << 2);
  while (a < end) {
    v128.store(out, f32x4.mul(v128.load(a), factors));
    a += 16;
    out += 16;
  }
}
