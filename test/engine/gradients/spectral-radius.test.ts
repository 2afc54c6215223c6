import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { spectralRadius } from '../../../engine/gradients/spectral-radius.ts';
import { Numbers } from '../../reference/numbers.ts';
import '../../seed.ts';

test('is that of matrices whose eigenvalues are known', () => {
  expect(spectralRadius([3, 0, 0, -5], 2)).toBeCloseTo(5, 3);
  // A rotation by 0.7 radians, scaled: a complex pair.
  const [cos, sin] = [1.3 * Math.cos(0.7), 1.3 * Math.sin(0.7)];
  expect(spectralRadius([cos, -sin, sin, cos], 2)).toBeCloseTo(1.3, 3);
  expect(spectralRadius([0, 1, 0, 0], 2)).toBe(0);
  // One eigenvalue twice, and a long way from a normal matrix.
  expect(Math.abs(spectralRadius([0.9, 50, 0, 0.9], 2) - 0.9)).toBeLessThan(0.004);
});

test.prop([
  fc.integer({ min: 1, max: 12 }),
  fc.integer({ min: 0, max: 1e6 }),
  fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
])('grows with the matrix, is at most its norm, and that of a similar matrix', (size, seed, scale) => {
  const { data } = new Numbers(seed).matrix(size, size);
  const radius = spectralRadius(data, size);
  expect(
    spectralRadius(
      data.map((value) => value * scale),
      size,
    ) / scale,
  ).toBeCloseTo(radius, 6);
  expect(radius).toBeLessThanOrEqual(Math.hypot(...data) * 1.0001);
  const transposed = data.map((_, i) => data[(i % size) * size + Math.floor(i / size)]!);
  expect(spectralRadius(transposed, size)).toBeCloseTo(radius, 6);
});
