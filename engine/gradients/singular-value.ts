/**
 * The largest singular value of a square matrix: the square root of the largest eigenvalue of A^T A, by power iteration.
 * Squaring A^T A first stands for many steps; the Rayleigh quotient's error is the square of the vector's.
 */
import { Random } from '../random.ts';
import { norm } from './linear-algebra.ts';

const SQUARINGS = 7;
const ITERATIONS = 8;

/** `matrix`: row-major [size, size]. */
export function largestSingularValue(matrix: ArrayLike<number>, size: number): number {
  const gram = gramMatrix(matrix, size);
  let power = Float64Array.from(gram);
  for (let i = 0; i < SQUARINGS; i++) {
    const length = norm(power);
    if (length === 0) return 0;
    power = gramMatrix(
      power.map((value) => value / length),
      size,
    );
  }
  const random = new Random(1, 0, 0);
  let vector = Float64Array.from({ length: size }, () => random.unit() - 0.5);
  for (let i = 0; i < ITERATIONS; i++) {
    vector = times(power, vector);
    const length = norm(vector);
    if (length === 0) return 0;
    for (let j = 0; j < size; j++) vector[j]! /= length;
  }
  // Of unit length, so that ||A v|| is the square root of the Rayleigh quotient.
  return norm(times(matrix, vector));
}

/** A^T A; of a symmetric matrix its square. */
function gramMatrix(matrix: ArrayLike<number>, size: number): Float64Array<ArrayBuffer> {
  const out = new Float64Array(size * size);
  for (let k = 0; k < size; k++) {
    const row = k * size;
    for (let i = 0; i < size; i++) {
      const factor = matrix[row + i]!;
      if (factor === 0) continue;
      const to = i * size;
      for (let j = 0; j < size; j++) out[to + j]! += factor * matrix[row + j]!;
    }
  }
  return out;
}

function times(matrix: ArrayLike<number>, vector: Float64Array): Float64Array<ArrayBuffer> {
  const size = vector.length;
  return Float64Array.from({ length: size }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < size; j++) sum += matrix[i * size + j]! * vector[j]!;
    return sum;
  });
}
