import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectNear } from './close.ts';
import { Matrix } from './matrix.ts';
import { Numbers } from './numbers.ts';
import { product, productTransposedA, productTransposedB, sumRows, transpose } from './products.ts';

const size = fc.integer({ min: 1, max: 9 });

describe('the reference products', () => {
  test('multiply a worked example', () => {
    const a = new Matrix(2, 3, [1, 2, 3, 4, 5, 6]);
    const b = new Matrix(3, 2, [7, 8, 9, 10, 11, 12]);
    expect([...product(a, b).data]).toEqual([58, 64, 139, 154]);
    expect([...transpose(a).data]).toEqual([1, 4, 2, 5, 3, 6]);
    expect([...sumRows(a).data]).toEqual([5, 7, 9]);
  });

  test('agree with each other through the transpose', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (rows, inner, cols, seed) => {
        const numbers = new Numbers(seed);
        const a = numbers.matrix(rows, inner);
        const b = numbers.matrix(inner, cols);
        const want = product(a, b).data;
        expectNear(productTransposedA(transpose(a), b).data, want, 1e-14, 'A^T^T B');
        expectNear(productTransposedB(a, transpose(b)).data, want, 1e-14, 'A B^T^T');
        const ones = new Matrix(1, rows, new Float64Array(rows).fill(1));
        expectNear(sumRows(a).data, product(ones, a).data, 1e-14, 'sum of rows');
      }),
    );
  });
});
