import { Matrix } from './matrix.ts';

/**
 * Repeatable test data: a linear congruential generator (Knuth, TAOCP vol. 2, 3.3.4, table 1 line 16: 1664525) whose
 * upper 24 bits give numbers that float32 represents exactly.
 */
export class Numbers {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
    this.next();
  }

  /** Uniform in [-1, 1), a multiple of 2^-23. */
  next(): number {
    this.#state = (Math.imul(this.#state, 1664525) + 1013904223) >>> 0;
    return (this.#state >>> 8) / 2 ** 23 - 1;
  }

  /** Elements uniform in [-scale, scale), rounded to float32. */
  matrix(rows: number, cols: number, scale = 1): Matrix {
    return new Matrix(
      rows,
      cols,
      Float64Array.from({ length: rows * cols }, () => Math.fround(this.next() * scale)),
    );
  }
}
