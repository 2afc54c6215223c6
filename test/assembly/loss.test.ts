import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../property-cases.ts';
import {
  crossEntropy,
  crossEntropyBackward,
  logSoftmax,
  softmax,
  squaredError,
  squaredErrorBackward,
} from '../reference/loss.ts';
import type { Targets } from '../reference/loss.ts';
import { Matrix } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { sizes } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding, type Core, type Panels } from './harness.ts';

const TIGHT = { absolute: 1e-6, relative: 1e-6 };

interface Draw {
  readonly logits: Matrix;
  readonly targets: Targets;
}

const draws: fc.Arbitrary<Draw> = fc
  .record({
    steps: sizes,
    batch: sizes,
    cols: sizes,
    scale: fc.constantFrom(1, 10, 80),
    padded: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ steps, batch, cols, scale, padded, seed }) => {
    const numbers = new Numbers(seed);
    const below = (limit: number) => Math.floor(((numbers.next() + 1) / 2) * limit);
    const rows = steps * batch;
    const logits = numbers.matrix(rows, cols, scale);
    const classes = Array.from({ length: rows }, () => below(cols + 1) - 1);
    const lengths = padded ? Array.from({ length: batch }, () => below(steps + 1)) : undefined;
    return { logits, targets: { classes, ignore: cols > 1 ? below(cols) : -1, batch, lengths } };
  });

interface Placed {
  readonly targets: number;
  readonly lengths: number;
}

function place(core: Core, { classes, lengths }: Targets): Placed {
  return { targets: core.ints(classes), lengths: lengths === undefined ? 0 : core.ints(lengths) };
}

const runs = cases(50);

describeBuilds('losses', (core) => {
  const { kernels } = core;

  test('f32_softmax and f32_log_softmax, in place too', () => {
    fc.assert(
      fc.property(
        sizes,
        sizes,
        fc.constantFrom(1, 10, 80),
        fc.boolean(),
        fc.nat(),
        (rows, cols, scale, inPlace, seed) => {
          const x = new Numbers(seed).matrix(rows, cols, scale);
          for (const [name, twin] of [
            ['f32_softmax', softmax],
            ['f32_log_softmax', logSoftmax],
          ] as const) {
            const from = core.panels(rows, cols, x.data);
            const y = inPlace ? from : core.panels(rows, cols);
            kernels[name](rows, cols, from.address, from.stride, y.address, y.stride);
            expectClose(core.read(y), twin(x).data, TIGHT);
            expectZeroPadding(core, y);
          }
          core.reset();
        },
      ),
    );
  });

  test('f32_cross_entropy: probabilities, the loss of each row and their sum', () => {
    fc.assert(
      fc.property(draws, fc.boolean(), fc.boolean(), ({ logits, targets }, inPlace, each) => {
        const { rows, cols } = logits;
        const x = core.panels(rows, cols, logits.data);
        const probabilities = inPlace ? x : core.panels(rows, cols);
        const placed = place(core, targets);
        const losses = each ? core.allocate(4 * rows) : 0;
        const total = kernels.f32_cross_entropy(
          rows,
          cols,
          x.address,
          x.stride,
          placed.targets,
          targets.ignore,
          targets.batch,
          placed.lengths,
          probabilities.address,
          probabilities.stride,
          losses,
        );
        const want = crossEntropy(logits, targets);
        expectClose([total], [want.total], TIGHT);
        expectClose(core.read(probabilities), want.probabilities.data, TIGHT);
        expectZeroPadding(core, probabilities);
        if (each) expectClose(core.readFloats(losses, rows), want.losses, TIGHT);
        core.reset();
      }),
      runs,
    );
  });

  test('f32_cross_entropy_backward, in place too', () => {
    fc.assert(
      fc.property(draws, fc.boolean(), ({ logits, targets }, inPlace) => {
        const { rows, cols } = logits;
        const probabilities = softmax(logits);
        const from = core.panels(rows, cols, probabilities.data);
        const dlogits = inPlace ? from : core.panels(rows, cols);
        const placed = place(core, targets);
        kernels.f32_cross_entropy_backward(
          rows,
          cols,
          from.address,
          from.stride,
          placed.targets,
          targets.ignore,
          targets.batch,
          placed.lengths,
          0.3,
          dlogits.address,
          dlogits.stride,
        );
        expectClose(core.read(dlogits), crossEntropyBackward(probabilities, targets, 0.3).data, TIGHT);
        expectZeroPadding(core, dlogits);
        core.reset();
      }),
      runs,
    );
  });

  test('cross-entropy shows NaN where it is, and only there', () => {
    const logits = core.panels(2, 3, [0, NaN, 0, 1, 2, 3]);
    const losses = core.allocate(8);
    const { address, stride } = logits;
    const targets = core.ints([0, 2]);
    expect(kernels.f32_cross_entropy(2, 3, address, stride, targets, -1, 1, 0, address, stride, losses)).toBeNaN();
    const want = crossEntropy(new Matrix(1, 3, [1, 2, 3]), { classes: [2], ignore: -1, batch: 1 });
    expectClose(core.readFloats(losses, 2), [NaN, want.total], TIGHT);
    expectClose(core.read(logits), [NaN, NaN, NaN, ...want.probabilities.data], TIGHT);
  });

  test('cross-entropy of a padding row that holds NaN is 0, its gradient too', () => {
    const logits = core.panels(2, 3, [1, 2, 3, NaN, NaN, NaN]);
    const { address, stride } = logits;
    const targets = core.ints([2, 2]);
    const lengths = core.ints([1]);
    const total = kernels.f32_cross_entropy(2, 3, address, stride, targets, -1, 1, lengths, address, stride, 0);
    kernels.f32_cross_entropy_backward(2, 3, address, stride, targets, -1, 1, lengths, 1, address, stride);
    const counted: Targets = { classes: [2], ignore: -1, batch: 1 };
    const want = crossEntropy(new Matrix(1, 3, [1, 2, 3]), counted);
    expectClose([total], [want.total], TIGHT);
    const gradient = crossEntropyBackward(want.probabilities, counted, 1);
    expectClose(core.read(logits), [...gradient.data, 0, 0, 0], TIGHT);
  });

  test('f32_squared_error and its gradient', () => {
    const call = (x: Panels, target: Panels) =>
      kernels.f32_squared_error(x.rows, x.cols, x.address, x.stride, target.address, target.stride);
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (rows, cols, seed) => {
        const numbers = new Numbers(seed);
        const x = numbers.matrix(rows, cols, 3);
        const target = numbers.matrix(rows, cols, 3);
        const a = core.panels(rows, cols, x.data);
        const b = core.panels(rows, cols, target.data);
        expectClose([call(a, b)], [squaredError(x, target)], TIGHT);
        const dx = core.panels(rows, cols);
        kernels.f32_squared_error_backward(
          rows,
          cols,
          a.address,
          a.stride,
          b.address,
          b.stride,
          0.3,
          dx.address,
          dx.stride,
        );
        expectClose(core.read(dx), squaredErrorBackward(x, target, 0.3).data, TIGHT);
        expectZeroPadding(core, dx);
        core.reset();
      }),
      runs,
    );
    expect(call(core.panels(1, 1, [NaN]), core.panels(1, 1, [0]))).toBeNaN();
  });
});
