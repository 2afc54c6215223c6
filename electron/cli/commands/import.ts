import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonValue } from '../../../engine/json.ts';
import { describeArchitecture } from '../../../engine/exports/card.ts';
import { trainedModel } from '../../../engine/exports/trained-model.ts';
import type { Checkpoint } from '../../../engine/formats/checkpoint.ts';
import {
  assembleImport,
  HEAD_CHOICES,
  IMPORT_KINDS,
  isHeadTied,
  type ImportChoice,
} from '../../../engine/imports/assemble.ts';
import type { FoundRecurrent } from '../../../engine/imports/found-model.ts';
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
import { quoted } from '../shell.ts';

export const importCommand = defineCommand({
  name: 'import',
  summary: 'Open a bundle, or a model that PyTorch or TensorFlow.js has trained, as a run',
  usage: ['FILE [--out DIR] [FLAGS]'],
  description: [
    'FILE is a bundle, or a safetensors or ONNX export of this program; a safetensors or PyTorch file (.pt, .pth, .ckpt, ' +
      '.bin) with PyTorch’s names of an LSTM, GRU or RNN, with embedding and linear head where there are such; a ' +
      'model.json of TensorFlow.js with its weights; or a zip of one of these. PyTorch files are read without running ' +
      'anything in them.',
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
    head: {
      type: 'choice',
      choices: HEAD_CHOICES,
      description: 'Where the file has no head: the embedding again (tied), or a new one',
    },
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
    const checkpoint = checkpointOf(opened, choice);
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
    terminal.line(`Look at it: ${PROGRAM} inspect ${quoted(out)}`);
    return 0;
  },
});

function checkpointOf(opened: OpenedImport, choice: ImportChoice): Checkpoint {
  switch (opened.kind) {
    case 'bundle':
      return opened.bundle.read.at(-1)!;
    case 'checkpoint':
      return opened.checkpoint;
    case 'model':
      return assembleImport(opened.found, choice, opened.name);
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
  readonly head?: ImportChoice['head'];
}): Promise<ImportChoice> {
  const { task, kind, symbols, labels, nonlinearity, pooling, head } = values;
  const choice = {
    kind,
    pooling,
    head,
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
  const { mapped, conversions } = opened.found;
  const missing = opened.found.architecture === 'recurrent' ? opened.found.missing : [];
  return { mapped, missing, conversions } as unknown as Readonly<Record<string, JsonValue>>;
}

function described(opened: OpenedImport, choice: ImportChoice, checkpoint: Checkpoint): readonly string[] {
  if (opened.kind !== 'model') return [];
  const { found } = opened;
  return [
    ...(found.architecture === 'recurrent' ? assumed(found, choice, checkpoint) : []),
    ...table(found.mapped.map(({ from, to, shape }) => [`  ${to}`, `[${shape.join(', ')}]`, from])),
    ...(found.architecture === 'recurrent' ? absent(found, choice, checkpoint) : []),
    ...found.conversions.map(
      ({ from, tensors, rounded }) =>
        `  ${counted(tensors, 'tensor')} of ${from}: ` +
        (rounded === 0
          ? 'float32 holds every number exactly'
          : `${counted(rounded, 'number')} rounded to float32, the nearest that it has`),
    ),
  ];
}

/** What the model has and the file has not. */
function absent(found: FoundRecurrent, choice: ImportChoice, { taskState }: Checkpoint): readonly string[] {
  const { missing, output, canTieHead } = found;
  const lines = missing.map(({ name, filledWith }) => `  ${name} is not in the file: ${filledWith}`);
  if (output !== null) return lines;
  if (isHeadTied(found, choice, restoreCodec(taskState))) {
    return [...lines, '  head is not in the file: tied to the embedding, no bias (--head new makes a new one)'];
  }
  const otherwise = canTieHead ? ' (--head tied takes the embedding)' : '';
  return [...lines, `  head is not in the file: random numbers, until it is trained${otherwise}`];
}

/** What neither the file nor the person has said, and how to change it. */
function assumed(
  { own, relu, pooling }: FoundRecurrent,
  choice: ImportChoice,
  { experiment, taskState }: Checkpoint,
): readonly string[] {
  if (own !== null && choice.kind === undefined && choice.task === undefined) return [];
  const { kind, output } = restoreCodec(taskState);
  const { model, task } = experiment;
  const recurrent = model.architecture === 'recurrent' ? model : undefined;
  return [
    ...(choice.kind === undefined && task.id === IMPORTED
      ? [`  opened as ${kind}; --kind, --symbols and --labels say otherwise, --task makes it trainable`]
      : []),
    ...(relu === null && choice.relu === undefined
      ? ['  the file does not say the function of its RNN: tanh; --nonlinearity relu says otherwise']
      : []),
    ...(pooling === null && choice.pooling === undefined && output.per === 'sequence' && recurrent
      ? [`  the file does not say how a sequence becomes one vector: ${recurrent.pooling}; --pooling says otherwise`]
      : []),
  ];
}
