import { describe, test } from 'vitest';
import { goldenCase } from '../golden/cases.ts';
import { expectNear, GOLDEN_DIGITS } from './close.ts';
import { gatherRows, scatterAddRows } from './embedding.ts';
import { matrixOf } from './golden.ts';
import { Matrix } from './matrix.ts';

describe('the reference embedding', () => {
  test('gives the golden values', () => {
    const golden = goldenCase('embedding');
    const ids = [...matrixOf(golden.inputs, 'ids').data];
    const weight = matrixOf(golden.params, 'weight');
    const y = gatherRows(ids, weight, new Matrix(1, weight.cols));
    expectNear(y.data, matrixOf(golden.outputs, 'y').data, GOLDEN_DIGITS, 'y');
    const dweight = scatterAddRows(ids, matrixOf(golden.upstream, 'y'), new Matrix(weight.rows, weight.cols));
    expectNear(dweight.data, matrixOf(golden.grads, 'weight').data, GOLDEN_DIGITS, 'dweight');
  });
});
