/** What an experiment would be, found without data and without memory: sizes, updates, the model's layers. */
import type { Experiment } from '../experiment/experiment.ts';
import { checkModelSuitsTask, checkPositions, planUpdates, type UpdatePlan } from '../experiment/plan.ts';
import { buildModel } from '../models/build.ts';
import { diagramLayers, type DiagramLayer } from '../models/diagram.ts';
import { specFor } from '../models/from-experiment.ts';
import type { ModelSpec } from '../models/spec.ts';
import type { Split, Task, TaskInput, TaskKind, TaskOutput } from '../tasks/task.ts';
import { layOut } from '../team/layout.ts';
import { optimizerSlots } from '../team/optimizer.ts';

/** What of a task the model and the course of training depend on: plain values, fit to be sent to other threads. */
export interface TaskOutline {
  readonly id: string;
  readonly kind: TaskKind;
  readonly input: TaskInput;
  readonly output: TaskOutput;
  readonly conditions?: readonly string[];
  readonly train: SplitOutline;
  readonly validation: SplitOutline;
}

export type SplitOutline =
  | {
      readonly form: 'set';
      /** Infinity where items are made on demand. */
      readonly count: number;
      readonly maxSteps: number;
      /** Of translations. */
      readonly maxSourceSteps?: number;
      readonly fixedLength: boolean;
    }
  | {
      readonly form: 'stream';
      /** Symbols. */
      readonly length: number;
    };

export interface TrainingOutline {
  readonly spec: ModelSpec;
  /** Trainable numbers. */
  readonly parameters: number;
  /** Of WebAssembly memory. */
  readonly memoryBytes: number;
  readonly plan: UpdatePlan;
  /** Infinity for tasks without end. */
  readonly updatesPerEpoch: number;
  readonly layers: readonly DiagramLayer[];
}

export function outlineTask({ id, kind, input, output, conditions, train, validation }: Task): TaskOutline {
  return {
    id,
    kind,
    input,
    output,
    ...(conditions ? { conditions } : {}),
    train: outlineSplit(train),
    validation: outlineSplit(validation),
  };
}

/** As a session of this many threads would be. Throws InputError where the experiment's model cannot do the task. */
export function outlineTraining(experiment: Experiment, task: TaskOutline, threads: number): TrainingOutline {
  checkModelSuitsTask(experiment, task);
  const { training } = experiment;
  const { batchSize, optimizer } = training;
  const splits = [task.train, task.validation];
  const steps = Math.max(...splits.map((split) => (split.form === 'set' ? split.maxSteps : training.steps)));
  const sourceSteps = Math.max(...splits.map((split) => (split.form === 'set' ? (split.maxSourceSteps ?? 0) : 0)));
  checkPositions(experiment, task.id, Math.max(steps, sourceSteps));
  const spec = specFor(experiment, task, {
    steps,
    sourceSteps,
    batchSize,
    lengths: splits.some((split) => split.form === 'set' && !split.fixedLength),
    stateful: task.train.form === 'stream' && experiment.model.architecture === 'recurrent',
  });
  const { bytes, parameters } = layOut({
    build: buildModel(spec),
    batchSize,
    threads: Math.min(threads, batchSize),
    slots: optimizerSlots(optimizer).length,
  });
  const updatesPerEpoch = batchesOf(task.train, experiment);
  return {
    spec,
    parameters: parameters.count,
    memoryBytes: bytes,
    plan: planUpdates(training, updatesPerEpoch),
    updatesPerEpoch,
    layers: diagramLayers(spec, parameters.list),
  };
}

function outlineSplit(split: Split): SplitOutline {
  if (split.form === 'stream') return { form: 'stream', length: split.tokens.length };
  const { form, count, maxSteps, maxSourceSteps, fixedLength } = split;
  return { form, count, maxSteps, fixedLength, ...(maxSourceSteps === undefined ? {} : { maxSourceSteps }) };
}

/** As training/batches.ts cuts an epoch. */
function batchesOf(split: SplitOutline, { training: { batchSize, steps } }: Experiment): number {
  if (split.form === 'set') return Math.ceil(split.count / batchSize);
  const longestLane = Math.ceil((split.length - 1) / batchSize);
  return Math.ceil(longestLane / steps);
}
