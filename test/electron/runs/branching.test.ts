import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { goesOn, requireSameModel } from '../../../electron/runs/branching.ts';
import { smallExperiment } from './open-runs.ts';

const source = parseExperiment(smallExperiment());

function other(training: object = {}, model: object = {}, seed = 1) {
  return parseExperiment(smallExperiment(training, model, seed));
}

describe('a branch goes on as its source would', () => {
  test.each([
    ['another learning rate', { optimizer: { kind: 'adam', learningRate: 0.5 } }],
    ['another schedule', { schedule: { kind: 'cosine' } }],
    ['another length', { updates: 9_000 }],
    ['other clipping', { clipNorm: 0 }],
    ['evaluations at other times', { evaluateEvery: 7 }],
  ])('with %s', (_, training) => {
    expect(goesOn(source, other(training))).toBe(true);
  });

  test('with another dropout', () => {
    expect(goesOn(source, other({}, { dropout: 0.5 }))).toBe(true);
  });
});

describe('a branch begins anew with the weights', () => {
  test.each([
    ['another batch size', { batchSize: 4 }],
    ['another optimizer', { optimizer: { kind: 'sgd', learningRate: 0.1 } }],
  ])('with %s', (_, training) => {
    expect(goesOn(source, other(training))).toBe(false);
  });

  test('with another seed, which is another order of the data', () => {
    expect(goesOn(source, other({}, {}, 2))).toBe(false);
  });

  test('with momentum where there was none', () => {
    const plain = other({ optimizer: { kind: 'sgd', learningRate: 0.1 } });
    expect(goesOn(plain, other({ optimizer: { kind: 'sgd', learningRate: 0.1, momentum: 0.9 } }))).toBe(false);
  });
});

describe('requireSameModel', () => {
  test.each([
    [{ cell: 'gru' }, 'model.cell is "gru", but the checkpoint is of a model with "lstm"'],
    [{ layers: 2 }, 'model.layers is 2, but the checkpoint is of a model with 1'],
    [{ bidirectional: true }, 'model.bidirectional is true, but the checkpoint is of a model with false'],
    [{ embeddingSize: 4 }, 'model.embeddingSize is 4, but the checkpoint is of a model with 0'],
    [{ pooling: 'mean' }, 'model.pooling is "mean", but the checkpoint is of a model with "last"'],
  ])('refuses %o', (model, sentence) => {
    expect(() => requireSameModel(source, other({}, model))).toThrow(sentence);
  });

  test('lets dropout, initialisation and training differ', () => {
    const model = { dropout: 0.3, init: { recurrent: 'orthogonal' } };
    expect(() => requireSameModel(source, other({ batchSize: 1 }, model, 5))).not.toThrow();
  });
});
