/**
 * The same terms from the engine that trains: one backward pass over a batch whose item t has the loss of step t alone.
 * What its kernels leave at step k of item t is dJ(t)/ds(k), and dJ(t)/dh(k) beside it.
 */
import { writeMatrix } from '../core/arena.ts';
import type { CoreModule } from '../core/core.ts';
import { PYTORCH_INITIAL } from '../layers/cells.ts';
import { buildRecurrentModel, type RecurrentModel } from '../models/recurrent-model.ts';
import type { RecurrentSpec } from '../models/spec.ts';
import { stagedBuffers } from '../models/staging.ts';
import { IGNORED } from '../tasks/task.ts';
import { readParameter, writeParameter } from '../team/parameters.ts';
import { COMMANDS } from '../team/replica.ts';
import { Team } from '../team/team.ts';
import { traceView } from '../team/traces.ts';
import { norm } from './linear-algebra.ts';
import { gateCount, type ParameterName, type UnrolledNetwork, type UnrolledWeights } from './unrolled-network.ts';

/** PyTorch's names of the textbook's letters; b is the sum of two biases there, of which the other is zero here. */
export const ENGINE_NAMES: Readonly<Record<ParameterName, string>> = {
  u: 'recurrent.weight_ih_l0',
  w: 'recurrent.weight_hh_l0',
  b: 'recurrent.bias_ih_l0',
  v: 'head.weight',
  c: 'head.bias',
};

type UnrolledShape = Pick<UnrolledNetwork, 'cell' | 'relu' | 'inputSize' | 'hiddenSize' | 'outputSize'>;

export interface BatchForm {
  /** T */
  readonly steps: number;
  /** T where each item has a loss of its own, 1 where one has them all. */
  readonly batchSize: number;
  /** One loss, of numbers, after the last step; otherwise labels at every step. */
  readonly values: boolean;
}

export function unrolledSpec(shape: UnrolledShape, { steps, batchSize, values }: BatchForm): RecurrentSpec {
  return {
    architecture: 'recurrent',
    input: { kind: 'values', width: shape.inputSize },
    output: values
      ? { kind: 'values', width: shape.outputSize, per: 'sequence' }
      : { kind: 'labels', count: shape.outputSize, per: 'step' },
    conditions: 0,
    cell: shape.cell,
    relu: shape.relu,
    hiddenSize: shape.hiddenSize,
    layers: 1,
    bidirectional: false,
    embeddingSize: 0,
    dropout: false,
    pooling: 'last',
    initial: PYTORCH_INITIAL,
    lengths: false,
    stateful: false,
    steps,
    sourceSteps: 0,
    batchSize,
    seed: 0,
    trace: true,
  };
}

/** Writes weights, states, inputs and targets, and makes one forward and one backward pass. */
export function runUnrolled(team: Team<RecurrentModel>, network: UnrolledNetwork, form: BatchForm): void {
  const { core, control, layout } = team;
  const spec = unrolledSpec(network, form);
  for (const [letter, name] of Object.entries(ENGINE_NAMES) as [ParameterName, string][]) {
    const parameter = layout.parameters.list.find((candidate) => candidate.name === name);
    if (parameter) writeParameter(core.f32, parameter, network.weights[letter]);
  }
  const { steps, batchSize } = form;
  const [first] = layout.placed;
  if (!first) throw new Error('A team has at least one thread.');
  const { values, lengths, targetLabels, targetValues } = stagedBuffers(core, spec, first.network.staging);
  lengths.fill(steps);
  targetLabels?.fill(IGNORED);
  for (let item = 0; item < batchSize; item++) {
    network.x.forEach((x, t) => values?.set(x, (t * batchSize + item) * network.inputSize));
    network.targets.forEach((target, t) => {
      if (typeof target === 'number' && (batchSize === 1 || t === item) && targetLabels) {
        targetLabels[t * batchSize + item] = target;
      } else if (target instanceof Float64Array) {
        targetValues?.set(target, item * network.outputSize);
      }
    });
  }
  for (const { network: own, plan } of layout.placed) {
    const start = own.recurrent.directions[0]?.start;
    if (!start) continue;
    const repeated = (state: Float64Array) => Array.from({ length: plan.share.batch }, () => Array.from(state)).flat();
    writeMatrix(core.f32, start.h, repeated(network.h0));
    if (start.c) writeMatrix(core.f32, start.c, repeated(network.c0));
  }
  control.setWord('steps', steps);
  control.setWord('columns', batchSize);
  control.setWord('training', 0);
  control.setWord('continues', 0);
  control.setWord('update', 0);
  control.setValue('dropout', 0);
  control.setValue('lossScale', network.lossScale / (form.values ? network.outputSize : 1));
  team.run(COMMANDS.refresh);
  team.run(COMMANDS.gradients);
}

