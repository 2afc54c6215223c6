/** training_run: a language model trained for a few updates, as the engine trains it. */
import { InputError } from '../../../engine/errors.ts';
import { PYTORCH_INITIAL } from '../../../engine/layers/cells.ts';
import { buildRecurrentModel, type RecurrentModel } from '../../../engine/models/recurrent-model.ts';
import type { RecurrentSpec } from '../../../engine/models/spec.ts';
import { stagedBuffers } from '../../../engine/models/staging.ts';
import { readParameter } from '../../../engine/team/parameters.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import type { GoldenCase } from '../case.ts';
import type { ComputedTensor } from '../compare.ts';
import { choiceOf, countOf, numberOf } from './config.ts';
import { expectShape, ownNetwork, setPass, tensorOf, writeParameters, type Op } from './op.ts';
import { expectRecurrentSizes } from './recurrent.ts';
import { expectSymbols } from './rows.ts';

function specOf(golden: GoldenCase, trace: boolean): RecurrentSpec {
  const x = tensorOf(golden.inputs, 'inputs', 'x');
  const targets = tensorOf(golden.inputs, 'inputs', 'targets');
  const [, steps, batchSize] = x.shape;
  if (!steps || !batchSize) throw new InputError(`inputs.x is [${x.shape.join(', ')}], and must be [steps, T, B].`);
  const shape = [countOf(golden, 'steps'), steps, batchSize];
  const symbols = countOf(golden, 'vocabulary');
  expectShape(x, shape, 'inputs.x');
  expectShape(targets, shape, 'inputs.targets');
  const cell = choiceOf(golden, 'cell', ['rnn', 'lstm', 'gru']);
  const hiddenSize = countOf(golden, 'hiddenSize');
  const layers = countOf(golden, 'layers');
  const embeddingSize = countOf(golden, 'embedSize');
  expectShape(
    tensorOf(golden.params, 'params', 'embedding.weight'),
    [symbols, embeddingSize],
    'params.embedding.weight',
  );
  expectRecurrentSizes(golden.params, 'recurrent.', cell, hiddenSize, layers);
  expectSymbols(x.data, symbols, 'inputs.x');
  expectSymbols(targets.data, symbols, 'inputs.targets');
  return {
    architecture: 'recurrent',
    input: { kind: 'tokens', symbols },
    output: { kind: 'labels', count: symbols, per: 'step' },
    conditions: 0,
    cell,
    relu: choiceOf(golden, 'nonlinearity', ['tanh', 'relu']) === 'relu',
    hiddenSize,
    layers,
    bidirectional: false,
    embeddingSize,
    dropout: false,
    pooling: 'last',
    initial: PYTORCH_INITIAL,
    lengths: false,
    stateful: false,
    steps,
    sourceSteps: 0,
    batchSize,
    seed: 0,
    trace,
  };
}

export const trainingRun: Op<RecurrentModel> = {
  batchSize: (golden) => specOf(golden, false).batchSize,
  optimizer: () => ({ kind: 'adam', beta1: 0.9, beta2: 0.999, eps: 1e-8, weightDecay: 0 }),
  build: (golden, trace) => buildRecurrentModel(specOf(golden, trace)),
  run(team, golden) {
    const spec = specOf(golden, false);
    const { control, core, threads } = team;
    const buffers = stagedBuffers(core, spec, ownNetwork(team).staging);
    const updates = countOf(golden, 'steps');
    const size = spec.steps * spec.batchSize;
    const part = (name: string, update: number) =>
      tensorOf(golden.inputs, 'inputs', name).data.slice(update * size, (update + 1) * size);
    const losses: number[] = [];
    const gradNorms: number[] = [];

    writeParameters(team, golden.params);
    setPass(team, { steps: spec.steps, lossScale: 1 / size });
    control.setValue('learningRate', numberOf(golden, 'learningRate'));
    control.setValue('clipNorm', numberOf(golden, 'clipNorm', 0));
    buffers.lengths.fill(spec.steps);
    team.run(COMMANDS.refresh);
    for (let update = 0; update < updates; update++) {
      buffers.tokens?.set(part('x', update));
      buffers.targetLabels?.set(part('targets', update));
      control.setWord('update', update);
      team.run(COMMANDS.train);
      losses.push(control.loss(threads) / size);
      gradNorms.push(Math.sqrt(control.squares(threads)));
    }
    const final = team.layout.parameters.list.map((parameter): [string, ComputedTensor] => [
      `final.${parameter.name}`,
      { shape: parameter.shape, data: readParameter(core.f32, parameter) },
    ]);
    return {
      outputs: {
        losses: { shape: [updates], data: losses },
        gradNorms: { shape: [updates], data: gradNorms },
        ...Object.fromEntries(final),
      },
      grads: {},
    };
  },
};
