/**
 * tanh, sigmoid, exp, erf and log of four floats. Coefficients lie in memory, each four times over: V8 rebuilds
 * `v128.const` at every use, a load is cheaper.
 */
import { fma, fnma } from './simd';

// @ts-ignore: decorator
@inline
function constant(table: usize, index: i32): v128 {
  return v128.load(table + ((<usize>index) << 4));
}

/**
 * tanh by the 13/6 rational that Eigen uses (Eigen, MathFunctionsImpl.h, generic_fast_tanh_float), the argument clamped to
 * +-7.90531110763549805, where float32 tanh is 1. Maximal absolute error 2.6e-7.
 */
const TANH = memory.data<f32>([
  7.90531110763549805, 7.90531110763549805, 7.90531110763549805, 7.90531110763549805,
  -7.90531110763549805, -7.90531110763549805, -7.90531110763549805, -7.90531110763549805,
  // odd coefficients of the numerator, 13 down to 1
  -2.76076847742355e-16, -2.76076847742355e-16, -2.76076847742355e-16, -2.76076847742355e-16,
  2.00018790482477e-13, 2.00018790482477e-13, 2.00018790482477e-13, 2.00018790482477e-13,
  -8.60467152213735e-11, -8.60467152213735e-11, -8.60467152213735e-11, -8.60467152213735e-11,
  5.12229709037114e-8, 5.12229709037114e-8, 5.12229709037114e-8, 5.12229709037114e-8,
  1.48572235717979e-5, 1.48572235717979e-5, 1.48572235717979e-5, 1.48572235717979e-5,
  6.37261928875436e-4, 6.37261928875436e-4, 6.37261928875436e-4, 6.37261928875436e-4,
  4.89352455891786e-3, 4.89352455891786e-3, 4.89352455891786e-3, 4.89352455891786e-3,
  // even coefficients of the denominator, 6 down to 0
  1.19825839466702e-6, 1.19825839466702e-6, 1.19825839466702e-6, 1.19825839466702e-6,
  1.18534705686654e-4, 1.18534705686654e-4, 1.18534705686654e-4, 1.18534705686654e-4,
  2.26843463243900e-3, 2.26843463243900e-3, 2.26843463243900e-3, 2.26843463243900e-3,
  4.89352518554385e-3, 4.89352518554385e-3, 4.89352518554385e-3, 4.89352518554385e-3,
  // one half
  0.5, 0.5, 0.5, 0.5,
], 16);

/** Entry `index` of TANH: 0 and 1 the bounds, 2 to 8 the numerator, 9 to 12 the denominator. */
// @ts-ignore: decorator
@inline
export function tanhTerm(index: i32): v128 {
  return constant(TANH, index);
}

/** One half, four times. */
// @ts-ignore: decorator
@inline
export function half(): v128 {
  return constant(TANH, 13);
}

// @ts-ignore: decorator
@inline
export function tanh4(argument: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(argument, constant(TANH, 0)), constant(TANH, 1));
  const x2 = f32x4.mul(x, x);
  let p = fma(x2, constant(TANH, 2), constant(TANH, 3));
  p = fma(x2, p, constant(TANH, 4));
  p = fma(x2, p, constant(TANH, 5));
  p = fma(x2, p, constant(TANH, 6));
  p = fma(x2, p, constant(TANH, 7));
  p = fma(x2, p, constant(TANH, 8));
  let q = fma(x2, constant(TANH, 9), constant(TANH, 10));
  q = fma(x2, q, constant(TANH, 11));
  q = fma(x2, q, constant(TANH, 12));
  return f32x4.div(f32x4.mul(x, p), q);
}

/** 1/2 + 1/2 tanh(x / 2). Maximal absolute error 1.5e-7. */
// @ts-ignore: decorator
@inline
export function sigmoid4(argument: v128): v128 {
  const h = half();
  return fma(tanh4(f32x4.mul(argument, h)), h, h);
}

/**
 * exp by 2^n e^r with r in +-ln 2 / 2 (two-part ln 2 of Cody & Waite 1980) and the polynomial of degree 5 through
 * e^0 = 1 whose largest relative error, 9.3e-8, is least; the argument is clamped to [-87.33, 88.02], the range in
 * which 2^n is a normal float: nothing overflows to infinity here. Relative error below 2.5e-7.
 */
