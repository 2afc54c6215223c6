import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gelu, relu, sigmoid, tanh, type Activation } from '../reference/activations.ts';
import { Numbers } from '../reference/numbers.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, type Tolerance } from './harness.ts';

/** From -90 to 90, dense about 0, every value a float32. */
const SWEEP = Float32Array.from({ length: 20_000 }, (_, i) => 90 * ((i - 10_000) / 10_000) ** 3);

const ACTIVATIONS: [name: 'sigmoid' | 'tanh' | 'relu' | 'gelu', twin: Activation, tolerance: Tolerance][] = [
  ['sigmoid', sigmoid, { absolute: 2e-7, relative: 0 }],
  ['tanh', tanh, { absolute: 4e-7, relative: 0 }],
  ['relu', relu, { absolute: 0, relative: 0 }],
  ['gelu', gelu, { absolute: 1e-6, relative: 2e-7 }],
];

describeBuilds('activation functions', (core) => {
  const { kernels } = core;

  test.each(ACTIVATIONS)('f32_%s over the range of float32 exponents', (name, { value }, tolerance) => {
    const y = core.allocate(SWEEP.byteLength);
    kernels[`f32_${name}`](SWEEP.length, core.floats(SWEEP), y);
    expectClose(core.readFloats(y, SWEEP.length), Float64Array.from(SWEEP, value), tolerance);
  });

  test('f32_exp to a few units in the last place, without overflow', () => {
    const range = SWEEP.filter((x) => x > -87.3 && x < 88);
    const n = range.length - (range.length % 4);
    const y = core.allocate(4 * n);
    kernels.f32_exp(n, core.floats(range), y);
    expectClose(core.readFloats(y, n), Float64Array.from(range.subarray(0, n), Math.exp), {
      absolute: 0,
      relative: 2.5e-7,
    });

    const extremes = core.floats([-Infinity, -1e30, 1e30, Infinity]);
    kernels.f32_exp(4, extremes, extremes);
    const [least, little, much, most] = core.readFloats(extremes, 4);
    expect(least).toBe(little);
    expect(least).toBeLessThan(1.3e-38);
    expect(much).toBe(most);
    expect(most).toBeGreaterThan(1.6e38);
    expect(most).toBeLessThan(Infinity);
  });

  test.each(ACTIVATIONS)('f32_%s_backward, in place too', (name, twin) => {
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.nat(), (size, inPlace, seed) => {
        const n = 4 * size;
        const numbers = new Numbers(seed);
        const x = numbers.matrix(1, n, 8).data;
        const dy = numbers.matrix(1, n).data;
        const known = core.floats(name === 'gelu' ? x : x.map(twin.value));
        const incoming = core.floats(dy);
        const dx = inPlace ? incoming : core.allocate(4 * n);
        kernels[`f32_${name}_backward`](n, known, incoming, dx);
        const want = x.map((at, i) => dy[i]! * twin.derivative(at));
        expectClose(core.readFloats(dx, n), want, { absolute: 1e-6, relative: 1e-6 });
        core.reset();
      }),
    );
  });

  test('functions and their gradients keep NaN', () => {
    for (const name of ['sigmoid', 'tanh', 'relu', 'gelu'] as const) {
      const y = core.floats([NaN, 1, NaN, -1]);
      kernels[`f32_${name}`](4, y, y);
      expect([...core.readFloats(y, 4)].map(Number.isNaN)).toEqual([true, false, true, false]);
      const dy = core.floats([NaN, NaN, NaN, NaN]);
      const at = core.floats([0.5, 0.25, 0.75, 1]);
      kernels[`f32_${name}_backward`](4, at, dy, dy);
      expect([...core.readFloats(dy, 4)]).toEqual([NaN, NaN, NaN, NaN]);
    }
    const x = core.floats([NaN, 0, 0, 0]);
    kernels.f32_exp(4, x, x);
    expect([...core.readFloats(x, 4)]).toEqual([NaN, 1, 1, 1]);
  });
});
