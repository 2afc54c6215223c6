/** The model that an experiment asks for, on a given task. */
import { InputError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import type { TaskInput, TaskKind, TaskOutput } from '../tasks/task.ts';
import type { ModelSpec, RecurrentSpec } from './spec.ts';

/** What a model needs to know of its task. */
export interface TaskShape {
  readonly kind: TaskKind;
  readonly input: TaskInput;
  readonly output: TaskOutput;
  readonly conditions?: readonly string[] | undefined;
}

export interface BatchShape {
  /** T. */
  readonly steps: number;
  /** S, of translations. */
  readonly sourceSteps?: number;
  /** B. */
  readonly batchSize: number;
  /** Items differ in length. */
  readonly lengths: boolean;
  readonly stateful: boolean;
  readonly trace?: boolean;
}

/** The same for what works with recurrent models alone. Throws InputError for every other architecture. */
export function recurrentSpecFor(experiment: Experiment, task: TaskShape, batch: BatchShape): RecurrentSpec {
  const spec = specFor(experiment, task, batch);
  if (spec.architecture === 'recurrent') return spec;
  throw new InputError(
    `model.architecture is "${spec.architecture}", but this takes recurrent models; ` + `it must be "recurrent"`,
  );
}

export function specFor({ model, seed }: Experiment, task: TaskShape, batch: BatchShape): ModelSpec {
  const { input, output, conditions } = task;
  const common = {
    input:
      input.kind === 'tokens'
        ? { kind: 'tokens' as const, symbols: input.symbols.length }
        : { kind: 'values' as const, width: input.names.length },
    output:
      output.kind === 'labels'
        ? { kind: 'labels' as const, count: output.labels.length, per: output.per }
        : { kind: 'values' as const, width: output.names.length, per: output.per },
    conditions: conditions?.length ?? 0,
    dropout: model.dropout > 0,
    lengths: batch.lengths,
    stateful: batch.stateful,
    steps: batch.steps,
    sourceSteps: task.kind === 'translation' ? Math.max(1, batch.sourceSteps ?? 1) : 0,
    batchSize: batch.batchSize,
    seed,
    trace: batch.trace ?? false,
  };
  if (model.architecture === 'transformer') {
    const { architecture, modelSize, heads, layers, feedForwardSize, norm, activation, positions } = model;
    const { maxPositions, pooling } = model;
    const form = task.kind === 'translation' ? 'encoder-decoder' : task.kind === 'language' ? 'decoder' : 'encoder';
    return {
      ...common,
      architecture,
      form,
      modelSize,
      heads,
      layers,
      feedForwardSize,
      norm,
      activation,
      positions,
      maxPositions,
      pooling,
    };
  }
  const recurrent = {
    ...common,
    cell: model.cell,
    relu: model.cell === 'rnn' && model.nonlinearity === 'relu',
    hiddenSize: model.hiddenSize,
    layers: model.layers,
    bidirectional: model.bidirectional,
    embeddingSize: input.kind === 'tokens' ? model.embeddingSize : 0,
    initial: { ...model.init, forgetBias: model.cell === 'lstm' ? model.init.forgetBias : null },
  };
  if (model.architecture === 'encoder-decoder') {
    const { architecture, attention, attentionSize } = model;
    return { ...recurrent, architecture, attention, attentionSize };
  }
  return { ...recurrent, architecture: model.architecture, pooling: model.pooling };
}
