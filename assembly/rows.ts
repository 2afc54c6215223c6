/** Maximum, exponentials and scaling of one row, whose elements lie in all panels, at the same place in each. */
import { exp4 } from './math';
import { horizontalSum } from './simd';

/** The greatest of the eight lanes. */
// @ts-ignore: decorator
@inline
function horizontalMax(a: v128, b: v128): f32 {
  let m = f32x4.pmax(a, b);
  m = f32x4.pmax(m, i8x16.shuffle(m, m, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
  m = f32x4.pmax(m, i8x16.shuffle(m, m, 4, 5, 6, 7, 0, 1, 2, 3, 12, 13, 14, 15, 8, 9, 10, 11));
  return f32x4.extract_lane(m, 0);
}

/** The greatest true element of the row at x; NaN elements are passed over. */
// @ts-ignore: decorator
@inline
export function rowMaximum(panels: i32, low: v128, high: v128, x: usize, xStride: usize): f32 {
  const least = f32x4.splat(-Infinity);
  let max0 = least;
  let max1 = least;
  for (let panel = 1; panel < panels; ++panel) {
    max0 = f32x4.pmax(max0, v128.load(x));
    max1 = f32x4.pmax(max1, v128.load(x, 16));
    x += xStride;
  }
  max0 = f32x4.pmax(max0, v128.bitselect(v128.load(x), least, low));
  max1 = f32x4.pmax(max1, v128.bitselect(v128.load(x, 16), least, high));
  return horizontalMax(max0, max1);
}

/** The sum of exp(x - maximum) over the row's true elements; where y is not 0, the terms go there. */
// @ts-ignore: decorator
@inline
export function rowExponentials(
  panels: i32,
  low: v128,
  high: v128,
  x: usize,
  xStride: usize,
  maximum: f32,
  y: usize,
  yStride: usize,
): f32 {
  const shift = f32x4.splat(maximum);
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  for (let panel = 1; panel < panels; ++panel) {
    const term0 = exp4(f32x4.sub(v128.load(x), shift));
    const term1 = exp4(f32x4.sub(v128.load(x, 16), shift));
    if (y) {
      v128.store(y, term0);
      v128.store(y, term1, 16);
      y += yStride;
    }
    sum0 = f32x4.add(sum0, term0);
    sum1 = f32x4.add(sum1, term1);
    x += xStride;
  }
  const term0 = v128.and(exp4(f32x4.sub(v128.load(x), shift)), low);
  const term1 = v128.and(exp4(f32x4.sub(v128.load(x, 16), shift)), high);
  if (y) {
    v128.store(y, term0);
    v128.store(y, term1, 16);
  }
  return horizontalSum(f32x4.add(f32x4.add(sum0, term0), f32x4.add(sum1, term1)));
}

/** y times factor. */
// @ts-ignore: decorator
@inline
export function scaleRow(panels: i32, factor: f32, y: usize, yStride: usize): void {
  const factors = f32x4.splat(factor);
  for (let panel = 0; panel < panels; ++panel) {
    v128.store(y, f32x4.mul(v128.load(y), factors));
    v128.store(y, f32x4.mul(v128.load(y, 16), factors), 16);
    y += yStride;
  }
}
