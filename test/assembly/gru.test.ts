import fc from 'fast-check';
import { test } from 'vitest';
import { cases } from '../property-cases.ts';
import { gruBackward, gruForward } from '../reference/gru.ts';
import { linearForward } from '../reference/linear.ts';
import { joinCols, Matrix, sum } from '../reference/matrix.ts';
import { transpose } from '../reference/products.ts';
import { cellDraws, expectState, expectSteps, placeHeld, placeLengths, placeState, reorderGates } from './cells.ts';
import { describeBuilds, expectClose, expectZeroPadding } from './harness.ts';

/** The reference keeps the gates as r, z, n; the kernels keep them as n, r, z. */
const KERNEL_ORDER = [2, 0, 1];

describeBuilds('the GRU', (core) => {
  const { kernels } = core;

  test('f32_gru_forward and f32_gru_backward agree with the reference', () => {
    fc.assert(
      fc.property(cellDraws(3, 4), (draw) => {
        const { shape, hidden, parameters, x, h0, dy, dhn } = draw;
        const { steps, batch } = shape;
        const rows = steps * batch;
        const forward = gruForward(shape, x, parameters, h0);
        const gradients = gruBackward(shape, x, parameters, forward, dy, dhn);

        // b_hn belongs to q, not to the input's part.
        const biasHn = parameters.biasHh.colsFrom(2 * hidden, hidden);
        const recurrentBias = joinCols(parameters.biasHh.colsFrom(0, 2 * hidden), new Matrix(1, hidden));
        const inputPart = linearForward(x, parameters.weightIh, sum(parameters.biasIh, recurrentBias));
        const gates = core.panels(rows, hidden, reorderGates(inputPart, 3, KERNEL_ORDER).data, { segments: 3 });
        const q = core.panels(rows, hidden);
        const h = placeState(core, shape, h0);
        const lengths = placeLengths(core, shape);
        const held = placeHeld(core, shape, hidden, [2, 0, 1, 3]);
        const transposed = transpose(parameters.weightHh);
        const weightT = core.panels(hidden, hidden, transposed.data, { segments: 3, padRows: true });
        const bias = core.floats(biasHn.data, 8);
        const { panels } = h;
        kernels.f32_gru_forward(
          steps,
          batch,
          panels,
          Number(shape.reverse),
          lengths,
          gates.address,
          gates.stride,
          q.address,
          q.stride,
          h.address,
          h.stride,
          weightT.address,
          weightT.stride,
          bias,
          held.address,
          held.stride,
        );
        expectSteps(core, shape, gates, reorderGates(forward.gates, 3, KERNEL_ORDER));
        expectSteps(core, shape, q, forward.q);
        expectZeroPadding(core, q);
        expectState(core, shape, h, h0, forward.h);

        const weight = core.panels(hidden, hidden, parameters.weightHh.data, { rowSegments: 3 });
        const dyPanels = core.panels(rows, hidden, dy.data);
        const dhnPanels = core.panels(batch, hidden, dhn.data);
        const dh = core.panels(rows + batch, hidden);
        const dgates = core.panels(rows, hidden, undefined, { segments: 4 });
        const dactivations = core.panels(rows, hidden, undefined, { segments: 3 });
        kernels.f32_gru_backward(
          steps,
          batch,
          panels,
          Number(shape.reverse),
          lengths,
          gates.address,
          gates.stride,
          q.address,
          q.stride,
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
          dgates.address,
          dgates.stride,
          draw.traced ? dactivations.address : 0,
          dactivations.stride,
          held.address,
          held.stride,
        );
        const preactivations = joinCols(reorderGates(gradients.preactivations, 3, KERNEL_ORDER), gradients.q);
        expectState(core, shape, dh, gradients.h0, gradients.h);
        expectClose(core.read(dgates), preactivations.data);
        expectZeroPadding(core, dgates);
        if (draw.traced) {
          expectClose(core.read(dactivations), reorderGates(gradients.activations, 3, KERNEL_ORDER).data);
          expectZeroPadding(core, dactivations);
        }
        core.reset();
      }),
      cases(15),
    );
  });
});
