/** The engine's recurrent model on a team of threads, run on batches that tests write. */
import { onTestFinished } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { startModelThread } from '../../../electron/core/threads.ts';
import type { BuildName } from '../../../engine/core/core.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { PYTORCH_INITIAL } from '../../../engine/layers/cells.ts';
import { buildRecurrentModel, type RecurrentModel } from '../../../engine/models/recurrent-model.ts';
import type { RecurrentSpec } from '../../../engine/models/spec.ts';
import { outputWidth, stagedBuffers } from '../../../engine/models/staging.ts';
import { IGNORED, type BatchBuffers } from '../../../engine/tasks/task.ts';
import type { OptimizerSpec } from '../../../engine/team/optimizer.ts';
import { readParameter, writeParameter } from '../../../engine/team/parameters.ts';
import { COMMANDS, type Command } from '../../../engine/team/replica.ts';
import { Team } from '../../../engine/team/team.ts';
import { traceView } from '../../../engine/team/traces.ts';
import { Matrix } from '../../reference/matrix.ts';
import { Numbers } from '../../reference/numbers.ts';
import type { ModelBatch } from './model-twin.ts';

export const ADAM: OptimizerSpec = { kind: 'adam', beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 };

/** A small model; what is not said is a language model over five symbols. */
export function modelSpec(changes: Partial<RecurrentSpec> = {}): RecurrentSpec {
  return {
    architecture: 'recurrent',
    input: { kind: 'tokens', symbols: 5 },
    output: { kind: 'labels', count: 5, per: 'step' },
    conditions: 0,
    cell: 'lstm',
    relu: false,
    hiddenSize: 6,
    layers: 1,
    bidirectional: false,
    embeddingSize: 0,
    dropout: false,
    pooling: 'last',
    initial: PYTORCH_INITIAL,
    lengths: false,
    stateful: false,
    steps: 7,
    sourceSteps: 0,
    batchSize: 3,
    seed: 5,
    trace: false,
    ...changes,
  };
}

export interface PassSettings {
  readonly lossScale: number;
  readonly dropout?: { readonly rate: number; readonly update: number };
  readonly continues?: boolean;
  /** Default: not in training, but where dropout is given. */
  readonly training?: boolean;
}

export class RunningModel {
  readonly spec: RecurrentSpec;
  readonly team: Team<RecurrentModel>;
  readonly #buffers: BatchBuffers;

  /** Stopped when the test is over. */
  static async start(spec: RecurrentSpec, threads: number, build?: BuildName): Promise<RunningModel> {
    const core = await loadCore(coreFiles, { shared: threads > 1, ...(build ? { build } : {}) });
    const team = await Team.start({
      core,
      spec,
      build: buildRecurrentModel,
      batchSize: spec.batchSize,
      threads,
      optimizer: ADAM,
      startThread: startModelThread,
    });
    onTestFinished(() => team.stop());
    return new RunningModel(spec, team);
  }

  private constructor(spec: RecurrentSpec, team: Team<RecurrentModel>) {
    this.spec = spec;
    this.team = team;
    this.#buffers = stagedBuffers(team.core, spec, team.layout.placed[0]!.network.staging);
  }

  /** Gives every parameter numbers within +-scale and returns them. */
  fill(seed: number, scale = 0.5): Map<string, Matrix> {
    const numbers = new Numbers(seed);
    const filled = new Map<string, Matrix>();
    for (const parameter of this.team.layout.parameters.list) {
      const [rows, cols] = rowsAndColumns(parameter.shape);
      const matrix = numbers.matrix(rows, cols, scale);
      writeParameter(this.team.core.f32, parameter, matrix.data);
      filled.set(parameter.name, matrix);
    }
    this.team.run(COMMANDS.refresh);
    return filled;
  }

  /** Other values for one parameter. */
  write(name: string, values: ArrayLike<number>): void {
    const parameter = this.team.layout.parameters.list.find((candidate) => candidate.name === name)!;
    writeParameter(this.team.core.f32, parameter, values);
    this.team.run(COMMANDS.refresh);
  }

  /** Runs a command on a batch of at most B items; returns the sum of losses. */
  run(command: Command, batch: ModelBatch, settings: PassSettings): number {
    this.#stage(batch);
    const { control, threads } = this.team;
    const { dropout, continues = false, lossScale } = settings;
    control.setWord('steps', batch.steps);
    control.setWord('columns', batch.batch);
    control.setWord('training', (settings.training ?? dropout !== undefined) ? 1 : 0);
    control.setWord('continues', continues ? 1 : 0);
    control.setWord('update', dropout?.update ?? 0);
    control.setValue('dropout', dropout?.rate ?? 0);
    control.setValue('lossScale', lossScale);
    this.team.run(command);
    return control.loss(threads);
  }

