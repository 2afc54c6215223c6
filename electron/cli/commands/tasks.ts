import { ownTasks } from '../../../engine/tasks/own.ts';
import { taskDefinition, taskDefinitions } from '../../../engine/tasks/registry.ts';
import type { TaskDefinition } from '../../../engine/tasks/definition.ts';
import type { TaskOption } from '../../../engine/tasks/options.ts';
import { defineCommand, jsonFlag } from '../command.ts';
import { table } from '../format.ts';
import { wrapped } from '../help.ts';

export const tasks = defineCommand({
  name: 'tasks',
  summary: 'List what there is to learn, with origin and licence',
  usage: ['[ID] [--json]'],
  description: ['With the ID of a task, tells all about it, its options too.'],
  flags: { json: jsonFlag },
  examples: [
    { line: 'tasks', what: 'All of them.' },
    { line: 'tasks births', what: 'One, with its options.' },
  ],
  arguments: [0, 1],
  run({ json }, [id], terminal) {
    const shown = id === undefined ? [...taskDefinitions, ...ownTasks] : [taskDefinition(id)];
    if (json) {
      terminal.line(JSON.stringify(shown.map(plain)));
    } else {
      for (const line of id === undefined ? listed(shown) : shown.flatMap(told)) {
        terminal.line(line);
      }
    }
    return Promise.resolve(0);
  },
});

function plain({ id, title, kind, description, origin, dataset, own, options }: TaskDefinition): object {
  return { id, title, kind, description, origin, dataset, own, options };
}

function listed(definitions: readonly TaskDefinition[]): readonly string[] {
  const section = (title: string, members: readonly TaskDefinition[]) => [
    title,
    ...table(members.map(({ id, kind, origin, description }) => [`  ${id}`, kind, origin.licence, description])),
  ];
  return [
    ...section(
      'Real data:',
      definitions.filter(({ dataset }) => dataset !== null),
    ),
    '',
    ...section(
      'Benchmarks:',
      definitions.filter(({ dataset, own }) => dataset === null && own === null),
    ),
    '',
    ...section(
      'Your own data ("train --data FILE"):',
      definitions.filter(({ own }) => own !== null),
    ),
    '',
    '"unrolled tasks ID" tells where a task comes from and which options it has.',
  ];
}

function told({ id, title, kind, description, origin, options }: TaskDefinition): readonly string[] {
  return [
    `${title} (${id}, ${kind})`,
    ...wrapped(description),
    '',
    `Origin:  ${origin.title}`,
    ...wrapped(origin.source, 71).map((line) => `         ${line}`),
    `Licence: ${origin.licence}`,
    '',
    'Options (--option NAME=VALUE):',
    ...table(
      Object.entries(options).map(([name, option]) => [
        `  ${name}`,
        option.description,
        `${rangeOf(option)}; ${String(option.default)} where not given`,
      ]),
    ),
  ];
}

function rangeOf(option: TaskOption): string {
  switch (option.type) {
    case 'integer':
    case 'number':
      return `${option.minimum} to ${option.maximum}`;
    case 'boolean':
      return 'true or false';
    case 'choice':
      return option.choices.join(', ');
  }
}
