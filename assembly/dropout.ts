/**
 * Dropout (Srivastava et al. 2014), scaled while training. The four words at the counter (panel, item, step,
 * update + 1) are eight times 16 bits, the lower half of a word first: one for each column of the panel's row. An
 * element is dropped where its 16 bits are below rate 2^16.
 */
import { ROW } from './panels';
import { philox, words } from './random';

export function f32_dropout(
  steps: i32,
  batch: i32,
  batchOffset: i32,
  panels: i32,
  x: usize,
  xStride: usize,
  y: usize,
  yStride: usize,
  rate: f64,
  seed: u32,
  update: u32,
  stream: u32,
): void {
  const scale = f32x4.splat(<f32>(1 / (1 - rate)));
  const threshold = i16x8.splat(<i16>min<i32>(<i32>Math.round(rate * 65536), 65535));
  for (let panel = 0; panel < panels; ++panel) {
    let from = x;
    let to = y;
    for (let step = 0; step < steps; ++step) {
      for (let item = 0; item < batch; ++item) {
        philox(panel, batchOffset + item, step, update + 1, seed, stream);
        const dropped = i16x8.lt_u(words(), threshold);
        const dropped0 = i32x4.extend_low_i16x8_s(dropped);
        const dropped1 = i32x4.extend_high_i16x8_s(dropped);
        v128.store(to, v128.andnot(f32x4.mul(v128.load(from), scale), dropped0));
        v128.store(to, v128.andnot(f32x4.mul(v128.load(from, 16), scale), dropped1), 16);
        from += ROW;
        to += ROW;
      }
    }
    x += xStride;
    y += yStride;
  }
}
