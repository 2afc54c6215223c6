/** Layer normalisation (Ba et al. 2016): y = gamma (x - mean) / sqrt(var + eps) + beta, over the true columns of a row. */
import { ROW, highMask, lowMask, panelsOf } from './panels';
import { fma, fnma, horizontalSum } from './simd';

/** The sum of the row at x; missing columns hold zeros. */
// @ts-ignore: decorator
@inline
function rowSum(panels: i32, x: usize, xStride: usize): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  for (let panel = 0; panel < panels; ++panel) {
    sum0 = f32x4.add(sum0, v128.load(x));
    sum1 = f32x4.add(sum1, v128.load(x, 16));
    x += xStride;
  }
  return horizontalSum(f32x4.add(sum0, sum1));
}

/** The sum of (x - mean)^2 over the row's true columns. */
// @ts-ignore: decorator
@inline
function rowSquares(panels: i32, low: v128, high: v128, x: usize, xStride: usize, mean: v128): f32 {
  let sum0 = f32x4.splat(0);
  let sum1 = f32x4.splat(0);
  for (let panel = 1; panel < panels; ++panel) {
    const d0 = f32x4.sub(v128.load(x), mean);
    const d1 = f32x4.sub(v128.load(x, 16), mean);
    sum0 = fma(d0, d0, sum0);
    sum1 = fma(d1, d1, sum1);
    x += xStride;
  }
  const d0 = v128.and(f32x4.sub(v128.load(x), mean), low);
  const d1 = v128.and(f32x4.sub(v128.load(x, 16), mean), high);
  return horizontalSum(f32x4.add(fma(d0, d0, sum0), fma(d1, d1, sum1)));
}

export function f32_layer_norm(
  rows: i32,
  cols: i32,
  x: usize,
  xStride: usize,
  gamma: usize,
  beta: usize,
  eps: f64,
  y: usize,
  yStride: usize,
  stats: usize,
): void {
  const panels = panelsOf(cols);
  const low = lowMask(cols);
  const high = highMask(cols);
  const end = x + <usize>rows * ROW;
  while (x < end) {
    const mean: f32 = rowSum(panels, x, xStride) / <f32>cols;
    const means = f32x4.splat(mean);
    const variance = <f64>rowSquares(panels, low, high, x, xStride, means) / <f64>cols;
    const inverse = <f32>(1 / sqrt<f64>(variance + eps));
    const inverses = f32x4.splat(inverse);
    store<f32>(stats, mean);
    store<f32>(stats, inverse, 4);
    let from = x;
    let to = y;
    let g = gamma;
    let b = beta;
    // gamma and beta hold zeros in the missing columns, and so does y.
    for (let panel = 0; panel < panels; ++panel) {
      const hat0 = f32x4.mul(f32x4.sub(v128.load(from), means), inverses);
      const hat1 = f32x4.mul(f32x4.sub(v128.load(from, 16), means), inverses);
      v128.store(to, fma(hat0, v128.load(g), v128.load(b)));
      v128.store(to, fma(hat1, v128.load(g, 16), v128.load(b, 16)), 16);
      from += xStride;
      to += yStride;
      g += ROW;
      b += ROW;
    }
    x += ROW;
    y += ROW;
    stats += 8;
  }
}

/** dgamma += sum over rows of dy xhat, dbeta += sum over rows of dy. */
function addParameterGradients(
  rows: i32,
  panels: i32,
  x: usize,
  xStride: usize,
  stats: usize,
  dy: usize,
  dyStride: usize,
  dgamma: usize,
  dbeta: usize,
): void {
  for (let panel = 0; panel < panels; ++panel) {
    let gamma0 = v128.load(dgamma);
    let gamma1 = v128.load(dgamma, 16);
    let beta0 = v128.load(dbeta);
    let beta1 = v128.load(dbeta, 16);
    let from = x;
    let d = dy;
    let stat = stats;
    const end = x + <usize>rows * ROW;
    while (from < end) {
      const mean = v128.load32_splat(stat);
      const inverse = v128.load32_splat(stat, 4);
      const d0 = v128.load(d);
      const d1 = v128.load(d, 16);
      gamma0 = fma(d0, f32x4.mul(f32x4.sub(v128.load(from), mean), inverse), gamma0);
      gamma1 = fma(d1, f32x4.mul(f32x4.sub(v128.load(from, 16), mean), inverse), gamma1);
      beta0 = f32x4.add(beta0, d0);
      beta1 = f32x4.add(beta1, d1);
      from += ROW;
      d += ROW;
      stat += 8;
    }
    v128.store(dgamma, gamma0);
    v128.store(dgamma, gamma1, 16);
    v128.store(dbeta, beta0);
    v128.store(dbeta, beta1, 16);
    x += xStride;
    dy += dyStride;
    dgamma += ROW;
    dbeta += ROW;
  }
}

/**
 * With xhat = (x - mean) inverse and dxhat = gamma dy: dx = inverse (dxhat - mean of dxhat - xhat mean of (dxhat xhat)).
 * dx may be dy.
 */
export function f32_layer_norm_backward(
  rows: i32,
  cols: i32,
  x: usize,
  xStride: usize,
  gamma: usize,
  stats: usize,
  dy: usize,
  dyStride: usize,
  dx: usize,
  dxStride: usize,
  dgamma: usize,
  dbeta: usize,
): void {
  const panels = panelsOf(cols);
  addParameterGradients(rows, panels, x, xStride, stats, dy, dyStride, dgamma, dbeta);
  const low = lowMask(cols);
  const high = highMask(cols);
  const end = x + <usize>rows * ROW;
  while (x < end) {
    const mean = v128.load32_splat(stats);
    const inverse = v128.load32_splat(stats, 4);
    let sum = f32x4.splat(0);
    let product = f32x4.splat(0);
    let from = x;
    let d = dy;
    let g = gamma;
    for (let panel = 0; panel < panels; ++panel) {
      const d0 = f32x4.mul(v128.load(d), v128.load(g));
      const d1 = f32x4.mul(v128.load(d, 16), v128.load(g, 16));
      sum = f32x4.add(sum, f32x4.add(d0, d1));
      product = fma(d0, f32x4.sub(v128.load(from), mean), product);
      product = fma(d1, f32x4.sub(v128.load(from, 16), mean), product);
      from += xStride;
      d += dyStride;
      g += ROW;
    }
    const scale = f32x4.extract_lane(inverse, 0);
    const meanOfGradient = f32x4.splat(horizontalSum(sum) / <f32>cols);
    // The mean of dxhat xhat, times inverse: it meets x - mean, not xhat.
    const slope = f32x4.splat((horizontalSum(product) / <f32>cols) * scale * scale);
    let to = dx;
    from = x;
    d = dy;
    g = gamma;
    for (let panel = 0; panel < panels; ++panel) {
      const d0 = f32x4.sub(f32x4.mul(v128.load(d), v128.load(g)), meanOfGradient);
      const d1 = f32x4.sub(f32x4.mul(v128.load(d, 16), v128.load(g, 16)), meanOfGradient);
      v128.store(to, f32x4.mul(fnma(slope, f32x4.sub(v128.load(from), mean), d0), inverse));
      v128.store(to, f32x4.mul(fnma(slope, f32x4.sub(v128.load(from, 16), mean), d1), inverse), 16);
      from += xStride;
      to += dxStride;
      d += dyStride;
      g += ROW;
    }
    const last = to - dxStride;
    v128.store(last, v128.and(v128.load(last), low));
    v128.store(last, v128.and(v128.load(last, 16), high), 16);
    x += ROW;
    stats += 8;
    dy += ROW;
    dx += ROW;
  }
}
