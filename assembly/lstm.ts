/**
 * The LSTM over whole sequences (Hochreiter & Schmidhuber 1997; forget gate: Gers, Schmidhuber & Cummins 2000):
 *
 *     i, f, o = sigmoid(W x(t) + b + U h(t-1)),   g = tanh(W_g x(t) + b_g + U_g h(t-1))
 *     c(t) = f c(t-1) + i g,   h(t) = o tanh(c(t))
 *
 * The product of one panel of units (four gates) and their cell run together, while the gates are in the first-level
 * cache. Blocks, directions and lengths: engine/core/kernels.ts. Steps of padding keep c and h: their gates are set to
 * i = g = o = 0 and f = 1, which makes every gate gradient there zero and hands dc through.
 */
import { rowProduct4 } from './tile';
import { pairProduct } from './wide-tile';
import { half, tanh4, tanhTerm } from './math';
import { free4, freeBlock, held4, holdBlock } from './hold';
import { ROW } from './panels';
import { addRowsOfPadding, fillRowsOfPadding, keepRowsOfPadding, stateGradient } from './recurrence';
import { fma } from './simd';

// One panel of units for one step, `bytes` = batch * ROW. In: pre-activations; out: gates, c(t), h(t). The four
// functions run side by side, so that each coefficient is loaded once.
function cellForward(
  bytes: usize,
  i: usize,
  f: usize,
  g: usize,
  o: usize,
  cBefore: usize,
  cAfter: usize,
  hAfter: usize,
): void {
  const end = i + bytes;
  while (i < end) {
    const h = half();
    const top = tanhTerm(0);
    const bottom = tanhTerm(1);
    const xi = f32x4.pmax(f32x4.pmin(f32x4.mul(v128.load(i), h), top), bottom);
    const xf = f32x4.pmax(f32x4.pmin(f32x4.mul(v128.load(f), h), top), bottom);
    const xo = f32x4.pmax(f32x4.pmin(f32x4.mul(v128.load(o), h), top), bottom);
    const xg = f32x4.pmax(f32x4.pmin(v128.load(g), top), bottom);
    const i2 = f32x4.mul(xi, xi);
    const f2 = f32x4.mul(xf, xf);
    const o2 = f32x4.mul(xo, xo);
    const g2 = f32x4.mul(xg, xg);
    let factor = tanhTerm(2);
    let term = tanhTerm(3);
    let pi = fma(i2, factor, term);
    let pf = fma(f2, factor, term);
    let po = fma(o2, factor, term);
    let pg = fma(g2, factor, term);
    term = tanhTerm(4);
    pi = fma(i2, pi, term);
    pf = fma(f2, pf, term);
    po = fma(o2, po, term);
    pg = fma(g2, pg, term);
    term = tanhTerm(5);
    pi = fma(i2, pi, term);
    pf = fma(f2, pf, term);
    po = fma(o2, po, term);
    pg = fma(g2, pg, term);
    term = tanhTerm(6);
    pi = fma(i2, pi, term);
    pf = fma(f2, pf, term);
    po = fma(o2, po, term);
    pg = fma(g2, pg, term);
    term = tanhTerm(7);
    pi = fma(i2, pi, term);
    pf = fma(f2, pf, term);
    po = fma(o2, po, term);
    pg = fma(g2, pg, term);
    term = tanhTerm(8);
    pi = fma(i2, pi, term);
    pf = fma(f2, pf, term);
    po = fma(o2, po, term);
    pg = fma(g2, pg, term);
    factor = tanhTerm(9);
    term = tanhTerm(10);
    let qi = fma(i2, factor, term);
    let qf = fma(f2, factor, term);
    let qo = fma(o2, factor, term);
    let qg = fma(g2, factor, term);
    term = tanhTerm(11);
    qi = fma(i2, qi, term);
    qf = fma(f2, qf, term);
    qo = fma(o2, qo, term);
    qg = fma(g2, qg, term);
    term = tanhTerm(12);
    qi = fma(i2, qi, term);
    qf = fma(f2, qf, term);
    qo = fma(o2, qo, term);
    qg = fma(g2, qg, term);
    const gi = fma(f32x4.div(f32x4.mul(xi, pi), qi), h, h);
    const gf = fma(f32x4.div(f32x4.mul(xf, pf), qf), h, h);
    const go = fma(f32x4.div(f32x4.mul(xo, po), qo), h, h);
    const gg = f32x4.div(f32x4.mul(xg, pg), qg);
    const c = fma(gf, v128.load(cBefore), f32x4.mul(gi, gg));
    v128.store(i, gi);
    v128.store(f, gf);
    v128.store(g, gg);
    v128.store(o, go);
    v128.store(cAfter, c);
    i += 16;
    f += 16;
    g += 16;
    o += 16;
    cBefore += 16;
    cAfter += 16;
  }
  // On its own: tanh(c) waits for all of the above, and a loop of nothing else keeps more of them under way.
  o -= bytes;
  cAfter -= bytes;
  const hEnd = hAfter + bytes;
  while (hAfter < hEnd) {
    v128.store(hAfter, f32x4.mul(v128.load(o), tanh4(v128.load(cAfter))));
    v128.store(hAfter, f32x4.mul(v128.load(o, 16), tanh4(v128.load(cAfter, 16))), 16);
    o += 32;
    cAfter += 32;
    hAfter += 32;
  }
}

