/**
 * What attention needs beside products: rows that lie a step apart brought together, softmax over those keys that a
 * query may see, and the scores of Bahdanau et al. 2015.
 */
import { tanh4 } from './math';
import { ROW, highMask, lowMask, panelsOf } from './panels';
import { rowExponentials, rowMaximum, scaleRow } from './rows';
import { fma, horizontalSum } from './simd';

export function f32_move_rows(
  rows: i32,
  panels: i32,
  src: usize,
  srcStride: usize,
  srcStep: usize,
  dst: usize,
  dstStride: usize,
  dstStep: usize,
): void {
  for (let panel = 0; panel < panels; ++panel) {
    let from = src;
    let to = dst;
    for (let row = 0; row < rows; ++row) {
      v128.store(to, v128.load(from));
      v128.store(to, v128.load(from, 16), 16);
      from += srcStep;
      to += dstStep;
    }
    src += srcStride;
    dst += dstStride;
  }
}

// @ts-ignore: decorator
@inline
function clearRow(panels: i32, y: usize, yStride: usize): void {
  for (let panel = 0; panel < panels; ++panel) {
    v128.store(y, f32x4.splat(0));
    v128.store(y, f32x4.splat(0), 16);
    y += yStride;
  }
}

/** How many keys query `row` sees. */
// @ts-ignore: decorator
@inline
function seen(row: i32, length: i32, before: i32): i32 {
  return before < 0 ? length : min<i32>(length, before + row + 1);
}

export function f32_masked_softmax(
  rows: i32,
  cols: i32,
  length: i32,
  before: i32,
  factor: f64,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
): void {
  const all = panelsOf(cols);
  const factors = <f32>factor;
  for (let row = 0; row < rows; ++row) {
    const count = seen(row, length, before);
    const panels = panelsOf(count);
    if (count > 0) {
      scaleRow(panels, factors, x, xStride);
      const maximum = rowMaximum(panels, lowMask(count), highMask(count), x, xStride);
      const sum = rowExponentials(panels, lowMask(count), highMask(count), x, xStride, maximum, y, yStride);
      scaleRow(panels, 1 / sum, y, yStride);
    }
    clearRow(all - panels, y + <usize>panels * yStride, yStride);
    x += ROW;
    y += ROW;
  }
}

export function f32_softmax_backward(
  rows: i32,
  panels: i32,
  y: usize,
  yStride: usize,
  dy: usize,
  dyStride: usize,
  factor: f64,
  dx: usize,
  dxStride: usize,
): void {
  const factors = f32x4.splat(<f32>factor);
  for (let row = 0; row < rows; ++row) {
    let a = y;
    let b = dy;
    let sum0 = f32x4.splat(0);
    let sum1 = f32x4.splat(0);
    for (let panel = 0; panel < panels; ++panel) {
      sum0 = fma(v128.load(a), v128.load(b), sum0);
      sum1 = fma(v128.load(a, 16), v128.load(b, 16), sum1);
      a += yStride;
      b += dyStride;
    }
    const mean = f32x4.splat(horizontalSum(f32x4.add(sum0, sum1)));
    a = y;
    b = dy;
    let to = dx;
    for (let panel = 0; panel < panels; ++panel) {
      const slope0 = f32x4.mul(v128.load(a), f32x4.sub(v128.load(b), mean));
      const slope1 = f32x4.mul(v128.load(a, 16), f32x4.sub(v128.load(b, 16), mean));
      v128.store(to, f32x4.mul(slope0, factors));
      v128.store(to, f32x4.mul(slope1, factors), 16);
      a += yStride;
      b += dyStride;
      to += dxStride;
    }
    y += ROW;
    dy += ROW;
    dx += ROW;
  }
}

