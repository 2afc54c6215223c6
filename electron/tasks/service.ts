/** The calls of the contract that concern tasks. */
import * as v from 'valibot';
import { InputError } from '../../engine/errors.ts';
import type { TaskChoice } from '../../engine/experiment/experiment.ts';
import { show } from '../../engine/experiment/fields.ts';
import type { TaskDefinition } from '../../engine/tasks/definition.ts';
import { ownTasks } from '../../engine/tasks/own.ts';
import { taskDefinitions } from '../../engine/tasks/registry.ts';
import type { Services } from '../api/contract.ts';
import type { DatasetInfo, TaskInfo } from '../api/data.ts';
import { ownDatasets } from '../datasets/service.ts';
import type { DatasetWorkspace } from '../datasets/store.ts';
import type { TaskTeller } from './task-teller.ts';

export function createTaskService(workspace: DatasetWorkspace, teller: TaskTeller): Pick<Services, 'tasks'> {
  return {
    tasks: {
      list: () => [...taskDefinitions.map(bundledTask), ...ownDatasets(workspace).flatMap(tasksOn)],
      async describe({ task }) {
        const { samples, baselines, notices, ...items } = await teller.describe(
          readChoice(task),
          workspace.datasets.folder,
        );
        return { ...items, samples: [...samples], baselines: [...baselines], notices: [...notices] };
      },
      async examples({ task, ...wanted }) {
        const { available, items } = await teller.examples(readChoice(task), wanted, workspace.datasets.folder);
        return { available, items: [...items] };
      },
    },
  };
}

const choiceSchema = v.objectWithRest({ id: v.string() }, v.unknown());

function readChoice(json: unknown): TaskChoice {
  if (!v.is(choiceSchema, json)) {
    throw new InputError(`task is ${show(json)}; it must be an object with the task's id and its options`);
  }
  return json as TaskChoice;
}

function bundledTask(definition: TaskDefinition): TaskInfo {
  return {
    ...infoOf(definition),
    title: definition.title,
    origin: definition.origin,
    dataset: definition.dataset,
    own: false,
  };
}

/** What can be learnt from one of a person's datasets. */
export function tasksOn({ id, name, form, origin }: DatasetInfo): readonly TaskInfo[] {
  return ownTasks
    .filter((definition) => definition.own === form)
    .map((definition) => ({
      ...infoOf(definition),
      title: `${name}: ${TITLES[definition.kind]}`,
      origin,
      dataset: id,
      own: true,
    }));
}

/** What a dataset's name is followed by. */
const TITLES = {
  language: 'the next character',
  classification: 'the class of a text',
  tagging: 'a tag for every symbol',
  generation: 'new texts of a class',
  regression: 'the next value',
  translation: 'one text into another',
} as const;

function infoOf({
  id,
  kind,
  description,
  options,
}: TaskDefinition): Pick<TaskInfo, 'id' | 'kind' | 'description' | 'options'> {
  return {
    id,
    kind,
    description,
    options: Object.entries(options).map(([name, option]) => ({
      name,
      type: option.type,
      default: option.default,
      description: option.description,
      ...(option.type === 'integer' || option.type === 'number'
        ? { minimum: option.minimum, maximum: option.maximum }
        : {}),
      ...(option.type === 'choice' ? { choices: [...option.choices] } : {}),
    })),
  };
}
