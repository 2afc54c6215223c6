import { describe, expect, test } from 'vitest';
import { BUILDS } from '../../../engine/core/core.ts';
import type { RecurrentSpec } from '../../../engine/models/spec.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { expectNear } from '../../reference/close.ts';
import type { Matrix } from '../../reference/matrix.ts';
import { runTwin, type ModelBatch, type PassOptions } from './model-twin.ts';
import { modelSpec, randomBatch, RunningModel, type PassSettings } from './running-model.ts';

/** float32 sums of some dozens of terms of order 1. */
const FLOAT32 = 2e-5;

const CELLS: readonly (readonly [string, Partial<RecurrentSpec>])[] = [
  ['rnn', { cell: 'rnn' }],
  ['relu rnn', { cell: 'rnn', relu: true }],
  ['lstm', { cell: 'lstm' }],
  ['gru', { cell: 'gru' }],
];

const classes: Partial<RecurrentSpec> = { output: { kind: 'labels', count: 4, per: 'sequence' }, lengths: true };
const KINDS: readonly (readonly [string, Partial<RecurrentSpec>])[] = [
  ['language, one-hot', { layers: 2 }],
  ['language, embedded', { embeddingSize: 3 }],
  ['tagging, both directions', { bidirectional: true, layers: 2, lengths: true, embeddingSize: 4 }],
  ['classification, last state', { ...classes, pooling: 'last', bidirectional: true }],
  ['classification, mean', { ...classes, pooling: 'mean', bidirectional: true, hiddenSize: 9 }],
  ['classification, maximum', { ...classes, pooling: 'max', layers: 2 }],
  [
    'regression',
    { input: { kind: 'values', width: 3 }, output: { kind: 'values', width: 2, per: 'sequence' }, layers: 2 },
  ],
  ['generation', { conditions: 3, embeddingSize: 2, layers: 2, lengths: true }],
];

describe.each(KINDS)('a model for %s', (_kind, ofKind) => {
  describe.each(CELLS)('%s', (_cell, ofCell) => {
    test.each([1, 2])('has the loss, outputs and gradients of its float64 twin; threads: %i', async (threads) => {
      const model = await RunningModel.start(modelSpec({ ...ofKind, ...ofCell }), threads);
      expectTwin(model, model.fill(1), randomBatch(model.spec, 2), { lossScale: 0.5 });
      expectTwin(model, model.fill(3), randomBatch(model.spec, 4, model.spec.batchSize, 4), { lossScale: 2 });
    });
  });

  test.each([1, 2, 3])('takes %i items in a place for three', async (items) => {
    for (const threads of [1, 2]) {
      const model = await RunningModel.start(modelSpec({ ...ofKind, batchSize: 3 }), threads);
      const parameters = model.fill(5);
      // What an earlier, full batch has left behind must not matter.
      model.run(COMMANDS.gradients, randomBatch(model.spec, 6), { lossScale: 1 });
      expectTwin(model, parameters, randomBatch(model.spec, 7, items), { lossScale: 1 });
    }
  });
});

describe('a recurrent model', () => {
  test.each(CELLS)('goes through long sequences in parts: %s', async (_cell, ofCell) => {
    // 256 rows are worked on at a time: 100 steps of 4 items are two parts.
    const model = await RunningModel.start(
      modelSpec({ ...ofCell, bidirectional: true, layers: 2, steps: 100, batchSize: 4 }),
      1,
    );
    const parameters = model.fill(8, 0.3);
    expectTwin(model, parameters, randomBatch(model.spec, 9), { lossScale: 0.05 });
    expectTwin(model, parameters, randomBatch(model.spec, 10, 4, 65), { lossScale: 0.05 });
    expectTwin(model, parameters, randomBatch(model.spec, 11, 4, 1), { lossScale: 1 });
  });

  test.each(CELLS)(
    'starts where the batch before has ended, and sends no gradient there: %s',
    async (_cell, ofCell) => {
      for (const threads of [1, 2]) {
        const model = await RunningModel.start(modelSpec({ ...ofCell, stateful: true, layers: 2 }), threads);
        const parameters = model.fill(12);
        const first = randomBatch(model.spec, 13);
        const second = randomBatch(model.spec, 14, 3, 5);
        const { final } = runTwin(model.spec, parameters, first, { lossScale: 1 });
        expectTwin(model, parameters, first, { lossScale: 1 });
        expectTwin(model, parameters, second, { lossScale: 1, start: final }, { lossScale: 1, continues: true });
        // From zeros again.
        expectTwin(model, parameters, second, { lossScale: 1 });
      }
    },
  );

  test('computes the same in every build', async () => {
    for (const build of BUILDS) {
      const model = await RunningModel.start(modelSpec({ layers: 2, embeddingSize: 3 }), 1, build);
      expectTwin(model, model.fill(15), randomBatch(model.spec, 16), { lossScale: 1 });
    }
  });

  test.each([1, 2, 3])('takes numbers of one to three columns where the batch is shared out: %i', async (width) => {
    const model = await RunningModel.start(
      modelSpec({ input: { kind: 'values', width }, output: { kind: 'values', width, per: 'sequence' }, batchSize: 5 }),
      2,
    );
    expectTwin(model, model.fill(17), randomBatch(model.spec, 18), { lossScale: 1 });
  });
});

function expectTwin(
  model: RunningModel,
  parameters: ReadonlyMap<string, Matrix>,
  batch: ModelBatch,
  options: PassOptions,
  settings: PassSettings = options,
): void {
  const twin = runTwin(model.spec, parameters, batch, options);
  const loss = model.run(COMMANDS.gradients, batch, settings);
  expectNear([loss], [twin.loss], FLOAT32, 'loss');
  expectNear(model.outputs(batch).data, twin.outputs.data, FLOAT32, 'outputs');
  const gradients = model.gradients();
  expect([...gradients.keys()].sort()).toEqual([...twin.gradients.keys()].sort());
  for (const [name, gradient] of gradients) expectNear(gradient, twin.gradients.get(name)!.data, FLOAT32, name);
}
