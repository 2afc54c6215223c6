import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Kernels } from '../../engine/core/kernels.ts';
import { sum } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { sizes, zeroPaddingSteps } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

const EXACT = { absolute: 0, relative: 0 };

describeBuilds('elementwise kernels', (core) => {
  const { kernels } = core;

  test('f32_pack and f32_unpack move row-major data into panels and back', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (rows, cols, seed) => {
        const { data } = new Numbers(seed).matrix(rows, cols);
        const packed = core.panels(rows, cols);
        kernels.f32_pack(rows, cols, core.floats(data), packed.address, packed.stride);
        expectClose(core.read(packed), data, EXACT);
        expectZeroPadding(core, packed);
        const unpacked = core.allocate(data.length * 4);
        kernels.f32_unpack(rows, cols, packed.address, packed.stride, unpacked);
        expectClose(core.readFloats(unpacked, data.length), data, EXACT);
        core.reset();
      }),
    );
  });

  test('f32_copy_rows and f32_add_rows agree with the reference', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (rows, cols, seed) => {
        const numbers = new Numbers(seed);
        const a = numbers.matrix(rows, cols);
        const b = numbers.matrix(rows, cols);
        const from = core.panels(rows, cols, a.data);
        const copy = core.panels(rows, cols);
        const total = core.panels(rows, cols, b.data);
        kernels.f32_copy_rows(rows, from.panels, from.address, from.stride, copy.address, copy.stride);
        kernels.f32_add_rows(rows, from.panels, from.address, from.stride, total.address, total.stride);
        expectClose(core.read(copy), a.data, EXACT);
        expectZeroPadding(core, copy);
        expectClose(core.read(total), Float32Array.from(sum(a, b).data), EXACT);
        expectZeroPadding(core, total);
        core.reset();
      }),
    );
  });

  test('f32_zero_padding zeroes the steps beyond the end of each item, and no others', () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, fc.nat(), (steps, batch, cols, seed) => {
        const numbers = new Numbers(seed);
        const lengths = Array.from({ length: batch }, () => Math.floor(((numbers.next() + 1) / 2) * (steps + 1)));
        const a = numbers.matrix(steps * batch, cols);
        const panels = core.panels(steps * batch, cols, a.data);
        kernels.f32_zero_padding(steps, batch, panels.panels, panels.address, panels.stride, core.ints(lengths));
        zeroPaddingSteps({ steps, batch, reverse: false, lengths }, a);
        expectClose(core.read(panels), a.data, EXACT);
        core.reset();
      }),
    );
  });

  test('f32_zero_columns zeroes what lies beyond the last column, NaN too, and nothing else', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (rows, cols, seed) => {
        const a = new Numbers(seed).matrix(rows, cols);
        const panels = core.panels(rows, cols);
        core.write(panels, a.data);
        kernels.f32_zero_columns(rows, cols, panels.address, panels.stride);
        expectClose(core.read(panels), a.data, EXACT);
        expectZeroPadding(core, panels);
        core.reset();
      }),
    );
  });

  test('f32_fill, f32_add, f32_multiply and f32_scale agree with the reference', () => {
    const operations: [
      (a: number, b: number) => number,
      (k: Kernels, n: number, a: number, b: number, out: number) => void,
    ][] = [
      [() => Math.fround(0.1), (k, n, _a, _b, out) => k.f32_fill(n, 0.1, out)],
      [(a, b) => a + b, (k, n, a, b, out) => k.f32_add(n, a, b, out)],
      [(a, b) => a * b, (k, n, a, b, out) => k.f32_multiply(n, a, b, out)],
      [(a) => a * Math.fround(0.1), (k, n, a, _b, out) => k.f32_scale(n, a, 0.1, out)],
    ];
    fc.assert(
      fc.property(sizes, fc.constantFrom(...operations), fc.nat(), (size, [twin, kernel], seed) => {
        const n = 4 * size;
        const numbers = new Numbers(seed);
        const a = numbers.matrix(1, n).data;
        const b = numbers.matrix(1, n).data;
        const out = core.allocate(4 * n);
        kernel(kernels, n, core.floats(a), core.floats(b), out);
        expect(core.readFloats(out, n)).toEqual(Float32Array.from(a, (value, i) => twin(value, b[i]!)));
        core.reset();
      }),
    );
  });

  test('f32_add may write over an operand', () => {
    const a = core.floats([1, 2, 3, 4]);
    kernels.f32_add(4, a, core.floats([10, 20, 30, 40]), a);
    expect([...core.readFloats(a, 4)]).toEqual([11, 22, 33, 44]);
  });
});
