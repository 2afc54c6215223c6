/** Runs that begin from a checkpoint of another: which experiments can, and what they take along. */
import { isDeepStrictEqual } from 'node:util';
import { InputError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { show } from '../../engine/experiment/fields.ts';

/** What the shapes and the meaning of the weights depend on. */
const OF_THE_WEIGHTS = ['cell', 'nonlinearity', 'hiddenSize', 'layers', 'bidirectional', 'embeddingSize', 'pooling'];

/** Throws InputError where the weights of `source` are not those of a model of `experiment`. */
export function requireSameModel(source: Experiment, experiment: Experiment): void {
  if (source.task.id !== experiment.task.id) {
    throw new InputError(
      `task.id is ${show(experiment.task.id)}, but the checkpoint is of a model for ${show(source.task.id)}; ` +
        `a run that begins from it has the same task`,
    );
  }
  const before: Readonly<Record<string, unknown>> = { ...source.model };
  const after: Readonly<Record<string, unknown>> = { ...experiment.model };
  const field = OF_THE_WEIGHTS.find((name) => before[name] !== after[name]);
  if (field !== undefined) {
    throw new InputError(
      `model.${field} is ${show(after[field])}, but the checkpoint is of a model with ${show(before[field])}; ` +
        `a run that begins from it has the same model`,
    );
  }
}

/**
 * Whether a run of `experiment` can go on from a checkpoint of `source` as that run itself would: with its optimizer's
 * state, its place in the data and its count of updates. Otherwise it begins at update 0 with the weights alone.
 */
export function goesOn(source: Experiment, experiment: Experiment): boolean {
  const state = ({ seed, task, training }: Experiment) => {
    const { batchSize, steps, stateful, optimizer } = training;
    const momentum = optimizer.kind === 'sgd' && optimizer.momentum > 0;
    return { seed, task, batchSize, steps, stateful, optimizer: optimizer.kind, momentum };
  };
  return isDeepStrictEqual(state(source), state(experiment));
}
