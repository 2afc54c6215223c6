/**
 * The contestant TensorFlow.js at a transformer, wasm backend, on the one thread that it runs under Node. tf.layers has no
 * public layer of attention, so the model is written in its operations. Argument: name of the case.
 */
import tf from '@tensorflow/tfjs';
import type { Tensor, Tensor2D, Variable } from '@tensorflow/tfjs';
import type { TransformerSpec } from '../../engine/models/spec.ts';
import { modelCaseNamed } from './flags.ts';
import { hasTensorFlowParts, STRIDES } from './model-cases.ts';
import { serveRounds } from './protocol.ts';
import { createStep, multiply, startBackend, turned, type Trained } from './tensorflow-step.ts';
import { modelWeights } from './workload.ts';

/** As PyTorch and this project have it. */
const NORM_EPSILON = 1e-5;
/** Added to the scores of what must not be seen. */
const UNSEEN = -1e9;

/** Every parameter by PyTorch's name, as it is multiplied: matrices are transposed. */
function createParameters(spec: TransformerSpec, symbols: number): ReadonlyMap<string, Variable> {
  const { modelSize: e, feedForwardSize: f, layers } = spec;
  const shapes: [string, number[]][] = [
    ['embedding.weight', [symbols, e]],
    ['head.weight', [symbols, e]],
    ['head.bias', [symbols]],
    ['decoder.norm.weight', [e]],
    ['decoder.norm.bias', [e]],
  ];
  for (let layer = 0; layer < layers; layer++) {
    const at = `decoder.layers.${layer}`;
    shapes.push([`${at}.self_attn.in_proj_weight`, [3 * e, e]], [`${at}.self_attn.in_proj_bias`, [3 * e]]);
    shapes.push([`${at}.self_attn.out_proj.weight`, [e, e]], [`${at}.self_attn.out_proj.bias`, [e]]);
    shapes.push([`${at}.linear1.weight`, [f, e]], [`${at}.linear1.bias`, [f]]);
    shapes.push([`${at}.linear2.weight`, [e, f]], [`${at}.linear2.bias`, [e]]);
    for (const norm of ['norm1', 'norm2']) shapes.push([`${at}.${norm}.weight`, [e]], [`${at}.${norm}.bias`, [e]]);
  }
  const named = shapes.toSorted(([a], [b]) => (a < b ? -1 : 1));
  return new Map(
    named.map(([name, shape], k) => {
      const values = tf.tensor(modelWeights(name, shape, k), shape);
      const asUsed = shape.length === 2 && name !== 'embedding.weight' ? turned(values) : values;
      return [name, tf.variable(asUsed)];
    }),
  );
}

/** A language model that reads every step and those before it; norms come before what they are of. */
function transformer(spec: TransformerSpec): Trained {
  const { steps, batchSize: batch, modelSize: e, heads, layers, output } = spec;
  const symbols = output.kind === 'labels' ? output.count : 0;
  const parameters = createParameters(spec, symbols);
  const of = (name: string): Variable => parameters.get(name)!;
  // Items come first here: number [step, item] of a batch is given by its stride.
  const numbers = (stride: number): Int32Array =>
    Int32Array.from(
      { length: batch * steps },
      (_, i) => (((i % steps) * batch + Math.floor(i / steps)) * stride) % symbols,
    );
  const oneHot = (stride: number): Tensor2D =>
    tf.tidy(() => tf.oneHot(tf.tensor1d(numbers(stride), 'int32'), symbols).toFloat()) as Tensor2D;
  const tokens = oneHot(STRIDES.tokens);
  const targets = oneHot(STRIDES.targets);
  const positions = tf.tensor(sinusoids(steps, e), [1, steps, e]);
  const mask = tf.tensor(
    Float32Array.from({ length: steps * steps }, (_, i) => (i % steps > Math.floor(i / steps) ? UNSEEN : 0)),
    [1, steps, steps],
  );

  const linear = (x: Tensor, name: string, between = '.'): Tensor =>
    tf.add(multiply(x, of(`${name}${between}weight`)), of(`${name}${between}bias`));
  const norm = (x: Tensor, name: string): Tensor => {
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const scaled = tf.mul(centred, tf.rsqrt(tf.add(variance, NORM_EPSILON)));
    return tf.add(tf.mul(scaled, of(`${name}.weight`)), of(`${name}.bias`));
  };
  const gelu = (x: Tensor): Tensor => tf.mul(tf.mul(x, 0.5), tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1));
  /** [B T, E] as [B heads, T, E / heads], and back. */
  const apart = (x: Tensor): Tensor =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, steps, heads, e / heads]), [0, 2, 1, 3]), [
      batch * heads,
      steps,
      e / heads,
    ]);
  const together = (x: Tensor): Tensor =>
    tf.reshape(tf.transpose(tf.reshape(x, [batch, heads, steps, e / heads]), [0, 2, 1, 3]), [batch * steps, e]);
  const attention = (x: Tensor, at: string): Tensor => {
    const [q, k, v] = tf.split(linear(x, `${at}.in_proj`, '_'), 3, 1).map(apart) as [Tensor, Tensor, Tensor];
    const scores = tf.mul(multiply(q, turned(k)), 1 / Math.sqrt(e / heads));
    return linear(together(multiply(tf.softmax(tf.add(scores, mask)), v)), `${at}.out_proj`);
  };

  const loss = (): tf.Scalar => {
    const embedded = tf.reshape(multiply(tokens, of('embedding.weight')), [batch, steps, e]);
    let x = tf.reshape(tf.add(embedded, positions), [batch * steps, e]);
    for (let layer = 0; layer < layers; layer++) {
      const at = `decoder.layers.${layer}`;
      x = tf.add(x, attention(norm(x, `${at}.norm1`), `${at}.self_attn`));
      x = tf.add(x, linear(gelu(linear(norm(x, `${at}.norm2`), `${at}.linear1`)), `${at}.linear2`));
    }
    return tf.losses.softmaxCrossEntropy(targets, linear(norm(x, 'decoder.norm'), 'head'));
  };
  return { loss, variables: [...parameters.values()] };
}

/** [T, E]: Vaswani et al. 2017, section 3.5. */
function sinusoids(steps: number, size: number): Float32Array {
  return Float32Array.from({ length: steps * size }, (_, i) => {
    const column = i % size;
    const angle = Math.floor(i / size) / 10000 ** ((column - (column % 2)) / size);
    return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
  });
}

const modelCase = modelCaseNamed(process.argv[2] ?? '');
const { spec } = modelCase;
if (!hasTensorFlowParts(modelCase) || spec.architecture !== 'transformer') {
  throw new Error(`${modelCase.name} is not written in the operations of TensorFlow.js.`);
}
await serveRounds({ about: await startBackend() }, createStep(transformer(spec)));
