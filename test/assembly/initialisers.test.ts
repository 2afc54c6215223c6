import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../property-cases.ts';
import { Matrix } from '../reference/matrix.ts';
import { productTransposedB, transpose } from '../reference/products.ts';
import { normal, uniform } from '../reference/random.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose } from './harness.ts';

const EXACT = { absolute: 0, relative: 0 };
const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });

/** The mean of value^power. */
function moment(values: Float32Array, power: number): number {
  return values.reduce((total, value) => total + value ** power, 0) / values.length;
}

describeBuilds('initialisers', (core) => {
  const { kernels } = core;

  test('f32_uniform reads Philox: the published words at counter 0, key 0', () => {
    const out = core.allocate(16);
    kernels.f32_uniform(4, 0, 2 ** 24, out, 0, 0);
    expect([...core.readFloats(out, 4)]).toEqual([0x6627e8, 0xe169c5, 0xbc57ac, 0x9b00db]);
  });

  test('f32_uniform is the twin, bit for bit', () => {
    const ranges = fc.constantFrom<[number, number]>([0, 1], [-1, 1], [-0.1, 0.3], [1, 2], [-2, -1], [-1, 0]);
    fc.assert(
      fc.property(sizes, ranges, uint32, uint32, (n, [low, high], seed, stream) => {
        const out = core.allocate(4 * n);
        kernels.f32_uniform(n, low, high, out, seed, stream);
        expectClose(core.readFloats(out, n), uniform(n, low, high, seed, stream), EXACT);
        core.reset();
      }),
    );
  });

  test('f32_uniform fills [low, high) evenly', () => {
    const n = 100_000;
    const out = core.allocate(4 * n);
    kernels.f32_uniform(n, 1, 2, out, 5, 6);
    const values = core.readFloats(out, n);
    expect(values.every((value) => value >= 1 && value < 2)).toBe(true);
    const bins = new Float64Array(50);
    for (const value of values) bins[Math.floor((value - 1) * 50)]! += 1;
    // Chi squared of 49 degrees of freedom is above 94.6 once in 10,000 times.
    expect(bins.reduce((total, count) => total + (count - n / 50) ** 2 / (n / 50), 0)).toBeLessThan(94.6);
  });

  test('f32_normal is the twin', () => {
    fc.assert(
      fc.property(sizes, uint32, uint32, (n, seed, stream) => {
        const out = core.allocate(4 * n);
        kernels.f32_normal(n, 0.5, 2, out, seed, stream);
        expectClose(core.readFloats(out, n), normal(n, 0.5, 2, seed, stream), { absolute: 1e-6, relative: 1e-7 });
        core.reset();
      }),
    );
  });

  test('f32_normal has the moments of the normal distribution', () => {
    const n = 100_000;
    const out = core.allocate(4 * n);
    kernels.f32_normal(n, 0, 1, out, 5, 6);
    const values = core.readFloats(out, n);
    // 0, 1, 0, 3, each within five standard deviations of its estimate: sqrt of 1, 2, 15 and 96 over n.
    const within = (variance: number) => 5 * Math.sqrt(variance / n);
    expect(Math.abs(moment(values, 1))).toBeLessThan(within(1));
    expect(Math.abs(moment(values, 2) - 1)).toBeLessThan(within(2));
    expect(Math.abs(moment(values, 3))).toBeLessThan(within(15));
    expect(Math.abs(moment(values, 4) - 3)).toBeLessThan(within(96));
  });

  test('f32_orthogonal is gain times the Q of the normal matrix, with a positive diagonal of R', () => {
    fc.assert(
      fc.property(sizes, sizes, uint32, (rows, cols, seed) => {
        const n = rows * cols;
        const gain = 1.5;
        const out = core.allocate(4 * n);
        const scratch = core.allocate(4 * n);
        kernels.f32_orthogonal(rows, cols, gain, out, scratch, seed, 9);
        const result = new Matrix(rows, cols, core.readFloats(out, n));

        // [count, length], count <= length: orthonormal rows.
        const [count, length] = [Math.min(rows, cols), Math.max(rows, cols)];
        const q = rows <= cols ? result : transpose(result);
        q.data.forEach((value, i) => (q.data[i] = value / gain));
        const identity = new Matrix(count, count);
        for (let i = 0; i < count; i++) identity.set(i, i, 1);
        expectClose(productTransposedB(q, q).data, identity.data, { absolute: 1e-6, relative: 0 });

        // A = R^T Q, row i of the normal matrix a combination of rows 0 to i of Q.
        kernels.f32_normal(n, 0, 1, scratch, seed, 9);
        const r = productTransposedB(new Matrix(count, length, core.readFloats(scratch, n)), q);
        for (let i = 0; i < count; i++) {
          expect(r.at(i, i)).toBeGreaterThan(0);
          for (let j = i + 1; j < count; j++) expect(Math.abs(r.at(i, j))).toBeLessThan(1e-5);
        }
        core.reset();
      }),
      cases(40),
    );
  });
});
