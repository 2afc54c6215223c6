import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../electron/core/core-files.ts';
import { loadCore } from '../../engine/core/load.ts';
import { cases } from '../property-cases.ts';
import type { Matrix } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { randomParameters } from '../reference/recurrent.ts';
import { parameterNames, stackForward, type Cell, type StackShape } from '../reference/stack.ts';
import type { GoldenCase, Tensor } from './case.ts';
import { runCase } from './run.ts';

const GATES = { rnn: 1, gru: 3, lstm: 4 } as const;

// The golden cases are small. These are long enough for the engine to go through a sequence in parts.
const draws = fc.record({
  cell: fc.constantFrom<Cell>('rnn', 'lstm', 'gru'),
  layers: fc.integer({ min: 1, max: 2 }),
  directions: fc.constantFrom<1 | 2>(1, 2),
  steps: fc.integer({ min: 1, max: 70 }),
  batch: fc.integer({ min: 1, max: 17 }),
  input: fc.integer({ min: 1, max: 20 }),
  hidden: fc.integer({ min: 1, max: 20 }),
  padded: fc.boolean(),
  trace: fc.boolean(),
  seed: fc.nat(),
});

type Draw = typeof draws extends fc.Arbitrary<infer T> ? T : never;

describe('random stacks of recurrent layers agree with the reference', () => {
  test.each([1, 2])('threads: %i', async (threads) => {
    const core = await loadCore(coreFiles, { shared: threads > 1 });
    await fc.assert(
      fc.asyncProperty(draws, async (draw) => {
        const verdict = await runCase(caseOf(draw), { core, threads, trace: draw.trace });
        expect(verdict.reason).toBeUndefined();
        expect(verdict.status).toBe('pass');
      }),
      cases(40),
    );
  });
});

/** What the reference makes of a draw, in the form of a golden case. */
function caseOf({ cell, layers, directions, steps, batch, input, hidden, padded, seed }: Draw): GoldenCase {
  const numbers = new Numbers(seed);
  const parts = layers * directions;
  const lengths = Array.from({ length: batch }, () => Math.floor(((numbers.next() + 1) / 2) * (steps + 1)));
  const shape: StackShape = {
    cell,
    nonlinearity: 'tanh',
    layers,
    directions,
    steps,
    batch,
    lengths: padded ? lengths : undefined,
  };
  const parameters = Array.from({ length: parts }, (_, part) =>
    randomParameters(numbers, GATES[cell], part < directions ? input : directions * hidden, hidden),
  );
  const x = numbers.matrix(steps * batch, input);
  const h0 = numbers.matrix(parts * batch, hidden);
  const c0 = numbers.matrix(parts * batch, hidden);
  const dy = numbers.matrix(steps * batch, directions * hidden);
  const dhn = numbers.matrix(parts * batch, hidden);
  const dcn = numbers.matrix(parts * batch, hidden);
  const forward = stackForward(shape, x, parameters, h0, c0);
  const gradients = forward.backward(dy, dhn, dcn);

  const named = (of: typeof parameters) =>
    Object.fromEntries(
      of.flatMap((values, part): [string, Tensor][] => {
        const names = parameterNames(part, directions);
        return [
          [names.weightIh, tensor(values.weightIh, [values.weightIh.rows, values.weightIh.cols])],
          [names.weightHh, tensor(values.weightHh, [values.weightHh.rows, values.weightHh.cols])],
          [names.biasIh, tensor(values.biasIh, [values.biasIh.cols])],
          [names.biasHh, tensor(values.biasHh, [values.biasHh.cols])],
        ];
      }),
    );
  const sequence = (matrix: Matrix) => tensor(matrix, [steps, batch, matrix.cols]);
  const state = (matrix: Matrix) => tensor(matrix, [parts, batch, hidden]);
  const onlyLstm = (tensors: Record<string, Tensor>) => (cell === 'lstm' ? tensors : {});
  return {
    name: 'random',
    op: cell,
    config: {
      inputSize: input,
      hiddenSize: hidden,
      layers,
      bidirectional: directions === 2,
      ...(padded ? { lengths } : {}),
    },
    inputs: { x: sequence(x), h0: state(h0), ...onlyLstm({ c0: state(c0) }) },
    params: named(parameters),
    outputs: { y: sequence(forward.y), hn: state(forward.hn), ...onlyLstm({ cn: state(forward.cn) }) },
    upstream: { y: sequence(dy), hn: state(dhn), ...onlyLstm({ cn: state(dcn) }) },
    grads: {
      x: sequence(gradients.x),
      h0: state(gradients.h0),
      ...onlyLstm({ c0: state(gradients.c0) }),
      ...named([...gradients.parameters]),
    },
  };
}

function tensor(matrix: Matrix, shape: readonly number[]): Tensor {
  return { shape, dtype: 'f32', data: [...matrix.data] };
}
