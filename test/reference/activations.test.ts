import { describe, expect, test } from 'vitest';
import { goldenCase } from '../golden/cases.ts';
import { erf, gelu, relu, sigmoid, tanh } from './activations.ts';
import { expectNear, FINITE_DIFFERENCES, GOLDEN_DIGITS } from './close.ts';
import { centralDifferences } from './finite-differences.ts';
import { matrixOf } from './golden.ts';
import { vector } from './matrix.ts';

const ACTIVATIONS = { sigmoid, tanh, relu, gelu };

describe('the reference activation functions', () => {
  test.each(Object.entries(ACTIVATIONS))('give the golden values of %s', (name, { value, derivative }) => {
    const golden = goldenCase(`activation-${name}`);
    const x = matrixOf(golden.inputs, 'x').data;
    const dy = matrixOf(golden.upstream, 'y').data;
    expectNear(x.map(value), matrixOf(golden.outputs, 'y').data, GOLDEN_DIGITS, 'y');
    const dx = x.map((at, i) => dy[i]! * derivative(at));
    expectNear(dx, matrixOf(golden.grads, 'x').data, GOLDEN_DIGITS, 'dx');
  });

  test.each(Object.entries(ACTIVATIONS))(
    'have the derivatives that finite differences measure: %s',
    (_, activation) => {
      const x = vector(Float64Array.from({ length: 81 }, (_, i) => (i - 40.5) / 8));
      const measured = centralDifferences(() => x.data.map(activation.value).reduce((a, b) => a + b), x);
      expectNear(x.data.map(activation.derivative), measured, FINITE_DIFFERENCES, 'derivative');
    },
  );

  test('know erf (Abramowitz & Stegun, table 7.1)', () => {
    expect(erf(0)).toBe(0);
    expect(erf(0.5)).toBeCloseTo(0.5204998778, 10);
    expect(erf(-1)).toBeCloseTo(-0.8427007929, 10);
    expect(erf(2)).toBeCloseTo(0.995322265, 9);
    expect(erf(30)).toBe(1);
  });
});
