import { expect } from 'vitest';

/** Every |got - want| <= tolerance (1 + |want|), in float64. */
export function expectNear(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number, what: string): void {
  expect(got.length, what).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    const g = got[i]!;
    const w = want[i]!;
    const near = Math.abs(g - w) <= tolerance * (1 + Math.abs(w));
    if (!near) expect.fail(`${what}[${i}] is ${g}, expected ${w}`);
  }
}

/** Golden results are rounded to float32. */
export const GOLDEN_DIGITS = 1e-7;

/** What central differences with a step of 1e-5 can promise. */
export const FINITE_DIFFERENCES = 1e-7;
