/** Random values to start from, in row-major scratch; the element's place is its place in the stream (random.ts). */
import { philox, word } from './random';

/** A word in [0, 1), by its upper 24 bits. */
// @ts-ignore: decorator
@inline
function fraction(bits: u32): f32 {
  return <f32>(bits >> 8) * <f32>(1.0 / 16777216.0);
}

/** The greatest float below x. */
function floatBelow(x: f32): f32 {
  if (x == 0) return reinterpret<f32>(0x80000001);
  const bits = reinterpret<i32>(x);
  return reinterpret<f32>(bits > 0 ? bits - 1 : bits + 1);
}

export function f32_uniform(n: i32, low: f64, high: f64, out: usize, seed: u32, stream: u32): void {
  const start = <f32>low;
  const width = <f32>(high - low);
  // Rounding may reach `high` itself.
  const last = floatBelow(<f32>high);
  for (let i = 0; i < n; ++i) {
    if ((i & 3) == 0) philox(i >> 2, 0, 0, 0, seed, stream);
    store<f32>(out, min<f32>(start + width * fraction(word(i & 3)), last));
    out += 4;
  }
}

/** Box & Muller 1958: elements 2i and 2i + 1 are the cosine and the sine of one pair of words. */
export function f32_normal(n: i32, mean: f64, deviation: f64, out: usize, seed: u32, stream: u32): void {
  for (let i = 0; i < n; i += 2) {
    if ((i & 3) == 0) philox(i >> 2, 0, 0, 0, seed, stream);
    const radius = deviation * sqrt<f64>(-2 * Math.log((<f64>word(i & 3) + 1) / 4294967296.0));
    const angle = 2 * Math.PI * (<f64>word((i & 3) + 1) / 4294967296.0);
    store<f32>(out, <f32>(mean + radius * Math.cos(angle)));
    if (i + 1 < n) store<f32>(out, <f32>(mean + radius * Math.sin(angle)), 4);
    out += 8;
  }
}

/** The dot product of n floats, summed in float64. */
function dot(n: i32, a: usize, b: usize): f64 {
  let sums0 = f64x2.splat(0);
  let sums1 = f64x2.splat(0);
  const end = a + (<usize>n << 2);
  while (a + 16 <= end) {
    sums0 = f64x2.add(sums0, f64x2.mul(promotePair(a), promotePair(b)));
    sums1 = f64x2.add(sums1, f64x2.mul(promotePair(a + 8), promotePair(b + 8)));
    a += 16;
    b += 16;
  }
  const sums = f64x2.add(sums0, sums1);
  let sum = f64x2.extract_lane(sums, 0) + f64x2.extract_lane(sums, 1);
  while (a < end) {
    sum += <f64>load<f32>(a) * <f64>load<f32>(b);
    a += 4;
    b += 4;
  }
  return sum;
}

// @ts-ignore: decorator
@inline
function promotePair(a: usize): v128 {
  return f64x2.promote_low_f32x4(v128.load64_zero(a));
}

/** a -= factor b, over n floats. */
function subtractMultiple(n: i32, factor: f32, b: usize, a: usize): void {
  const factors = f32x4.splat(factor);
  const end = a + (<usize>n << 2);
  while (a + 16 <= end) {
    v128.store(a, f32x4.sub(v128.load(a), f32x4.mul(v128.load(b), factors)));
    a += 16;
    b += 16;
  }
  while (a < end) {
    store<f32>(a, load<f32>(a) - load<f32>(b) * factor);
    a += 4;
    b += 4;
  }
}

/**
 * Normal vectors made orthonormal one after the other by modified Gram-Schmidt, twice over each ("twice is enough",
 * Giraud, Langou & Rozloznik 2005): the Q of a QR factorisation whose R has a positive diagonal, so it is distributed
 * as PyTorch's sign-corrected one. The vectors lie in scratch, [min(rows, cols), max(rows, cols)].
 */
export function f32_orthogonal(
  rows: i32,
  cols: i32,
  gain: f64,
  out: usize,
  scratch: usize,
  seed: u32,
  stream: u32,
): void {
  const count = min<i32>(rows, cols);
  const length = max<i32>(rows, cols);
  const bytes = <usize>length << 2;
  f32_normal(rows * cols, 0, 1, scratch, seed, stream);
  for (let i: usize = 0; i < <usize>count; ++i) {
    const vector = scratch + i * bytes;
    for (let pass = 0; pass < 2; ++pass) {
      for (let other = scratch; other < vector; other += bytes) {
        subtractMultiple(length, <f32>dot(length, other, vector), other, vector);
      }
      normalise(length, vector);
    }
  }
  for (let i: usize = 0; i < <usize>count; ++i) {
    for (let j: usize = 0; j < <usize>length; ++j) {
      const place = rows <= cols ? i * <usize>length + j : j * <usize>count + i;
      const value = <f64>load<f32>(scratch + i * bytes + (j << 2));
      store<f32>(out + (place << 2), <f32>(gain * value));
    }
  }
}

function normalise(n: i32, a: usize): void {
  const factor = 1 / sqrt<f64>(dot(n, a, a));
  const end = a + (<usize>n << 2);
  while (a < end) {
    store<f32>(a, <f32>(factor * <f64>load<f32>(a)));
    a += 4;
  }
}
