import { closeSync, openSync, readSync, statSync } from 'node:fs';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import { experimentToJson } from '../../../engine/experiment/schema.ts';
import { checkModelSuitsTask } from '../../../engine/experiment/plan.ts';
import type { BuildInfo, Progress } from '../../../engine/formats/checkpoint.ts';
import { specFor } from '../../../engine/models/from-experiment.ts';
import { buildModel } from '../../../engine/models/build.ts';
import { layOut } from '../../../engine/team/layout.ts';
import type { TaskCodec } from '../../../engine/tasks/task.ts';
import { fileError, requireRegularFile } from '../../runs/files.ts';
import { openTask } from '../../runs/open-task.ts';
import { bestFlag, defineCommand, jsonFlag } from '../command.ts';
import { codecOf, openCheckpoint } from '../checkpoint-source.ts';
import { describeModel, describeParameters, describeTraining } from '../describe.ts';
import { count, counted, figure, table } from '../format.ts';
import { readExperimentFile } from '../../experiments/presets.ts';
import { datasetsFolder } from '../workspace.ts';

interface TensorShape {
  readonly name: string;
  readonly shape: readonly number[];
}

interface Inspection {
  /** What was looked at. */
  readonly source: string;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  readonly tensors: readonly TensorShape[];
  /** Of a checkpoint. */
  readonly progress?: Progress;
  readonly build?: BuildInfo;
}

export const inspect = defineCommand({
  name: 'inspect',
  summary: 'Show a model: architecture, parameters, tensors, how far its training is',
  usage: ['DIR [--best] [--json]', 'CHECKPOINT.safetensors [--json]', 'EXPERIMENT.json [--json]'],
  description: ['Of an experiment file it shows the model that training would begin with.'],
  flags: { best: bestFlag, json: jsonFlag },
  examples: [
    { line: 'inspect runs/whale', what: 'A run.' },
    { line: 'inspect experiments/births.json', what: 'What an experiment would train.' },
  ],
  arguments: [1, 1],
  async run({ best, json, workspace }, [path = ''], terminal) {
    const inspection = isJsonFile(path) ? await ofExperiment(path, workspace) : ofCheckpoint(path, best ?? false);
    if (json) {
      terminal.line(JSON.stringify(plain(inspection)));
      return 0;
    }
    for (const line of described(inspection)) {
      terminal.line(line);
    }
    return 0;
  },
});

function ofCheckpoint(path: string, best: boolean): Inspection {
  const source = openCheckpoint(path, best);
  const { experiment, model, progress, build } = source.checkpoint;
  const tensors = [...model].map(([name, { shape }]) => ({ name, shape }));
  return { source: source.path, experiment, codec: codecOf(source), tensors, progress, build };
}

async function ofExperiment(path: string, workspace: string | undefined): Promise<Inspection> {
  const experiment = readExperimentFile(path);
  const task = await openTask(experiment, datasetsFolder(workspace));
  checkModelSuitsTask(experiment, task);
  const spec = specFor(experiment, task, { steps: 1, batchSize: 1, lengths: false, stateful: false });
  const { parameters } = layOut({ build: buildModel(spec), batchSize: 1, threads: 1, slots: 0 });
  const tensors = parameters.list.map(({ name, shape }) => ({ name, shape }));
  return { source: path, experiment, codec: task.codec, tensors };
}

/** Anything whose first character is that of a JSON object; a checkpoint begins with a number of 8 bytes. */
function isJsonFile(path: string): boolean {
  try {
    if (statSync(path).isDirectory()) {
      return false;
    }
    requireRegularFile(path);
    const start = Buffer.alloc(64);
    const file = openSync(path, 'r');
    try {
      const length = readSync(file, start);
      return path.endsWith('.json') || start.toString('latin1', 0, length).trimStart().startsWith('{');
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function plain({ source, experiment, codec, tensors, progress, build }: Inspection): object {
  return {
    source,
    experiment: experimentToJson(experiment),
    task: { id: experiment.task.id, kind: codec.kind, inputForm: codec.inputForm },
    parameters: parametersOf(tensors),
    tensors,
    ...(progress ? { progress } : {}),
    ...(build ? { build } : {}),
  };
}

function described({ source, experiment, codec, tensors, progress, build }: Inspection): readonly string[] {
  const { input, output, conditions } = codec;
  const taken =
    input.kind === 'tokens'
      ? `one of ${counted(input.symbols.length, 'symbol')}`
      : counted(input.names.length, 'number');
  const given =
    output.kind === 'labels'
      ? `probabilities of ${counted(output.labels.length, 'label')}, by ${output.per}`
      : `${counted(output.names.length, 'number')}, by ${output.per}`;
  return [
    source,
    '',
    `task        ${experiment.task.id} (${codec.kind})`,
    `input       ${taken} a step${conditions ? `, grown from ${conditions.join(' or ')}` : ''}`,
    `output      ${given}`,
    `model       ${describeModel(experiment)}`,
    `training    ${describeTraining(experiment)}`,
    ...(progress ? [`progress    ${describeProgress(progress)}`] : []),
    ...(build ? [`trained on  ${counted(build.threads, 'thread')} of the build "${build.core}"`] : []),
    `predict     ${codec.inputForm}`,
    '',
    describeParameters(parametersOf(tensors)),
    ...table(
      tensors.map(({ name, shape }) => [`  ${name}`, `[${shape.join(', ')}]`, count(sizeOf(shape))]),
      [2],
    ),
  ];
}

function describeProgress({ update, position, earlyStopping: { best } }: Progress): string {
  return [
    `${counted(update, 'update')} done`,
    `next is batch ${count(position.batch + 1)} of epoch ${count(position.epoch + 1)}`,
    ...(best ? [`best evaluation ${figure(best.value)} after update ${count(best.update)}`] : []),
  ].join('; ');
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function parametersOf(tensors: readonly TensorShape[]): number {
  return tensors.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
