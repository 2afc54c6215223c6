import fc from 'fast-check';
import { test } from 'vitest';
import { cases } from '../property-cases.ts';
import { linearForward } from '../reference/linear.ts';
import { sum } from '../reference/matrix.ts';
import { transpose } from '../reference/products.ts';
import { isPadding, type RecurrentShape } from '../reference/recurrent.ts';
import { rnnBackward, rnnForward, type RnnForward } from '../reference/rnn.ts';
import { cellDraws, expectState, expectSteps, placeHeld, placeLengths, placeState } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

describeBuilds('the RNN', (core) => {
  const { kernels } = core;

  test.each(['tanh', 'relu'] as const)('f32_rnn_forward and f32_rnn_backward agree with the reference, %s', (kind) => {
    fc.assert(
      fc.property(cellDraws(1, 1), (draw) => {
        const { shape, hidden, parameters, x, h0, dy, dhn } = draw;
        const { steps, batch } = shape;
        const rows = steps * batch;
        const forward = rnnForward(shape, kind, x, parameters, h0);
        fc.pre(kind === 'tanh' || isClearOfTheKink(shape, forward));
        const gradients = rnnBackward(shape, kind, x, parameters, forward, dy, dhn);

        const inputPart = linearForward(x, parameters.weightIh, sum(parameters.biasIh, parameters.biasHh));
        const s = core.panels(rows, hidden, inputPart.data);
        const h = placeState(core, shape, h0);
        const lengths = placeLengths(core, shape);
        const held = placeHeld(core, shape, hidden);
        const weightT = core.panels(hidden, hidden, transpose(parameters.weightHh).data, { padRows: true });
        const { panels } = h;
        kernels.f32_rnn_forward(
          Number(kind === 'relu'),
          steps,
          batch,
          panels,
          Number(shape.reverse),
          lengths,
          s.address,
          s.stride,
          h.address,
          h.stride,
          weightT.address,
          weightT.stride,
          held.address,
          held.stride,
        );
        expectSteps(core, shape, s, forward.s);
        expectZeroPadding(core, s);
        expectState(core, shape, h, h0, forward.h);

        const weight = core.panels(hidden, hidden, parameters.weightHh.data, { padRows: true });
        const dyPanels = core.panels(rows, hidden, dy.data);
        const dhnPanels = core.panels(batch, hidden, dhn.data);
        const dh = core.panels(rows + batch, hidden);
        const ds = core.panels(rows, hidden);
        kernels.f32_rnn_backward(
          Number(kind === 'relu'),
          steps,
          batch,
          panels,
          Number(shape.reverse),
          lengths,
          h.address,
          h.stride,
          dyPanels.address,
          dyPanels.stride,
          draw.finals ? dhnPanels.address : 0,
          dhnPanels.stride,
          weight.address,
          weight.stride,
          dh.address,
          dh.stride,
          ds.address,
          ds.stride,
          held.address,
          held.stride,
        );
        expectState(core, shape, dh, gradients.h0, gradients.h);
        expectClose(core.read(ds), gradients.s.data);
        expectZeroPadding(core, ds);
        core.reset();
      }),
      cases(15),
    );
  });
});

/** Every s(t) is far enough from 0 for float32 and float64 to take the same side of relu. */
function isClearOfTheKink(shape: RecurrentShape, { s }: RnnForward): boolean {
  for (let t = 0; t < shape.steps; t++) {
    for (let b = 0; b < shape.batch; b++) {
      if (isPadding(shape, t, b)) continue;
      for (let j = 0; j < s.cols; j++) if (Math.abs(s.at(t * shape.batch + b, j)) < 1e-5) return false;
    }
  }
  return true;
}
