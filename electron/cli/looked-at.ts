/** What "trace" and "units" look at: a run's model, and sequences for it to read. */
import { InputError } from '../../engine/errors.ts';
import { Examination } from '../../engine/explain/examination.ts';
import type { Experiment, ModelSettings } from '../../engine/experiment/experiment.ts';
import type { BuildName } from '../../engine/core/core.ts';
import { PARTS, takeExamples, type Example, type Part } from '../../engine/tasks/examples.ts';
import { IGNORED, type TaskCodec } from '../../engine/tasks/task.ts';
import { openTask } from '../runs/open-task.ts';
import { openCheckpoint, codecOf, singleCore, type CheckpointSource } from './checkpoint-source.ts';
import type { Flag } from './flags.ts';
import { datasetsFolder } from './workspace.ts';

export type Recurrent = Extract<ModelSettings, { readonly architecture: 'recurrent' }>;

export interface LookedAt {
  /** The folder of the workspace's datasets, where there is one. */
  readonly datasets: string | undefined;
  readonly source: CheckpointSource;
  readonly codec: TaskCodec;
  readonly experiment: Experiment;
  readonly model: Recurrent;
}

const place = { type: 'integer', minimum: 1, maximum: 1_000_000 } as const;

/** Flags that both commands share. */
export const placeFlags = {
  layer: { ...place, description: 'Which layer, from 1 (1)' },
  reverse: { type: 'switch', description: 'The direction that reads from the end' },
  part: { type: 'choice', choices: PARTS, description: 'Which part of the data the sequences are of (validation)' },
} as const satisfies Record<string, Flag>;

/** Throws InputError where the model is no recurrent one, or has no such layer or direction. */
export function lookAt(
  path: string,
  best: boolean | undefined,
  layer: number,
  reverse: boolean,
  workspace?: string,
): LookedAt {
  const source = openCheckpoint(path, best);
  const { experiment } = source.checkpoint;
  const { model } = experiment;
  if (model.architecture !== 'recurrent') {
    throw new InputError(`${path} is a model of the kind "${model.architecture}"; gates are shown of recurrent ones`);
  }
  if (layer > model.layers) throw new InputError(`there is no layer ${layer}: the model has ${model.layers}`);
  if (reverse && !model.bidirectional) throw new InputError('the model reads one way: it has no reverse direction');
  return { source, codec: codecOf(source), experiment, model, datasets: datasetsFolder(workspace, source.path) };
}

/** Items of the task's data from number `from` on (from 0); of a long text, windows of `steps` symbols. */
export async function examplesOf(
  { experiment, datasets }: LookedAt,
  part: Part | undefined,
  from: number,
  count: number,
  steps: number,
): Promise<readonly Example[]> {
  const task = await openTask(experiment, datasets);
  const examples = takeExamples(task, part ?? 'validation', from, count, steps);
  if (examples.length === 0) throw new InputError(`the data have no item ${from}: they count from 0`);
  return examples;
}

export async function examinationOf(
  { source, codec, experiment }: LookedAt,
  steps: number,
  build: BuildName | undefined,
): Promise<Examination> {
  return Examination.load({
    core: await singleCore(build),
    experiment,
    codec,
    weights: source.checkpoint.model,
    steps,
    sourceName: source.path,
  });
}

/** The steps of a sequence as people read them: its symbols, or its numbers. */
export function stepLabels({ input }: TaskCodec, { steps, tokens, values }: Example): readonly string[] {
  return Array.from({ length: steps }, (_, t) => {
    if (input.kind === 'tokens') return input.symbols[tokens?.[t] ?? IGNORED] ?? '';
    const width = input.names.length;
    return Array.from(values?.subarray(t * width, (t + 1) * width) ?? [], (value) => value.toPrecision(4)).join(' ');
  });
}
