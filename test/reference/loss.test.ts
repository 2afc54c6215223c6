import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { goldenCase } from '../golden/cases.ts';
import { expectNear, FINITE_DIFFERENCES, GOLDEN_DIGITS } from './close.ts';
import { centralDifferences } from './finite-differences.ts';
import { matrixOf } from './golden.ts';
import {
  crossEntropy,
  crossEntropyBackward,
  rowCounts,
  softmax,
  squaredError,
  squaredErrorBackward,
  type Targets,
} from './loss.ts';
import { Matrix } from './matrix.ts';
import { Numbers } from './numbers.ts';

const size = fc.integer({ min: 1, max: 5 });

describe('the reference losses', () => {
  test.each(['cross-entropy', 'cross-entropy-ignore'])('give the golden values of %s', (name) => {
    const golden = goldenCase(name);
    const logits = matrixOf(golden.inputs, 'logits');
    const classes = [...matrixOf(golden.inputs, 'targets').data];
    const ignore = golden.config['ignoreIndex'];
    const targets: Targets = { classes, ignore: typeof ignore === 'number' ? ignore : -1, batch: classes.length };
    const counted = classes.filter((_, r) => rowCounts(targets, r)).length;
    const upstream = matrixOf(golden.upstream, 'loss').at(0, 0);
    const { probabilities, total } = crossEntropy(logits, targets);
    expectNear([total / counted], matrixOf(golden.outputs, 'loss').data, GOLDEN_DIGITS, 'loss');
    const dlogits = crossEntropyBackward(probabilities, targets, upstream / counted);
    expectNear(dlogits.data, matrixOf(golden.grads, 'logits').data, GOLDEN_DIGITS, 'dlogits');
  });

  test('give the golden values of mse', () => {
    const golden = goldenCase('mse');
    const x = matrixOf(golden.inputs, 'prediction');
    const target = matrixOf(golden.inputs, 'target');
    const n = x.data.length;
    const upstream = matrixOf(golden.upstream, 'loss').at(0, 0);
    expectNear([squaredError(x, target) / n], matrixOf(golden.outputs, 'loss').data, GOLDEN_DIGITS, 'loss');
    const dx = squaredErrorBackward(x, target, upstream / n).data;
    expectNear(dx, matrixOf(golden.grads, 'prediction').data, GOLDEN_DIGITS, 'dprediction');
    const dtarget = dx.map((value) => -value);
    expectNear(dtarget, matrixOf(golden.grads, 'target').data, GOLDEN_DIGITS, 'dtarget');
  });

  test('leave out ignored targets and padding', () => {
    const targets: Targets = { classes: [0, 1, 2, -1, 1, 1], ignore: 2, batch: 2, lengths: [3, 2] };
    expect(targets.classes.map((_, r) => rowCounts(targets, r))).toEqual([true, true, false, false, true, false]);
    const { losses, total } = crossEntropy(new Matrix(6, 4), targets);
    const each = Math.log(4);
    expectNear(losses, [each, each, 0, 0, each, 0], 1e-15, 'losses');
    expect(total).toBeCloseTo(3 * each, 14);
  });

  test('have the gradients that finite differences measure', () => {
    fc.assert(
      fc.property(size, size, fc.nat(), (rows, cols, seed) => {
        const numbers = new Numbers(seed);
        const logits = numbers.matrix(rows, cols, 4);
        const classes = Array.from({ length: rows }, () => Math.floor(((numbers.next() + 1) / 2) * (cols + 1)) - 1);
        const targets: Targets = { classes, ignore: cols - 1, batch: 1 };
        const measured = centralDifferences(() => 3 * crossEntropy(logits, targets).total, logits);
        const dlogits = crossEntropyBackward(softmax(logits), targets, 3);
        expectNear(dlogits.data, measured, FINITE_DIFFERENCES, 'dlogits');

        const target = numbers.matrix(rows, cols, 4);
        const slope = centralDifferences(() => 3 * squaredError(logits, target), logits);
        expectNear(squaredErrorBackward(logits, target, 3).data, slope, FINITE_DIFFERENCES, 'dx');
      }),
    );
  });
});
