import { describe, expect, test } from 'vitest';
import { DeepStack, type StackSettings } from '../../../engine/gradients/deep-stack.ts';
import { norm } from '../../../engine/gradients/linear-algebra.ts';
import { Untrained, type UntrainedSettings } from '../../../engine/gradients/untrained.ts';
import { arrivals } from '../../../engine/gradients/terms.ts';
import { forward } from '../../../engine/gradients/unrolled-network.ts';

const rnn: UntrainedSettings = {
  cell: 'rnn',
  activation: 'tanh',
  hiddenSize: 24,
  steps: 60,
  recurrent: 'orthogonal',
  scale: 1,
  forgetBias: 1,
  seed: 3,
};

describe('an untrained network', () => {
  test('has the gradients of its last loss at every step', () => {
    const untrained = new Untrained();
    const settings = { ...rnn, cell: 'lstm', steps: 9 } as const;
    const network = untrained.network(settings);
    const arrived = arrivals(network, forward(network))[8]!;
    const { hidden, cell } = untrained.curve(settings);
    expect(Array.from(hidden)).toEqual(arrived.map(({ dh }) => Math.log10(norm(dh))));
    expect(Array.from(cell!)).toEqual(arrived.map(({ dc }) => Math.log10(norm(dc))));
  });

  test('loses its gradient where the recurrent weights are small, and not where they are the identity under relu', () => {
    const untrained = new Untrained();
    const small = untrained.curve({ ...rnn, scale: 0.5 });
    expect(small.radii[0]).toBeCloseTo(0.5, 2);
    expect(small.factor).toBeLessThan(0.51);
    expect(small.hidden[0]).toBeLessThan(small.hidden[59]! - 15);
    const large = untrained.curve({ ...rnn, activation: 'relu', scale: 1.5, recurrent: 'identity' });
    expect(large.radii[0]).toBeCloseTo(1.5, 2);
    expect(large.hidden[0]).toBeGreaterThan(large.hidden[59]! + 5);
    const identity = untrained.curve({ ...rnn, activation: 'relu', recurrent: 'identity' });
    expect(identity.factor).toBeGreaterThan(0.97);
  });

  test('keeps more with a larger forget bias, and most with the chrono initialisation', () => {
    const untrained = new Untrained();
    const lstm = { ...rnn, cell: 'lstm', recurrent: 'normal', scale: 0.5 } as const;
    const [zero, one, chrono] = ([0, 1, 'chrono'] as const).map((forgetBias) =>
      untrained.curve({ ...lstm, forgetBias }),
    );
    expect(zero!.factor).toBeLessThan(0.7);
    expect(one!.factor).toBeGreaterThan(0.7);
    expect(chrono!.factor).toBeGreaterThan(one!.factor);
    expect(chrono!.factor).toBeGreaterThan(0.85);
  });
});

const stack: StackSettings = {
  depth: 4,
  width: 6,
  activation: 'tanh',
  residual: false,
  layerNorm: false,
  initial: 'glorot',
  batchSize: 5,
  learningRate: 0.1,
  seed: 2,
};

describe('a deep stack', () => {
  test.each([
    ['tanh', false, false],
    ['tanh', true, true],
    ['sigmoid', false, true],
    ['relu', true, false],
  ] as const)(
    'has the gradients that are measured: %s, residual %s, layer normalisation %s',
    (activation, residual, layerNorm) => {
      const deep = new DeepStack({ ...stack, activation, residual, layerNorm, initial: 'he' });
      const { weights, head } = deep.gradients();
      const check = (values: Float64Array, gradient: Float64Array) => {
        for (let i = 0; i < values.length; i++) {
          const [value, epsilon] = [values[i]!, 1e-6];
          values[i] = value + epsilon;
          const above = deep.loss();
          values[i] = value - epsilon;
          const below = deep.loss();
          values[i] = value;
          expect((above - below) / (2 * epsilon)).toBeCloseTo(gradient[i]!, 6);
        }
      };
      deep.layers.forEach(({ weight }, l) => check(weight, weights[l]!));
      check(deep.head, head);
    },
  );

  test('vanishes with depth under sigmoid, and not with residual connections and layer normalisation', () => {
    const deep = { ...stack, depth: 30, width: 16, batchSize: 16, activation: 'sigmoid' } as const;
    const plain = new DeepStack(deep).measure().states;
    expect(plain[0]! / plain[30]!).toBeLessThan(1e-12);
    const kept = new DeepStack({ ...deep, residual: true, layerNorm: true }).measure().states;
    expect(kept[0]! / kept[30]!).toBeGreaterThan(0.1);
  });

  test('learns where it is shallow', () => {
    const deep = new DeepStack({ ...stack, depth: 2, width: 16, batchSize: 64, activation: 'relu', initial: 'he' });
    const first = deep.measure();
    let last = first;
    for (let i = 0; i < 300; i++) last = deep.step();
    expect(deep.update).toBe(300);
    expect(last.loss).toBeLessThan(first.loss / 2);
    expect(last.accuracy).toBeGreaterThan(0.85);
  });
});
