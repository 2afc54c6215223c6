import fc from 'fast-check';
import { describe, test } from 'vitest';
import { expectNear, FINITE_DIFFERENCES } from './close.ts';
import { measuredGradient } from './finite-differences.ts';
import { weightedSum } from './golden.ts';
import { gruBackward, gruForward } from './gru.ts';
import { vector } from './matrix.ts';
import { Numbers } from './numbers.ts';
import { dotRows } from './products.ts';
import { randomParameters } from './recurrent.ts';

const size = fc.integer({ min: 1, max: 5 });

// Inputs, parameters and initial states: stack.test.ts. Here the traces: the sequence is cut behind step t, and what
// follows is a function of the state there, or of the gates that made it.
describe('the reference GRU', () => {
  test('has the gradients of states and gates that finite differences measure', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (steps, input, hidden, seed) => {
        const numbers = new Numbers(seed);
        const shape = { steps, batch: 1, reverse: false };
        const parameters = randomParameters(numbers, 3, input, hidden);
        const x = numbers.matrix(steps, input);
        const dy = numbers.matrix(steps, hidden);
        const dhn = numbers.matrix(1, hidden);
        const forward = gruForward(shape, x, parameters, numbers.matrix(1, hidden));
        const gradients = gruBackward(shape, x, parameters, forward, dy, dhn);

        for (let t = 0; t < steps; t++) {
          const rest = steps - 1 - t;
          const lossAfter = (h: Float64Array) => {
            const tail = gruForward({ ...shape, steps: rest }, x.rowsFrom(t + 1, rest), parameters, vector(h));
            return (
              weightedSum(vector(h), dy.rowsFrom(t, 1)) +
              weightedSum(tail.y, dy.rowsFrom(t + 1, rest)) +
              weightedSum(tail.hn, dhn)
            );
          };
          const before = forward.hBefore.rowsFrom(t, 1).data;
          const gates = forward.gates.rowsFrom(t, 1).data;
          const q = forward.q.rowsFrom(t, 1).data;
          const [r, z, n] = [0, 1, 2].map((k) => gates.subarray(k * hidden, (k + 1) * hidden));
          const blend = (update: Float64Array, candidate: Float64Array) =>
            before.map((value, j) => (1 - update[j]!) * candidate[j]! + update[j]! * value);
          const candidate = (reset: Float64Array, product: Float64Array) =>
            product.map((value, j) => {
              const row = 2 * hidden + j;
              const inputPart = parameters.biasIh.at(0, row) + dotRows(parameters.weightIh, row, x, t);
              return Math.tanh(inputPart + reset[j]! * value);
            });

          const dh = measuredGradient(forward.h.rowsFrom(t, 1).data, lossAfter);
          expectNear(gradients.h.rowsFrom(t, 1).data, dh, FINITE_DIFFERENCES, `dh(${t})`);

          const dr = measuredGradient(r!, (values) => lossAfter(blend(z!, candidate(values, q))));
          const dz = measuredGradient(z!, (values) => lossAfter(blend(values, n!)));
          const dn = measuredGradient(n!, (values) => lossAfter(blend(z!, values)));
          const dgates = gradients.activations.rowsFrom(t, 1).data;
          expectNear(dgates, [...dr, ...dz, ...dn], FINITE_DIFFERENCES, `dgates(${t})`);

          const dq = measuredGradient(q, (values) => lossAfter(blend(z!, candidate(r!, values))));
          expectNear(gradients.q.rowsFrom(t, 1).data, dq, FINITE_DIFFERENCES, `dq(${t})`);
        }
      }),
    );
  });
});
