import { InputError } from '../errors.ts';
import { show } from '../experiment/fields.ts';
import type { JsonValue } from '../json.ts';
import type { TaskData } from './data.ts';
import { parseOptions } from './options.ts';
import type { OptionValues, TaskOptions } from './options.ts';
import type { Origin, Task, TaskHead, TaskKind } from './task.ts';

/** One task that an experiment may name. */
export interface TaskDefinition extends TaskHead {
  readonly kind: TaskKind;
  /** One sentence. */
  readonly description: string;
  /** Id of the bundled dataset that it is made from; null where there is none. */
  readonly dataset: string | null;
  /** For tasks on a person's own data, which the option "dataset" names: the form it must have. Otherwise null. */
  readonly own: OwnForm | null;
  /** All options but "dataset". */
  readonly options: TaskOptions;
  /** What `make` is to be given; null where the task makes its own sequences. Throws as `make` does. */
  need(options: JsonValue): DataNeed | null;
  /**
   * The task. `options`: an object of those above, which are checked and whose defaults are filled in; `seed`: what
   * made sequences follow from; `data`: the dataset. Throws InputError where options or data are not right.
   */
  make(options: JsonValue, seed: number, data: TaskData | null): Task;
}

/** A dataset, and how much of it a task uses. */
export interface DataNeed {
  readonly dataset: string;
  /** Characters of a text, or rows of a table; where there are more, they are sampled from the whole dataset. */
  readonly most: number;
}

type Form = TaskData['form'];
/** Forms that a person's own data may have. */
export type OwnForm = 'text' | 'labelled' | 'series' | 'pairs' | 'tagged';
type DataOf<F extends Form> = Extract<TaskData, { readonly form: F }>;
type Subject<O extends TaskOptions> = Pick<TaskDefinition, 'id' | 'title' | 'kind' | 'description' | 'origin'> & {
  readonly options: O;
};

/** A task on a dataset of one form. */
export function taskOnData<O extends TaskOptions, F extends Form>(
  subject: Subject<O> & { readonly dataset: string; readonly form: F },
  build: (head: TaskHead, data: DataOf<F>, options: OptionValues<O>) => Task,
): TaskDefinition {
  const { form, ...definition } = subject;
  return {
    ...definition,
    own: null,
    need: () => ({ dataset: subject.dataset, most: Infinity }),
    make(options, _seed, data) {
      const values = parseOptions(subject.options, options);
      if (!isForm(data, form)) {
        const found = data === null ? 'no data' : `data of the form ${show(data.form)}`;
        throw new InputError(
          `the task ${subject.id} was given ${found}; it is made from the dataset ${subject.dataset}`,
        );
      }
      return build(headOf(subject), data, values);
    },
  };
}

const ownOrigin: Origin = {
  title: 'Your own data',
  source: 'A dataset of the workspace.',
  licence: 'As you have it',
};

interface OwnSubject<O extends TaskOptions, F extends OwnForm> extends Omit<Subject<O>, 'origin'> {
  readonly form: F;
  /** How much of the dataset the options ask for. */
  readonly most: (options: OptionValues<O>) => number;
  /** Options that suit a dataset better than the defaults of all. */
  readonly defaults?: (data: DataOf<F>) => JsonValue;
}

/** A task on a person's own data. */
export function taskOnOwnData<O extends TaskOptions, F extends OwnForm>(
  subject: OwnSubject<O, F>,
  build: (head: TaskHead, data: DataOf<F>, options: OptionValues<O>) => Task,
): TaskDefinition {
  const { form, most, defaults, ...definition } = subject;
  const { id } = subject;
  return {
    ...definition,
    origin: ownOrigin,
    dataset: null,
    own: form,
    need(options) {
      const { dataset, others } = takeDataset(options, id);
      return { dataset, most: most(parseOptions(subject.options, others)) };
    },
    make(options, _seed, data) {
      const { dataset, others } = takeDataset(options, id);
      parseOptions(subject.options, others);
      const { name, origin } = data?.about ?? { name: dataset, origin: ownOrigin };
      if (!isForm(data, form)) {
        const found = data === null ? 'is not there' : `is of the form ${show(data.form)}`;
        throw new InputError(`the dataset ${show(dataset)} ${found}; the task ${id} needs one of the form "${form}"`);
      }
      const better = (defaults?.(data) ?? {}) as Readonly<Record<string, JsonValue>>;
      const values = parseOptions(subject.options, { ...better, ...(others as Readonly<Record<string, JsonValue>>) });
      return build({ id, title: name, origin }, data, values);
    },
  };
}

/** The option "dataset" and the others. Throws InputError where it is not an id. */
function takeDataset(options: JsonValue, task: string): { readonly dataset: string; readonly others: JsonValue } {
  if (typeof options !== 'object' || options === null || !('dataset' in options)) {
    throw new InputError(`task.dataset is missing; the task ${task} needs the id of a dataset of the workspace`);
  }
  const { dataset, ...others } = options;
  if (typeof dataset !== 'string' || !DATASET_ID.test(dataset)) {
    throw new InputError(`task.dataset is ${show(dataset)}; it must be the id of a dataset of the workspace`);
  }
  return { dataset, others };
}

const DATASET_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** A task that makes its own sequences. */
export function taskFromSeed<O extends TaskOptions>(
  subject: Subject<O>,
  build: (head: TaskHead, options: OptionValues<O>, seed: number) => Task,
): TaskDefinition {
  return {
    ...subject,
    dataset: null,
    own: null,
    need: () => null,
    make: (options, seed) => build(headOf(subject), parseOptions(subject.options, options), seed),
  };
}

function headOf({ id, title, origin }: TaskHead): TaskHead {
  return { id, title, origin };
}

function isForm<F extends Form>(data: TaskData | null, form: F): data is DataOf<F> {
  return data?.form === form;
}
