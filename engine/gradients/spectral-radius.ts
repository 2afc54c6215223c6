/**
 * The largest absolute value of a square matrix's eigenvalues, by Gelfand's formula (1941): the limit of ||A^n||^(1/n).
 * Powers of two are reached by squaring, scaled so that nothing overflows. With n = 2^SQUARINGS the result is too large by
 * a factor of at most cond^(1/n), cond that of the eigenvectors, and of about n^(k/n) where eigenvalues coincide k-fold:
 * unlike power iteration it does not mind complex pairs, which random matrices have.
 */
import { norm } from './linear-algebra.ts';

const SQUARINGS = 12;

/** `matrix`: row-major [size, size]. */
export function spectralRadius(matrix: ArrayLike<number>, size: number): number {
  let power = Float64Array.from(matrix);
  let next = new Float64Array(size * size);
  /** log of the power's true size: what it was divided by. */
  let scale = 0;
  for (let i = 0; i <= SQUARINGS; i++) {
    const length = norm(power);
    if (length === 0) return 0;
    scale += Math.log(length);
    for (let j = 0; j < power.length; j++) power[j]! /= length;
    if (i === SQUARINGS) break;
    square(power, next, size);
    [power, next] = [next, power];
    scale *= 2;
  }
  return Math.exp(scale / 2 ** SQUARINGS);
}

function square(from: Float64Array, to: Float64Array, size: number): void {
  to.fill(0);
  for (let i = 0; i < size; i++) {
    const row = i * size;
    for (let k = 0; k < size; k++) {
      const factor = from[row + k]!;
      if (factor === 0) continue;
      const below = k * size;
      for (let j = 0; j < size; j++) to[row + j]! += factor * from[below + j]!;
    }
  }
}