const EXP = memory.data<f32>([
  88.02, 88.02, 88.02, 88.02,
  -87.3365447504, -87.3365447504, -87.3365447504, -87.3365447504,
  1.44269504088896341, 1.44269504088896341, 1.44269504088896341, 1.44269504088896341,
  // 3 2^22 + 127: a small number added to it is rounded to a whole one, whose biased exponent the low bits then hold
  12583039.0, 12583039.0, 12583039.0, 12583039.0,
  0.693359375, 0.693359375, 0.693359375, 0.693359375,
  -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4,
  // coefficients, degree 5 down to 0
  8.2902722e-3, 8.2902722e-3, 8.2902722e-3, 8.2902722e-3,
  4.18981612e-2, 4.18981612e-2, 4.18981612e-2, 4.18981612e-2,
  1.666763872e-1, 1.666763872e-1, 1.666763872e-1, 1.666763872e-1,
  4.999914765e-1, 4.999914765e-1, 4.999914765e-1, 4.999914765e-1,
  9.999997020e-1, 9.999997020e-1, 9.999997020e-1, 9.999997020e-1,
  1.0, 1.0, 1.0, 1.0,
], 16);

// @ts-ignore: decorator
@inline
export function exp4(argument: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(argument, constant(EXP, 0)), constant(EXP, 1));
  const shifted = fma(x, constant(EXP, 2), constant(EXP, 3));
  const n = f32x4.sub(shifted, constant(EXP, 3));
  let r = fnma(n, constant(EXP, 4), x);
  r = fnma(n, constant(EXP, 5), r);
  let p = fma(r, constant(EXP, 6), constant(EXP, 7));
  p = fma(r, p, constant(EXP, 8));
  p = fma(r, p, constant(EXP, 9));
  p = fma(r, p, constant(EXP, 10));
  p = fma(r, p, constant(EXP, 11));
  return f32x4.mul(p, i32x4.shl(shifted, 23));
}

/**
 * erf by the 13/8 rational of XLA and Eigen (Eigen, SpecialFunctionsImpl.h, generic_fast_erf_float), the argument
 * clamped to +-4, the result to +-1. Maximal absolute error 4.2e-7.
 */
const ERF = memory.data<f32>([
  4.0, 4.0, 4.0, 4.0,
  -4.0, -4.0, -4.0, -4.0,
  // odd coefficients of the numerator, 13 down to 1
  -2.72614225801306e-10, -2.72614225801306e-10, -2.72614225801306e-10, -2.72614225801306e-10,
  2.77068142495902e-8, 2.77068142495902e-8, 2.77068142495902e-8, 2.77068142495902e-8,
  -2.10102402082508e-6, -2.10102402082508e-6, -2.10102402082508e-6, -2.10102402082508e-6,
  -5.69250639462346e-5, -5.69250639462346e-5, -5.69250639462346e-5, -5.69250639462346e-5,
  -7.34990630326855e-4, -7.34990630326855e-4, -7.34990630326855e-4, -7.34990630326855e-4,
  -2.95459980854025e-3, -2.95459980854025e-3, -2.95459980854025e-3, -2.95459980854025e-3,
  -1.60960333262415e-2, -1.60960333262415e-2, -1.60960333262415e-2, -1.60960333262415e-2,
  // even coefficients of the denominator, 8 down to 0
  -1.45660718464996e-5, -1.45660718464996e-5, -1.45660718464996e-5, -1.45660718464996e-5,
  -2.13374055278905e-4, -2.13374055278905e-4, -2.13374055278905e-4, -2.13374055278905e-4,
  -1.68282697438203e-3, -1.68282697438203e-3, -1.68282697438203e-3, -1.68282697438203e-3,
  -7.37332916720468e-3, -7.37332916720468e-3, -7.37332916720468e-3, -7.37332916720468e-3,
  -1.42647390514189e-2, -1.42647390514189e-2, -1.42647390514189e-2, -1.42647390514189e-2,
  // the bounds of the result
  1.0, 1.0, 1.0, 1.0,
  -1.0, -1.0, -1.0, -1.0,
], 16);

