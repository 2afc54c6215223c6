import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { applyHolds } from '../../../engine/explain/apply-holds.ts';
import { formatHolds, isHeld, parseHolds, type Hold, type HoldLimits } from '../../../engine/explain/holds.ts';
import { heldParts, type CellKind } from '../../../engine/layers/cells.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { expectNear } from '../../reference/close.ts';
import { gruBackward, gruForward } from '../../reference/gru.ts';
import { lstmBackward, lstmForward } from '../../reference/lstm.ts';
import { Matrix } from '../../reference/matrix.ts';
import { Numbers } from '../../reference/numbers.ts';
import type { RecurrentParameters, RecurrentShape } from '../../reference/recurrent.ts';
import { rnnBackward, rnnForward } from '../../reference/rnn.ts';
import { modelSpec, RunningModel } from '../models/running-model.ts';

const LIMITS: HoldLimits = { cell: 'lstm', layers: 2, bidirectional: true, units: 12 };

const spans = (limit: number) =>
  fc.option(
    fc.tuple(fc.nat(limit - 1), fc.nat(limit - 1)).map(([a, b]) => ({ from: Math.min(a, b), to: Math.max(a, b) })),
  );
const holds = fc.array(
  fc.record<Hold>({
    part: fc.constantFrom(...heldParts('lstm')),
    layer: fc.nat(1),
    reverse: fc.boolean(),
    value: fc.double({ min: -1e6, max: 1e6, noNaN: true }).map((value) => value + 0),
    steps: spans(1000),
    units: spans(12),
  }),
  { maxLength: 6 },
);

describe('holds as text', () => {
  test.prop([holds])('are read as they were written', (list) => {
    expect(parseHolds(formatHolds(list), LIMITS)).toEqual(list);
  });

  test.prop([fc.string({ unit: fc.constantFrom(...'forget=1@3-9:unit12; l2.reverse'.split('')) })])(
    'are understood or refused with a reason',
    (text) => {
      try {
        parseHolds(text, LIMITS);
      } catch (error) {
        expect(String(error)).toMatch(/the hold .* one reads like/u);
      }
    },
  );

  test('count from 1', () => {
    expect(parseHolds('forget=1@3-9:unit12; l2.reverse.input=0', LIMITS)).toEqual([
      { part: 'forget', layer: 0, reverse: false, value: 1, steps: { from: 2, to: 8 }, units: { from: 11, to: 11 } },
      { part: 'input', layer: 1, reverse: true, value: 0, steps: null, units: null },
    ]);
  });

  test.each([
    ['reset=1', 'input, forget, candidate, output, cell, hidden'],
    ['forget', 'is not understood'],
    ['forget=much', 'is no number'],
    ['forget=1@0', 'count from 1'],
    ['forget=1@9-3', 'count from 1'],
    ['forget=1:13', 'unit 13 of 12'],
    ['l3.forget=1', 'layer 3 of a model with 2'],
  ])('say what is wrong with %s', (text, reason) => {
    expect(() => parseHolds(text, LIMITS)).toThrow(reason);
  });

  test('say the reverse direction is not there', () => {
    expect(() => parseHolds('reverse.forget=1', { ...LIMITS, bidirectional: false })).toThrow('reads one way');
  });
});

const STEPS = 9;
const UNITS = 11;
const INPUTS = 3;

interface Twin {
  readonly hidden: Matrix;
  readonly hiddenGradient: Matrix;
  readonly gates: Readonly<Record<string, Matrix>>;
  readonly gradients: Readonly<Record<string, Matrix>>;
}

function heldMatrix(cell: CellKind, order: readonly string[], list: readonly Hold[]): Matrix {
  const held = new Matrix(STEPS, order.length * UNITS);
  held.data.fill(NaN);
  order.forEach((part, segment) => {
    for (let t = 0; t < STEPS; t++) {
      for (let j = 0; j < UNITS; j++) {
        const inForce = list.findLast((hold) => isHeld([hold], { part, layer: 0, reverse: false }, t, j));
        if (inForce) held.set(t, segment * UNITS + j, inForce.value);
      }
    }
  });
  expect(order.length, cell).toBe(heldParts(cell).length);
  return held;
}

