import { InputError } from '../errors.ts';
import type { TaskChoice } from '../experiment/experiment.ts';
import { show } from '../experiment/fields.ts';
import { nearest } from '../nearest.ts';
import type { TaskData } from './data.ts';
import type { DataNeed, TaskDefinition } from './definition.ts';
import { importedTask } from './imported.ts';
import { ownTasks } from './own.ts';
import { realTasks } from './real.ts';
import { benchmarks } from './synthetic/benchmarks.ts';
import type { Task } from './task.ts';

/** Every task on bundled data or none, those on real data first; those on a person's own data are `ownTasks`. */
export const taskDefinitions: readonly TaskDefinition[] = [...realTasks, ...benchmarks];

const all: readonly TaskDefinition[] = [...taskDefinitions, ...ownTasks, importedTask];

/** The task with this id. Throws InputError where there is none. */
export function taskDefinition(id: string): TaskDefinition {
  const definition = all.find((task) => task.id === id);
  if (definition === undefined) {
    const ids = all.map((task) => task.id);
    const meant = nearest(id, ids);
    throw new InputError(
      `the task ${show(id)} is not known; ` +
        (meant === undefined ? `known are ${ids.join(', ')}` : `did you mean ${show(meant)}?`),
    );
  }
  return definition;
}

/** What `makeTask` is to be given for this choice; null where it needs no data. Throws as makeTask does. */
export function dataNeed({ id, ...options }: TaskChoice): DataNeed | null {
  return taskDefinition(id).need(options);
}

/** The task that an experiment names, with its options. `data`: its dataset, null where it needs none. */
export function makeTask(choice: TaskChoice, seed: number, data: TaskData | null): Task {
  const { id, ...options } = choice;
  return taskDefinition(id).make(options, seed, data);
}
