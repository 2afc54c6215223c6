/** Activation functions over n floats, four at a time. */
import { erf4, exp4, half, sigmoid4, tanh4 } from './math';
import { fma, fnma } from './simd';

/** 1 / sqrt(2). */
const SQRT1_2: f32 = 0.70710678118654752;
/** 1 / sqrt(2 pi). */
const NORMAL_PEAK: f32 = 0.39894228040143268;

export function f32_sigmoid(n: i32, x: usize, y: usize): void {
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    v128.store(y, sigmoid4(v128.load(x)));
    x += 16;
    y += 16;
  }
}

export function f32_tanh(n: i32, x: usize, y: usize): void {
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    v128.store(y, tanh4(v128.load(x)));
    x += 16;
    y += 16;
  }
}

export function f32_exp(n: i32, x: usize, y: usize): void {
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    v128.store(y, exp4(v128.load(x)));
    x += 16;
    y += 16;
  }
}

export function f32_relu(n: i32, x: usize, y: usize): void {
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    v128.store(y, f32x4.pmax(v128.load(x), f32x4.splat(0)));
    x += 16;
    y += 16;
  }
}

/** Phi(x), the normal distribution function: 1/2 + 1/2 erf(x / sqrt(2)). */
// @ts-ignore: decorator
@inline
function normalDistribution(x: v128): v128 {
  const h = half();
  return fma(erf4(f32x4.mul(x, f32x4.splat(SQRT1_2))), h, h);
}

export function f32_gelu(n: i32, x: usize, y: usize): void {
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    const value = v128.load(x);
    v128.store(y, f32x4.mul(value, normalDistribution(value)));
    x += 16;
    y += 16;
  }
}

export function f32_sigmoid_backward(n: i32, y: usize, dy: usize, dx: usize): void {
  const end = y + ((<usize>n) << 2);
  while (y < end) {
    const value = v128.load(y);
    v128.store(dx, f32x4.mul(v128.load(dy), fnma(value, value, value)));
    y += 16;
    dy += 16;
    dx += 16;
  }
}

/** dx = dy (1 - y^2). */
export function f32_tanh_backward(n: i32, y: usize, dy: usize, dx: usize): void {
  const end = y + ((<usize>n) << 2);
  while (y < end) {
    const value = v128.load(y);
    v128.store(dx, f32x4.mul(v128.load(dy), fnma(value, value, f32x4.splat(1))));
    y += 16;
    dy += 16;
    dx += 16;
  }
}

/** dx = dy where y > 0, else 0. */
export function f32_relu_backward(n: i32, y: usize, dy: usize, dx: usize): void {
  const end = y + ((<usize>n) << 2);
  while (y < end) {
    v128.store(dx, v128.andnot(v128.load(dy), f32x4.le(v128.load(y), f32x4.splat(0))));
    y += 16;
    dy += 16;
    dx += 16;
  }
}

/** dx = dy (Phi(x) + x phi(x)), phi(x) = exp(-x^2 / 2) / sqrt(2 pi). */
export function f32_gelu_backward(n: i32, x: usize, dy: usize, dx: usize): void {
  const end = x + ((<usize>n) << 2);
  while (x < end) {
    const value = v128.load(x);
    const density = f32x4.mul(exp4(f32x4.mul(f32x4.mul(value, value), f32x4.splat(-0.5))), f32x4.splat(NORMAL_PEAK));
    v128.store(dx, f32x4.mul(v128.load(dy), fma(value, density, normalDistribution(value))));
    x += 16;
    dy += 16;
    dx += 16;
  }
}
