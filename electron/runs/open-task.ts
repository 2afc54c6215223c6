import type { Experiment } from '../../engine/experiment/experiment.ts';
import { dataNeed, makeTask } from '../../engine/tasks/registry.ts';
import type { Task } from '../../engine/tasks/task.ts';
import { loadDataset } from '../datasets/load.ts';

/**
 * The task of an experiment, on its dataset. `datasets`: the folder of a workspace's own datasets, where there is one.
 * Throws InputError where there is no such task or dataset or an option is not right.
 */
export async function openTask({ task, seed }: Pick<Experiment, 'task' | 'seed'>, datasets?: string): Promise<Task> {
  const need = dataNeed(task);
  return makeTask(task, seed, need === null ? null : await loadDataset(need, datasets));
}
