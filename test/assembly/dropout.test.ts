import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../property-cases.ts';
import { Matrix } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { dropoutMask, type DropoutDraw, type DropoutShape } from '../reference/random.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding, type Core, type Panels } from './harness.ts';

const EXACT = { absolute: 0, relative: 0 };
const DRAW: DropoutDraw = { rate: 0.5, seed: 11, update: 3, stream: 7 };

function drop(core: Core, shape: DropoutShape, draw: DropoutDraw, x: Panels, y: Panels): void {
  core.kernels.f32_dropout(
    shape.steps,
    shape.batch,
    shape.offset,
    x.panels,
    x.address,
    x.stride,
    y.address,
    y.stride,
    draw.rate,
    draw.seed,
    draw.update,
    draw.stream,
  );
}

/** What is left of ones. */
function dropOnes(core: Core, shape: DropoutShape, draw: DropoutDraw): Matrix {
  const rows = shape.steps * shape.batch;
  const x = core.panels(rows, shape.cols, new Float32Array(rows * shape.cols).fill(1));
  drop(core, shape, draw, x, x);
  return new Matrix(rows, shape.cols, core.read(x));
}

describeBuilds('dropout', (core) => {
  test('scales what stays and zeroes the rest by the mask of the twin, in place too', () => {
    const uint32 = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    const draws = fc.record({
      rate: fc.double({ min: 0, max: 0.95, noNaN: true }),
      seed: uint32,
      update: fc.integer({ min: 0, max: 2 ** 32 - 2 }),
      stream: uint32,
    });
    const size = fc.integer({ min: 1, max: 20 });
    fc.assert(
      fc.property(size, size, size, fc.nat(1000), draws, fc.boolean(), (steps, batch, cols, offset, draw, inPlace) => {
        const shape = { steps, batch, offset, cols };
        const rows = steps * batch;
        const values = new Numbers(draw.seed).matrix(rows, cols);
        const x = core.panels(rows, cols, values.data);
        const y = inPlace ? x : core.panels(rows, cols);
        drop(core, shape, draw, x, y);
        const mask = dropoutMask(shape, draw);
        const scale = Math.fround(1 / (1 - draw.rate));
        const want = values.data.map((value, i) => Math.fround(value * scale) * mask.data[i]!);
        expectClose(core.read(y), want, EXACT);
        expectZeroPadding(core, y);
        core.reset();
      }),
      cases(30),
    );
  });

  test('does not depend on how the batch is split', () => {
    fc.assert(
      fc.property(sizes, sizes, sizes, fc.nat(), (steps, batch, cols, cut) => {
        const first = cut % batch;
        const whole = dropOnes(core, { steps, batch, offset: 0, cols }, DRAW);
        const left = dropOnes(core, { steps, batch: first, offset: 0, cols }, DRAW);
        const right = dropOnes(core, { steps, batch: batch - first, offset: first, cols }, DRAW);
        for (let t = 0; t < steps; t++) {
          const parts = [...left.rowsFrom(t * first, first).data];
          parts.push(...right.rowsFrom(t * (batch - first), batch - first).data);
          expectClose(parts, whole.rowsFrom(t * batch, batch).data, EXACT);
        }
        core.reset();
      }),
      cases(20),
    );
  });

  test.each([0, 0.1, 0.25, 0.5, 0.9])('drops a share of %d and keeps the mean', (rate) => {
    const shape = { steps: 50, batch: 20, offset: 0, cols: 64 };
    const { data } = dropOnes(core, shape, { ...DRAW, rate });
    const dropped = data.filter((value) => value === 0).length / data.length;
    // Five standard deviations.
    const deviation = Math.sqrt((rate * (1 - rate)) / data.length);
    expect(Math.abs(dropped - rate)).toBeLessThanOrEqual(5 * deviation);
    const mean = data.reduce((total, value) => total + value, 0) / data.length;
    expect(Math.abs(mean - 1)).toBeLessThanOrEqual((5 * deviation) / (1 - rate) + 1e-6);
  });

  test('has another mask for another seed, update, stream, step, item and column', () => {
    const shape = { steps: 2, batch: 2, offset: 0, cols: 512 };
    const base = dropOnes(core, shape, DRAW);
    const rows = [0, 1, 2, 3].map((r) => base.rowsFrom(r, 1).data);
    for (const other of [{ seed: 12 }, { update: 4 }, { stream: 8 }]) {
      rows.push(dropOnes(core, shape, { ...DRAW, ...other }).rowsFrom(0, 1).data);
    }
    rows.push(
      rows[0]!.map((_, c) => rows[0]![(c + 8) % 512]!),
      rows[0]!.map((_, c) => rows[0]![(c + 1) % 512]!),
    );
    for (let i = 0; i < rows.length; i++) {
      for (let j = 0; j < i; j++) {
        const equal = rows[i]!.filter((value, c) => value === rows[j]![c]).length;
        // Of 512 independent pairs half agree; five standard deviations are 57.
        expect(Math.abs(equal - 256), `rows ${i} and ${j}`).toBeLessThanOrEqual(57);
      }
    }
  });
});
