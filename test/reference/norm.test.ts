import fc from 'fast-check';
import { describe, test } from 'vitest';
import { goldenCase } from '../golden/cases.ts';
import { expectNear, FINITE_DIFFERENCES, GOLDEN_DIGITS } from './close.ts';
import { centralDifferences } from './finite-differences.ts';
import { matrixOf, weightedSum } from './golden.ts';
import { layerNorm, layerNormBackward } from './norm.ts';
import { Numbers } from './numbers.ts';

const size = fc.integer({ min: 1, max: 6 });

describe('the reference layer normalisation', () => {
  test('gives the golden values', () => {
    const golden = goldenCase('layer-norm');
    const x = matrixOf(golden.inputs, 'x');
    const gamma = matrixOf(golden.params, 'weight');
    const { y, stats } = layerNorm(x, gamma, matrixOf(golden.params, 'bias'), Number(golden.config['eps']));
    const gradients = layerNormBackward(x, gamma, stats, matrixOf(golden.upstream, 'y'));
    expectNear(y.data, matrixOf(golden.outputs, 'y').data, GOLDEN_DIGITS, 'y');
    expectNear(gradients.x.data, matrixOf(golden.grads, 'x').data, GOLDEN_DIGITS, 'dx');
    expectNear(gradients.gamma.data, matrixOf(golden.grads, 'weight').data, GOLDEN_DIGITS, 'dweight');
    expectNear(gradients.beta.data, matrixOf(golden.grads, 'bias').data, GOLDEN_DIGITS, 'dbias');
  });

  test('has the gradients that finite differences measure', () => {
    fc.assert(
      fc.property(size, size, fc.nat(), (rows, cols, seed) => {
        const numbers = new Numbers(seed);
        const x = numbers.matrix(rows, cols);
        const gamma = numbers.matrix(1, cols);
        const beta = numbers.matrix(1, cols);
        const dy = numbers.matrix(rows, cols);
        const eps = 0.1;
        const loss = () => weightedSum(layerNorm(x, gamma, beta, eps).y, dy);
        const gradients = layerNormBackward(x, gamma, layerNorm(x, gamma, beta, eps).stats, dy);
        expectNear(gradients.x.data, centralDifferences(loss, x), FINITE_DIFFERENCES, 'dx');
        expectNear(gradients.gamma.data, centralDifferences(loss, gamma), FINITE_DIFFERENCES, 'dgamma');
        expectNear(gradients.beta.data, centralDifferences(loss, beta), FINITE_DIFFERENCES, 'dbeta');
      }),
    );
  });
});
