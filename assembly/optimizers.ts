/**
 * Optimizers as PyTorch defines them, on n floats; with d the gradient times `scale` plus weight decay:
 *
 *     SGD       b = momentum b + d; w -= rate (nesterov ? d + momentum b : b)
 *     RMSprop   v = alpha v + (1 - alpha) d^2; w -= rate d / (sqrt(v) + eps)             (Tieleman & Hinton 2012)
 *               centered: m = alpha m + (1 - alpha) d; sqrt(max(0, v - m^2)) in place of sqrt(v)      (Graves 2013)
 *               momentum: b = momentum b + d / (...); w -= rate b
 *     Adam      m = beta1 m + (1 - beta1) d; v = beta2 v + (1 - beta2) d^2;
 *               w -= rate m / correction1 / (sqrt(v / correction2) + eps)                (Kingma & Ba 2015)
 *     AdamW     as Adam, with w *= 1 - rate weightDecay in place of the decay in d       (Loshchilov & Hutter 2019)
 */
import { fma, fnma } from './simd';

/** The squares of four floats added to two sums, in float64. */
// @ts-ignore: decorator
@inline
function addSquares(value: v128, sums: v128): v128 {
  const first = f64x2.promote_low_f32x4(value);
  const second = f64x2.promote_low_f32x4(
    i8x16.shuffle(value, value, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7),
  );
  return f64x2.add(sums, f64x2.add(f64x2.mul(first, first), f64x2.mul(second, second)));
}

export function f32_reduce_gradients(n: i32, first: usize, replicas: i32, replicaStride: usize, out: usize): f64 {
  let sums0 = f64x2.splat(0);
  let sums1 = f64x2.splat(0);
  const end = first + (<usize>n << 2);
  while (first + 32 <= end) {
    let g0 = v128.load(first);
    let g1 = v128.load(first, 16);
    let from = first;
    for (let replica = 1; replica < replicas; ++replica) {
      from += replicaStride;
      g0 = f32x4.add(g0, v128.load(from));
      g1 = f32x4.add(g1, v128.load(from, 16));
    }
    v128.store(out, g0);
    v128.store(out, g1, 16);
    sums0 = addSquares(g0, sums0);
    sums1 = addSquares(g1, sums1);
    first += 32;
    out += 32;
  }
  if (first < end) {
    let g = v128.load(first);
    for (let replica = 1; replica < replicas; ++replica) {
      first += replicaStride;
      g = f32x4.add(g, v128.load(first));
    }
    v128.store(out, g);
    sums0 = addSquares(g, sums0);
  }
  const sums = f64x2.add(sums0, sums1);
  return f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
}

export function f32_sgd(
  n: i32,
  w: usize,
  g: usize,
  buffer: usize,
  rate: f64,
  momentum: f64,
  nesterov: i32,
  weightDecay: f64,
  scale: f64,
  first: i32,
): void {
  const rates = f32x4.splat(<f32>rate);
  const momenta = f32x4.splat(<f32>momentum);
  const decay = f32x4.splat(<f32>weightDecay);
  const scales = f32x4.splat(<f32>scale);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const weight = v128.load(w);
    let d = fma(weight, decay, f32x4.mul(v128.load(g), scales));
    if (momentum != 0) {
      const b = first ? d : fma(momenta, v128.load(buffer), d);
      v128.store(buffer, b);
      d = nesterov ? fma(momenta, b, d) : b;
      buffer += 16;
    }
    v128.store(w, fnma(rates, d, weight));
    w += 16;
    g += 16;
  }
}

export function f32_rmsprop(
  n: i32,
  w: usize,
  g: usize,
  v: usize,
  buffer: usize,
  mean: usize,
  rate: f64,
  alpha: f64,
  eps: f64,
  momentum: f64,
  centered: i32,
  weightDecay: f64,
  scale: f64,
): void {
  const rates = f32x4.splat(<f32>rate);
  const alphas = f32x4.splat(<f32>alpha);
  const rest = f32x4.splat(<f32>(1 - alpha));
  const epsilon = f32x4.splat(<f32>eps);
  const momenta = f32x4.splat(<f32>momentum);
  const zero = f32x4.splat(0);
  const decay = f32x4.splat(<f32>weightDecay);
  const scales = f32x4.splat(<f32>scale);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const weight = v128.load(w);
    const d = fma(weight, decay, f32x4.mul(v128.load(g), scales));
    const square = fma(f32x4.mul(d, d), rest, f32x4.mul(alphas, v128.load(v)));
    v128.store(v, square);
    let variance = square;
    if (centered) {
      const m = fma(d, rest, f32x4.mul(alphas, v128.load(mean)));
      v128.store(mean, m);
      // Rounding can make the difference negative where all gradients are alike.
      variance = f32x4.max(zero, f32x4.sub(square, f32x4.mul(m, m)));
      mean += 16;
    }
    const root = f32x4.add(f32x4.sqrt(variance), epsilon);
    if (momentum != 0) {
      const b = fma(momenta, v128.load(buffer), f32x4.div(d, root));
      v128.store(buffer, b);
      v128.store(w, fnma(rates, b, weight));
      buffer += 16;
    } else {
      v128.store(w, f32x4.sub(weight, f32x4.div(f32x4.mul(rates, d), root)));
    }
    w += 16;
    g += 16;
    v += 16;
  }
}

export function f32_adam(
  n: i32,
  w: usize,
  g: usize,
  m: usize,
  v: usize,
  rate: f64,
  beta1: f64,
  beta2: f64,
  eps: f64,
  weightDecay: f64,
  decoupled: i32,
  correction1: f64,
  correction2: f64,
  scale: f64,
): void {
  const stepSize = f32x4.splat(<f32>(rate / correction1));
  const betas1 = f32x4.splat(<f32>beta1);
  const rest1 = f32x4.splat(<f32>(1 - beta1));
  const betas2 = f32x4.splat(<f32>beta2);
  const rest2 = f32x4.splat(<f32>(1 - beta2));
  const rootFactor = f32x4.splat(<f32>(1 / sqrt<f64>(correction2)));
  const epsilon = f32x4.splat(<f32>eps);
  const decay = f32x4.splat(decoupled ? 0 : <f32>weightDecay);
  const shrinkage = f32x4.splat(decoupled ? <f32>(1 - rate * weightDecay) : 1);
  const scales = f32x4.splat(<f32>scale);
  const end = w + (<usize>n << 2);
  while (w < end) {
    const weight = v128.load(w);
    const d = fma(weight, decay, f32x4.mul(v128.load(g), scales));
    const mean = fma(d, rest1, f32x4.mul(betas1, v128.load(m)));
    const square = fma(f32x4.mul(d, d), rest2, f32x4.mul(betas2, v128.load(v)));
    v128.store(m, mean);
    v128.store(v, square);
    const root = fma(f32x4.sqrt(square), rootFactor, epsilon);
    v128.store(w, f32x4.sub(f32x4.mul(weight, shrinkage), f32x4.div(f32x4.mul(stepSize, mean), root)));
    w += 16;
    g += 16;
    m += 16;
    v += 16;
  }
}
