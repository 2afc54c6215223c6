import fc from 'fast-check';
import { describe, test } from 'vitest';
import type { GoldenCase } from '../conformance/case.ts';
import { goldenCase } from '../golden/cases.ts';
import { cases } from '../property-cases.ts';
import { expectNear, FINITE_DIFFERENCES, GOLDEN_DIGITS } from './close.ts';
import { centralDifferences } from './finite-differences.ts';
import { matrixOf, weightedSum } from './golden.ts';
import { Matrix } from './matrix.ts';
import { Numbers } from './numbers.ts';
import { randomParameters, type RecurrentParameters } from './recurrent.ts';
import { parameterNames, stackForward, type Cell, type StackShape } from './stack.ts';

const GATES = { rnn: 1, gru: 3, lstm: 4 } as const;
const CASES = [
  'rnn-tanh',
  'rnn-relu-2layer',
  'lstm-1layer',
  'lstm-2layer',
  'lstm-bidirectional',
  'lstm-h17-b1',
  'lstm-lengths',
  'gru-1layer',
  'gru-2layer-bidirectional',
];
const PARAMETERS = ['weightIh', 'weightHh', 'biasIh', 'biasHh'] as const;

describe('the reference recurrent layers', () => {
  test.each(CASES)('give the golden values of %s', (name) => {
    const golden = goldenCase(name);
    const shape = shapeOf(golden);
    const names = Array.from({ length: shape.layers * shape.directions }, (_, part) =>
      parameterNames(part, shape.directions),
    );
    const parameters = names.map((part) => ({
      weightIh: matrixOf(golden.params, part.weightIh),
      weightHh: matrixOf(golden.params, part.weightHh),
      biasIh: matrixOf(golden.params, part.biasIh),
      biasHh: matrixOf(golden.params, part.biasHh),
    }));
    const h0 = matrixOf(golden.inputs, 'h0');
    const hasC = shape.cell === 'lstm';
    const none = new Matrix(h0.rows, h0.cols);
    const forward = stackForward(
      shape,
      matrixOf(golden.inputs, 'x'),
      parameters,
      h0,
      hasC ? matrixOf(golden.inputs, 'c0') : none,
    );
    const gradients = forward.backward(
      matrixOf(golden.upstream, 'y'),
      matrixOf(golden.upstream, 'hn'),
      hasC ? matrixOf(golden.upstream, 'cn') : none,
    );

    const expectGolden = (got: Matrix, tensors: GoldenCase['grads'], tensor: string) =>
      expectNear(got.data, matrixOf(tensors, tensor).data, GOLDEN_DIGITS, tensor);
    expectGolden(forward.y, golden.outputs, 'y');
    expectGolden(forward.hn, golden.outputs, 'hn');
    expectGolden(gradients.x, golden.grads, 'x');
    expectGolden(gradients.h0, golden.grads, 'h0');
    if (hasC) {
      expectGolden(forward.cn, golden.outputs, 'cn');
      expectGolden(gradients.c0, golden.grads, 'c0');
    }
    names.forEach((part, index) => {
      for (const key of PARAMETERS) expectGolden(gradients.parameters[index]![key], golden.grads, part[key]);
    });
  });

  const cell = fc.constantFrom<Cell>('rnn', 'lstm', 'gru');
  const size = fc.integer({ min: 1, max: 4 });
  const shapes = fc.record({
    cell,
    layers: fc.integer({ min: 1, max: 2 }),
    directions: fc.constantFrom<1 | 2>(1, 2),
    steps: size,
    batch: size,
    input: size,
    hidden: size,
    padded: fc.boolean(),
    seed: fc.nat(),
  });

  test('have the gradients that finite differences measure', () => {
    fc.assert(
      fc.property(shapes, ({ cell, layers, directions, steps, batch, input, hidden, padded, seed }) => {
        const numbers = new Numbers(seed);
        const lengths = Array.from({ length: batch }, (_, b) => 1 + ((b + seed) % steps));
        const shape: StackShape = {
          cell,
          nonlinearity: 'tanh',
          layers,
          directions,
          steps,
          batch,
          lengths: padded ? lengths : undefined,
        };
        const parts = layers * directions;
        const parameters = Array.from({ length: parts }, (_, part): RecurrentParameters => {
          const width = part < directions ? input : directions * hidden;
          return randomParameters(numbers, GATES[cell], width, hidden);
        });
        const x = numbers.matrix(steps * batch, input);
        const h0 = numbers.matrix(parts * batch, hidden);
        const c0 = numbers.matrix(parts * batch, hidden);
        const dy = numbers.matrix(steps * batch, directions * hidden);
        const dhn = numbers.matrix(parts * batch, hidden);
        const dcn = numbers.matrix(parts * batch, hidden);
        const loss = () => {
          const { y, hn, cn } = stackForward(shape, x, parameters, h0, c0);
          return weightedSum(y, dy) + weightedSum(hn, dhn) + weightedSum(cn, dcn);
        };
        const expectMeasured = (got: Matrix, of: Matrix, what: string) =>
          expectNear(got.data, centralDifferences(loss, of), FINITE_DIFFERENCES, what);

        const gradients = stackForward(shape, x, parameters, h0, c0).backward(dy, dhn, dcn);
        expectMeasured(gradients.x, x, 'dx');
        expectMeasured(gradients.h0, h0, 'dh0');
        expectMeasured(gradients.c0, c0, 'dc0');
        parameters.forEach((part, index) => {
          for (const key of PARAMETERS) {
            expectMeasured(gradients.parameters[index]![key], part[key], `d${key} of part ${index}`);
          }
        });
      }),
      cases(40),
    );
  }, 60_000);
});

function shapeOf(golden: GoldenCase): StackShape {
  const config = golden.config as {
    readonly layers: number;
    readonly bidirectional: boolean;
    readonly nonlinearity?: 'tanh' | 'relu';
    readonly lengths?: readonly number[];
  };
  const [steps, batch] = golden.inputs['x']!.shape;
  return {
    cell: golden.op as Cell,
    nonlinearity: config.nonlinearity ?? 'tanh',
    layers: config.layers,
    directions: config.bidirectional ? 2 : 1,
    steps: steps!,
    batch: batch!,
    lengths: config.lengths,
  };
}
