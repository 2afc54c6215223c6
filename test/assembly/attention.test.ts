import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../property-cases.ts';
import {
  additiveScores,
  additiveScoresBackward,
  maskedSoftmax,
  maskedSoftmaxBackward,
} from '../reference/attention.ts';
import { Matrix, sum } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

const batches = fc.integer({ min: 1, max: 4 });

/** The rows b, b + batch, ... */
function rowsOfItem(matrix: Matrix, batch: number, b: number): Matrix {
  const rows = matrix.rows / batch;
  const values = Array.from({ length: rows }, (_, t) => [...matrix.rowsFrom(t * batch + b, 1).data]).flat();
  return new Matrix(rows, matrix.cols, values);
}

describeBuilds('attention', (core) => {
  const { kernels } = core;

  test('f32_move_rows moves the rows of one item out of a batch and back', () => {
    fc.assert(
      fc.property(sizes, sizes, batches, fc.nat(), (steps, cols, batch, seed) => {
        const x = new Numbers(seed).matrix(steps * batch, cols);
        const from = core.panels(steps * batch, cols, x.data);
        const back = core.panels(steps * batch, cols);
        for (let b = 0; b < batch; b++) {
          const item = core.panels(steps, cols);
          const [source, target] = [from.address + b * 32, back.address + b * 32];
          kernels.f32_move_rows(steps, from.panels, source, from.stride, batch * 32, item.address, item.stride, 32);
          expect([...core.read(item)]).toEqual([...rowsOfItem(x, batch, b).data]);
          expectZeroPadding(core, item);
          kernels.f32_move_rows(steps, item.panels, item.address, item.stride, 32, target, back.stride, batch * 32);
        }
        expect([...core.read(back)]).toEqual([...x.data]);
        core.reset();
      }),
    );
  });

  test('f32_masked_softmax and f32_softmax_backward agree with the reference, in place too', () => {
    const draws = fc.tuple(sizes, sizes, fc.nat(40), fc.integer({ min: -1, max: 9 }), fc.boolean(), fc.nat());
    fc.assert(
      fc.property(draws, ([steps, keys, shown, before, inPlace, seed]) => {
        const numbers = new Numbers(seed);
        const mask = { length: Math.min(shown, keys), before };
        const scores = numbers.matrix(steps, keys, 20);
        const upstream = numbers.matrix(steps, keys);
        const x = core.panels(steps, keys, scores.data);
        const y = inPlace ? x : core.panels(steps, keys);
        const { length } = mask;
        kernels.f32_masked_softmax(steps, keys, length, before, 0.3, x.address, x.stride, y.address, y.stride);
        const weights = maskedSoftmax(scores, 0.3, mask);
        expectClose(core.read(y), weights.data);
        expectZeroPadding(core, y);

        const dy = core.panels(steps, keys, upstream.data);
        const dx = inPlace ? dy : core.panels(steps, keys);
        const [a, b, c] = [y, dy, dx];
        kernels.f32_softmax_backward(
          steps,
          a.panels,
          a.address,
          a.stride,
          b.address,
          b.stride,
          0.3,
          c.address,
          c.stride,
        );
        expectClose(core.read(dx), maskedSoftmaxBackward(weights, upstream, 0.3).data);
        expectZeroPadding(core, dx);
        core.reset();
      }),
    );
  });

  test('f32_additive_scores and its gradient agree with the reference for each item of a batch', () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, batches, fc.nat(), (steps, keySteps, width, batch, seed) => {
        const numbers = new Numbers(seed);
        const queries = numbers.matrix(steps * batch, width, 2);
        const keys = numbers.matrix(keySteps * batch, width, 2);
        const v = numbers.matrix(1, width);
        const before = numbers.matrix(1, width);
        const q = core.panels(steps * batch, width, queries.data);
        const k = core.panels(keySteps * batch, width, keys.data);
        const factors = core.floats(v.data, 8);
        const dq = core.panels(steps * batch, width, new Float64Array(queries.data.length));
        const dk = core.panels(keySteps * batch, width, new Float64Array(keys.data.length));
        const dv = core.floats(before.data, 8);
        let wantV = before;
        for (let b = 0; b < batch; b++) {
          const [ownQ, ownK] = [rowsOfItem(queries, batch, b), rowsOfItem(keys, batch, b)];
          const upstream = numbers.matrix(steps, keySteps);
          const scores = core.panels(steps, keySteps, new Float64Array(steps * keySteps));
          const dscores = core.panels(steps, keySteps, upstream.data);
          const rows = [q.address + b * 32, q.stride, batch * 32, k.address + b * 32, k.stride, batch * 32] as const;
          kernels.f32_additive_scores(steps, keySteps, q.panels, ...rows, factors, scores.address, scores.stride);
          expectClose(core.read(scores), additiveScores(ownQ, ownK, v).data);
          kernels.f32_additive_scores_backward(
            steps,
            keySteps,
            q.panels,
            ...rows,
            factors,
            dscores.address,
            dscores.stride,
            dq.address + b * 32,
            dq.stride,
            dk.address + b * 32,
            dk.stride,
            dv,
          );
          const want = additiveScoresBackward(ownQ, ownK, v, upstream);
          expectClose(rowsOfItem(new Matrix(q.rows, width, core.read(dq)), batch, b).data, want.queries.data);
          expectClose(rowsOfItem(new Matrix(k.rows, width, core.read(dk)), batch, b).data, want.keys.data);
          wantV = sum(wantV, want.v);
        }
        expectClose(core.readFloats(dv, width), wantV.data, { absolute: 1e-4, relative: 1e-4 });
        expectZeroPadding(core, dq);
        expectZeroPadding(core, dk);
        core.reset();
      }),
      cases(30),
    );
  });

  test('f32_add_steps and f32_sum_steps agree with the reference', () => {
    fc.assert(
      fc.property(sizes, batches, sizes, fc.nat(), (steps, batch, cols, seed) => {
        const numbers = new Numbers(seed);
        const rows = numbers.matrix(steps * batch, cols);
        const table = numbers.matrix(steps, cols);
        const x = core.panels(steps * batch, cols, rows.data);
        const places = core.panels(steps, cols, table.data);
        kernels.f32_add_steps(steps, batch, x.panels, places.address, places.stride, x.address, x.stride);
        const want = rows.copy();
        for (let r = 0; r < want.rows; r++) {
          for (let c = 0; c < cols; c++) want.add(r, c, table.at(Math.floor(r / batch), c));
        }
        expectClose(core.read(x), want.data);
        kernels.f32_sum_steps(steps, batch, x.panels, x.address, x.stride, places.address, places.stride);
        const sums = table.copy();
        for (let r = 0; r < want.rows; r++) {
          for (let c = 0; c < cols; c++) sums.add(Math.floor(r / batch), c, want.at(r, c));
        }
        expectClose(core.read(places), sums.data);
        expectZeroPadding(core, x);
        core.reset();
      }),
    );
  });
});
