/** What TensorFlow.js's contestants share: its wasm backend, products whose gradients are fast in it, and the step. */
import tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import type { Tensor, Variable } from '@tensorflow/tfjs';
import { ADAM, CLIP_NORM } from './workload.ts';

/** Starts the backend; the library's name and version, for people. */
export async function startBackend(): Promise<string> {
  await tf.setBackend('wasm');
  await tf.ready();
  const simd = tf.env().getBool('WASM_HAS_SIMD_SUPPORT') ? ', SIMD' : '';
  return `TensorFlow.js ${tf.version.tfjs}, wasm${simd}`;
}

/** a b, of matrices or batches of them; its gradient transposes first: the backend multiplies by a transposed matrix slowly. */
export const multiply = tf.customGrad((...args) => {
  const [a, b, save] = args as [Tensor, Tensor, (tensors: Tensor[]) => void];
  save([a, b]);
  return {
    value: tf.matMul(a, b),
    gradFunc: (dy: Tensor, saved: Tensor[]) => {
      const [savedA, savedB] = saved as [Tensor, Tensor];
      return [tf.matMul(dy, turned(savedB)), tf.matMul(turned(savedA), dy)];
    },
  };
});

/** The last two axes exchanged. */
export function turned(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** What is trained, and how its loss comes about. */
export interface Trained {
  readonly loss: () => tf.Scalar;
  readonly variables: Variable[];
}

/** One training step; returns its loss. */
export function createStep({ loss, variables }: Trained): () => number {
  const optimizer = tf.train.adam(ADAM.learningRate, ADAM.beta1, ADAM.beta2, ADAM.eps);
  return () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(loss, variables);
      const gradients = Object.entries(grads);
      const norm = tf.sqrt(tf.addN(gradients.map(([, gradient]) => tf.sum(tf.square(gradient)))));
      const scale = tf.minimum(1, tf.div(CLIP_NORM, tf.add(norm, 1e-6)));
      optimizer.applyGradients(
        Object.fromEntries(gradients.map(([name, gradient]) => [name, tf.mul(gradient, scale)])),
      );
      return value.dataSync()[0] ?? NaN;
    });
}
