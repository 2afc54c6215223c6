/** The model that an experiment asks for, on a given task. */
import type { Experiment } from '../experiment/experiment.ts';
import type { TaskInput, TaskOutput } from '../tasks/task.ts';
import type { ModelSpec } from './spec.ts';

/** What a model needs to know of its task. */
export interface TaskShape {
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

export function specFor({ model, seed }: Experiment, task: TaskShape, batch: BatchShape): ModelSpec {
  const { input, output, conditions } = task;
  if (model.architecture !== 'recurrent')
    throw new Error(`No model of the architecture ${model.architecture} is built yet.`);
  return {
    input:
      input.kind === 'tokens'
        ? { kind: 'tokens', symbols: input.symbols.length }
        : { kind: 'values', width: input.names.length },
    output:
      output.kind === 'labels'
        ? { kind: 'labels', count: output.labels.length, per: output.per }
        : { kind: 'values', width: output.names.length, per: output.per },
    conditions: conditions?.length ?? 0,
    cell: model.cell,
    relu: model.cell === 'rnn' && model.nonlinearity === 'relu',
    hiddenSize: model.hiddenSize,
    layers: model.layers,
    bidirectional: model.bidirectional,
    embeddingSize: input.kind === 'tokens' ? model.embeddingSize : 0,
    dropout: model.dropout > 0,
    pooling: model.pooling,
    initial: { ...model.init, forgetBias: model.cell === 'lstm' ? model.init.forgetBias : null },
    lengths: batch.lengths,
    stateful: batch.stateful,
    steps: batch.steps,
    batchSize: batch.batchSize,
    seed,
    trace: batch.trace ?? false,
  };
}