// @ts-ignore: decorator
@inline
export function erf4(argument: v128): v128 {
  const x = f32x4.pmax(f32x4.pmin(argument, constant(ERF, 0)), constant(ERF, 1));
  const x2 = f32x4.mul(x, x);
  let p = fma(x2, constant(ERF, 2), constant(ERF, 3));
  p = fma(x2, p, constant(ERF, 4));
  p = fma(x2, p, constant(ERF, 5));
  p = fma(x2, p, constant(ERF, 6));
  p = fma(x2, p, constant(ERF, 7));
  p = fma(x2, p, constant(ERF, 8));
  let q = fma(x2, constant(ERF, 9), constant(ERF, 10));
  q = fma(x2, q, constant(ERF, 11));
  q = fma(x2, q, constant(ERF, 12));
  q = fma(x2, q, constant(ERF, 13));
  const y = f32x4.div(f32x4.mul(x, p), q);
  return f32x4.pmax(f32x4.pmin(y, constant(ERF, 14)), constant(ERF, 15));
}

/**
 * log by x = 2^e m with m in [sqrt(1/2), sqrt(2)) and the degree-9 polynomial of Cephes (Moshier, single/logf.c). The
 * argument is a positive normal number; NaN and infinity give NaN. Error below 1 ulp of the result or 1e-7.
 */
const LOG = memory.data<f32>([
  // the bits of sqrt(1/2)
  0.707106781186547524, 0.707106781186547524, 0.707106781186547524, 0.707106781186547524,
  1.0, 1.0, 1.0, 1.0,
  7.0376836292e-2, 7.0376836292e-2, 7.0376836292e-2, 7.0376836292e-2,
  -1.1514610310e-1, -1.1514610310e-1, -1.1514610310e-1, -1.1514610310e-1,
  1.1676998740e-1, 1.1676998740e-1, 1.1676998740e-1, 1.1676998740e-1,
  -1.2420140846e-1, -1.2420140846e-1, -1.2420140846e-1, -1.2420140846e-1,
  1.4249322787e-1, 1.4249322787e-1, 1.4249322787e-1, 1.4249322787e-1,
  -1.6668057665e-1, -1.6668057665e-1, -1.6668057665e-1, -1.6668057665e-1,
  2.0000714765e-1, 2.0000714765e-1, 2.0000714765e-1, 2.0000714765e-1,
  -2.4999993993e-1, -2.4999993993e-1, -2.4999993993e-1, -2.4999993993e-1,
  3.3333331174e-1, 3.3333331174e-1, 3.3333331174e-1, 3.3333331174e-1,
  -2.12194440e-4, -2.12194440e-4, -2.12194440e-4, -2.12194440e-4,
  0.693359375, 0.693359375, 0.693359375, 0.693359375,
], 16);

// @ts-ignore: decorator
@inline
export function log4(argument: v128): v128 {
  const least = constant(LOG, 0);
  const distance = i32x4.sub(argument, least);
  const e = f32x4.convert_i32x4_s(i32x4.shr_s(distance, 23));
  const m = i32x4.add(v128.and(distance, i32x4.splat(0x007fffff)), least);
  const r = f32x4.sub(m, constant(LOG, 1));
  const r2 = f32x4.mul(r, r);
  let p = fma(r, constant(LOG, 2), constant(LOG, 3));
  p = fma(r, p, constant(LOG, 4));
  p = fma(r, p, constant(LOG, 5));
  p = fma(r, p, constant(LOG, 6));
  p = fma(r, p, constant(LOG, 7));
  p = fma(r, p, constant(LOG, 8));
  p = fma(r, p, constant(LOG, 9));
  p = fma(r, p, constant(LOG, 10));
  let y = fma(e, constant(LOG, 11), f32x4.mul(f32x4.mul(p, r), r2));
  y = fnma(r2, half(), y);
  y = fma(e, constant(LOG, 12), f32x4.add(r, y));
  return f32x4.add(y, f32x4.sub(argument, argument));
}
