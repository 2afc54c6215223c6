import fc from 'fast-check';
import { test } from 'vitest';
import { gatherRows, scatterAddRows } from '../reference/embedding.ts';
import { Matrix } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

/** -1 (no row) to vocabulary - 1. */
function randomIds(numbers: Numbers, rows: number, vocabulary: number): number[] {
  return Array.from({ length: rows }, () => Math.floor(((numbers.next() + 1) / 2) * (vocabulary + 1)) - 1);
}

describeBuilds('embedding', (core) => {
  const { kernels } = core;

  test('f32_gather_rows copies rows of the table, added to a bias where there is one', () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, fc.boolean(), fc.nat(), (rows, vocabulary, cols, biased, seed) => {
        const numbers = new Numbers(seed);
        const ids = randomIds(numbers, rows, vocabulary);
        const table = numbers.matrix(vocabulary, cols);
        const init = biased ? numbers.matrix(1, cols) : new Matrix(1, cols);
        const from = core.panels(vocabulary, cols, table.data);
        const out = core.panels(rows, cols);
        kernels.f32_gather_rows(
          rows,
          from.panels,
          core.ints(ids),
          from.address,
          from.stride,
          biased ? core.floats(init.data, 8) : 0,
          out.address,
          out.stride,
        );
        expectClose(core.read(out), gatherRows(ids, table, init).data, { absolute: 0, relative: 1e-7 });
        expectZeroPadding(core, out);
        core.reset();
      }),
    );
  });

  test('f32_scatter_add_rows adds every row to its place in the table', () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, fc.nat(), (rows, vocabulary, cols, seed) => {
        const numbers = new Numbers(seed);
        const ids = randomIds(numbers, rows, vocabulary);
        const source = numbers.matrix(rows, cols);
        const before = numbers.matrix(vocabulary, cols);
        const from = core.panels(rows, cols, source.data);
        const table = core.panels(vocabulary, cols, before.data);
        kernels.f32_scatter_add_rows(
          rows,
          from.panels,
          core.ints(ids),
          from.address,
          from.stride,
          table.address,
          table.stride,
        );
        expectClose(core.read(table), scatterAddRows(ids, source, before).data);
        expectZeroPadding(core, table);
        core.reset();
      }),
    );
  });
});
