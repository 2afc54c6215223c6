import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { expectNear, FINITE_DIFFERENCES } from './close.ts';
import { centralDifferences } from './finite-differences.ts';
import { weightedSum } from './golden.ts';
import { Matrix } from './matrix.ts';
import { Numbers } from './numbers.ts';
import { maxSteps, maxStepsBackward, meanSteps, meanStepsBackward } from './pooling.ts';

const size = fc.integer({ min: 1, max: 5 });
const allLengths = fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 5 });

describe('the reference pooling', () => {
  test('pools a worked example', () => {
    const x = new Matrix(4, 2, [1, 5, 7, 7, 3, 5, 9, 9]);
    expect([...meanSteps(x, [2, 1]).data]).toEqual([2, 5, 7, 7]);
    expect([...maxSteps(x, [2, 1]).y.data]).toEqual([3, 5, 7, 7]);
    expect([...maxSteps(x, [2, 1]).argmax.data]).toEqual([1, 0, 0, 0]);
  });

  test('has the gradients that finite differences measure', () => {
    fc.assert(
      fc.property(allLengths, size, fc.nat(), (lengths, cols, seed) => {
        const steps = 5;
        const numbers = new Numbers(seed);
        // All different, and more than the step of the differences apart.
        const x = new Matrix(steps * lengths.length, cols);
        x.data.forEach((_, i) => (x.data[i] = ((i * 37 + seed) % 127) / 127));
        const dy = numbers.matrix(lengths.length, cols);
        const mean = centralDifferences(() => weightedSum(meanSteps(x, lengths), dy), x);
        expectNear(meanStepsBackward(steps, dy, lengths).data, mean, FINITE_DIFFERENCES, 'dx of the mean');
        const max = centralDifferences(() => weightedSum(maxSteps(x, lengths).y, dy), x);
        const dx = maxStepsBackward(steps, dy, maxSteps(x, lengths).argmax);
        expectNear(dx.data, max, FINITE_DIFFERENCES, 'dx of the maximum');
      }),
    );
  });
});
