import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Numbers } from '../reference/numbers.ts';
import { adamStep, rmsPropStep, sgdStep } from '../reference/optimizers.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose } from './harness.ts';

type Three<T> = [T, T, T];
const STEPS = 6;
const decays = fc.constantFrom(0, 0.1);
const TIGHT = { absolute: 2e-6, relative: 1e-5 };

describeBuilds('optimizers', (core) => {
  const { kernels } = core;

  /**
   * STEPS updates of 4 * size weights, each with a gradient of its own times `scale`: `update` for the kernel, `twin`
   * for the reference, which gets the scaled gradient.
   */
  function follow(
    size: number,
    seed: number,
    update: (step: number, n: number, w: number, g: number, states: Three<number>, scale: number) => void,
    twin: (step: number, w: Float64Array, g: Float64Array, states: Three<Float64Array>) => void,
  ): void {
    const n = 4 * size;
    const numbers = new Numbers(seed);
    const scale = 0.7;
    const w = numbers.matrix(1, n).data;
    const states: Three<Float64Array> = [new Float64Array(n), new Float64Array(n), new Float64Array(n)];
    const weights = core.floats(w);
    const buffers: Three<number> = [core.floats(states[0]), core.floats(states[1]), core.floats(states[2])];
    for (let step = 1; step <= STEPS; step++) {
      const g = numbers.matrix(1, n).data;
      update(step, n, weights, core.floats(g), buffers, scale);
      twin(
        step,
        w,
        g.map((value) => scale * value),
        states,
      );
      expectClose(core.readFloats(weights, n), w, TIGHT);
    }
    states.forEach((state, i) => expectClose(core.readFloats(buffers[i]!, n), state, TIGHT));
    core.reset();
  }

  test('f32_sgd agrees with the reference, with and without momentum, Nesterov and decay', () => {
    const settings = fc.record({
      rate: fc.constant(0.1),
      momentum: fc.constantFrom(0, 0.9),
      nesterov: fc.boolean(),
      weightDecay: decays,
    });
    fc.assert(
      fc.property(sizes, settings, fc.nat(), (size, sgd, seed) => {
        follow(
          size,
          seed,
          (step, n, w, g, [buffer], scale) =>
            kernels.f32_sgd(
              n,
              w,
              g,
              buffer,
              sgd.rate,
              sgd.momentum,
              sgd.nesterov ? 1 : 0,
              sgd.weightDecay,
              scale,
              step === 1 ? 1 : 0,
            ),
          (step, w, g, [buffer]) => sgdStep(w, g, buffer, step, sgd),
        );
      }),
    );
  });

  test('f32_sgd needs no buffer where there is no momentum', () => {
    const w = core.floats([1, 2, 3, 4]);
    kernels.f32_sgd(4, w, core.floats([1, 1, 1, 1]), 0, 0.5, 0, 1, 0, 1, 1);
    expect([...core.readFloats(w, 4)]).toEqual([0.5, 1.5, 2.5, 3.5]);
  });

  test('f32_rmsprop agrees with the reference, with and without momentum, centered or not', () => {
    const choices = fc.record({ momentum: fc.constantFrom(0, 0.9), centered: fc.boolean(), weightDecay: decays });
    fc.assert(
      fc.property(sizes, choices, fc.nat(), (size, choice, seed) => {
        // eps 1e-3: a first gradient near zero is not blown up by its own rounding.
        const settings = { rate: 0.01, alpha: 0.95, eps: 1e-3, ...choice };
        const { momentum, centered, weightDecay } = settings;
        follow(
          size,
          seed,
          (_, n, w, g, [v, buffer, mean], scale) =>
            kernels.f32_rmsprop(
              n,
              w,
              g,
              v,
              buffer,
              mean,
              settings.rate,
              settings.alpha,
              settings.eps,
              momentum,
              centered ? 1 : 0,
              weightDecay,
              scale,
            ),
          (_, w, g, [v, buffer, mean]) => rmsPropStep(w, g, { v, buffer, mean }, settings),
        );
      }),
    );
  });

  test('f32_rmsprop needs no buffers that it does not use, and has no NaN where all gradients are alike', () => {
    const w = core.floats([1, 2, 3, 4]);
    const g = core.floats([1, 0.1, 1e-3, 3]);
    const v = core.floats([0, 0, 0, 0]);
    kernels.f32_rmsprop(4, w, g, v, 0, 0, 0.1, 0.9, 1e-8, 0, 0, 0, 1);
    expect([...core.readFloats(w, 4)].every(Number.isFinite)).toBe(true);
    const mean = core.floats([0, 0, 0, 0]);
    for (let step = 0; step < 300; step++) kernels.f32_rmsprop(4, w, g, v, 0, mean, 1e-9, 0.9, 1e-8, 0, 1, 0, 1);
    expect([...core.readFloats(w, 4)].every(Number.isFinite)).toBe(true);
  });

  test('f32_adam agrees with the reference, the decay in the gradient or apart from it (AdamW)', () => {
    fc.assert(
      fc.property(sizes, decays, fc.boolean(), fc.nat(), (size, weightDecay, decoupled, seed) => {
        const adam = { rate: 0.01, beta1: 0.9, beta2: 0.98, eps: 1e-3, weightDecay, decoupled };
        follow(
          size,
          seed,
          (step, n, w, g, [m, v], scale) =>
            kernels.f32_adam(
              n,
              w,
              g,
              m,
              v,
              adam.rate,
              adam.beta1,
              adam.beta2,
              adam.eps,
              weightDecay,
              decoupled ? 1 : 0,
              1 - adam.beta1 ** step,
              1 - adam.beta2 ** step,
              scale,
            ),
          (step, w, g, [m, v]) => adamStep(w, g, m, v, step, adam),
        );
      }),
    );
  });

  test('f32_reduce_gradients adds replicas in order and returns the sum of squares', () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: 1, max: 5 }), fc.nat(), (size, replicas, seed) => {
        const n = 4 * size;
        const numbers = new Numbers(seed);
        const gap = 8;
        const parts = Array.from({ length: replicas }, () => numbers.matrix(1, n).data);
        const first = core.floats(parts.flatMap((part) => [...part, ...new Float64Array(gap).fill(NaN)]));
        const out = core.allocate(4 * n);
        const squares = kernels.f32_reduce_gradients(n, first, replicas, 4 * (n + gap), out);
        const total = parts.reduce((sum, part) => sum.map((value, i) => Math.fround(value + part[i]!)));
        expectClose(core.readFloats(out, n), total, { absolute: 0, relative: 0 });
        expectClose([squares], [total.reduce((sum, value) => sum + value * value, 0)], {
          absolute: 0,
          relative: 1e-12,
        });
        core.reset();
      }),
    );
  });

  test('f32_reduce_gradients takes a lone replica with stride 0, gradients whose squares float32 cannot hold, and NaN', () => {
    const out = core.allocate(16);
    expect(kernels.f32_reduce_gradients(4, core.floats([2, 0, 0, 1]), 1, 0, out)).toBe(5);
    expect(kernels.f32_reduce_gradients(4, core.floats([2 ** 100, 0, 0, 0]), 1, 0, out)).toBe(2 ** 200);
    expect(kernels.f32_reduce_gradients(4, core.floats([2 ** -100, 0, 0, 0]), 1, 0, out)).toBe(2 ** -200);
    expect(kernels.f32_reduce_gradients(4, core.floats([1, 1, 1, NaN]), 1, 0, out)).toBeNaN();
  });

  test('NaN in a gradient reaches its weight, and no other', () => {
    const g = core.floats([1, NaN, 1, 1]);
    const updates = [
      (w: number, a: number) => kernels.f32_sgd(4, w, g, a, 0.1, 0.9, 0, 0, 1, 0),
      (w: number, a: number) => kernels.f32_rmsprop(4, w, g, a, 0, 0, 0.1, 0.9, 1e-8, 0, 0, 0, 1),
      (w: number, a: number, b: number) => kernels.f32_rmsprop(4, w, g, a, b, 0, 0.1, 0.9, 1e-8, 0.9, 0, 0, 1),
      (w: number, a: number, b: number) => kernels.f32_rmsprop(4, w, g, a, 0, b, 0.1, 0.9, 1e-8, 0, 1, 0, 1),
      (w: number, a: number, b: number) => kernels.f32_adam(4, w, g, a, b, 0.1, 0.9, 0.99, 1e-8, 0, 0, 0.1, 0.01, 1),
    ];
    for (const update of updates) {
      const w = core.floats([1, 1, 1, 1]);
      update(w, core.floats([0, 0, 0, 0]), core.floats([0, 0, 0, 0]));
      expect([...core.readFloats(w, 4)].map(Number.isNaN)).toEqual([false, true, false, false]);
    }
  });
});
