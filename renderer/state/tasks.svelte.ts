import type * as v from 'valibot';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { TaskInfo, tasks } from '../../electron/api/data.ts';
import type { TaskChoice } from '../../engine/experiment/experiment.ts';
import type { Notices } from './notices.svelte.ts';

export type TaskDescription = v.InferOutput<(typeof tasks)['describe']['result']>;
export type Baseline = TaskDescription['baselines'][number];
export type Criterion = NonNullable<TaskDescription['criterion']>;

/** A task's name in the address: its id, and for those on a person's own data the dataset. */
export function taskKey({ id, dataset, own }: Pick<TaskInfo, 'id' | 'dataset' | 'own'>): string {
  return own && dataset !== null ? `${id}/${dataset}` : id;
}

/** The task and the dataset that a key names. */
export function namedBy(key: string): { readonly task: string; readonly dataset?: string } {
  const [task = '', dataset] = key.split('/');
  return dataset === undefined ? { task } : { task, dataset };
}

/** The tasks that experiments can name. */
export class Tasks {
  readonly #connection: ProgramConnection;
  readonly #notices: Notices;
  #all = $state.raw<readonly TaskInfo[]>([]);
  #described = $state.raw<ReadonlyMap<string, TaskDescription>>(new Map());

  constructor(connection: ProgramConnection, notices: Notices) {
    this.#connection = connection;
    this.#notices = notices;
  }

  get all(): readonly TaskInfo[] {
    return this.#all;
  }

  async load(): Promise<void> {
    this.#all = (await this.#notices.value(this.#connection.api.tasks.list({}))) ?? this.#all;
  }

  /** The one that an experiment's choice names. */
  find(choice: TaskChoice): TaskInfo | undefined {
    return this.#all.find((task) => task.id === choice.id && (!task.own || task.dataset === choice['dataset']));
  }

  /** Those made of a dataset. */
  of(dataset: string): readonly TaskInfo[] {
    return this.#all.filter((task) => task.dataset === dataset);
  }

  /** What is known of a task with these options; undefined until it has been described. */
  described(choice: TaskChoice): TaskDescription | undefined {
    return this.#described.get(JSON.stringify(choice));
  }

  async describe(choice: TaskChoice): Promise<void> {
    const key = JSON.stringify(choice);
    if (this.#described.has(key)) return;
    const result = await this.#connection.api.tasks.describe({ task: choice });
    // A choice that is refused is refused by the check of its experiment too, at the field.
    if (result.ok) this.#described = new Map(this.#described).set(key, result.value);
  }
}
