import fc from 'fast-check';
import { describe, test } from 'vitest';
import { expectNear, FINITE_DIFFERENCES } from './close.ts';
import { measuredGradient } from './finite-differences.ts';
import { weightedSum } from './golden.ts';
import { vector } from './matrix.ts';
import { Numbers } from './numbers.ts';
import { randomParameters } from './recurrent.ts';
import { rnnBackward, rnnForward } from './rnn.ts';

const size = fc.integer({ min: 1, max: 5 });

// Inputs, parameters and initial states: stack.test.ts. Here the traces: the sequence is cut behind step t, and what
// follows is a function of the state there, or of the s(t) that made it.
describe('the reference RNN', () => {
  test('has the gradients of h(t) and s(t) that finite differences measure', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (steps, input, hidden, seed) => {
        const numbers = new Numbers(seed);
        const shape = { steps, batch: 1, reverse: false };
        const parameters = randomParameters(numbers, 1, input, hidden);
        const x = numbers.matrix(steps, input);
        const dy = numbers.matrix(steps, hidden);
        const dhn = numbers.matrix(1, hidden);
        const forward = rnnForward(shape, 'tanh', x, parameters, numbers.matrix(1, hidden));
        const gradients = rnnBackward(shape, 'tanh', x, parameters, forward, dy, dhn);

        for (let t = 0; t < steps; t++) {
          const rest = steps - 1 - t;
          const lossAfter = (h: Float64Array) => {
            const later = x.rowsFrom(t + 1, rest);
            const tail = rnnForward({ ...shape, steps: rest }, 'tanh', later, parameters, vector(h));
            return (
              weightedSum(vector(h), dy.rowsFrom(t, 1)) +
              weightedSum(tail.y, dy.rowsFrom(t + 1, rest)) +
              weightedSum(tail.hn, dhn)
            );
          };
          const dh = measuredGradient(forward.h.rowsFrom(t, 1).data, lossAfter);
          expectNear(gradients.h.rowsFrom(t, 1).data, dh, FINITE_DIFFERENCES, `dh(${t})`);
          const ds = measuredGradient(forward.s.rowsFrom(t, 1).data, (values) => lossAfter(values.map(Math.tanh)));
          expectNear(gradients.s.rowsFrom(t, 1).data, ds, FINITE_DIFFERENCES, `ds(${t})`);
        }
      }),
    );
  });
});