// The same panel once more from its gates, with what is held. Segments of `held`: i, f, g, o, c, h, hsegment apart.
function holdPanel(
  bytes: usize,
  i: usize,
  segment: usize,
  cBefore: usize,
  cAfter: usize,
  hAfter: usize,
  held: usize,
  hsegment: usize,
): void {
  holdBlock(bytes, 4, held, hsegment, i, segment);
  const end = i + bytes;
  for (; i < end; i += 16, cBefore += 16, cAfter += 16, hAfter += 16, held += 16) {
    const written = f32x4.mul(v128.load(i), v128.load(i + 2 * segment));
    const c = held4(held + 4 * hsegment, fma(v128.load(i + segment), v128.load(cBefore), written));
    v128.store(cAfter, c);
    v128.store(hAfter, held4(held + 5 * hsegment, f32x4.mul(v128.load(i + 3 * segment), tanh4(c))));
  }
}

export function f32_lstm_forward(
  steps: i32,
  batch: i32,
  panels: i32,
  reverse: i32,
  lengths: usize,
  gates: usize,
  gatesStride: usize,
  h: usize,
  hStride: usize,
  c: usize,
  cStride: usize,
  weight: usize,
  weightStride: usize,
  held: usize,
  heldStride: usize,
): void {
  const block = <usize>batch * ROW;
  const inner = panels << 3;
  const segment = <usize>panels * gatesStride;
  const weightSegment = <usize>panels * weightStride;
  for (let k = 0; k < steps; ++k) {
    const step = reverse ? steps - 1 - k : k;
    const before = <usize>(reverse ? step + 1 : step) * block;
    const after = <usize>(reverse ? step : step + 1) * block;
    const hBefore = h + before;
    const now = gates + <usize>step * block;
    for (let panel: usize = 0; panel < <usize>panels; ++panel) {
      const i = now + panel * gatesStride;
      const f = i + segment;
      const g = f + segment;
      const o = g + segment;
      const w = weight + panel * weightStride;
      if (batch == 1) {
        rowProduct4(inner, hBefore, hStride, w, weightSegment, i, segment, i, segment);
      } else {
        const v = w + 2 * weightSegment;
        pairProduct(batch, inner, hBefore, hStride, w, weightSegment, i, segment, ROW, i, segment);
        pairProduct(batch, inner, hBefore, hStride, v, weightSegment, g, segment, ROW, g, segment);
      }
      const cPanel = c + panel * cStride;
      const hPanel = h + panel * hStride;
      cellForward(block, i, f, g, o, cPanel + before, cPanel + after, hPanel + after);
      if (held) {
        const holds = held + <usize>step * block + panel * heldStride;
        holdPanel(block, i, segment, cPanel + before, cPanel + after, hPanel + after, holds, <usize>panels * heldStride);
      }
    }
    if (lengths) {
      keepRowsOfPadding(step, batch, panels, lengths, h + before, h + after, hStride);
      keepRowsOfPadding(step, batch, panels, lengths, c + before, c + after, cStride);
      fillRowsOfPadding(step, batch, panels, lengths, 0, now, gatesStride);
      fillRowsOfPadding(step, batch, panels, lengths, 1, now + segment, gatesStride);
      fillRowsOfPadding(step, batch, 2 * panels, lengths, 0, now + 2 * segment, gatesStride);
    }
  }
}

