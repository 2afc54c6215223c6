/** bptt_terms: every term of backpropagation through time, by one backward pass with a loss for each item of the batch. */
import { readGradients, readTerms, runUnrolled, unrolledSpec } from '../../../engine/gradients/engine-terms.ts';
import type { UnrolledNetwork } from '../../../engine/gradients/unrolled-network.ts';
import { buildRecurrentModel, type RecurrentModel } from '../../../engine/models/recurrent-model.ts';
import type { GoldenCase, Tensor } from '../case.ts';
import { choiceOf, countOf } from './config.ts';
import { NO_OPTIMIZER, expectShape, tensorOf, type Op } from './op.ts';
import { expectSymbols } from './rows.ts';

/** The network of a case, whose numbers float32 represents exactly. */
export function unrolledNetworkOf(golden: GoldenCase): UnrolledNetwork {
  const cell = choiceOf(golden, 'cell', ['rnn', 'lstm']);
  const steps = countOf(golden, 'steps');
  const inputSize = countOf(golden, 'inputSize');
  const hiddenSize = countOf(golden, 'hiddenSize');
  const outputSize = countOf(golden, 'classes');
  const rows = (cell === 'lstm' ? 4 : 1) * hiddenSize;
  const read = (group: 'inputs' | 'params', name: string, shape: readonly number[]): Tensor => {
    const tensor = tensorOf(golden[group], group, name);
    expectShape(tensor, shape, `${group}.${name}`);
    return tensor;
  };
  const weight = (name: string, shape: readonly number[]) => Float64Array.from(read('params', name, shape).data);
  const x = read('inputs', 'x', [steps, inputSize]).data;
  const targets = read('inputs', 'targets', [steps]).data;
  expectSymbols(targets, outputSize, 'inputs.targets');
  return {
    cell,
    relu: false,
    inputSize,
    hiddenSize,
    outputSize,
    weights: {
      u: weight('u', [rows, inputSize]),
      w: weight('w', [rows, hiddenSize]),
      b: weight('b', [rows]),
      v: weight('v', [outputSize, hiddenSize]),
      c: weight('c', [outputSize]),
    },
    x: Array.from({ length: steps }, (_, t) => Float64Array.from(x.slice(t * inputSize, (t + 1) * inputSize))),
    targets,
    h0: new Float64Array(hiddenSize),
    c0: new Float64Array(cell === 'lstm' ? hiddenSize : 0),
    lossScale: 1,
  };
}

export const bpttTerms: Op<RecurrentModel> = {
  batchSize: (golden) => countOf(golden, 'steps'),
  optimizer: () => NO_OPTIMIZER,
  build: (golden) => {
    const network = unrolledNetworkOf(golden);
    const steps = network.x.length;
    return buildRecurrentModel(unrolledSpec(network, { steps, batchSize: steps, values: false }));
  },
  run(team, golden) {
    const network = unrolledNetworkOf(golden);
    const { inputSize, hiddenSize, weights, x } = network;
    const T = x.length;
    const rows = weights.b.length;
    runUnrolled(team, network, { steps: T, batchSize: T, values: false });
    const terms = readTerms(team, network);
    const { u, w } = readGradients(team);
    return {
      outputs: {
        losses: { shape: [T], data: terms.losses },
        du_terms: { shape: [T, T, rows, inputSize], data: terms.u },
        dw_terms: { shape: [T, T, rows, hiddenSize], data: terms.w },
        dh_terms: { shape: [T, T, hiddenSize], data: terms.h },
        du: { shape: [rows, inputSize], data: u },
        dw: { shape: [rows, hiddenSize], data: w },
      },
      grads: {},
    };
  },
};
