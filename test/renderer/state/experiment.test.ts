import { describe, expect, test } from 'vitest';
import { at, flatten, modelName, readExperiment, withMember } from '../../../renderer/state/experiment.ts';
import { fieldOf, refusals } from '../../../renderer/state/refusals.ts';
import { experiment } from '../fake-program.ts';

describe('members of experiments', () => {
  test('are read by their path', () => {
    expect(at(experiment, 'training.optimizer.learningRate')).toBe(0.01);
    expect(at(experiment, 'training.optimizer.momentum')).toBeUndefined();
    expect(at(experiment, 'seed.toString')).toBeUndefined();
    expect(at(experiment, 'model.constructor')).toBeUndefined();
  });

  test('are set in a copy, in their place', () => {
    const changed = withMember(experiment, 'training.optimizer.learningRate', 0.5);
    expect(at(changed, 'training.optimizer.learningRate')).toBe(0.5);
    expect(at(experiment, 'training.optimizer.learningRate')).toBe(0.01);
    expect(Object.keys(changed.training)).toEqual(Object.keys(experiment.training));
  });

  test('are left out where they are set to undefined, and come to be where they were not', () => {
    expect('forgetBias' in withMember(experiment, 'model.init.forgetBias', undefined).model.init).toBe(false);
    expect(at(withMember({}, 'a.b.c', 1), 'a.b.c')).toBe(1);
  });

  test('are listed by path, without what only labels an experiment', () => {
    const members = flatten({ format: 'f', version: 1, name: 'x', seed: 2, model: { init: { scale: 1 }, none: null } });
    expect([...members]).toEqual([
      ['seed', 2],
      ['model.init.scale', 1],
      ['model.none', null],
    ]);
  });

  test('name a model', () => {
    expect(modelName(readExperiment(experiment))).toBe('LSTM 16');
    expect(modelName(readExperiment(withMember(experiment, 'model.layers', 2)))).toBe('LSTM 16 × 2');
    const named = (model: object) => modelName(readExperiment(withMember(experiment, 'model', model)));
    const encoderDecoder = { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 8, layers: 1 };
    expect(named({ ...encoderDecoder, attention: 'none' })).toBe('GRU encoder-decoder 8');
    expect(named({ ...encoderDecoder, attention: 'dot' })).toBe('GRU dot attention 8');
    expect(named({ architecture: 'transformer', modelSize: 64, layers: 2 })).toBe('transformer 64 × 2');
  });
});

describe('refusals', () => {
  const read = readExperiment(experiment);

  test.each([
    ['language', 'moby-dick', ['model.bidirectional', 'model.pooling']],
    ['generation', 'names', ['model.bidirectional', 'model.pooling', 'training.steps', 'training.stateful']],
    ['classification', 'names', ['training.steps', 'training.stateful']],
    ['regression', 'births', ['model.embeddingSize', 'training.steps', 'training.stateful']],
    ['tagging', null, ['model.pooling', 'training.steps', 'training.stateful', 'training.epochs']],
  ] as const)('of a %s task on %s', (kind, dataset, paths) => {
    expect(Object.keys(refusals(read, { kind, dataset }))).toEqual(paths);
  });

  test('of a transformer: it has no state to carry', () => {
    const transformer = readExperiment(withMember(experiment, 'model', { architecture: 'transformer', modelSize: 8 }));
    expect(refusals(transformer, { kind: 'language', dataset: 'x' })).toMatchObject({
      'training.stateful': 'refused.stateless',
    });
  });

  test.each([
    [0, ['training.optimizer.nesterov']],
    [0.9, []],
  ])('of Nesterov’s form with a momentum of %s', (momentum, paths) => {
    const sgd = { kind: 'sgd', learningRate: 0.1, momentum, nesterov: false, weightDecay: 0 };
    const changed = readExperiment(withMember(experiment, 'training.optimizer', sgd));
    const found = Object.keys(refusals(changed, { kind: 'language', dataset: 'x' }));
    expect(found.filter((path) => path.includes('nesterov'))).toEqual(paths);
  });

  test.each([
    ['the experiment: training.batchSize is 0; it must be 1', 'training.batchSize', 'is 0; it must be 1'],
    ['model.bidirectional is true, but it must be false', 'model.bidirectional', 'is true, but it must be false'],
    ['task.window is 9: too long', 'task.window', 'is 9: too long'],
    ['seed is -1; no', 'seed', 'is -1; no'],
    ['The disk is full.', null, 'The disk is full.'],
  ])('of the back: "%s"', (message, path, text) => {
    expect(fieldOf(message)).toEqual({ path, text });
  });
});
