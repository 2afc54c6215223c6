import { describe, expect, test } from 'vitest';
import { runName, unusedName } from '../../../engine/experiment/run-name.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';

function experiment(task: object, model: object) {
  const training = { updates: 10 };
  return parseExperiment({ format: 'unrolled-experiment', version: 1, task, model, training });
}

describe('the name of a run', () => {
  test.each([
    [
      { id: 'adding', length: 100 },
      { cell: 'rnn', hiddenSize: 64 },
      'Adding problem',
      'Adding problem, length 100, RNN 64',
    ],
    [
      { id: 'adding', length: 100 },
      { cell: 'lstm', hiddenSize: 64 },
      'Adding problem',
      'Adding problem, length 100, LSTM 64',
    ],
    [{ id: 'reber', trainingStrings: 4096 }, { cell: 'gru', hiddenSize: 8, layers: 2 }, 'Reber', 'Reber, GRU 8 × 2'],
    [{ id: 'copy-memory', delay: 20 }, { cell: 'lstm', hiddenSize: 8 }, 'Copy memory', 'Copy memory, delay 20, LSTM 8'],
  ])('tells the task, its options and the model: %o, %o', (task, model, subject, name) => {
    expect(runName(experiment(task, model), subject)).toBe(name);
  });

  test('is numbered where it is taken, and a size is no such number', () => {
    const used = ['Adding, RNN 64', 'Adding, RNN 64 (2)'];
    expect(unusedName('Adding, RNN 32', used)).toBe('Adding, RNN 32');
    expect(unusedName('Adding, RNN 64', used)).toBe('Adding, RNN 64 (3)');
    expect(unusedName('Adding, RNN 64 (2)', used)).toBe('Adding, RNN 64 (3)');
  });
});
