import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import type { BuildName } from '../../../engine/core/core.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { PYTORCH_INITIAL, type RecurrentInitial } from '../../../engine/layers/cells.ts';
import { initialiseParameters } from '../../../engine/models/initialise.ts';
import type { RecurrentSpec } from '../../../engine/models/spec.ts';
import { expectNear } from '../../reference/close.ts';
import { modelSpec, RunningModel } from './running-model.ts';

const H = 24;
const GATES = { rnn: 1, gru: 3, lstm: 4 } as const;

async function initialised(changes: Partial<RecurrentSpec>, seed: number, build?: BuildName) {
  const spec = modelSpec({ hiddenSize: H, input: { kind: 'tokens', symbols: 30 }, ...changes });
  const model = await RunningModel.start(spec, 1, build);
  const { core, layout } = model.team;
  const module = await loadCore(coreFiles, { shared: false, build: core.build });
  initialiseParameters(module, core, layout.parameters.list, seed);
  return model.parameters();
}

function withInitial(changes: Partial<RecurrentInitial>): RecurrentInitial {
  return { ...PYTORCH_INITIAL, ...changes };
}

/** Within +-bound, close to both ends, and with the mean and variance of a uniform distribution. */
function expectUniform(values: Float32Array, bound: number, what: string): void {
  const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expect(largest, what).toBeLessThanOrEqual(Math.fround(bound));
  if (values.length < 200) return;
  expect(largest, what).toBeGreaterThan(0.95 * bound);
  expectMoments(values, bound / Math.sqrt(3), what);
}

/** Mean 0 and this deviation, within five deviations of an estimate from so many values. */
function expectMoments(values: Float32Array, deviation: number, what: string): void {
  const n = values.length;
  const mean = values.reduce((sum, value) => sum + value, 0) / n;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / n;
  expect(Math.abs(mean), what).toBeLessThan((5 * deviation) / Math.sqrt(n));
  expect(Math.abs(variance / deviation ** 2 - 1), what).toBeLessThan(10 / Math.sqrt(n));
}

