/**
 * The plain recurrent network over whole sequences (Elman 1990):
 *
 *     s(t) = W_ih x(t) + b_ih + W_hh h(t-1) + b_hh,   h(t) = tanh(s(t)) or relu(s(t))
 *
 * Blocks, directions and lengths: engine/core/kernels.ts.
 */
import { freeBlock, holdBlock } from './hold';
import { tanh4 } from './math';
import { ROW } from './panels';
import {
  addRowsOfPadding,
  blockProduct,
  fillRowsOfPadding,
  keepRowsOfPadding,
  stateGradient,
} from './recurrence';

export function f32_rnn_forward(
  relu: i32,
  steps: i32,
  batch: i32,
  panels: i32,
  reverse: i32,
  lengths: usize,
  s: usize,
  sStride: usize,
  h: usize,
  hStride: usize,
  weight: usize,
  weightStride: usize,
  held: usize,
  heldStride: usize,
): void {
  const block = <usize>batch * ROW;
  const zero = f32x4.splat(0);
  for (let i = 0; i < steps; ++i) {
    const step = reverse ? steps - 1 - i : i;
    const sNow = s + <usize>step * block;
    const before = h + <usize>(reverse ? step + 1 : step) * block;
    const after = h + <usize>(reverse ? step : step + 1) * block;
    blockProduct(batch, panels, panels << 3, before, hStride, weight, weightStride, sNow, sStride, ROW, sNow, sStride);
    for (let panel: usize = 0; panel < <usize>panels; ++panel) {
      let from = sNow + panel * sStride;
      let to = after + panel * hStride;
      const end = from + block;
      if (relu) {
        for (; from < end; from += 16, to += 16) v128.store(to, f32x4.pmax(v128.load(from), zero));
      } else {
        for (; from < end; from += 16, to += 16) v128.store(to, tanh4(v128.load(from)));
      }
    }
    if (held) holdBlock(block, panels, held + <usize>step * block, heldStride, after, hStride);
    if (lengths) keepRowsOfPadding(step, batch, panels, lengths, before, after, hStride);
  }
}

export function f32_rnn_backward(
  relu: i32,
  steps: i32,
  batch: i32,
  panels: i32,
  reverse: i32,
  lengths: usize,
  h: usize,
  hStride: usize,
  dy: usize,
  dyStride: usize,
  dhn: usize,
  dhnStride: usize,
  weight: usize,
  weightStride: usize,
  dh: usize,
  dhStride: usize,
  ds: usize,
  dsStride: usize,
  held: usize,
  heldStride: usize,
): void {
  const block = <usize>batch * ROW;
  const one = f32x4.splat(1);
  const zero = f32x4.splat(0);
  // The step after, in the order of computation, its ds and the gradient of the state it left; 0: there is none.
  let next = -1;
  let dsNext: usize = 0;
  let dhNext = dhn;
  let dhNextStride = dhnStride;
  // i = -1 stands for the initial state: it has a gradient, but no dy and no s.
  for (let i = steps - 1; i >= -1; --i) {
    const step = reverse ? steps - 1 - i : i;
    const at = <usize>(reverse ? step : step + 1) * block;
    const dhNow = dh + at;
    const dyNow: usize = i < 0 ? 0 : dy + <usize>step * block;
    stateGradient(
      batch,
      panels,
      panels << 3,
      dyNow,
      dyStride,
      dsNext,
      dsStride,
      weight,
      weightStride,
      dhn,
      dhnStride,
      dhNow,
      dhStride,
    );
    if (lengths && dsNext) addRowsOfPadding(next, batch, panels, lengths, dhNext, dhNextStride, dhNow, dhStride);
    if (i < 0) return;
    if (held) freeBlock(block, panels, held + <usize>step * block, heldStride, dhNow, dhStride);
    const dsNow = ds + <usize>step * block;
    for (let panel: usize = 0; panel < <usize>panels; ++panel) {
      let y = h + at + panel * hStride;
      let d = dhNow + panel * dhStride;
      let to = dsNow + panel * dsStride;
      const end = y + block;
      if (relu) {
        for (; y < end; y += 16, d += 16, to += 16) {
          v128.store(to, v128.and(v128.load(d), f32x4.gt(v128.load(y), zero)));
        }
      } else {
        for (; y < end; y += 16, d += 16, to += 16) {
          const value = v128.load(y);
          v128.store(to, f32x4.mul(v128.load(d), f32x4.sub(one, f32x4.mul(value, value))));
        }
      }
    }
    if (lengths) fillRowsOfPadding(step, batch, panels, lengths, 0, dsNow, dsStride);
    next = step;
    dsNext = dsNow;
    dhNext = dhNow;
    dhNextStride = dhStride;
  }
}
