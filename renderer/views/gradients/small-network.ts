/** The network that a person edits by hand: two inputs, two units, two labels. */
import type { UnrolledCell, UnrolledNetwork, UnrolledWeights } from '../../../engine/gradients/unrolled-network.ts';

const I = 2;
const H = 2;
const K = 2;
/** The most steps that are unrolled. */
export const MOST_STEPS = 12;

/** Where it begins: numbers that a person can follow. */
const BLOCK = {
  u: [0.8, -0.4, 0.3, 0.9],
  w: [0.5, -0.3, 0.4, 0.6],
  b: [0.1, -0.1],
} as const;
const FORGET_BIAS = 1;

export function smallNetwork(cell: UnrolledCell, steps: number): UnrolledNetwork {
  const gates = cell === 'lstm' ? 4 : 1;
  const repeat = (block: readonly number[]) =>
    Float64Array.from({ length: gates * block.length }, (_, i) => block[i % block.length]!);
  const b = repeat(BLOCK.b);
  if (cell === 'lstm') b.fill(FORGET_BIAS, H, 2 * H);
  return {
    cell,
    relu: false,
    inputSize: I,
    hiddenSize: H,
    outputSize: K,
    weights: {
      u: repeat(BLOCK.u),
      w: repeat(BLOCK.w),
      b,
      v: Float64Array.of(0.7, -0.5, -0.6, 0.8),
      c: new Float64Array(K),
    },
    x: Array.from({ length: steps }, (_, t) => Float64Array.of(t % 3 === 0 ? 1 : -0.5, t % 2 === 0 ? 0.5 : -1)),
    targets: Array.from({ length: steps }, (_, t) => t % K),
    h0: new Float64Array(H),
    c0: new Float64Array(cell === 'lstm' ? H : 0),
    lossScale: 1,
  };
}

/** With as many steps; what is new begins as in a new network. */
export function withSteps(network: UnrolledNetwork, steps: number): UnrolledNetwork {
  const fresh = smallNetwork(network.cell, steps);
  return {
    ...network,
    x: fresh.x.map((x, t) => network.x[t] ?? x),
    targets: fresh.targets.map((target, t) => network.targets[t] ?? target),
  };
}

export function withWeight(
  network: UnrolledNetwork,
  name: keyof UnrolledWeights,
  index: number,
  value: number,
): UnrolledNetwork {
  const values = network.weights[name].slice();
  values[index] = value;
  return { ...network, weights: { ...network.weights, [name]: values } };
}

export function withInput(network: UnrolledNetwork, t: number, index: number, value: number): UnrolledNetwork {
  const x = network.x.map((row, step) => (step === t ? row.map((old, i) => (i === index ? value : old)) : row));
  return { ...network, x };
}

export function withTarget(network: UnrolledNetwork, t: number, label: number): UnrolledNetwork {
  return { ...network, targets: network.targets.map((target, step) => (step === t ? label : target)) };
}