  /** Outputs of the last pass, [T * B, N] or [B, N] for the batch's own items. */
  outputs(batch: ModelBatch): Matrix {
    const { core, layout } = this.team;
    const { batchSize, output } = this.spec;
    for (const { network } of layout.placed) network.giveOutputs({ core, steps: batch.steps });
    const at = layout.placed[0]!.network.staging.outputs / 4;
    const width = outputWidth(this.spec);
    const outer = output.per === 'step' ? batch.steps : 1;
    const whole = new Matrix(outer * batchSize, width, core.f32.slice(at, at + outer * batchSize * width));
    return ownColumns(whole, batchSize, batch.batch);
  }

  /** By parameter: the sum of the shares' gradients after COMMANDS.gradients. */
  gradients(): Map<string, Float32Array> {
    return this.#read(this.team.layout.placed[0]!.plan.gradientOffset);
  }

  /** By parameter. */
  parameters(): Map<string, Float32Array> {
    return this.#read(0);
  }

  /** A trace of the last pass, [T * B, C] or [B, C]. */
  trace(name: string): Matrix {
    const view = traceView(this.team, name);
    return new Matrix((view.steps ?? 1) * view.batch, view.units, view.toArray());
  }

  #read(offset: number): Map<string, Float32Array> {
    const { core, layout } = this.team;
    return new Map(layout.parameters.list.map((p) => [p.name, readParameter(core.f32, p, offset)]));
  }

  #stage(batch: ModelBatch): void {
    const { batchSize, output, steps: T } = this.spec;
    const { tokens, values, lengths, conditions, targetLabels, targetValues } = this.#buffers;
    tokens?.fill(0);
    values?.fill(0);
    lengths.fill(0);
    conditions?.fill(0);
    targetLabels?.fill(IGNORED);
    targetValues?.fill(0);
    const spread = (from: ArrayLike<number> | undefined, to: Int32Array | Float32Array | undefined, width: number) => {
      if (!from || !to) return;
      for (let i = 0; i < from.length; i++) {
        const row = Math.floor(i / width);
        const stagedRow = Math.floor(row / batch.batch) * batchSize + (row % batch.batch);
        to[stagedRow * width + (i % width)] = from[i]!;
      }
    };
    if (batch.steps > T) throw new Error('The batch has more steps than were planned.');
    spread(batch.tokens, tokens, 1);
    spread(batch.values?.data, values, batch.values?.cols ?? 1);
    spread(batch.lengths ?? new Array<number>(batch.batch).fill(batch.steps), lengths, 1);
    spread(batch.conditions, conditions, 1);
    spread(batch.targetLabels, targetLabels, 1);
    spread(batch.targetValues?.data, targetValues, output.kind === 'values' ? output.width : 1);
  }
}

/** A random batch that suits the model: `items` of B, `steps` of T; about one target in six is ignored. */
export function randomBatch(spec: RecurrentSpec, seed: number, items = spec.batchSize, steps = spec.steps): ModelBatch {
  const numbers = new Numbers(seed);
  const below = (n: number) => Math.floor(((numbers.next() + 1) / 2) * n);
  const list = (length: number, n: number) => Array.from({ length }, () => below(n));
  const { input, output, conditions } = spec;
  const rows = steps * items;
  // One item has all the steps, as the batches that are made of a task's items have.
  const lengths = spec.lengths ? list(items, steps).map((n, b) => (b === items - 1 ? steps : n + 1)) : undefined;
  const labels = (count: number) => list(count, 6).map((n) => (n === 0 ? IGNORED : below(outputWidth(spec))));
  const isPadding = (row: number) => lengths !== undefined && Math.floor(row / items) >= lengths[row % items]!;
  return {
    steps,
    batch: items,
    ...(input.kind === 'tokens'
      ? { tokens: list(rows, input.symbols) }
      : { values: numbers.matrix(rows, input.width) }),
    ...(lengths ? { lengths } : {}),
    ...(conditions > 0 ? { conditions: list(items, conditions) } : {}),
    ...(output.kind === 'values'
      ? { targetValues: numbers.matrix(items, output.width) }
      : output.per === 'step'
        ? { targetLabels: labels(rows).map((label, row) => (isPadding(row) ? IGNORED : label)) }
        : { targetLabels: labels(items) }),
  };
}

function rowsAndColumns(shape: readonly number[]): readonly [number, number] {
  const [first = 1, second] = shape;
  return second === undefined ? [1, first] : [first, second];
}

/** The rows of the first `items` of every B. */
function ownColumns(whole: Matrix, B: number, items: number): Matrix {
  const own: number[] = [];
  for (let row = 0; row < whole.rows; row++) {
    if (row % B < items) own.push(...whole.rowsFrom(row, 1).data);
  }
  return new Matrix(own.length / whole.cols, whole.cols, own);
}
