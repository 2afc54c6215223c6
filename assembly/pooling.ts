/** Pooling over time: x [steps * batch, C] to y [batch, C], padding left out. An item of length 0 gets zeros. */
import { ROW } from './panels';

// @ts-ignore: decorator
@inline
function lengthOf(lengths: usize, item: usize, steps: i32): i32 {
  return lengths ? load<i32>(lengths + (item << 2)) : steps;
}

// @ts-ignore: decorator
@inline
function reciprocal(length: i32): v128 {
  return f32x4.splat(length > 0 ? <f32>(1.0 / <f64>length) : 0);
}

export function f32_mean_steps(
  steps: i32,
  batch: i32,
  panels: i32,
  x: usize,
  xStride: usize,
  lengths: usize,
  y: usize,
  yStride: usize,
): void {
  const stepBytes = <usize>batch * ROW;
  for (let panel = 0; panel < panels; ++panel) {
    for (let item: usize = 0; item < <usize>batch; ++item) {
      const length = lengthOf(lengths, item, steps);
      const factor = reciprocal(length);
      let sum0 = f32x4.splat(0);
      let sum1 = f32x4.splat(0);
      let from = x + item * ROW;
      for (let t = 0; t < length; ++t) {
        sum0 = f32x4.add(sum0, v128.load(from));
        sum1 = f32x4.add(sum1, v128.load(from, 16));
        from += stepBytes;
      }
      const to = y + item * ROW;
      v128.store(to, f32x4.mul(sum0, factor));
      v128.store(to, f32x4.mul(sum1, factor), 16);
    }
    x += xStride;
    y += yStride;
  }
}

export function f32_mean_steps_backward(
  steps: i32,
  batch: i32,
  panels: i32,
  dy: usize,
  dyStride: usize,
  lengths: usize,
  dx: usize,
  dxStride: usize,
): void {
  const stepBytes = <usize>batch * ROW;
  for (let panel = 0; panel < panels; ++panel) {
    for (let item: usize = 0; item < <usize>batch; ++item) {
      const length = lengthOf(lengths, item, steps);
      const factor = reciprocal(length);
      const from = dy + item * ROW;
      const share0 = f32x4.mul(v128.load(from), factor);
      const share1 = f32x4.mul(v128.load(from, 16), factor);
      let to = dx + item * ROW;
      for (let t = 0; t < steps; ++t) {
        v128.store(to, t < length ? share0 : f32x4.splat(0));
        v128.store(to, t < length ? share1 : f32x4.splat(0), 16);
        to += stepBytes;
      }
    }
    dy += dyStride;
    dx += dxStride;
  }
}

/** Lanes in which `value` takes the place of `best`: it is greater, or it is the first NaN. */
// @ts-ignore: decorator
@inline
function exceeds(value: v128, best: v128): v128 {
  return v128.or(f32x4.gt(value, best), v128.and(f32x4.ne(value, value), f32x4.eq(best, best)));
}

export function f32_max_steps(
  steps: i32,
  batch: i32,
  panels: i32,
  x: usize,
  xStride: usize,
  lengths: usize,
  y: usize,
  yStride: usize,
  argmax: usize,
): void {
  const stepBytes = <usize>batch * ROW;
  for (let panel = 0; panel < panels; ++panel) {
    for (let item: usize = 0; item < <usize>batch; ++item) {
      const length = lengthOf(lengths, item, steps);
      let best0 = f32x4.splat(0);
      let best1 = f32x4.splat(0);
      let step0 = i32x4.splat(-1);
      let step1 = i32x4.splat(-1);
      let from = x + item * ROW;
      for (let t = 0; t < length; ++t) {
        const value0 = v128.load(from);
        const value1 = v128.load(from, 16);
        const take0 = t ? exceeds(value0, best0) : i32x4.splat(-1);
        const take1 = t ? exceeds(value1, best1) : i32x4.splat(-1);
        best0 = v128.bitselect(value0, best0, take0);
        best1 = v128.bitselect(value1, best1, take1);
        step0 = v128.bitselect(i32x4.splat(t), step0, take0);
        step1 = v128.bitselect(i32x4.splat(t), step1, take1);
        from += stepBytes;
      }
      const place = item * ROW;
      v128.store(y + place, best0);
      v128.store(y + place, best1, 16);
      v128.store(argmax + place, step0);
      v128.store(argmax + place, step1, 16);
    }
    x += xStride;
    y += yStride;
    argmax += yStride;
  }
}

/** argmax lies as dy does. */
export function f32_max_steps_backward(
  steps: i32,
  batch: i32,
  panels: i32,
  dy: usize,
  dyStride: usize,
  argmax: usize,
  dx: usize,
  dxStride: usize,
): void {
  for (let panel = 0; panel < panels; ++panel) {
    let to = dx;
    for (let t = 0; t < steps; ++t) {
      const step = i32x4.splat(t);
      let place: usize = 0;
      const end = <usize>batch * ROW;
      while (place < end) {
        v128.store(to, v128.and(v128.load(dy + place), i32x4.eq(v128.load(argmax + place), step)));
        place += 16;
        to += 16;
      }
    }
    dy += dyStride;
    argmax += dyStride;
    dx += dxStride;
  }
}
