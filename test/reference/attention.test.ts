import fc from 'fast-check';
import { describe, test } from 'vitest';
import { additiveScores, additiveScoresBackward, maskedSoftmax, maskedSoftmaxBackward } from './attention.ts';
import { expectNear, FINITE_DIFFERENCES } from './close.ts';
import { centralDifferences } from './finite-differences.ts';
import { weightedSum } from './golden.ts';
import { Numbers } from './numbers.ts';

const size = fc.integer({ min: 1, max: 6 });

describe('the gradients of the reference attention are those that finite differences measure', () => {
  test('softmax over the keys that are seen', () => {
    fc.assert(
      fc.property(size, size, fc.nat(5), fc.boolean(), fc.nat(), (steps, keys, hidden, causal, seed) => {
        const numbers = new Numbers(seed);
        const scores = numbers.matrix(steps, keys, 2);
        const upstream = numbers.matrix(steps, keys);
        const mask = { length: Math.max(0, keys - hidden), before: causal ? 0 : -1 };
        const loss = () => weightedSum(maskedSoftmax(scores, 0.7, mask), upstream);
        const gradient = maskedSoftmaxBackward(maskedSoftmax(scores, 0.7, mask), upstream, 0.7);
        expectNear(gradient.data, centralDifferences(loss, scores), FINITE_DIFFERENCES, 'dscores');
      }),
    );
  });

  test('additive scores', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (steps, keySteps, width, seed) => {
        const numbers = new Numbers(seed);
        const [queries, keys, v] = [
          numbers.matrix(steps, width),
          numbers.matrix(keySteps, width),
          numbers.matrix(1, width),
        ];
        const upstream = numbers.matrix(steps, keySteps);
        const loss = () => weightedSum(additiveScores(queries, keys, v), upstream);
        const gradients = additiveScoresBackward(queries, keys, v, upstream);
        expectNear(gradients.queries.data, centralDifferences(loss, queries), FINITE_DIFFERENCES, 'dq');
        expectNear(gradients.keys.data, centralDifferences(loss, keys), FINITE_DIFFERENCES, 'dk');
        expectNear(gradients.v.data, centralDifferences(loss, v), FINITE_DIFFERENCES, 'dv');
      }),
    );
  });
});
