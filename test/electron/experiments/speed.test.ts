import { expect, onTestFinished, test } from 'vitest';
import { SpeedBook } from '../../../electron/experiments/speed.ts';
import { specFor } from '../../../engine/models/from-experiment.ts';
import { smallExperiment, smallTask } from '../../engine/training/small-tasks.ts';

test.each([
  ['language', {}],
  ['translation', { architecture: 'encoder-decoder', attention: 'additive' }],
  ['translation', { architecture: 'transformer', modelSize: 16, cell: null, hiddenSize: null }],
] as const)('the speed of training is measured for every architecture: %s, %j', async (kind, model) => {
  const experiment = smallExperiment(model);
  const shape = { steps: 8, sourceSteps: 9, batchSize: 4, lengths: true, stateful: false };
  const spec = specFor(experiment, smallTask(kind), shape);
  const speeds = new SpeedBook(() => true);
  onTestFinished(() => speeds.close());
  const { optimizer } = experiment.training;
  expect(await speeds.tokensPerSecond({ spec, optimizer, threads: 1 })).toBeGreaterThan(0);
});
