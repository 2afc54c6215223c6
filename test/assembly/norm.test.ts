import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Matrix, sum } from '../reference/matrix.ts';
import { layerNorm, layerNormBackward } from '../reference/norm.ts';
import { Numbers } from '../reference/numbers.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

/** Keeps 1 / sqrt(var + eps) below 10 where a row's values happen to be nearly equal. */
const EPS = 0.01;

describeBuilds('layer normalisation', (core) => {
  const { kernels } = core;

  test('f32_layer_norm and f32_layer_norm_backward, dx in place of dy too', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.boolean(), fc.nat(), (rows, cols, inPlace, seed) => {
        const numbers = new Numbers(seed);
        const x = numbers.matrix(rows, cols, 2);
        const gamma = numbers.matrix(1, cols);
        const beta = numbers.matrix(1, cols);
        const dy = numbers.matrix(rows, cols);
        const before = { gamma: numbers.matrix(1, cols), beta: numbers.matrix(1, cols) };

        const from = core.panels(rows, cols, x.data);
        const scale = core.floats(gamma.data, 8);
        const shift = core.floats(beta.data, 8);
        const y = core.panels(rows, cols);
        const stats = core.allocate(8 * rows);
        kernels.f32_layer_norm(rows, cols, from.address, from.stride, scale, shift, EPS, y.address, y.stride, stats);
        const want = layerNorm(x, gamma, beta, EPS);
        expectClose(core.read(y), want.y.data);
        expectZeroPadding(core, y);
        expectClose(core.readFloats(stats, 2 * rows), want.stats.data);

        const incoming = core.panels(rows, cols, dy.data);
        const dx = inPlace ? incoming : core.panels(rows, cols);
        const dgamma = core.floats(before.gamma.data, 8);
        const dbeta = core.floats(before.beta.data, 8);
        kernels.f32_layer_norm_backward(
          rows,
          cols,
          from.address,
          from.stride,
          scale,
          stats,
          incoming.address,
          incoming.stride,
          dx.address,
          dx.stride,
          dgamma,
          dbeta,
        );
        const gradients = layerNormBackward(x, gamma, want.stats, dy);
        expectClose(core.read(dx), gradients.x.data);
        expectZeroPadding(core, dx);
        const padded = (values: Matrix) => [...values.data, ...new Float64Array(dx.panels * 8 - cols)];
        expectClose(core.readFloats(dgamma, dx.panels * 8), padded(sum(before.gamma, gradients.gamma)));
        expectClose(core.readFloats(dbeta, dx.panels * 8), padded(sum(before.beta, gradients.beta)));
        core.reset();
      }),
    );
  });

  test('keeps NaN to its row', () => {
    const x = new Matrix(2, 2, [NaN, 1, 3, 1]);
    const from = core.panels(2, 2, x.data);
    const y = core.panels(2, 2);
    const ones = core.floats([1, 1], 8);
    const zeros = core.floats([0, 0], 8);
    kernels.f32_layer_norm(2, 2, from.address, from.stride, ones, zeros, 0, y.address, y.stride, core.allocate(16));
    expect([...core.read(y)]).toEqual([NaN, NaN, 1, -1]);
  });
});
