/** Combinations that cannot be, said where they arise; the back refuses the same ones. */
import type { TaskInfo } from '../../electron/api/data.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import type { MessageKey } from '../messages/messages.ts';

/** By the path of the field that cannot be used: why. */
export type Refusals = Readonly<Partial<Record<string, MessageKey>>>;

/** What the task and the experiment's other choices rule out. */
export function refusals(experiment: Experiment, task: Pick<TaskInfo, 'kind' | 'dataset'>): Refusals {
  const { optimizer } = experiment.training;
  const found: Record<string, MessageKey> = {};
  if (task.kind === 'language' || task.kind === 'generation') found['model.bidirectional'] = 'refused.bidirectional';
  // Its input are numbers.
  if (task.kind === 'regression') found['model.embeddingSize'] = 'refused.embedding';
  if (task.kind !== 'classification' && task.kind !== 'regression') found['model.pooling'] = 'refused.pooling';
  if (task.kind !== 'language') {
    found['training.steps'] = 'refused.steps';
    found['training.stateful'] = 'refused.stateful';
  } else if (experiment.model.architecture === 'transformer') {
    found['training.stateful'] = 'refused.stateless';
  }
  // It makes its sequences on demand, without end.
  if (task.dataset === null) found['training.epochs'] = 'refused.epochs';
  if (optimizer.kind === 'sgd' && optimizer.momentum === 0) found['training.optimizer.nesterov'] = 'refused.nesterov';
  return found;
}

/** The field that a refusal of the back names, and what it says of it. */
export function fieldOf(message: string): { readonly path: string | null; readonly text: string } {
  const found = /(?:^|: )((?:task|model|training|seed|name)(?:\.\w+)*) (.+)$/su.exec(message);
  return found === null ? { path: null, text: message } : { path: found[1] ?? null, text: found[2] ?? message };
}