// One panel of units for one step, backward. dcNext (0: none) is dc of the state after, fNext its forget gate (0: taken
// as 1). dact, where not 0, gets the gradients with respect to the gates' outputs, `segment` bytes apart.
function cellBackward(
  bytes: usize,
  gate: usize,
  segment: usize,
  cBefore: usize,
  cAfter: usize,
  dh: usize,
  dcNext: usize,
  fNext: usize,
  dc: usize,
  dgate: usize,
  dsegment: usize,
  dact: usize,
  asegment: usize,
  heldC: usize,
): void {
  const one = f32x4.splat(1);
  const end = gate + bytes;
  while (gate < end) {
    const i = v128.load(gate);
    const f = v128.load(gate + segment);
    const g = v128.load(gate + 2 * segment);
    const o = v128.load(gate + 3 * segment);
    const bent = tanh4(v128.load(cAfter));
    const up = v128.load(dh);
    const upO = f32x4.mul(up, o);
    // dh o (1 - tanh(c)^2)
    let d = f32x4.sub(upO, f32x4.mul(upO, f32x4.mul(bent, bent)));
    if (dcNext) {
      let later = v128.load(dcNext);
      if (fNext) {
        later = f32x4.mul(later, v128.load(fNext));
        fNext += 16;
      }
      d = f32x4.add(d, later);
      dcNext += 16;
    }
    if (heldC) {
      d = free4(heldC, d);
      heldC += 16;
    }
    v128.store(dc, d);
    const di = f32x4.mul(d, g);
    const df = f32x4.mul(d, v128.load(cBefore));
    const dg = f32x4.mul(d, i);
    const dO = f32x4.mul(up, bent);
    v128.store(dgate, f32x4.mul(di, f32x4.mul(i, f32x4.sub(one, i))));
    v128.store(dgate + dsegment, f32x4.mul(df, f32x4.mul(f, f32x4.sub(one, f))));
    v128.store(dgate + 2 * dsegment, f32x4.mul(dg, f32x4.sub(one, f32x4.mul(g, g))));
    v128.store(dgate + 3 * dsegment, f32x4.mul(dO, f32x4.mul(o, f32x4.sub(one, o))));
    if (dact) {
      v128.store(dact, di);
      v128.store(dact + asegment, df);
      v128.store(dact + 2 * asegment, dg);
      v128.store(dact + 3 * asegment, dO);
      dact += 16;
    }
    gate += 16;
    cBefore += 16;
    cAfter += 16;
    dh += 16;
    dc += 16;
    dgate += 16;
  }
}

export function f32_lstm_backward(
  steps: i32,
  batch: i32,
  panels: i32,
  reverse: i32,
  lengths: usize,
  gates: usize,
  gatesStride: usize,
  c: usize,
  cStride: usize,
  dy: usize,
  dyStride: usize,
  dhn: usize,
  dhnStride: usize,
  dcn: usize,
  dcnStride: usize,
  weight: usize,
  weightStride: usize,
  dh: usize,
  dhStride: usize,
  dc: usize,
  dcStride: usize,
  dgates: usize,
  dgatesStride: usize,
  dactivations: usize,
  dactivationsStride: usize,
  held: usize,
  heldStride: usize,
): void {
  const block = <usize>batch * ROW;
  const segment = <usize>panels * gatesStride;
  // The step after, in the order of computation; 0: there is none.
  let next = -1;
  let dgatesNext: usize = 0;
  let dhNext: usize = 0;
  let dcNext = dcn;
  let dcNextStride = dcnStride;
  let fNext: usize = 0;
  // k = -1 stands for the initial state: it has gradients, but no dy and no gates.
  for (let k = steps - 1; k >= -1; --k) {
    const step = reverse ? steps - 1 - k : k;
    const after = <usize>(reverse ? step : step + 1) * block;
    const before = <usize>(reverse ? step + 1 : step) * block;
    const dhNow = dh + after;
    stateGradient(
      batch,
      panels,
      panels << 5,
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
    if (lengths && dgatesNext) addRowsOfPadding(next, batch, panels, lengths, dhNext, dhStride, dhNow, dhStride);
    if (k < 0) {
      for (let panel: usize = 0; panel < <usize>panels; ++panel) {
        let from = dcNext + panel * dcNextStride;
        let factor = fNext + panel * gatesStride;
        let to = dc + after + panel * dcStride;
        const end = to + block;
        for (; to < end; to += 16, from += 16, factor += 16) {
          v128.store(to, f32x4.mul(v128.load(from), v128.load(factor)));
        }
      }
      return;
    }
    const now = <usize>step * block;
    const holds = held + now;
    if (held) freeBlock(block, panels, holds + 5 * <usize>panels * heldStride, heldStride, dhNow, dhStride);
    for (let panel: usize = 0; panel < <usize>panels; ++panel) {
      const cPanel = c + panel * cStride;
      cellBackward(
        block,
        gates + now + panel * gatesStride,
        segment,
        cPanel + before,
        cPanel + after,
        dhNow + panel * dhStride,
        dcNext ? dcNext + panel * dcNextStride : 0,
        fNext ? fNext + panel * gatesStride : 0,
        dc + after + panel * dcStride,
        dgates + now + panel * dgatesStride,
        <usize>panels * dgatesStride,
        dactivations ? dactivations + now + panel * dactivationsStride : 0,
        <usize>panels * dactivationsStride,
        held ? holds + (4 * <usize>panels + panel) * heldStride : 0,
      );
    }
    if (held) {
      freeBlock(block, panels << 2, holds, heldStride, dgates + now, dgatesStride);
      if (dactivations) freeBlock(block, panels << 2, holds, heldStride, dactivations + now, dactivationsStride);
    }
    if (lengths && dactivations) {
      fillRowsOfPadding(step, batch, panels << 2, lengths, 0, dactivations + now, dactivationsStride);
    }
    next = step;
    dgatesNext = dgates + now;
    dhNext = dhNow;
    dcNext = dc + after;
    dcNextStride = dcStride;
    fNext = gates + now + segment;
  }
}
