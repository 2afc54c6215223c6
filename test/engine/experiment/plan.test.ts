import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { checkModelSuitsTask, checkPositions, planUpdates } from '../../../engine/experiment/plan.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';

function experiment(training: object, model: object = {}): Experiment {
  const json = {
    format: 'unrolled-experiment',
    version: 1,
    task: { id: 'births' },
    model: { cell: 'gru', hiddenSize: 4, ...model },
    training,
  };
  // Without what is undefined.
  return parseExperiment(JSON.parse(JSON.stringify(json)));
}

describe('planUpdates', () => {
  test.each([
    [{ epochs: 3 }, 100, { totalUpdates: 300, evaluateEvery: 100 }],
    [{ epochs: 3, evaluateEvery: 40 }, 100, { totalUpdates: 300, evaluateEvery: 40 }],
    [{ updates: 70 }, 100, { totalUpdates: 70, evaluateEvery: 100 }],
    [{ updates: 5000 }, Infinity, { totalUpdates: 5000, evaluateEvery: 500 }],
    [{ updates: 5000, evaluateEvery: 7 }, Infinity, { totalUpdates: 5000, evaluateEvery: 7 }],
  ])('%j with %d updates an epoch', (training, updatesPerEpoch, plan) => {
    expect(planUpdates(experiment(training).training, updatesPerEpoch)).toEqual(plan);
  });

  test('refuses epochs of a task without end', () => {
    expect(() => planUpdates(experiment({ epochs: 3 }).training, Infinity)).toThrow(
      new InputError(
        'training.epochs is 3, but the task makes examples without end and has no epochs; give "updates" instead',
      ),
    );
  });
});

describe('checkModelSuitsTask', () => {
  const tokens = { kind: 'tokens', symbols: ['a'] } as const;
  const values = { kind: 'values', names: ['births'] } as const;

  test.each(['language', 'generation'] as const)('refuses a bidirectional model for %s', (kind) => {
    const task = { id: 'moby-dick', kind, input: tokens };
    const both = experiment({ epochs: 1 }, { bidirectional: true });
    expect(() => checkModelSuitsTask(both, task)).toThrow(
      /^model.bidirectional is true, but moby-dick asks for the next/,
    );
    expect(() => checkModelSuitsTask(experiment({ epochs: 1 }), task)).not.toThrow();
  });

  test('refuses to embed numbers', () => {
    const embedding = experiment({ epochs: 1 }, { embeddingSize: 8 });
    const task = { id: 'births', kind: 'regression', input: values } as const;
    expect(() => checkModelSuitsTask(embedding, task)).toThrow(/^model.embeddingSize is 8, but births has numbers/);
    expect(() => checkModelSuitsTask(embedding, { ...task, input: tokens })).not.toThrow();
    expect(() => checkModelSuitsTask(experiment({ epochs: 1 }, { bidirectional: true }), task)).not.toThrow();
  });

  const KINDS = ['language', 'classification', 'tagging', 'regression', 'generation', 'translation'] as const;
  const encoderDecoder = { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 8 };
  const transformer = { architecture: 'transformer', modelSize: 8, hiddenSize: undefined, cell: undefined };

  test.each([
    [
      {},
      ['translation'],
      /^model.architecture is "recurrent", which answers each step of its input with one output, but in x/,
    ],
    [
      encoderDecoder,
      ['language', 'classification', 'tagging', 'regression', 'generation'],
      /^model.architecture is "encoder-decoder", which reads one sequence and writes another, but x asks for/,
    ],
    [transformer, ['generation'], /^model.architecture is "transformer", but x grows a sequence from a state/],
  ])('an experiment with the model %j is refused for %j alone', (model, refused, reason) => {
    for (const kind of KINDS) {
      const check = () => checkModelSuitsTask(experiment({ updates: 1 }, model), { id: 'x', kind, input: tokens });
      if (refused.includes(kind)) expect(check, kind).toThrow(reason);
      else expect(check, kind).not.toThrow();
    }
  });

  test('refuses a transformer for numbers', () => {
    const task = { id: 'births', kind: 'regression', input: values } as const;
    expect(() => checkModelSuitsTask(experiment({ epochs: 1 }, transformer), task)).toThrow(
      /^model.architecture is "transformer", whose layers begin from embedded symbols, but births has numbers/,
    );
  });

  test('refuses sequences longer than the positions that are learned', () => {
    const learned = experiment({ epochs: 1 }, { ...transformer, positions: 'learned', maxPositions: 20 });
    expect(() => checkPositions(learned, 'dates', 20)).not.toThrow();
    expect(() => checkPositions(learned, 'dates', 21)).toThrow(
      /^model.maxPositions is 20, but sequences of dates have up to 21 steps, .* it must be at least 21$/,
    );
    expect(() => checkPositions(experiment({ epochs: 1 }, transformer), 'dates', 5000)).not.toThrow();
  });
});