function twin(cell: CellKind, x: Matrix, p: RecurrentParameters, list: readonly Hold[], dy: Matrix): Twin {
  const order = {
    lstm: ['input', 'forget', 'candidate', 'output', 'cell', 'hidden'],
    gru: ['reset', 'update', 'candidate', 'hidden'],
    rnn: ['hidden'],
  }[cell];
  const shape: RecurrentShape = { steps: STEPS, batch: 1, reverse: false, held: heldMatrix(cell, order, list) };
  const zero = new Matrix(1, UNITS);
  const named = (values: Matrix) =>
    Object.fromEntries(
      order
        .filter((_, k) => (k + 1) * UNITS <= values.cols)
        .map((part, k) => [part, values.colsFrom(k * UNITS, UNITS)]),
    );
  if (cell === 'lstm') {
    const forward = lstmForward(shape, x, p, zero, zero);
    const back = lstmBackward(shape, x, p, forward, dy, zero, zero);
    return {
      hidden: forward.h,
      hiddenGradient: back.h,
      gates: named(forward.gates),
      gradients: named(back.activations),
    };
  }
  if (cell === 'gru') {
    const forward = gruForward(shape, x, p, zero);
    const back = gruBackward(shape, x, p, forward, dy, zero);
    return {
      hidden: forward.h,
      hiddenGradient: back.h,
      gates: named(forward.gates),
      gradients: named(back.activations),
    };
  }
  const forward = rnnForward(shape, 'tanh', x, p, zero);
  return {
    hidden: forward.h,
    hiddenGradient: rnnBackward(shape, 'tanh', x, p, forward, dy, zero).h,
    gates: {},
    gradients: {},
  };
}

const TRIED = {
  lstm: ['', 'forget=1', 'forget=1@3-7:12; input=0@2', 'output=0.5:2-4; cell=0.25@5; hidden=0:1', 'candidate=-0.5@1-3'],
  gru: ['', 'reset=0', 'update=1@3-7:12', 'candidate=0.5:2-4; hidden=0:1; reset=0.3@4'],
  rnn: ['', 'hidden=0:3', 'hidden=0.5@3-5; hidden=-1@4:2'],
} as const;

describe.each(['lstm', 'gru', 'rnn'] as const)('a model that is held, %s', (cell) => {
  const limits: HoldLimits = { cell, layers: 1, bidirectional: false, units: UNITS };

  test.each(TRIED[cell].map((text) => text.replace(':12', ':11')))(
    'gives what the twin gives with "%s"',
    async (text) => {
      const spec = modelSpec({
        input: { kind: 'values', width: INPUTS },
        cell,
        hiddenSize: UNITS,
        steps: STEPS,
        batchSize: 1,
        trace: true,
        holding: true,
      });
      const model = await RunningModel.start(spec, 1);
      const parameters = model.fill(3);
      const numbers = new Numbers(4);
      const values = numbers.matrix(STEPS, INPUTS);
      const list = parseHolds(text, limits);
      const network = model.team.layout.placed[0]!.network;
      applyHolds(model.team.core.f32, network, spec, [{ ...FIRST, part: heldParts(cell)[0]! }]);
      applyHolds(model.team.core.f32, network, spec, list);
      const targetLabels = Array.from({ length: STEPS }, (_, t) => t % 5);
      const batch = { steps: STEPS, batch: 1, values, targetLabels };
      model.run(COMMANDS.gradients, batch, { lossScale: 1 / STEPS });

      const trace = (name: string) => model.trace(name).data;
      const logits = new Matrix(STEPS, 5, trace('logits.gradient'));
      const head = parameters.get('head.weight')!;
      const dy = new Matrix(STEPS, UNITS);
      for (let t = 0; t < STEPS; t++) {
        for (let k = 0; k < 5; k++) for (let j = 0; j < UNITS; j++) dy.add(t, j, logits.at(t, k) * head.at(k, j));
      }
      const own = {
        weightIh: parameters.get('recurrent.weight_ih_l0')!,
        weightHh: parameters.get('recurrent.weight_hh_l0')!,
        biasIh: parameters.get('recurrent.bias_ih_l0')!,
        biasHh: parameters.get('recurrent.bias_hh_l0')!,
      };
      const want = twin(cell, values, own, list, dy);
      expectNear(trace('recurrent.l0.hidden'), want.hidden.data, 1e-5, 'hidden');
      expectNear(trace('recurrent.l0.hidden.gradient'), want.hiddenGradient.data, 1e-5, 'hidden gradient');
      for (const [gate, matrix] of Object.entries(want.gates)) {
        expectNear(trace(`recurrent.l0.${gate}`), matrix.data, 1e-5, gate);
      }
      for (const [gate, matrix] of Object.entries(want.gradients)) {
        expectNear(trace(`recurrent.l0.${gate}.gradient`), matrix.data, 1e-5, `${gate} gradient`);
      }
    },
  );
});

/** What is held no longer. */
const FIRST: Omit<Hold, 'part'> = { layer: 0, reverse: false, value: 0.9, steps: null, units: null };
