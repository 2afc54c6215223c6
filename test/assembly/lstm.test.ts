import fc from 'fast-check';
import { test } from 'vitest';
import { cases } from '../property-cases.ts';
import { linearForward } from '../reference/linear.ts';
import { lstmBackward, lstmForward } from '../reference/lstm.ts';
import { sum } from '../reference/matrix.ts';
import { transpose } from '../reference/products.ts';
import { cellDraws, expectState, expectSteps, placeHeld, placeLengths, placeState } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

describeBuilds('the LSTM', (core) => {
  const { kernels } = core;

  test('f32_lstm_forward and f32_lstm_backward agree with the reference', () => {
    fc.assert(
      fc.property(cellDraws(4, 6), (draw) => {
        const { shape, hidden, parameters, x, h0, c0, dy, dhn, dcn } = draw;
        const { steps, batch } = shape;
        const rows = steps * batch;
        const forward = lstmForward(shape, x, parameters, h0, c0);
        const gradients = lstmBackward(shape, x, parameters, forward, dy, dhn, dcn);

        const inputPart = linearForward(x, parameters.weightIh, sum(parameters.biasIh, parameters.biasHh));
        const gates = core.panels(rows, hidden, inputPart.data, { segments: 4 });
        const h = placeState(core, shape, h0);
        const c = placeState(core, shape, c0);
        const lengths = placeLengths(core, shape);
        const held = placeHeld(core, shape, hidden);
        const transposed = transpose(parameters.weightHh);
        const weightT = core.panels(hidden, hidden, transposed.data, { segments: 4, padRows: true });
        const { panels } = h;
        kernels.f32_lstm_forward(
          steps,
          batch,
          panels,
          Number(shape.reverse),
          lengths,
          gates.address,
          gates.stride,
          h.address,
          h.stride,
          c.address,
          c.stride,
          weightT.address,
          weightT.stride,
          held.address,
          held.stride,
        );
        expectSteps(core, shape, gates, forward.gates);
        expectState(core, shape, h, h0, forward.h);
        expectState(core, shape, c, c0, forward.c);

        const weight = core.panels(hidden, hidden, parameters.weightHh.data, { rowSegments: 4 });
        const dyPanels = core.panels(rows, hidden, dy.data);
        const dhnPanels = core.panels(batch, hidden, dhn.data);
        const dcnPanels = core.panels(batch, hidden, dcn.data);
        const dh = core.panels(rows + batch, hidden);
        const dc = core.panels(rows + batch, hidden);
        const dgates = core.panels(rows, hidden, undefined, { segments: 4 });
        const dactivations = core.panels(rows, hidden, undefined, { segments: 4 });
        kernels.f32_lstm_backward(
          steps,
          batch,
          panels,
          Number(shape.reverse),
          lengths,
          gates.address,
          gates.stride,
          c.address,
          c.stride,
          dyPanels.address,
          dyPanels.stride,
          draw.finals ? dhnPanels.address : 0,
          dhnPanels.stride,
          draw.finals ? dcnPanels.address : 0,
          dcnPanels.stride,
          weight.address,
          weight.stride,
          dh.address,
          dh.stride,
          dc.address,
          dc.stride,
          dgates.address,
          dgates.stride,
          draw.traced ? dactivations.address : 0,
          dactivations.stride,
          held.address,
          held.stride,
        );
        expectState(core, shape, dh, gradients.h0, gradients.h);
        expectState(core, shape, dc, gradients.c0, gradients.c);
        expectClose(core.read(dgates), gradients.preactivations.data);
        expectZeroPadding(core, dgates);
        if (draw.traced) {
          expectClose(core.read(dactivations), gradients.activations.data);
          expectZeroPadding(core, dactivations);
        }
        core.reset();
      }),
      cases(15),
    );
  });
});
