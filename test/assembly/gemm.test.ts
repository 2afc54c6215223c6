import fc from 'fast-check';
import { test } from 'vitest';
import { cases } from '../property-cases.ts';
import { Matrix, sum } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { product, productTransposedA, sumRows, transpose } from '../reference/products.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

const runs = cases(60);

describeBuilds('products', (core) => {
  const { kernels } = core;

  test('f32_gemm_nn is A B from zero, from a bias and from a matrix, which may be the result', () => {
    const starts = fc.constantFrom('zero', 'bias', 'matrix', 'result');
    fc.assert(
      fc.property(sizes, sizes, sizes, starts, fc.nat(), (rows, inner, cols, start, seed) => {
        const numbers = new Numbers(seed);
        const a = numbers.matrix(rows, inner);
        const b = numbers.matrix(inner, cols);
        const bias = numbers.matrix(1, cols);
        const d = numbers.matrix(rows, cols);
        const added = {
          zero: new Matrix(rows, cols),
          bias: product(new Matrix(rows, 1, new Float64Array(rows).fill(1)), bias),
          matrix: d,
          result: d,
        }[start];

        const aPanels = core.panels(rows, inner, a.data);
        const bPanels = core.panels(inner, cols, b.data, { padRows: true });
        const dPanels = core.panels(rows, cols, d.data);
        const c = start === 'result' ? dPanels : core.panels(rows, cols);
        const [init, panelStride, rowStride] =
          start === 'zero'
            ? [core.floats(new Float32Array(8)), 0, 0]
            : start === 'bias'
              ? [core.floats(bias.data, 8), 32, 0]
              : [dPanels.address, dPanels.stride, 32];
        kernels.f32_gemm_nn(
          rows,
          c.panels,
          bPanels.storedRows,
          aPanels.address,
          aPanels.stride,
          bPanels.address,
          bPanels.stride,
          init,
          panelStride,
          rowStride,
          c.address,
          c.stride,
        );
        expectClose(core.read(c), sum(product(a, b), added).data);
        expectZeroPadding(core, c);
        core.reset();
      }),
      runs,
    );
  });

  test('f32_gemm_tn adds A^T B', () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, fc.nat(), (rows, aCols, bCols, seed) => {
        const numbers = new Numbers(seed);
        const a = numbers.matrix(rows, aCols);
        const b = numbers.matrix(rows, bCols);
        const before = numbers.matrix(aCols, bCols);
        const aPanels = core.panels(rows, aCols, a.data);
        const bPanels = core.panels(rows, bCols, b.data);
        const c = core.panels(aCols, bCols, before.data, { padRows: true });
        kernels.f32_gemm_tn(
          aPanels.panels,
          bPanels.panels,
          rows,
          aPanels.address,
          aPanels.stride,
          bPanels.address,
          bPanels.stride,
          c.address,
          c.stride,
        );
        expectClose(core.read(c), sum(before, productTransposedA(a, b)).data);
        expectZeroPadding(core, c);
        core.reset();
      }),
      runs,
    );
  });

  // f32_gemm_nn goes through A in blocks of 256 KB, f32_gemm_tn in blocks of 256 rows.
  test('products larger than a block agree, too', () => {
    const long = fc.integer({ min: 250, max: 600 });
    const few = fc.integer({ min: 1, max: 17 });
    fc.assert(
      fc.property(long, long, few, fc.nat(), (rows, inner, cols, seed) => {
        const numbers = new Numbers(seed);
        const a = numbers.matrix(rows, inner, 0.1);
        const b = numbers.matrix(inner, cols);
        const c = numbers.matrix(rows, cols, 0.1);
        const aPanels = core.panels(rows, inner, a.data);
        const bPanels = core.panels(inner, cols, b.data, { padRows: true });
        const ab = core.panels(rows, cols);
        const zeros = core.floats(new Float32Array(8));
        kernels.f32_gemm_nn(
          rows,
          ab.panels,
          bPanels.storedRows,
          aPanels.address,
          aPanels.stride,
          bPanels.address,
          bPanels.stride,
          zeros,
          0,
          0,
          ab.address,
          ab.stride,
        );
        expectClose(core.read(ab), product(a, b).data);

        const cPanels = core.panels(rows, cols, c.data);
        const atc = core.panels(inner, cols, new Float32Array(inner * cols), { padRows: true });
        kernels.f32_gemm_tn(
          aPanels.panels,
          cPanels.panels,
          rows,
          aPanels.address,
          aPanels.stride,
          cPanels.address,
          cPanels.stride,
          atc.address,
          atc.stride,
        );
        expectClose(core.read(atc), productTransposedA(a, c).data);
        core.reset();
      }),
      cases(5),
    );
  });

  test('f32_transpose gives every element its place, exactly', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (rows, cols, seed) => {
        const a = new Numbers(seed).matrix(rows, cols);
        const source = core.panels(rows, cols, a.data, { padRows: true });
        const target = core.panels(cols, rows, undefined, { padRows: true });
        kernels.f32_transpose(
          source.storedRows,
          target.storedRows,
          source.address,
          source.stride,
          target.address,
          target.stride,
        );
        expectClose(core.read(target), transpose(a).data, { absolute: 0, relative: 0 });
        expectZeroPadding(core, target);
        core.reset();
      }),
      runs,
    );
  });

  test('f32_sum_rows adds the sum of all rows', () => {
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (rows, cols, seed) => {
        const numbers = new Numbers(seed);
        const a = numbers.matrix(rows, cols);
        const before = numbers.matrix(1, cols);
        const source = core.panels(rows, cols, a.data);
        const out = core.floats(before.data, 8);
        kernels.f32_sum_rows(rows, source.panels, source.address, source.stride, out);
        const want = new Float64Array(source.panels * 8);
        want.set(sum(before, sumRows(a)).data);
        expectClose(core.readFloats(out, want.length), want);
        core.reset();
      }),
      runs,
    );
  });
});
