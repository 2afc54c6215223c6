import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '../../../engine/json.ts';
import { describeArchitecture } from '../../../engine/exports/card.ts';
import { trainedModel } from '../../../engine/exports/trained-model.ts';
import type { Checkpoint } from '../../../engine/formats/checkpoint.ts';
import { assembleImport, IMPORT_KINDS, type ImportChoice } from '../../../engine/imports/assemble.ts';
import type { FoundModel } from '../../../engine/imports/found-model.ts';
import { IMPORTED } from '../../../engine/tasks/imported.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { bundleIntoFolder, checkpointIntoFolder } from '../../imports/into-folder.ts';
import { openImport, type OpenedImport } from '../../imports/open-import.ts';
import { readImportFiles } from '../../imports/read-files.ts';
import { openTask } from '../../runs/open-task.ts';
import { defineCommand, jsonFlag } from '../command.ts';
import { taskChoiceFrom } from '../experiment-flags.ts';
import { counted, table } from '../format.ts';
import { PROGRAM } from '../program.ts';

export const importCommand = defineCommand({
  name: 'import',
  summary: 'Open a bundle, or a model that PyTorch or TensorFlow.js has trained, as a run',
  usage: ['FILE [--out DIR] [FLAGS]'],
  description: [
    'FILE is a bundle of "export --format bundle"; a safetensors file with PyTorch’s names of an LSTM, GRU or RNN, with ' +
      'embedding and linear head where there are such; a model.json of TensorFlow.js with its weights beside it; or a ' +
      'zip of one of these.',
    'A file of weights does not say everything: the flags do. With --task, the model becomes one of that task, if its ' +
      'sizes fit, and can be trained further; without, its symbols and labels are numbers, or those that are given.',
  ],
  flags: {
    out: { type: 'text', value: 'DIR', description: 'Run folder to make; runs/NAME where it is not given' },
    task: { type: 'text', value: 'ID', description: 'What the model does; "unrolled tasks" lists them' },
    option: { type: 'list', value: 'NAME=VALUE', description: 'An option of the task' },
    kind: { type: 'choice', choices: IMPORT_KINDS, description: 'What the model does, where no task is given' },
    symbols: { type: 'text', value: 'TEXT', description: 'Its symbols in order: characters, or words with spaces' },
    labels: { type: 'text', value: 'TEXT', description: 'Its labels in order, with spaces between them' },
    nonlinearity: { type: 'choice', choices: ['tanh', 'relu'], description: 'Of a plain RNN' },
    pooling: { type: 'choice', choices: ['last', 'mean', 'max'], description: 'How a sequence becomes one vector' },
    json: jsonFlag,
  },
  examples: [
    { line: 'import whale.unrolled --out runs/whale', what: 'A run from another lab.' },
    { line: 'import model.safetensors --kind classification --labels "no yes"', what: 'Weights from PyTorch.' },
  ],
  arguments: [1, 1],
  async run(values, [path = ''], terminal) {
    const opened = openImport(readImportFiles(path));
    const out = values.out ?? freeFolder(opened.name);
    const choice = await choiceOf(values);
    const checkpoint = await checkpointOf(opened, choice);
    const { update } = checkpoint.progress;
    if (opened.kind === 'bundle') bundleIntoFolder(out, opened.bundle);
    else checkpointIntoFolder(out, checkpoint);
    const architecture = describeArchitecture(trainedModel(checkpoint, opened.name));
    if (values.json) {
      terminal.line(JSON.stringify({ kind: opened.kind, out, update, architecture, ...plain(opened) }));
      return 0;
    }
    terminal.line(`${out}: ${architecture}, update ${update}`);
    for (const line of described(opened, choice, checkpoint)) terminal.line(line);
    terminal.line(`"${PROGRAM} inspect ${out}" shows it.`);
    return 0;
  },
});

async function checkpointOf(opened: OpenedImport, choice: ImportChoice): Promise<Checkpoint> {
  switch (opened.kind) {
    case 'bundle':
      return Promise.resolve(opened.bundle.read.at(-1)!);
    case 'checkpoint':
      return Promise.resolve(opened.checkpoint);
    case 'model':
      return Promise.resolve(assembleImport(opened.found, choice, opened.name));
  }
}

async function choiceOf(values: {
  readonly task?: string | undefined;
  readonly option?: readonly string[] | undefined;
  readonly kind?: ImportChoice['kind'];
  readonly symbols?: string | undefined;
  readonly labels?: string | undefined;
  readonly nonlinearity?: 'tanh' | 'relu' | undefined;
  readonly pooling?: ImportChoice['pooling'];
}): Promise<ImportChoice> {
  const { task, kind, symbols, labels, nonlinearity, pooling } = values;
  const choice = {
    kind,
    pooling,
    ...(symbols === undefined ? {} : { symbols: split(symbols) }),
    ...(labels === undefined ? {} : { labels: labels.split(' ').filter((label) => label !== '') }),
    ...(nonlinearity === undefined ? {} : { relu: nonlinearity === 'relu' }),
  };
  if (task === undefined) return choice;
  const chosen = taskChoiceFrom(task, values.option);
  const { state } = await openTask({ task: chosen, seed: 0 });
  return { ...choice, task: { choice: chosen, state } };
}

/** Words where there are spaces between words, otherwise characters; a space alone is a character too. */
function split(text: string): readonly string[] {
  return /\S \S\S/u.test(text) || /\S\S \S/u.test(text)
    ? text.split(' ').filter((word) => word !== '')
    : Array.from(text);
}

function freeFolder(name: string): string {
  const base = name.replace(/\.[^.]+$/u, '').replace(/[^\p{L}\p{N}_-]+/gu, '-') || 'imported';
  let folder = join('runs', base);
  for (let n = 2; existsSync(folder); n++) folder = join('runs', `${base}-${n}`);
  return folder;
}

function plain(opened: OpenedImport): Readonly<Record<string, JsonValue>> {
  if (opened.kind !== 'model') return {};
  const { mapped, missing, leftOver } = opened.found;
  return { mapped, missing, leftOver } as unknown as Readonly<Record<string, JsonValue>>;
}

function described(opened: OpenedImport, choice: ImportChoice, checkpoint: Checkpoint): readonly string[] {
  if (opened.kind !== 'model') return [];
  const { mapped, missing, leftOver, output }: FoundModel = opened.found;
  return [
    ...untold(opened.found, choice, checkpoint),
    ...table(mapped.map(({ from, to, shape }) => [`  ${to}`, `[${shape.join(', ')}]`, from])),
    ...missing.map(({ name, filledWith }) => `  ${name} is not in the file: ${filledWith}`),
    ...(output === null ? ['  head is not in the file: random numbers, until it is trained'] : []),
    ...(leftOver.length === 0
      ? []
      : [
          `  ${counted(leftOver.length, 'tensor')} left over: ${leftOver
            .slice(0, 8)
            .map(({ name }) => name.slice(0, 60))
            .join(', ')}`,
        ]),
  ];
}

/** As what a model is opened of which neither its file nor a person says it, and how to change that. */
function untold({ own }: FoundModel, choice: ImportChoice, { experiment, taskState }: Checkpoint): readonly string[] {
  if (own !== null || choice.kind !== undefined || experiment.task.id !== IMPORTED) return [];
  const { kind } = restoreCodec(taskState);
  return [`  opened as ${kind}; --kind, --symbols and --labels say otherwise, --task makes it trainable`];
}
