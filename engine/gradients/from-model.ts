/**
 * A few steps of a trained model as a textbook's network: its top layer and head, on what that layer reads in a real
 * sequence, from the state it is in where the steps begin. Lower layers and earlier steps are constants then.
 */
import type { CoreModule } from '../core/core.ts';
import { UnrolledError } from '../errors.ts';
import { Predictor } from '../models/predictor.ts';
import type { FloatTensors } from '../formats/checkpoint.ts';
import { IGNORED } from '../tasks/task.ts';
import { traceView } from '../team/traces.ts';
import { requireRecurrent, type FlowOptions, type LabelledInput } from './flow.ts';
import type { StepTarget, UnrolledNetwork } from './unrolled-network.ts';

export interface WindowOptions extends Omit<FlowOptions, 'steps'> {
  readonly core: CoreModule;
  readonly input: LabelledInput;
  /** The first step, from 0, and how many. */
  readonly from: number;
  readonly count: number;
}

/** Throws UnrolledError where the model is no such network: GRU, two directions, pooling over steps. */
export async function unrollModel(options: WindowOptions): Promise<UnrolledNetwork> {
  const { core, experiment, task, weights, input, sourceName } = options;
  requireRecurrent(experiment);
  const { model } = experiment;
  if (model.architecture !== 'recurrent' || model.cell === 'gru' || model.bidirectional) {
    throw new UnrolledError(
      'not-unrolled',
      'The formula is that of a plain RNN or an LSTM that reads in one direction.',
    );
  }
  if (task.output.per === 'sequence' && model.pooling !== 'last') {
    throw new UnrolledError(
      'not-unrolled',
      'The formula is that of a loss at one step; this model pools over all steps.',
    );
  }
  const from = Math.max(0, Math.min(options.from, input.steps - 1));
  const count = Math.min(options.count, input.steps - from);
  const predictor = await Predictor.load({ core, experiment, task, weights, steps: input.steps, sourceName });
  predictor.run(input);
  const { cell, hiddenSize: H, layers } = model;
  const top = layers - 1;
  const trace = (name: string) => traceView(predictor.team, name);
  const row = (name: string, step: number, width: number) =>
    Float64Array.from({ length: width }, (_, unit) => trace(name).at(step, 0, unit));
  const read = (name: string) => Float64Array.from(tensorOf(weights, name));
  const inputSize = widthOf(weights, `recurrent.weight_ih_l${top}`);
  const first = initialState(weights, input.condition, H, layers, cell === 'lstm');
  const before = (state: 'hidden' | 'cell') =>
    from > 0 ? row(`recurrent.l${top}.${state}`, from - 1, H) : first[state];
  const second = read(`recurrent.bias_hh_l${top}`);
  const v = read('head.weight');
  return {
    cell,
    relu: model.cell === 'rnn' && model.nonlinearity === 'relu',
    inputSize,
    hiddenSize: H,
    outputSize: v.length / H,
    weights: {
      u: read(`recurrent.weight_ih_l${top}`),
      w: read(`recurrent.weight_hh_l${top}`),
      b: read(`recurrent.bias_ih_l${top}`).map((value, i) => value + second[i]!),
      v,
      c: read('head.bias'),
    },
    x: Array.from({ length: count }, (_, i) => {
      const t = from + i;
      if (top > 0) return row(`recurrent.l${top - 1}.hidden`, t, inputSize);
      if (model.embeddingSize > 0 && input.tokens) return row('embedding', t, inputSize);
      if (input.tokens) return oneHot(inputSize, input.tokens[t] ?? 0);
      return Float64Array.from(input.values?.subarray(t * inputSize, (t + 1) * inputSize) ?? []);
    }),
    targets: Array.from({ length: count }, (_, i) => targetAt(input, task.output.per === 'step', from + i)),
    h0: before('hidden'),
    c0: cell === 'lstm' ? before('cell') : new Float64Array(0),
    lossScale: 1,
  };
}

function targetAt(input: LabelledInput, perStep: boolean, t: number): StepTarget {
  if (!perStep && t + 1 < input.steps) return null;
  if (input.targetValues) return Float64Array.from(input.targetValues);
  const label = input.targetLabels?.[perStep ? t : 0] ?? IGNORED;
  return label === IGNORED ? null : label;
}

// What a generator looks up by its label: h of each layer, then c of each.
function initialState(weights: FloatTensors, condition: number | undefined, H: number, layers: number, lstm: boolean) {
  const table = weights.get('initial.weight');
  const at = (state: number) => {
    if (!table) return new Float64Array(H);
    const start = (condition ?? 0) * (table.shape[1] ?? 0) + state * H;
    return Float64Array.from(table.data.subarray(start, start + H));
  };
  return { hidden: at(layers - 1), cell: lstm ? at(2 * layers - 1) : new Float64Array(0) };
}

function oneHot(size: number, symbol: number): Float64Array {
  const x = new Float64Array(size);
  x[symbol] = 1;
  return x;
}

function tensorOf(weights: FloatTensors, name: string): Float32Array {
  const tensor = weights.get(name);
  if (!tensor) throw new UnrolledError('not-unrolled', `The model has no ${name}.`);
  return tensor.data;
}

function widthOf(weights: FloatTensors, name: string): number {
  return weights.get(name)?.shape[1] ?? 0;
}
