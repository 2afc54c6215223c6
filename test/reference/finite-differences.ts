import { vector, type Matrix } from './matrix.ts';

/**
 * dL/d(every element of `matrix`) by central differences: (L(v + e) - L(v - e)) / 2e, an error of order e^2 plus
 * rounding of order 1e-16 L / e. `loss` recomputes L from the matrix as it is.
 */
export function centralDifferences(loss: () => number, matrix: Matrix, epsilon = 1e-5): Float64Array {
  return matrix.data.map((value, index) => {
    matrix.data[index] = value + epsilon;
    const above = loss();
    matrix.data[index] = value - epsilon;
    const below = loss();
    matrix.data[index] = value;
    return (above - below) / (2 * epsilon);
  });
}

/** The same for L as a function of plain numbers. */
export function measuredGradient(values: ArrayLike<number>, loss: (values: Float64Array) => number): Float64Array {
  const at = vector(Float64Array.from(values));
  return centralDifferences(() => loss(at.data), at);
}
