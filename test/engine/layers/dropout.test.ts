import { describe, expect, test } from 'vitest';
import type { RecurrentSpec } from '../../../engine/models/spec.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { expectNear } from '../../reference/close.ts';
import { Numbers } from '../../reference/numbers.ts';
import { runTwin } from '../models/model-twin.ts';
import { modelSpec, randomBatch, RunningModel } from '../models/running-model.ts';

const FLOAT32 = 2e-5;
const DROPOUT = { rate: 0.4, update: 3 };

const MODELS: readonly (readonly [string, Partial<RecurrentSpec>])[] = [
  ['steps', { layers: 3, batchSize: 5 }],
  ['both directions and lengths', { cell: 'gru', layers: 2, bidirectional: true, lengths: true, hiddenSize: 10 }],
  [
    'one vector out of each sequence',
    { cell: 'rnn', layers: 2, output: { kind: 'labels', count: 3, per: 'sequence' }, pooling: 'mean', lengths: true },
  ],
];

describe.each(MODELS)('dropout in a model of %s', (_name, changes) => {
  const spec = modelSpec({ ...changes, dropout: true });
  const batch = randomBatch(spec, 1);

  test.each([1, 2, 3])("has the reference's mask, forward and backward; threads: %i", async (threads) => {
    const model = await RunningModel.start(spec, threads);
    const twin = runTwin(spec, model.fill(2), batch, { lossScale: 1, dropout: DROPOUT });
    const loss = model.run(COMMANDS.gradients, batch, { lossScale: 1, dropout: DROPOUT });
    expectNear([loss], [twin.loss], FLOAT32, 'loss');
    for (const [name, gradient] of model.gradients()) {
      expectNear(gradient, twin.gradients.get(name)!.data, FLOAT32, name);
    }
  });

  test('has the gradient that central differences of its own loss measure', async () => {
    const model = await RunningModel.start(spec, 1);
    const parameters = model.fill(3);
    const pass = { lossScale: 1, dropout: DROPOUT };
    model.run(COMMANDS.gradients, batch, pass);
    const gradients = model.gradients();
    const step = 2 ** -7;
    for (const [name, { data }] of parameters) {
      const numbers = new Numbers(4);
      const direction = data.map(() => numbers.next());
      const lossAt = (distance: number) => {
        model.write(
          name,
          data.map((value, i) => value + distance * direction[i]!),
        );
        return model.run(COMMANDS.forward, batch, pass);
      };
      const measured = (lossAt(step) - lossAt(-step)) / (2 * step);
      model.write(name, data);
      const slope = gradients.get(name)!.reduce((total, value, i) => total + value * direction[i]!, 0);
      // Of second order in the step, and float32 losses divided by it.
      expectNear([slope], [measured], 2e-3, name);
    }
  });

  test('draws another mask in another update and none outside of training', async () => {
    const model = await RunningModel.start(spec, 1);
    const parameters = model.fill(5);
    const lossOf = (update: number, training = true) =>
      model.run(COMMANDS.forward, batch, { lossScale: 1, dropout: { ...DROPOUT, update }, training });
    expect(lossOf(3)).toBe(lossOf(3));
    expect(new Set([0, 1, 2, 3].map((update) => lossOf(update))).size).toBe(4);
    expect(lossOf(3, false)).toBe(lossOf(4, false));
    expectNear([lossOf(3, false)], [runTwin(spec, parameters, batch, { lossScale: 1 }).loss], FLOAT32, 'loss');
  });
});
