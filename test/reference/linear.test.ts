import fc from 'fast-check';
import { describe, test } from 'vitest';
import { goldenCase } from '../golden/cases.ts';
import { expectNear, FINITE_DIFFERENCES, GOLDEN_DIGITS } from './close.ts';
import { centralDifferences } from './finite-differences.ts';
import { linearBackward, linearForward } from './linear.ts';
import { matrixOf, weightedSum } from './golden.ts';
import { Numbers } from './numbers.ts';

const size = fc.integer({ min: 1, max: 6 });

describe('the reference linear layer', () => {
  test('gives the golden values', () => {
    const golden = goldenCase('linear');
    const x = matrixOf(golden.inputs, 'x');
    const weight = matrixOf(golden.params, 'weight');
    const bias = matrixOf(golden.params, 'bias');
    const gradients = linearBackward(x, weight, matrixOf(golden.upstream, 'y'));
    expectNear(linearForward(x, weight, bias).data, matrixOf(golden.outputs, 'y').data, GOLDEN_DIGITS, 'y');
    expectNear(gradients.x.data, matrixOf(golden.grads, 'x').data, GOLDEN_DIGITS, 'dx');
    expectNear(gradients.weight.data, matrixOf(golden.grads, 'weight').data, GOLDEN_DIGITS, 'dweight');
    expectNear(gradients.bias.data, matrixOf(golden.grads, 'bias').data, GOLDEN_DIGITS, 'dbias');
  });

  test('has the gradients that finite differences measure', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (rows, inputs, outputs, seed) => {
        const numbers = new Numbers(seed);
        const x = numbers.matrix(rows, inputs);
        const weight = numbers.matrix(outputs, inputs);
        const bias = numbers.matrix(1, outputs);
        const dy = numbers.matrix(rows, outputs);
        const loss = () => weightedSum(linearForward(x, weight, bias), dy);
        const gradients = linearBackward(x, weight, dy);
        expectNear(gradients.x.data, centralDifferences(loss, x), FINITE_DIFFERENCES, 'dx');
        expectNear(gradients.weight.data, centralDifferences(loss, weight), FINITE_DIFFERENCES, 'dweight');
        expectNear(gradients.bias.data, centralDifferences(loss, bias), FINITE_DIFFERENCES, 'dbias');
      }),
    );
  });
});
