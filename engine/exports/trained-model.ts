/** What every exporter is given: a trained model with all that is needed to put it to use elsewhere. */
import { UnrolledError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkModelSuitsTask } from '../experiment/plan.ts';
import { checkTensors, type Checkpoint, type FloatTensors } from '../formats/checkpoint.ts';
import { specFor } from '../models/from-experiment.ts';
import type { ModelSpec, RecurrentSpec } from '../models/spec.ts';
import { buildModel } from '../models/build.ts';
import { restoreCodec } from '../tasks/restore.ts';
import type { TaskCodec, TaskState } from '../tasks/task.ts';
import { layOut } from '../team/layout.ts';

export interface AnyTrainedModel {
  readonly experiment: Experiment;
  readonly taskState: TaskState;
  readonly codec: TaskCodec;
  readonly spec: ModelSpec;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  /** Updates done. */
  readonly update: number;
}

/** A recurrent one, which every format can hold. */
export interface TrainedModel extends AnyTrainedModel {
  readonly spec: RecurrentSpec;
}

/** The model of a checkpoint. Throws FormatError where its tensors are not those of its experiment's model. */
export function trainedModel(
  checkpoint: Pick<Checkpoint, 'experiment' | 'taskState' | 'model' | 'progress'>,
  sourceName: string,
): AnyTrainedModel {
  const { experiment, taskState, model, progress } = checkpoint;
  const codec = restoreCodec(taskState);
  checkModelSuitsTask(experiment, { ...codec, id: experiment.task.id });
  const spec = specFor(experiment, codec, { steps: 1, batchSize: 1, lengths: false, stateful: false });
  checkTensors(model, tensorShapes(spec), sourceName);
  return { experiment, taskState, codec, spec, weights: model, update: progress.update };
}

/** Throws UnrolledError where the model is not recurrent. */
export function recurrentOnly(model: AnyTrainedModel): TrainedModel {
  const { spec } = model;
  if (spec.architecture === 'recurrent') return { ...model, spec };
  throw new UnrolledError(
    'not-expressible',
    `A model of the architecture "${spec.architecture}" is not recurrent, and this takes recurrent models alone.`,
  );
}

/** What a model's tensors are called and how large they are. */
export function tensorShapes(spec: ModelSpec): ReadonlyMap<string, readonly number[]> {
  const { parameters } = layOut({ build: buildModel(spec), batchSize: 1, threads: 1, slots: 0 });
  return new Map(parameters.list.map(({ name, shape }) => [name, shape]));
}

/** Whether the model goes on from a state that it is given, symbol by symbol. */
export function goesOnFromState({ codec, spec }: Pick<AnyTrainedModel, 'codec' | 'spec'>): boolean {
  return spec.architecture === 'recurrent' && (codec.kind === 'language' || codec.kind === 'generation');
}

/** A tensor that is known to be there: trainedModel has checked. */
export function weightOf({ weights }: Pick<AnyTrainedModel, 'weights'>, name: string): Float32Array {
  const tensor = weights.get(name);
  if (tensor === undefined) throw new RangeError(`The model has no tensor "${name}".`);
  return tensor.data;
}
