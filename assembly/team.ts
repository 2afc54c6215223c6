/**
 * What a team of threads shares: a barrier. And the yardstick of the benchmark: multiply-adds on registers alone.
 *
 *     barrier:  | arrivals: i32 | generation: i32 |
 */
import { fma } from './simd';

/** Loads before a waiting thread goes to sleep: about a tenth of a millisecond. */
const SPINS: i32 = 200000;

export function team_barrier(barrier: usize, count: i32): void {
  if (!ASC_FEATURE_THREADS) return;
  const generation = atomic.load<i32>(barrier, 4);
  if (atomic.add<i32>(barrier, 1) == count - 1) {
    atomic.store<i32>(barrier, 0);
    atomic.add<i32>(barrier, 1, 4);
    atomic.notify(barrier + 4, count);
    return;
  }
  for (let spin = 0; spin < SPINS; ++spin) {
    if (atomic.load<i32>(barrier, 4) != generation) return;
  }
  while (atomic.load<i32>(barrier, 4) == generation) {
    atomic.wait<i32>(barrier + 4, generation, -1);
  }
}

/** One and zero, four times each, in memory: as constants they would be rebuilt at every use. */
const FACTORS = memory.data<f32>([1, 1, 1, 1, 0, 0, 0, 0], 16);

/** Twelve chains of four-lane multiply-adds: 96 floating-point operations an iteration. */
export function f32_peak(iterations: i32): f64 {
  const x = v128.load(FACTORS);
  const y = v128.load(FACTORS, 16);
  let c0 = f32x4.splat(1), c1 = f32x4.splat(2), c2 = f32x4.splat(3), c3 = f32x4.splat(4);
  let c4 = f32x4.splat(5), c5 = f32x4.splat(6), c6 = f32x4.splat(7), c7 = f32x4.splat(8);
  let c8 = f32x4.splat(9), c9 = f32x4.splat(10), c10 = f32x4.splat(11), c11 = f32x4.splat(12);
  for (let i = 0; i < iterations; ++i) {
    c0 = fma(x, y, c0);
    c1 = fma(x, y, c1);
    c2 = fma(x, y, c2);
    c3 = fma(x, y, c3);
    c4 = fma(x, y, c4);
    c5 = fma(x, y, c5);
    c6 = fma(x, y, c6);
    c7 = fma(x, y, c7);
    c8 = fma(x, y, c8);
    c9 = fma(x, y, c9);
    c10 = fma(x, y, c10);
    c11 = fma(x, y, c11);
  }
  let sum = f32x4.add(f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3)), f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7)));
  sum = f32x4.add(sum, f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11)));
  // The sum keeps the loop alive: it is 78, so nothing is added to the count.
  return 96.0 * <f64>iterations + <f64>(f32x4.extract_lane(sum, 0) - 78);
}
