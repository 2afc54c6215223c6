import { InputError } from '../errors.ts';
import type { Task, TaskKind } from '../tasks/task.ts';
import type { Experiment, RecurrentModelSettings, TrainingSettings } from './experiment.ts';

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

type TaskShape = Pick<Task, 'id' | 'kind' | 'input'>;

/** Throws InputError where the experiment's model cannot do its task. */
export function checkModelSuitsTask({ model }: Experiment, task: TaskShape): void {
  switch (model.architecture) {
    case 'recurrent':
      checkRecurrent(model, task);
      break;
    case 'encoder-decoder':
      if (task.kind !== 'translation') {
        throw new InputError(
          `model.architecture is "encoder-decoder", which reads one sequence and writes another, but ${task.id} asks for ` +
            `${ASKED[task.kind]}; it must be "recurrent"${task.input.kind === 'tokens' ? ' or "transformer"' : ''}`,
        );
      }
      break;
    case 'transformer':
      checkTransformer(task);
  }
}

/** Throws InputError where a sequence of the task has more steps than the model has positions. */
export function checkPositions({ model }: Experiment, task: string, steps: number): void {
  if (model.architecture === 'transformer' && model.positions === 'learned' && steps > model.maxPositions) {
    throw new InputError(
      `model.maxPositions is ${model.maxPositions}, but sequences of ${task} have up to ${steps} steps, each of which ` +
        `needs a position; it must be at least ${steps}`,
    );
  }
}

function checkRecurrent({ bidirectional, embeddingSize }: RecurrentModelSettings, task: TaskShape): void {
  if (task.kind === 'translation') {
    throw new InputError(
      `model.architecture is "recurrent", which answers each step of its input with one output, but in ${task.id} the ` +
        `output has a length of its own; it must be "encoder-decoder" or "transformer"`,
    );
  }
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

function checkTransformer(task: TaskShape): void {
  if (task.input.kind === 'values') {
    throw new InputError(
      `model.architecture is "transformer", whose layers begin from embedded symbols, but ${task.id} has numbers as ` +
        `input; it must be "recurrent"`,
    );
  }
  if (task.kind === 'generation') {
    throw new InputError(
      `model.architecture is "transformer", but ${task.id} grows a sequence from a state that is looked up by its label, ` +
        `and a transformer has no state; it must be "recurrent"`,
    );
  }
}

/** What a task of each kind asks for. */
const ASKED: Readonly<Record<TaskKind, string>> = {
  language: 'the next symbol of one sequence',
  classification: 'one label for a whole sequence',
  tagging: 'one label for each step',
  regression: 'numbers for a whole sequence',
  generation: 'the next symbol of one sequence',
  translation: 'another sequence',
};
