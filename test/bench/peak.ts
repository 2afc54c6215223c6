import type { Core } from '../../engine/core/core.ts';

/** Iterations of one call: about a millisecond. */
const PEAK_ITERATIONS = 500_000;

/** The best of some calls: what one core's SIMD unit gives, 10^9 floating-point operations a second. */
export function measurePeak({ kernels }: Core): number {
  let best = 0;
  for (let call = 0; call < 50; call++) {
    const start = performance.now();
    const operations = kernels.f32_peak(PEAK_ITERATIONS);
    best = Math.max(best, operations / (performance.now() - start) / 1e6);
  }
  return best;
}
