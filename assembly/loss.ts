/** Softmax and losses, row by row; a row's elements lie in all panels, at the same place in each. */
import { log4 } from './math';
import { ROW, highMask, lowMask, panelsOf } from './panels';
import { rowExponentials, rowMaximum, scaleRow } from './rows';

export function f32_softmax(rows: i32, cols: i32, x: usize, xStride: usize, y: usize, yStride: usize): void {
  const panels = panelsOf(cols);
  const low = lowMask(cols);
  const high = highMask(cols);
  const end = x + <usize>rows * ROW;
  while (x < end) {
    const maximum = rowMaximum(panels, low, high, x, xStride);
    const sum = rowExponentials(panels, low, high, x, xStride, maximum, y, yStride);
    scaleRow(panels, 1 / sum, y, yStride);
    x += ROW;
    y += ROW;
  }
}

export function f32_log_softmax(rows: i32, cols: i32, x: usize, xStride: usize, y: usize, yStride: usize): void {
  const panels = panelsOf(cols);
  const low = lowMask(cols);
  const high = highMask(cols);
  const end = x + <usize>rows * ROW;
  while (x < end) {
    const maximum = rowMaximum(panels, low, high, x, xStride);
    const sum = rowExponentials(panels, low, high, x, xStride, maximum, 0, 0);
    const shift = f32x4.splat(maximum);
    const logSum = log4(f32x4.splat(sum));
    let from = x;
    let to = y;
    for (let panel = 1; panel < panels; ++panel) {
      v128.store(to, f32x4.sub(f32x4.sub(v128.load(from), shift), logSum));
      v128.store(to, f32x4.sub(f32x4.sub(v128.load(from, 16), shift), logSum), 16);
      from += xStride;
      to += yStride;
    }
    v128.store(to, v128.and(f32x4.sub(f32x4.sub(v128.load(from), shift), logSum), low));
    v128.store(to, v128.and(f32x4.sub(f32x4.sub(v128.load(from, 16), shift), logSum), high), 16);
    x += ROW;
    y += ROW;
  }
}

/** The address of element (row, col) of a matrix. */
// @ts-ignore: decorator
@inline
function elementAt(a: usize, stride: usize, row: i32, col: i32): usize {
  return a + (<usize>col >> 3) * stride + <usize>row * ROW + ((<usize>col & 7) << 2);
}

/** Whether row t * batch + b counts: its target is neither negative nor `ignore`, and t < lengths[b]. */
// @ts-ignore: decorator
@inline
function counts(row: i32, target: i32, ignore: i32, batch: i32, lengths: usize): bool {
  if (target < 0 || target == ignore) return false;
  if (!lengths) return true;
  return row / batch < load<i32>(lengths + (<usize>(row % batch) << 2));
}

export function f32_cross_entropy(
  rows: i32,
  cols: i32,
  logits: usize,
  stride: usize,
  targets: usize,
  ignore: i32,
  batch: i32,
  lengths: usize,
  probs: usize,
  probsStride: usize,
  lossOut: usize,
): f64 {
  const panels = panelsOf(cols);
  const low = lowMask(cols);
  const high = highMask(cols);
  let total: f64 = 0;
  for (let row = 0; row < rows; ++row) {
    const x = logits + <usize>row * ROW;
    const y = probs + <usize>row * ROW;
    const target = load<i32>(targets + (<usize>row << 2));
    const counted = counts(row, target, ignore, batch, lengths);
    // Read before the probabilities, which may lie in the same place.
    const logit: f32 = counted ? load<f32>(elementAt(logits, stride, row, target)) : 0;
    const maximum = rowMaximum(panels, low, high, x, stride);
    const sum = rowExponentials(panels, low, high, x, stride, maximum, y, probsStride);
    scaleRow(panels, 1 / sum, y, probsStride);
    const loss: f64 = counted ? <f64>f32x4.extract_lane(log4(f32x4.splat(sum)), 0) + (<f64>maximum - <f64>logit) : 0;
    if (lossOut) store<f32>(lossOut + (<usize>row << 2), <f32>loss);
    total += loss;
  }
  return total;
}

export function f32_cross_entropy_backward(
  rows: i32,
  cols: i32,
  probs: usize,
  stride: usize,
  targets: usize,
  ignore: i32,
  batch: i32,
  lengths: usize,
  scale: f64,
  dlogits: usize,
  dlogitsStride: usize,
): void {
  const panels = panelsOf(cols);
  const factor = <f32>scale;
  const factors = f32x4.splat(factor);
  for (let row = 0; row < rows; ++row) {
    const target = load<i32>(targets + (<usize>row << 2));
    let from = probs + <usize>row * ROW;
    let to = dlogits + <usize>row * ROW;
    if (counts(row, target, ignore, batch, lengths)) {
      for (let panel = 0; panel < panels; ++panel) {
        v128.store(to, f32x4.mul(v128.load(from), factors));
        v128.store(to, f32x4.mul(v128.load(from, 16), factors), 16);
        from += stride;
        to += dlogitsStride;
      }
      const place = elementAt(dlogits, dlogitsStride, row, target);
      store<f32>(place, load<f32>(place) - factor);
    } else {
      for (let panel = 0; panel < panels; ++panel) {
        v128.store(to, f32x4.splat(0));
        v128.store(to, f32x4.splat(0), 16);
        to += dlogitsStride;
      }
    }
  }
}

export function f32_squared_error(
  rows: i32,
  cols: i32,
  x: usize,
  xStride: usize,
  target: usize,
  targetStride: usize,
): f64 {
  let sums0 = f64x2.splat(0);
  let sums1 = f64x2.splat(0);
  for (let panel = 0; panel < panelsOf(cols); ++panel) {
    let a = x;
    let b = target;
    const end = x + <usize>rows * ROW;
    while (a < end) {
      const difference = f32x4.sub(v128.load(a), v128.load(b));
      const first = f64x2.promote_low_f32x4(difference);
      const second = f64x2.promote_low_f32x4(
        i8x16.shuffle(difference, difference, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
      );
      sums0 = f64x2.add(sums0, f64x2.mul(first, first));
      sums1 = f64x2.add(sums1, f64x2.mul(second, second));
      a += 16;
      b += 16;
    }
    x += xStride;
    target += targetStride;
  }
  const sums = f64x2.add(sums0, sums1);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

export function f32_squared_error_backward(
  rows: i32,
  cols: i32,
  x: usize,
  xStride: usize,
  target: usize,
  targetStride: usize,
  scale: f64,
  dx: usize,
  dxStride: usize,
): void {
  const factors = f32x4.splat(<f32>(2 * scale));
  for (let panel = 0; panel < panelsOf(cols); ++panel) {
    let a = x;
    let b = target;
    let to = dx;
    const end = x + <usize>rows * ROW;
    while (a < end) {
      v128.store(to, f32x4.mul(f32x4.sub(v128.load(a), v128.load(b)), factors));
      a += 16;
      b += 16;
      to += 16;
    }
    x += xStride;
    target += targetStride;
    dx += dxStride;
  }
}