export function f32_additive_scores(
  queries: i32,
  keys: i32,
  panels: i32,
  q: usize,
  qStride: usize,
  qStep: usize,
  k: usize,
  kStride: usize,
  kStep: usize,
  v: usize,
  scores: usize,
  scoresStride: usize,
): void {
  for (let query = 0; query < queries; ++query) {
    let key = k;
    for (let column = 0; column < keys; ++column) {
      let a = q;
      let b = key;
      let factor = v;
      let sum0 = f32x4.splat(0);
      let sum1 = f32x4.splat(0);
      for (let panel = 0; panel < panels; ++panel) {
        sum0 = fma(v128.load(factor), tanh4(f32x4.add(v128.load(a), v128.load(b))), sum0);
        sum1 = fma(v128.load(factor, 16), tanh4(f32x4.add(v128.load(a, 16), v128.load(b, 16))), sum1);
        a += qStride;
        b += kStride;
        factor += ROW;
      }
      const place = scores + (<usize>column >> 3) * scoresStride + ((<usize>column & 7) << 2);
      store<f32>(place, horizontalSum(f32x4.add(sum0, sum1)));
      key += kStep;
    }
    q += qStep;
    scores += ROW;
  }
}

export function f32_additive_scores_backward(
  queries: i32,
  keys: i32,
  panels: i32,
  q: usize,
  qStride: usize,
  qStep: usize,
  k: usize,
  kStride: usize,
  kStep: usize,
  v: usize,
  dscores: usize,
  dscoresStride: usize,
  dq: usize,
  dqStride: usize,
  dk: usize,
  dkStride: usize,
  dv: usize,
): void {
  const one = f32x4.splat(1);
  for (let panel: usize = 0; panel < <usize>panels; ++panel) {
    for (let half: usize = 0; half < ROW; half += 16) {
      const factor = v128.load(v + panel * ROW + half);
      const firstKey = k + panel * kStride + half;
      const firstToK = dk + panel * dkStride + half;
      let from = q + panel * qStride + half;
      let to = dq + panel * dqStride + half;
      let sumV = f32x4.splat(0);
      for (let query = 0; query < queries; ++query) {
        const argument = v128.load(from);
        const slopes = dscores + <usize>query * ROW;
        let key = firstKey;
        let toK = firstToK;
        let sumQ = v128.load(to);
        for (let column: usize = 0; column < <usize>keys; ++column) {
          const slope = v128.load32_splat(slopes + (column >> 3) * dscoresStride + ((column & 7) << 2));
          const y = tanh4(f32x4.add(argument, v128.load(key)));
          const inner = f32x4.mul(f32x4.mul(slope, factor), f32x4.sub(one, f32x4.mul(y, y)));
          sumV = fma(slope, y, sumV);
          sumQ = f32x4.add(sumQ, inner);
          v128.store(toK, f32x4.add(v128.load(toK), inner));
          key += kStep;
          toK += kStep;
        }
        v128.store(to, sumQ);
        from += qStep;
        to += qStep;
      }
      const toV = dv + panel * ROW + half;
      v128.store(toV, f32x4.add(v128.load(toV), sumV));
    }
  }
}

export function f32_add_steps(
  steps: i32,
  batch: i32,
  panels: i32,
  table: usize,
  tableStride: usize,
  dst: usize,
  dstStride: usize,
): void {
  for (let panel = 0; panel < panels; ++panel) {
    let from = table;
    let to = dst;
    for (let step = 0; step < steps; ++step) {
      const low = v128.load(from);
      const high = v128.load(from, 16);
      for (let item = 0; item < batch; ++item) {
        v128.store(to, f32x4.add(v128.load(to), low));
        v128.store(to, f32x4.add(v128.load(to, 16), high), 16);
        to += ROW;
      }
      from += ROW;
    }
    table += tableStride;
    dst += dstStride;
  }
}

export function f32_sum_steps(
  steps: i32,
  batch: i32,
  panels: i32,
  src: usize,
  srcStride: usize,
  table: usize,
  tableStride: usize,
): void {
  for (let panel = 0; panel < panels; ++panel) {
    let from = src;
    let to = table;
    for (let step = 0; step < steps; ++step) {
      let low = v128.load(to);
      let high = v128.load(to, 16);
      for (let item = 0; item < batch; ++item) {
        low = f32x4.add(low, v128.load(from));
        high = f32x4.add(high, v128.load(from, 16));
        from += ROW;
      }
      v128.store(to, low);
      v128.store(to, high, 16);
      to += ROW;
    }
    src += srcStride;
    table += tableStride;
  }
}
