import { describe, expect, test } from 'vitest';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { ownTasks } from '../../../engine/tasks/own.ts';
import { taskDefinitions } from '../../../engine/tasks/registry.ts';
import { flatten } from '../../../renderer/state/experiment.ts';
import { choiceName, fieldName, problemText } from '../../../renderer/state/field-names.ts';
import { fieldOf } from '../../../renderer/state/refusals.ts';

const cell = { hiddenSize: 8, init: { recurrent: 'orthogonal' } };
const models = [
  { ...cell, cell: 'rnn' },
  { ...cell, cell: 'lstm', init: { forgetBias: 1, chronoSteps: 10 } },
  { ...cell, cell: 'gru' },
  { ...cell, cell: 'gru', architecture: 'encoder-decoder', attention: 'additive' },
  { architecture: 'transformer', modelSize: 8, positions: 'learned', maxPositions: 8 },
];
const trainings = [
  { optimizer: { kind: 'adam' }, schedule: { kind: 'step', every: 5 }, updates: 1 },
  { optimizer: { kind: 'sgd' }, schedule: { kind: 'cosine' }, epochs: 1 },
  { optimizer: { kind: 'rmsprop' }, earlyStopping: { patience: 3 }, updates: 1 },
];
const experiments = models.flatMap((model) =>
  trainings.map((training) =>
    parseExperiment({ format: 'unrolled-experiment', version: 1, task: { id: 'any' }, model, training }),
  ),
);
const members = [...new Set(experiments.flatMap((experiment) => [...flatten(experiment).keys()]))];
const options = [...taskDefinitions, ...ownTasks].flatMap((task) =>
  ['dataset', ...Object.keys(task.options)].map((option) => `task.${option}`),
);

describe('the name of a member of an experiment', () => {
  test.each([...new Set([...members, ...options])])('%s is words', (path) => {
    expect(fieldName(path)).toMatch(/^[A-Z][a-z]*(?:[ -][\p{L}\d'’]+)*$/u);
  });

  test('is made from the option’s own name where the catalogue has none', () => {
    expect(fieldName('task.validationShare')).toBe('Validation share');
  });

  test('tells the members of a section apart', () => {
    expect(new Set(members.map(fieldName)).size).toBe(members.length);
  });

  test('says what a value is where the catalogue knows it', () => {
    expect(choiceName('model.cell', 'rnn')).toBe('Plain RNN');
    expect(choiceName('model.cell', 'maze')).toBeUndefined();
  });
});

/** What the form shows for an experiment that is refused. */
function refusal(model: object, training: object = { updates: 1 }): string {
  try {
    parseExperiment({ format: 'unrolled-experiment', version: 1, task: { id: 'any' }, model, training });
  } catch (error) {
    const { path, text } = fieldOf((error as Error).message);
    return problemText(path, text);
  }
  throw new Error('It is not refused.');
}

describe('a refusal', () => {
  test('names the field and what it must be', () => {
    expect(refusal({ cell: 'gru', hiddenSize: -5 })).toMatch(/^“Hidden size H” is -5\. It must be a whole number/u);
  });

  test.each([
    [{ architecture: 'transformer', modelSize: 30, heads: 4 }, { updates: 1 }],
    [{ architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 8, attentionSize: 8 }, { updates: 1 }],
    [
      { cell: 'gru', hiddenSize: 8 },
      { updates: 1, optimizer: { kind: 'sgd', nesterov: true } },
    ],
    [
      { cell: 'gru', hiddenSize: 8 },
      { updates: 1, teacherForcing: 0.5 },
    ],
    [{ cell: 'gru', hiddenSize: 8 }, { updates: 0 }],
  ])('has no name of the file format in it: %j', (model, training) => {
    expect(refusal(model, training)).not.toMatch(/[a-z][A-Z]|[a-z]\.[a-z]|undefined/u);
  });
});
