/**
 * The work that is measured, the same for every contestant: one training step of a 1-layer LSTM (T steps, batch B,
 * hidden size H) on I = 64 inputs, a linear head to V = 64 classes, mean cross-entropy, clipping by the global norm,
 * Adam. Inputs, targets and initial weights are the same everywhere too, so that the first losses must agree.
 */
export interface BenchCase {
  readonly name: string;
  /** T. */
  readonly steps: number;
  /** B. */
  readonly batch: number;
  /** H. */
  readonly hidden: number;
}

export const CASES: readonly BenchCase[] = [
  { name: 'b1-t64-h32', steps: 64, batch: 1, hidden: 32 },
  { name: 'b16-t32-h32', steps: 32, batch: 16, hidden: 32 },
  { name: 'b32-t64-h128', steps: 64, batch: 32, hidden: 128 },
  { name: 'b32-t64-h256', steps: 64, batch: 32, hidden: 256 },
  { name: 'b64-t64-h512', steps: 64, batch: 64, hidden: 512 },
];

/** Dense: rows of I numbers. One-hot: symbols, looked up where a contestant can. */
export type InputKind = 'dense' | 'one-hot';

/** I. */
export const INPUTS = 64;
/** V. */
export const CLASSES = 64;

export const ADAM = { learningRate: 1e-3, beta1: 0.9, beta2: 0.999, eps: 1e-8 } as const;
export const CLIP_NORM = 1;

/** Of a model with attention; pytorch.py has the same. */
const MODEL_BOUND = 0.08;
const FIRST_MODEL_STREAM = 10;
const GAIN = /norm\d?\.weight$/u;

/** By PyTorch's names, row-major. */
export interface Weights {
  /** [4 H, I], gates i, f, g, o. */
  readonly weightIh: Float32Array;
  /** [4 H, H]. */
  readonly weightHh: Float32Array;
  /** [4 H]. */
  readonly biasIh: Float32Array;
  /** [4 H]. */
  readonly biasHh: Float32Array;
  /** [V, H]. */
  readonly headWeight: Float32Array;
  /** [V]. */
  readonly headBias: Float32Array;
}

/** Tokens of a step: T * B. */
export function tokensPerStep({ steps, batch }: BenchCase): number {
  return steps * batch;
}

/** Useful floating-point operations a token: products forward and backward, but no gradient of the input. */
export function operationsPerToken({ hidden }: BenchCase, input: InputKind): number {
  const inputProducts = input === 'dense' ? 16 * hidden * INPUTS : 0;
  return 24 * hidden * hidden + inputProducts + 6 * hidden * CLASSES;
}

/** [T, B, I]. */
export function denseInputs({ steps, batch }: BenchCase): Float32Array {
  return uniform(steps * batch * INPUTS, 1, 1);
}

/** [T, B] of 0 to I - 1. */
export function symbolInputs({ steps, batch }: BenchCase): Int32Array {
  return Int32Array.from({ length: steps * batch }, (_, i) => Math.floor(unit(i, 2) * INPUTS));
}

/** [T, B] of 0 to V - 1. */
export function targets({ steps, batch }: BenchCase): Int32Array {
  return Int32Array.from({ length: steps * batch }, (_, i) => Math.floor(unit(i, 3) * CLASSES));
}

export function initialWeights({ hidden }: BenchCase): Weights {
  const bound = 1 / Math.sqrt(hidden);
  return {
    weightIh: uniform(4 * hidden * INPUTS, bound, 4),
    weightHh: uniform(4 * hidden * hidden, bound, 5),
    biasIh: uniform(4 * hidden, bound, 6),
    biasHh: uniform(4 * hidden, bound, 7),
    headWeight: uniform(CLASSES * hidden, bound, 8),
    headBias: uniform(CLASSES, bound, 9),
  };
}

/** The k-th parameter, in the order of their names, of a model with attention: gains of normalisations are 1. */
export function modelWeights(name: string, shape: readonly number[], k: number): Float32Array {
  const count = shape.reduce((product, size) => product * size, 1);
  if (GAIN.test(name)) return new Float32Array(count).fill(1);
  return uniform(count, MODEL_BOUND, FIRST_MODEL_STREAM + k);
}

/** `count` numbers in [-bound, bound). */
function uniform(count: number, bound: number, stream: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => (2 * unit(i, stream) - 1) * bound);
}

/** Number i of a stream, in [0, 1): i + 2^24 stream through the 32-bit finalizer of MurmurHash3 (Appleby). pytorch.py has the same. */
function unit(i: number, stream: number): number {
  let x = (i + stream * 0x1000000) >>> 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return ((x ^ (x >>> 16)) >>> 0) / 0x100000000;
}