describe('initial weights', () => {
  test.each(['rnn', 'lstm', 'gru'] as const)("are PyTorch's by default: %s", async (cell) => {
    const parameters = await initialised({ cell, layers: 2, embeddingSize: 40, conditions: 20 }, 1);
    const bound = 1 / Math.sqrt(H);
    for (const [name, values] of parameters) {
      if (name.startsWith('recurrent.') || name.startsWith('head.')) expectUniform(values, bound, name);
    }
    expectMoments(parameters.get('embedding.weight')!, 1, 'embedding.weight');
    expectMoments(parameters.get('initial.weight')!, 0.1, 'initial.weight');
  });

  test('follow the choices for input and recurrent weights', async () => {
    const gates = GATES.lstm;
    const initial = withInitial({ input: 'xavier', recurrent: 'normal', recurrentScale: 2, forgetBias: null });
    const first = await initialised({ initial, input: { kind: 'values', width: 11 } }, 2);
    expectUniform(first.get('recurrent.weight_ih_l0')!, Math.sqrt(6 / (H + 11)), 'Xavier, by gate');
    expectMoments(first.get('recurrent.weight_hh_l0')!, 2 / Math.sqrt(H), 'normal, scaled');
    expect(first.get('recurrent.bias_hh_l0')).toEqual(new Float32Array(gates * H));

    const other = withInitial({ input: 'normal', recurrent: 'xavier', recurrentScale: 0.5 });
    const second = await initialised({ initial: other, input: { kind: 'values', width: 11 } }, 2);
    expectMoments(second.get('recurrent.weight_ih_l0')!, 1 / Math.sqrt(11), 'normal');
    expectUniform(second.get('recurrent.weight_hh_l0')!, 0.5 * Math.sqrt(6 / (2 * H)), 'Xavier, scaled');

    const scaled = await initialised({ initial: withInitial({ recurrentScale: 3 }) }, 2);
    expectUniform(scaled.get('recurrent.weight_hh_l0')!, 3 / Math.sqrt(H), 'uniform, scaled');
    expectUniform(scaled.get('recurrent.weight_ih_l0')!, 1 / Math.sqrt(H), 'uniform');
  });

  test.each(['rnn', 'lstm', 'gru'] as const)('are orthogonal in each recurrent block: %s', async (cell) => {
    const gain = 1.5;
    const initial = withInitial({ recurrent: 'orthogonal', recurrentScale: gain });
    const weights = (await initialised({ cell, initial }, 3)).get('recurrent.weight_hh_l0')!;
    const blocks = Array.from({ length: GATES[cell] }, (_, gate) => weights.subarray(gate * H * H, (gate + 1) * H * H));
    for (const block of blocks) expectNear(gram(block), scaledIdentity(gain * gain), 1e-5, 'W W^T');
    expect(new Set(blocks.map((block) => block[0])).size).toBe(blocks.length);
  });

  test("put the forget gate's bias into bias_ih alone", async () => {
    const parameters = await initialised(
      { layers: 2, bidirectional: true, initial: withInitial({ forgetBias: 1.5 }) },
      4,
    );
    for (const suffix of ['l0', 'l0_reverse', 'l1', 'l1_reverse']) {
      const input = parameters.get(`recurrent.bias_ih_${suffix}`)!;
      const recurrent = parameters.get(`recurrent.bias_hh_${suffix}`)!;
      expect(input.slice(H, 2 * H)).toEqual(new Float32Array(H).fill(1.5));
      expect(recurrent.slice(H, 2 * H)).toEqual(new Float32Array(H));
      for (const gate of [0, 2, 3]) {
        for (const bias of [input, recurrent]) {
          const block = bias.slice(gate * H, (gate + 1) * H);
          expect(block.some((value) => value !== 0)).toBe(true);
          expectUniform(block, 1 / Math.sqrt(H), `gate ${gate}`);
        }
      }
    }
  });

  test('leave the forget gate like the others where no bias is chosen', async () => {
    const bias = (await initialised({ initial: withInitial({ forgetBias: null }) }, 5)).get('recurrent.bias_ih_l0')!;
    expect(new Set(bias).size).toBeGreaterThan(0.9 * bias.length);
  });

  test('are the identity where that is chosen, one for each gate', async () => {
    const initial = withInitial({ recurrent: 'identity', recurrentScale: 0.5 });
    for (const cell of ['rnn', 'gru'] as const) {
      const weight = (await initialised({ cell, initial }, 4)).get('recurrent.weight_hh_l0')!;
      expect(weight).toHaveLength(GATES[cell] * H * H);
      weight.forEach((value, i) => expect(value).toBe(Math.floor(i / H) % H === i % H ? 0.5 : 0));
    }
    const biases = (await initialised({ cell: 'rnn', initial }, 4)).get('recurrent.bias_ih_l0')!;
    expect(biases.every((value) => value === 0)).toBe(true);
  });

  test('are the chrono initialisation where that is chosen', async () => {
    const initial = withInitial({ recurrent: 'orthogonal', forgetBias: 1, chronoSteps: 100 });
    const parameters = await initialised({ initial, hiddenSize: 64 }, 5);
    const bias = parameters.get('recurrent.bias_ih_l0')!;
    const forget = bias.slice(64, 128);
    expect(Array.from(bias.slice(0, 64))).toEqual(Array.from(forget, (value) => -value));
    expect(bias.slice(128).every((value) => value === 0)).toBe(true);
    expect(parameters.get('recurrent.bias_hh_l0')!.every((value) => value === 0)).toBe(true);
    const drawn = forget.map(Math.exp);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(99.001);
    const mean = drawn.reduce((sum, value) => sum + value, 0) / 64;
    // Uniform in [1, 99]: five deviations of a mean of 64.
    expect(Math.abs(mean - 50)).toBeLessThan((5 * 98) / Math.sqrt(12 * 64));
    expect(new Set(forget).size).toBeGreaterThan(60);
  });

  test('follow from the seed', async () => {
    const initial = withInitial({ recurrent: 'orthogonal', forgetBias: 1 });
    const of = (seed: number, build?: BuildName) => initialised({ initial, layers: 2, embeddingSize: 7 }, seed, build);
    const weights = await of(6);
    expect(await of(6)).toEqual(weights);
    const others = await of(7);
    for (const [name, values] of weights) {
      const constant = name.startsWith('recurrent.bias_hh');
      if (!constant && !name.startsWith('recurrent.bias')) expect(others.get(name), name).not.toEqual(values);
    }
  });

  test.each(['baseline', 'relaxed', 'wide'] as const)(
    'are the same in %s with and without shared memory',
    async (build) => {
      const initial = withInitial({ recurrent: 'orthogonal', input: 'normal', forgetBias: 1 });
      const own = await initialised({ initial, layers: 2 }, 8, build);
      expect(await initialised({ initial, layers: 2 }, 8, `${build}-shared`)).toEqual(own);
    },
  );

  test('differ from parameter to parameter', async () => {
    const parameters = await initialised({ layers: 2, bidirectional: true, hiddenSize: 8 }, 9);
    const firsts = [...parameters.values()].map((values) => values[0]);
    expect(new Set(firsts).size).toBe(firsts.length);
  });
});

/** W W^T of [H, H]. */
function gram(block: Float32Array): Float64Array {
  return Float64Array.from({ length: H * H }, (_, index) => {
    const [r, c] = [Math.floor(index / H), index % H];
    let sum = 0;
    for (let k = 0; k < H; k++) sum += block[r * H + k]! * block[c * H + k]!;
    return sum;
  });
}

function scaledIdentity(value: number): Float64Array {
  return Float64Array.from({ length: H * H }, (_, index) => (Math.floor(index / H) === index % H ? value : 0));
}
