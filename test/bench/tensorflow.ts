/**
 * The contestant TensorFlow.js, wasm backend, on the one thread that it runs under Node. Arguments: name of the case, and
 * who wrote the step: 'layers', as its guide shows it, with tf.layers' LSTM; or 'hand', a cell of its operations, the
 * fastest of the ways that were measured (tf.layers, tf.basicLSTMCell, and this one with and without the product below).
 */
import tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import { caseNamed } from './flags.ts';
import { serveRounds } from './protocol.ts';
import { createStep, multiply, startBackend, type Trained } from './tensorflow-step.ts';
import { CLASSES, INPUTS, denseInputs, initialWeights, targets, type BenchCase } from './workload.ts';

interface Model {
  /** [I, 4 H]. */
  readonly inputKernel: Variable;
  /** [H, 4 H]. */
  readonly recurrentKernel: Variable;
  /** [4 H]. */
  readonly bias: Variable;
  /** [H, V]. */
  readonly headKernel: Variable;
  /** [V]. */
  readonly headBias: Variable;
}

function createModel(benchCase: BenchCase): Model {
  const { hidden } = benchCase;
  const weights = initialWeights(benchCase);
  const transposed = (values: Float32Array, rows: number, columns: number) =>
    tf.variable(tf.tidy(() => tf.transpose(tf.tensor2d(values, [rows, columns]))));
  return {
    inputKernel: transposed(weights.weightIh, 4 * hidden, INPUTS),
    recurrentKernel: transposed(weights.weightHh, 4 * hidden, hidden),
    bias: tf.variable(tf.tensor1d(weights.biasIh.map((value, i) => value + (weights.biasHh[i] ?? 0)))),
    headKernel: transposed(weights.headWeight, CLASSES, hidden),
    headBias: tf.variable(tf.tensor1d(weights.headBias)),
  };
}

/** Mean cross-entropy; x is [T * B, I], labels [T * B, V]. */
function lossOf(model: Model, { steps, batch, hidden }: BenchCase, x: Tensor2D, labels: Tensor2D): tf.Scalar {
  const projections = tf.split(tf.add(multiply(x, model.inputKernel), model.bias), steps, 0);
  let h: Tensor = tf.zeros([batch, hidden]);
  let c: Tensor = tf.zeros([batch, hidden]);
  const outputs: Tensor2D[] = [];
  for (const projection of projections) {
    const recurrent = multiply(h, model.recurrentKernel);
    const [i, f, g, o] = tf.split(tf.add(projection, recurrent), 4, 1) as [Tensor, Tensor, Tensor, Tensor];
    c = tf.add(tf.mul(tf.sigmoid(f), c), tf.mul(tf.sigmoid(i), tf.tanh(g)));
    h = tf.mul(tf.sigmoid(o), tf.tanh(c));
    outputs.push(h as Tensor2D);
  }
  const logits = tf.add(multiply(tf.concat(outputs, 0), model.headKernel), model.headBias);
  return tf.losses.softmaxCrossEntropy(labels, logits);
}

function byHand(benchCase: BenchCase): Trained {
  const model = createModel(benchCase);
  const x = tf.tensor2d(denseInputs(benchCase), [benchCase.steps * benchCase.batch, INPUTS]);
  const labels = oneHotTargets(benchCase);
  return { loss: () => lossOf(model, benchCase, x, labels), variables: Object.values<Variable>({ ...model }) };
}

function withLayers(benchCase: BenchCase): Trained {
  const { steps, batch, hidden } = benchCase;
  const model = tf.sequential({
    layers: [
      tf.layers.lstm({
        units: hidden,
        recurrentActivation: 'sigmoid',
        returnSequences: true,
        inputShape: [steps, INPUTS],
      }),
      tf.layers.dense({ units: CLASSES }),
    ],
  });
  const { inputKernel, recurrentKernel, bias, headKernel, headBias } = createModel(benchCase);
  model.setWeights([inputKernel, recurrentKernel, bias, headKernel, headBias]);
  // Items come first here.
  const x = tf.tidy(() => tf.transpose(tf.tensor3d(denseInputs(benchCase), [steps, batch, INPUTS]), [1, 0, 2]));
  const labels = tf.tidy(() =>
    tf.transpose(tf.reshape(oneHotTargets(benchCase), [steps, batch, CLASSES]), [1, 0, 2]).reshape([-1, CLASSES]),
  );
  return {
    loss: () => {
      const logits = model.apply(x, { training: true }) as Tensor;
      return tf.losses.softmaxCrossEntropy(labels, tf.reshape(logits, [-1, CLASSES]));
    },
    variables: model.trainableWeights.map(variableOf),
  };
}

function variableOf(weight: tf.LayerVariable): Variable {
  const value = weight.read();
  if (value instanceof tf.Variable) return value as Variable;
  throw new Error(`${weight.name} is no variable.`);
}

/** [T * B, V]. */
function oneHotTargets(benchCase: BenchCase): Tensor2D {
  return tf.tidy(() => tf.oneHot(tf.tensor1d(targets(benchCase), 'int32'), CLASSES).toFloat()) as Tensor2D;
}

const library = await startBackend();
const [name = '', writer = 'hand'] = process.argv.slice(2);
const benchCase = caseNamed(name);
const layers = writer === 'layers';
await serveRounds(
  { about: layers ? library.replace(', wasm', ' layers, wasm') : library },
  createStep(layers ? withLayers(benchCase) : byHand(benchCase)),
);
