/** Small networks with random numbers. */
import { fc } from '@fast-check/vitest';
import type { StepTarget, UnrolledCell, UnrolledNetwork } from '../../../engine/gradients/unrolled-network.ts';
import { Numbers } from '../../reference/numbers.ts';

export interface Sizes {
  readonly cell: UnrolledCell;
  readonly relu: boolean;
  readonly steps: number;
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly outputSize: number;
  /** Numbers in place of labels. */
  readonly values: boolean;
  /** Not every step has a loss. */
  readonly sparse: boolean;
  readonly seed: number;
}

export const sizes: fc.Arbitrary<Sizes> = fc.record({
  cell: fc.constantFrom('rnn', 'lstm'),
  relu: fc.boolean(),
  steps: fc.integer({ min: 1, max: 6 }),
  inputSize: fc.integer({ min: 1, max: 4 }),
  hiddenSize: fc.integer({ min: 1, max: 9 }),
  outputSize: fc.integer({ min: 2, max: 5 }),
  values: fc.boolean(),
  sparse: fc.boolean(),
  seed: fc.integer({ min: 0, max: 1e6 }),
});

export function randomNetwork({ cell, relu, steps, inputSize, hiddenSize, outputSize, values, sparse, seed }: Sizes) {
  const numbers = new Numbers(seed);
  const gates = cell === 'lstm' ? 4 : 1;
  const vector = (count: number, scale: number) => Float64Array.from(numbers.matrix(1, count, scale).data);
  const target = (t: number): StepTarget => {
    if (sparse && t % 2 === 0 && t + 1 < steps) return null;
    return values ? vector(outputSize, 1) : (seed + 3 * t) % outputSize;
  };
  const network: UnrolledNetwork = {
    cell,
    relu: relu && cell === 'rnn',
    inputSize,
    hiddenSize,
    outputSize,
    weights: {
      u: vector(gates * hiddenSize * inputSize, 0.8),
      w: vector(gates * hiddenSize * hiddenSize, 0.8),
      b: vector(gates * hiddenSize, 0.3),
      v: vector(outputSize * hiddenSize, 0.8),
      c: vector(outputSize, 0.3),
    },
    x: Array.from({ length: steps }, () => vector(inputSize, 1)),
    targets: Array.from({ length: steps }, (_, t) => target(t)),
    h0: vector(hiddenSize, 0.5),
    c0: vector(cell === 'lstm' ? hiddenSize : 0, 0.5),
    lossScale: seed % 2 === 0 ? 1 : 0.25,
  };
  return network;
}
