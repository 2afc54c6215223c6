/**
 * The GRU over whole sequences (Cho et al. 2014), the reset gate applied after the product, as PyTorch and cuDNN do:
 *
 *     r, z = sigmoid(W x(t) + b + U h(t-1)),   q = U_n h(t-1) + b_hn
 *     n = tanh(W_n x(t) + b_in + r q),   h(t) = (1 - z) n + z h(t-1)
 *
 * Blocks, directions, segments and lengths: engine/core/kernels.ts. Steps of padding keep h: their gates are set to
 * n = r = 0 and z = 1, which makes every gate gradient there zero and hands dh through.
 */
import { free4, freeBlock, held4 } from './hold';
import { panelProduct } from './tile';
import { pairProduct } from './wide-tile';
import { sigmoid4, tanh4 } from './math';
import { ROW } from './panels';
import { blockProduct, fillRowsOfPadding, keepRowsOfPadding, stateGradient } from './recurrence';
import { fma } from './simd';

// One panel of units for one step with what is held. Segments of `held`: n, r, z, h, hsegment apart.
function holdPanel(
  bytes: usize,
  n: usize,
  segment: usize,
  q: usize,
  from: usize,
  to: usize,
  held: usize,
  hsegment: usize,
): void {
  const end = n + bytes;
  for (; n < end; n += 16, q += 16, from += 16, to += 16, held += 16) {
    const reset = held4(held + hsegment, sigmoid4(v128.load(n + segment)));
    const update = held4(held + 2 * hsegment, sigmoid4(v128.load(n + 2 * segment)));
    const candidate = held4(held, tanh4(fma(reset, v128.load(q), v128.load(n))));
    v128.store(n + segment, reset);
    v128.store(n + 2 * segment, update);
    v128.store(n, candidate);
    v128.store(to, held4(held + 3 * hsegment, fma(update, f32x4.sub(v128.load(from), candidate), candidate)));
  }
}

export function f32_gru_forward(
  steps: i32,
  batch: i32,
  panels: i32,
  reverse: i32,
  lengths: usize,
  gates: usize,
  gatesStride: usize,
  q: usize,
  qStride: usize,
  h: usize,
  hStride: usize,
  weight: usize,
  weightStride: usize,
  bias: usize,
  held: usize,
  heldStride: usize,
): void {
  const block = <usize>batch * ROW;
  const inner = panels << 3;
  const segment = <usize>panels * gatesStride;
  const weightSegment = <usize>panels * weightStride;
  for (let k = 0; k < steps; ++k) {
    const step = reverse ? steps - 1 - k : k;
    const before = h + <usize>(reverse ? step + 1 : step) * block;
    const after = h + <usize>(reverse ? step : step + 1) * block;
    const now = gates + <usize>step * block;
    const qNow = q + <usize>step * block;
    if (batch == 1) {
      // A lone row is faster four panels at a time, all gates first.
      const rz = now + segment;
      blockProduct(1, panels << 1, inner, before, hStride, weight, weightStride, rz, gatesStride, ROW, rz, gatesStride);
      const wn = weight + 2 * weightSegment;
      blockProduct(1, panels, inner, before, hStride, wn, weightStride, bias, ROW, 0, qNow, qStride);
    }
    for (let panel: usize = 0; panel < <usize>panels; ++panel) {
      let n = now + panel * gatesStride;
      let r = n + segment;
      let z = r + segment;
      let qPanel = qNow + panel * qStride;
      if (batch > 1) {
        const w = weight + panel * weightStride;
        pairProduct(batch, inner, before, hStride, w, weightSegment, r, segment, ROW, r, segment);
        panelProduct(batch, inner, before, hStride, w + 2 * weightSegment, bias + panel * ROW, 0, qPanel);
      }
      let from = before + panel * hStride;
      let to = after + panel * hStride;
      if (held) {
        const holds = held + <usize>step * block + panel * heldStride;
        holdPanel(block, n, segment, qPanel, from, to, holds, <usize>panels * heldStride);
        continue;
      }
      const end = n + block;
      for (; n < end; n += 16, r += 16, z += 16, qPanel += 16, from += 16, to += 16) {
        const reset = sigmoid4(v128.load(r));
        const update = sigmoid4(v128.load(z));
        const candidate = tanh4(fma(reset, v128.load(qPanel), v128.load(n)));
        v128.store(r, reset);
        v128.store(z, update);
        v128.store(n, candidate);
        v128.store(to, fma(update, f32x4.sub(v128.load(from), candidate), candidate));
      }
    }
    if (lengths) {
      keepRowsOfPadding(step, batch, panels, lengths, before, after, hStride);
      fillRowsOfPadding(step, batch, panels << 1, lengths, 0, now, gatesStride);
      fillRowsOfPadding(step, batch, panels, lengths, 1, now + 2 * segment, gatesStride);
    }
  }
}