/** dJ/d(parameter), J the sum of all J(t): what `runUnrolled` left. */
export function readGradients(team: Team<RecurrentModel>): UnrolledWeights {
  const { core, layout } = team;
  const offset = layout.placed[0]?.plan.gradientOffset ?? 0;
  const read = (letter: ParameterName): Float64Array => {
    const parameter = layout.parameters.list.find(({ name }) => name === ENGINE_NAMES[letter]);
    if (!parameter) throw new Error(`The model has no ${ENGINE_NAMES[letter]}.`);
    return Float64Array.from(readParameter(core.f32, parameter, offset));
  };
  return { u: read('u'), w: read('w'), b: read('b'), v: read('v'), c: read('c') };
}

export interface EngineTerms {
  /** [T, T, G H, I]: the term of J(t) through u at step k, zero for k > t. */
  readonly u: Float32Array;
  /** [T, T, G H, H] */
  readonly w: Float32Array;
  /** [T, T, H], dJ(t)/dh(k). */
  readonly h: Float32Array;
  /** [T, T, H], dJ(t)/dc(k), of the LSTM. */
  readonly cell: Float32Array | undefined;
  /** [T], J(t). */
  readonly losses: Float32Array;
}

/** After `runUnrolled` with an item for each step. */
export function readTerms(team: Team<RecurrentModel>, network: UnrolledNetwork): EngineTerms {
  const { hiddenSize: H, inputSize: I, cell, x } = network;
  const T = x.length;
  const rows = gateCount(cell) * H;
  const gates =
    cell === 'lstm'
      ? ['input', 'forget', 'candidate', 'output'].map((gate) => `${gate}.preactivation`)
      : ['preactivation'];
  const trace = (name: string) => traceView(team, `recurrent.l0.${name}`);
  const gradients = gates.map((gate) => trace(`${gate}.gradient`));
  const [hidden, dh] = [trace('hidden'), trace('hidden.gradient')];
  const dc = cell === 'lstm' ? trace('cell.gradient') : undefined;
  const outputs = traceView(team, 'outputs');
  const u = new Float32Array(T * T * rows * I);
  const w = new Float32Array(T * T * rows * H);
  const h = new Float32Array(T * T * H);
  const cells = dc && new Float32Array(T * T * H);
  const losses = new Float32Array(T);
  for (let t = 0; t < T; t++) {
    const target = network.targets[t];
    if (typeof target === 'number') losses[t] = -network.lossScale * Math.log(outputs.at(t, t, target));
    for (let k = 0; k <= t; k++) {
      const at = t * T + k;
      for (let j = 0; j < H; j++) {
        h[at * H + j] = dh.at(k, t, j);
        if (cells) cells[at * H + j] = dc.at(k, t, j);
      }
      for (let row = 0; row < rows; row++) {
        const arriving = gradients[Math.floor(row / H)]?.at(k, t, row % H) ?? NaN;
        for (let i = 0; i < I; i++) u[(at * rows + row) * I + i] = arriving * Math.fround(x[k]?.[i] ?? NaN);
        for (let j = 0; j < H; j++) {
          const before = k === 0 ? Math.fround(network.h0[j] ?? NaN) : hidden.at(k - 1, t, j);
          w[(at * rows + row) * H + j] = arriving * before;
        }
      }
    }
  }
  return { u, w, h, cell: cells, losses };
}

/** The engine's own backward pass over the network: all losses at once. Numbers as targets are those of the last step. */
export async function engineGradients(core: CoreModule, network: UnrolledNetwork): Promise<UnrolledWeights> {
  const values = network.targets.some((target) => target instanceof Float64Array);
  const form = { steps: network.x.length, batchSize: 1, values };
  const team = await Team.start({
    core,
    spec: unrolledSpec(network, form),
    build: buildRecurrentModel,
    batchSize: 1,
    threads: 1,
    optimizer: { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 },
  });
  runUnrolled(team, network, form);
  return readGradients(team);
}

/** Length of the difference of two gradients, as a share of the first one's. */
export function differenceOf(a: Float64Array, b: Float64Array): number {
  const difference = a.map((value, i) => value - b[i]!);
  const length = norm(a);
  return length === 0 ? norm(difference) : norm(difference) / length;
}
