import { describe, expect, test } from 'vitest';
import type { RecurrentSpec } from '../../../engine/models/spec.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { traceNames } from '../../../engine/team/traces.ts';
import { expectNear } from '../../reference/close.ts';
import { runTwin } from '../models/model-twin.ts';
import { modelSpec, randomBatch, RunningModel } from '../models/running-model.ts';

const FLOAT32 = 2e-5;

const CELLS: readonly (readonly [string, Partial<RecurrentSpec>])[] = [
  ['rnn', { cell: 'rnn' }],
  ['relu rnn', { cell: 'rnn', relu: true }],
  ['lstm', { cell: 'lstm' }],
  ['gru', { cell: 'gru' }],
];

const SHAPES: readonly (readonly [string, Partial<RecurrentSpec>])[] = [
  ['one layer', {}],
  ['two layers', { layers: 2, embeddingSize: 3 }],
  ['both directions', { bidirectional: true, layers: 2, hiddenSize: 9 }],
  ['lengths', { lengths: true, layers: 2 }],
  ['both directions, lengths', { bidirectional: true, lengths: true, batchSize: 5 }],
  // 256 rows are worked on at a time: 100 steps of 4 items are two parts.
  ['a long sequence', { bidirectional: true, steps: 100, batchSize: 4 }],
  [
    'one vector out of each sequence',
    {
      input: { kind: 'values', width: 2 },
      output: { kind: 'labels', count: 3, per: 'sequence' },
      lengths: true,
      bidirectional: true,
    },
  ],
];

/** What people look into, by cell. */
const GATES = {
  rnn: ['preactivation'],
  lstm: ['input', 'forget', 'candidate', 'output', 'cell'],
  gru: ['reset', 'update', 'candidate', 'recurrent'],
} as const;

describe.each(CELLS)('the traces of an %s', (_cell, ofCell) => {
  describe.each(SHAPES)('%s', (_shape, ofShape) => {
    test.each([1, 2])('are what the float64 twin computes; threads: %i', async (threads) => {
      const model = await RunningModel.start(modelSpec({ ...ofCell, ...ofShape, trace: true }), threads);
      const { spec } = model;
      const parameters = model.fill(1);
      for (const steps of [spec.steps, spec.steps - 3]) {
        const batch = randomBatch(spec, 2, spec.batchSize, steps);
        const lossScale = 1 / steps;
        model.run(COMMANDS.gradients, batch, { lossScale });
        const twin = runTwin(spec, parameters, batch, { lossScale });
        expect([...traceNames(model.team)].sort()).toEqual([...twin.traces.keys()].sort());
        for (const [name, want] of twin.traces) {
          const got = model.trace(name);
          expect([got.rows, got.cols], name).toEqual([want.rows, want.cols]);
          // Where the core promises nothing the twin has NaN.
          const defined = want.data.map((value, i) => (Number.isNaN(value) ? 0 : got.data[i]!));
          const expected = want.data.map((value) => (Number.isNaN(value) ? 0 : value));
          expectNear(defined, expected, FLOAT32, name);
        }
      }
    });
  });

  test('name each gate, state and gradient of each layer and direction', async () => {
    const model = await RunningModel.start(
      modelSpec({ ...ofCell, trace: true, layers: 2, bidirectional: true, embeddingSize: 2 }),
      1,
    );
    const names = traceNames(model.team);
    for (const layer of ['l0', 'l0.reverse', 'l1', 'l1.reverse']) {
      for (const place of [...GATES[model.spec.cell], 'hidden']) {
        expect(names).toContain(`recurrent.${layer}.${place}`);
        expect(names).toContain(`recurrent.${layer}.${place}.gradient`);
      }
    }
    expect(new Set(names).size).toBe(names.length);
  });

  test('leave gradients out where they are not kept', async () => {
    const model = await RunningModel.start(modelSpec({ ...ofCell, layers: 2 }), 1);
    const batch = randomBatch(model.spec, 3);
    const twin = runTwin(model.spec, model.fill(4), batch, { lossScale: 1 });
    model.run(COMMANDS.gradients, batch, { lossScale: 1 });
    const names = traceNames(model.team);
    expect(names.filter((name) => name.startsWith('recurrent.') && name.endsWith('.gradient'))).toEqual([]);
    for (const name of names) expectNear(model.trace(name).data, twin.traces.get(name)!.data, FLOAT32, name);
  });
});