export function f32_gru_backward(
  steps: i32,
  batch: i32,
  panels: i32,
  reverse: i32,
  lengths: usize,
  gates: usize,
  gatesStride: usize,
  q: usize,
  qStride: usize,
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
  dgates: usize,
  dgatesStride: usize,
  dactivations: usize,
  dactivationsStride: usize,
  held: usize,
  heldStride: usize,
): void {
  const block = <usize>batch * ROW;
  const one = f32x4.splat(1);
  const segment = <usize>panels * gatesStride;
  const dsegment = <usize>panels * dgatesStride;
  const asegment = <usize>panels * dactivationsStride;
  // The step after, in the order of computation: the gradients of its r, z and q, its update gate and the gradient of
  // the state it left; 0: there is none.
  let dgatesNext: usize = 0;
  let zNext: usize = 0;
  let dhNext: usize = 0;
  // k = -1 stands for the initial state: it has a gradient, but no dy and no gates.
  for (let k = steps - 1; k >= -1; --k) {
    const step = reverse ? steps - 1 - k : k;
    const after = <usize>(reverse ? step : step + 1) * block;
    const before = <usize>(reverse ? step + 1 : step) * block;
    const dhNow = dh + after;
    stateGradient(
      batch,
      panels,
      panels * 24,
      k < 0 ? 0 : dy + <usize>step * block,
      dyStride,
      dgatesNext,
      dgatesStride,
      weight,
      weightStride,
      dhn,
      dhnStride,
      dhNow,
      dhStride,
    );
    if (zNext) {
      for (let panel: usize = 0; panel < <usize>panels; ++panel) {
        let z = zNext + panel * gatesStride;
        let d = dhNext + panel * dhStride;
        let to = dhNow + panel * dhStride;
        const end = to + block;
        for (; to < end; to += 16, d += 16, z += 16) {
          v128.store(to, fma(v128.load(d), v128.load(z), v128.load(to)));
        }
      }
    }
    if (k < 0) return;
    const now = <usize>step * block;
    const heldSegment = <usize>panels * heldStride;
    const holds = held + now;
    if (held) freeBlock(block, panels, holds + 3 * heldSegment, heldStride, dhNow, dhStride);
    for (let panel: usize = 0; panel < <usize>panels; ++panel) {
      let gate = gates + now + panel * gatesStride;
      let qPanel = q + now + panel * qStride;
      let from = h + before + panel * hStride;
      let d = dhNow + panel * dhStride;
      let to = dgates + now + panel * dgatesStride;
      let act = dactivations ? dactivations + now + panel * dactivationsStride : 0;
      let hold = held ? holds + panel * heldStride : 0;
      const end = gate + block;
      for (; gate < end; gate += 16, qPanel += 16, from += 16, d += 16, to += 16) {
        const n = v128.load(gate);
        const r = v128.load(gate + segment);
        const z = v128.load(gate + 2 * segment);
        const up = v128.load(d);
        let dn = f32x4.mul(up, f32x4.sub(one, z));
        let dz = f32x4.mul(up, f32x4.sub(v128.load(from), n));
        if (hold) {
          dn = free4(hold, dn);
          dz = free4(hold + 2 * heldSegment, dz);
        }
        const dnIn = f32x4.mul(dn, f32x4.sub(one, f32x4.mul(n, n)));
        let dr = f32x4.mul(dnIn, v128.load(qPanel));
        if (hold) {
          dr = free4(hold + heldSegment, dr);
          hold += 16;
        }
        v128.store(to, dnIn);
        v128.store(to + dsegment, f32x4.mul(dr, f32x4.mul(r, f32x4.sub(one, r))));
        v128.store(to + 2 * dsegment, f32x4.mul(dz, f32x4.mul(z, f32x4.sub(one, z))));
        v128.store(to + 3 * dsegment, f32x4.mul(dnIn, r));
        if (act) {
          v128.store(act, dn);
          v128.store(act + asegment, dr);
          v128.store(act + 2 * asegment, dz);
          act += 16;
        }
      }
    }
    if (lengths && dactivations) {
      fillRowsOfPadding(step, batch, panels * 3, lengths, 0, dactivations + now, dactivationsStride);
    }
    dgatesNext = dgates + now + dsegment;
    zNext = gates + now + 2 * segment;
    dhNext = dhNow;
  }
}
