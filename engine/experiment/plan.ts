import { InputError } from '../errors.ts';
import type { Task } from '../tasks/task.ts';
import type { Experiment, TrainingSettings } from './experiment.ts';

/** Updates between evaluations of a task that has no epochs, where the experiment does not say. */
const EVALUATE_ENDLESS_EVERY = 500;

/** A run's length in updates. */
export interface UpdatePlan {
  readonly totalUpdates: number;
  /** Updates between evaluations. */
  readonly evaluateEvery: number;
}

/** Throws InputError where a task without end (updatesPerEpoch Infinity) is to be trained for epochs. */
export function planUpdates(training: TrainingSettings, updatesPerEpoch: number): UpdatePlan {
  const endless = updatesPerEpoch === Infinity;
  if (training.epochs !== undefined && endless) {
    throw new InputError(
      `training.epochs is ${training.epochs}, but the task makes examples without end and has no epochs; ` +
        `give "updates" instead`,
    );
  }
  return {
    totalUpdates: training.updates ?? training.epochs * updatesPerEpoch,
    evaluateEvery: training.evaluateEvery || (endless ? EVALUATE_ENDLESS_EVERY : updatesPerEpoch),
  };
}

/** Throws InputError where the experiment's model cannot do its task. */
export function checkModelSuitsTask(experiment: Experiment, task: Pick<Task, 'id' | 'kind' | 'input'>): void {
  const { bidirectional, embeddingSize } = experiment.model;
  if (bidirectional && (task.kind === 'language' || task.kind === 'generation')) {
    throw new InputError(
      `model.bidirectional is true, but ${task.id} asks for the next symbol of a sequence, ` +
        `and a network that reads from both ends would be shown the answer; it must be false`,
    );
  }
  if (embeddingSize > 0 && task.input.kind === 'values') {
    throw new InputError(
      `model.embeddingSize is ${embeddingSize}, but ${task.id} has numbers as input and only symbols can be embedded; ` +
        `it must be 0`,
    );
  }
}
