import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../property-cases.ts';
import { Matrix } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { maxSteps, maxStepsBackward, meanSteps, meanStepsBackward } from '../reference/pooling.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

const EXACT = { absolute: 0, relative: 0 };

const draws = fc
  .record({ steps: sizes, batch: sizes, cols: sizes, padded: fc.boolean(), seed: fc.nat() })
  .map(({ steps, batch, cols, padded, seed }) => {
    const numbers = new Numbers(seed);
    const length = () => (padded ? Math.floor(((numbers.next() + 1) / 2) * (steps + 1)) : steps);
    const lengths = Array.from({ length: batch }, length);
    // Few different values, so that maxima are often reached more than once.
    const x = numbers.matrix(steps * batch, cols, 4);
    x.data.forEach((value, i) => (x.data[i] = Math.round(value)));
    return { steps, batch, cols, padded, lengths, x, dy: numbers.matrix(batch, cols) };
  });

const runs = cases(50);

describeBuilds('pooling over time', (core) => {
  const { kernels } = core;

  test('f32_mean_steps and its gradient agree with the reference', () => {
    fc.assert(
      fc.property(draws, ({ steps, batch, cols, padded, lengths, x, dy }) => {
        const from = core.panels(steps * batch, cols, x.data);
        const y = core.panels(batch, cols);
        const at = padded ? core.ints(lengths) : 0;
        kernels.f32_mean_steps(steps, batch, y.panels, from.address, from.stride, at, y.address, y.stride);
        expectClose(core.read(y), meanSteps(x, lengths).data);
        expectZeroPadding(core, y);

        const incoming = core.panels(batch, cols, dy.data);
        const dx = core.panels(steps * batch, cols);
        const { address, stride } = incoming;
        kernels.f32_mean_steps_backward(steps, batch, y.panels, address, stride, at, dx.address, dx.stride);
        expectClose(core.read(dx), meanStepsBackward(steps, dy, lengths).data);
        expectZeroPadding(core, dx);
        core.reset();
      }),
      runs,
    );
  });

  test('f32_max_steps, the step of the maximum and its gradient agree with the reference', () => {
    fc.assert(
      fc.property(draws, ({ steps, batch, cols, padded, lengths, x, dy }) => {
        const from = core.panels(steps * batch, cols, x.data);
        const y = core.panels(batch, cols);
        const argmax = core.panels(batch, cols);
        const at = padded ? core.ints(lengths) : 0;
        kernels.f32_max_steps(
          steps,
          batch,
          y.panels,
          from.address,
          from.stride,
          at,
          y.address,
          y.stride,
          argmax.address,
        );
        const want = maxSteps(x, lengths);
        expectClose(core.read(y), want.y.data, EXACT);
        expectClose(core.readIntPanels(argmax), want.argmax.data, EXACT);
        expectZeroPadding(core, y);

        const incoming = core.panels(batch, cols, dy.data);
        const dx = core.panels(steps * batch, cols);
        kernels.f32_max_steps_backward(
          steps,
          batch,
          y.panels,
          incoming.address,
          incoming.stride,
          argmax.address,
          dx.address,
          dx.stride,
        );
        expectClose(core.read(dx), maxStepsBackward(steps, dy, want.argmax).data, EXACT);
        expectZeroPadding(core, dx);
        core.reset();
      }),
      runs,
    );
  });

  test('f32_max_steps and f32_mean_steps keep NaN', () => {
    const x = new Matrix(3, 2, [1, NaN, NaN, 2, 3, 3]);
    const from = core.panels(3, 2, x.data);
    const y = core.panels(1, 2);
    const argmax = core.panels(1, 2);
    kernels.f32_max_steps(3, 1, 1, from.address, from.stride, 0, y.address, y.stride, argmax.address);
    expect([...core.read(y)]).toEqual([NaN, NaN]);
    expect([...core.readIntPanels(argmax)]).toEqual([1, 0]);
    kernels.f32_mean_steps(3, 1, 1, from.address, from.stride, 0, y.address, y.stride);
    expect([...core.read(y)]).toEqual([NaN, NaN]);
  });
});
