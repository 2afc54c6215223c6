/**
 * The few SIMD words that all kernels use. The same source gives fused multiply-add in the relaxed builds and a
 * separate multiply and add in the baseline builds; their last bits differ.
 */

/** Rows of the widest product tile: 12 accumulators of two vectors a row where multiply-add is fused, 8 where not. */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 4;

/**
 * The wide builds pair neighbouring vectors throughout, for V8's --experimental-wasm-revectorize, which fuses such pairs
 * into vectors of eight floats. Without the flag they are slower than the others: the engine takes them only where it
 * measures a gain (engine/core/self-test.ts). asconfig.json defines the name in their targets.
 */
export const WIDE: bool = isDefined(UNROLLED_WIDE);

/** a * b + c, lane by lane. */
// @ts-ignore: decorator
@inline
export function fma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return f32x4.add(f32x4.mul(a, b), c);
}

/** c - a * b, lane by lane. */
// @ts-ignore: decorator
@inline
export function fnma(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_nmadd(a, b, c);
  return f32x4.sub(c, f32x4.mul(a, b));
}

/** The sum of the four lanes, as (0 + 2) + (1 + 3). */
// @ts-ignore: decorator
@inline
export function horizontalSum(a: v128): f32 {
  const pairs = f32x4.add(a, i8x16.shuffle(a, a, 8, 9, 10, 11, 12, 13, 14, 15, 8, 9, 10, 11, 12, 13, 14, 15));
  return f32x4.extract_lane(pairs, 0) + f32x4.extract_lane(pairs, 1);
}
