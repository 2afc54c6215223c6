import fc from 'fast-check';
import { describe, test } from 'vitest';
import { expectNear, FINITE_DIFFERENCES } from './close.ts';
import { measuredGradient } from './finite-differences.ts';
import { weightedSum } from './golden.ts';
import { lstmBackward, lstmForward } from './lstm.ts';
import { vector } from './matrix.ts';
import { Numbers } from './numbers.ts';
import { randomParameters } from './recurrent.ts';

const size = fc.integer({ min: 1, max: 5 });

// Inputs, parameters and initial states: stack.test.ts. Here the traces: the sequence is cut behind step t, and what
// follows is a function of the states there, or of the gates that made them.
describe('the reference LSTM', () => {
  test('has the gradients of states and gates that finite differences measure', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (steps, input, hidden, seed) => {
        const numbers = new Numbers(seed);
        const shape = { steps, batch: 1, reverse: false };
        const parameters = randomParameters(numbers, 4, input, hidden);
        const x = numbers.matrix(steps, input);
        const dy = numbers.matrix(steps, hidden);
        const dhn = numbers.matrix(1, hidden);
        const dcn = numbers.matrix(1, hidden);
        const forward = lstmForward(shape, x, parameters, numbers.matrix(1, hidden), numbers.matrix(1, hidden));
        const gradients = lstmBackward(shape, x, parameters, forward, dy, dhn, dcn);

        for (let t = 0; t < steps; t++) {
          const rest = steps - 1 - t;
          const lossAfter = (h: Float64Array, c: Float64Array) => {
            const later = x.rowsFrom(t + 1, rest);
            const tail = lstmForward({ ...shape, steps: rest }, later, parameters, vector(h), vector(c));
            return (
              weightedSum(vector(h), dy.rowsFrom(t, 1)) +
              weightedSum(tail.y, dy.rowsFrom(t + 1, rest)) +
              weightedSum(tail.hn, dhn) +
              weightedSum(tail.cn, dcn)
            );
          };
          const h = forward.h.rowsFrom(t, 1).data;
          const c = forward.c.rowsFrom(t, 1).data;
          const cBefore = forward.cBefore.rowsFrom(t, 1).data;
          const gates = forward.gates.rowsFrom(t, 1).data;
          const output = gates.subarray(3 * hidden);

          const dh = measuredGradient(h, (values) => lossAfter(values, c));
          expectNear(gradients.h.rowsFrom(t, 1).data, dh, FINITE_DIFFERENCES, `dh(${t})`);

          const dc = measuredGradient(c, (values) =>
            lossAfter(
              values.map((value, j) => output[j]! * Math.tanh(value)),
              values,
            ),
          );
          expectNear(gradients.c.rowsFrom(t, 1).data, dc, FINITE_DIFFERENCES, `dc(${t})`);

          const dgates = measuredGradient(gates, (values) => {
            const [i, f, g, o] = [0, 1, 2, 3].map((k) => values.subarray(k * hidden, (k + 1) * hidden));
            const cell = cBefore.map((before, j) => f![j]! * before + i![j]! * g![j]!);
            return lossAfter(
              cell.map((value, j) => o![j]! * Math.tanh(value)),
              cell,
            );
          });
          expectNear(gradients.activations.rowsFrom(t, 1).data, dgates, FINITE_DIFFERENCES, `dgates(${t})`);
        }
      }),
    );
  });
});
