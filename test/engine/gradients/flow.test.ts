import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import type { CoreModule } from '../../../engine/core/core.ts';
import { loadCore } from '../../../engine/core/load.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { FLOAT32_FLOOR, FlowMeter, type LabelledInput } from '../../../engine/gradients/flow.ts';
import { norm } from '../../../engine/gradients/linear-algebra.ts';
import { arrivals } from '../../../engine/gradients/terms.ts';
import { forward, type UnrolledNetwork } from '../../../engine/gradients/unrolled-network.ts';
import type { FloatTensors } from '../../../engine/formats/checkpoint.ts';
import type { TaskShape } from '../../../engine/models/from-experiment.ts';
import { Numbers } from '../../reference/numbers.ts';

const I = 3;
const K = 4;

function experimentOf(model: object): Experiment {
  return parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    task: { id: 'adding' },
    model: { hiddenSize: 5, ...model },
    training: { updates: 1 },
  });
}

const perStep: TaskShape = {
  kind: 'tagging',
  input: { kind: 'values', names: ['a', 'b', 'c'] },
  output: { kind: 'labels', labels: ['p', 'q', 'r', 's'], per: 'step' },
};

function tensors(shapes: Readonly<Record<string, readonly number[]>>, scale: number): FloatTensors {
  const numbers = new Numbers(5);
  return new Map(
    Object.entries(shapes).map(([name, shape]) => {
      const count = shape.reduce((product, extent) => product * extent, 1);
      const data = Float32Array.from(numbers.matrix(1, count, name.includes('weight_hh') ? scale : 0.5).data);
      return [name, { dtype: 'F32' as const, shape: [...shape], data }];
    }),
  );
}

function layerShapes(gates: number, H: number, suffix: string, inputs: number) {
  return {
    [`recurrent.weight_ih_${suffix}`]: [gates * H, inputs],
    [`recurrent.weight_hh_${suffix}`]: [gates * H, H],
    [`recurrent.bias_ih_${suffix}`]: [gates * H],
    [`recurrent.bias_hh_${suffix}`]: [gates * H],
  };
}

function sequence(steps: number): LabelledInput {
  const numbers = new Numbers(9);
  return {
    steps,
    values: Float32Array.from(numbers.matrix(steps, I).data),
    targetLabels: Int32Array.from({ length: steps }, (_, t) => t % K),
  };
}

/** The same in float64. */
function textbook(cell: 'rnn' | 'lstm', weights: FloatTensors, { steps, values, targetLabels }: LabelledInput) {
  const read = (name: string) => Float64Array.from(weights.get(name)!.data);
  const second = read('recurrent.bias_hh_l0');
  const network: UnrolledNetwork = {
    cell,
    relu: false,
    inputSize: I,
    hiddenSize: 5,
    outputSize: K,
    weights: {
      u: read('recurrent.weight_ih_l0'),
      w: read('recurrent.weight_hh_l0'),
      b: read('recurrent.bias_ih_l0').map((value, i) => value + second[i]!),
      v: read('head.weight'),
      c: read('head.bias'),
    },
    x: Array.from({ length: steps }, (_, t) => Float64Array.from(values!.subarray(t * I, (t + 1) * I))),
    targets: Array.from(targetLabels!),
    h0: new Float64Array(5),
    c0: new Float64Array(5),
    lossScale: 1,
  };
  return arrivals(network, forward(network));
}

async function meterOf(model: object, task: TaskShape, weights: FloatTensors, steps: number): Promise<FlowMeter> {
  const core: CoreModule = await loadCore(coreFiles, { shared: false });
  return FlowMeter.load({ core, experiment: experimentOf(model), task, weights, steps, sourceName: 'the weights' });
}

describe.each([
  ['rnn', 1],
  ['lstm', 4],
] as const)('the flow of an %s', (cell, gates) => {
  const shapes = { ...layerShapes(gates, 5, 'l0', I), 'head.weight': [K, 5], 'head.bias': [K] };

  test('has the norms that float64 has, also where there are more losses than items', async () => {
    const weights = tensors(shapes, 0.5);
    const input = sequence(40);
    const flow = (await meterOf({ cell }, perStep, weights, 40)).measure(input);
    const want = textbook(cell, weights, input);
    expect(flow.losses).toHaveLength(40);
    for (const { state, norms } of flow.maps) {
      for (let t = 0; t < 40; t++) {
        for (let k = 0; k < 40; k++) {
          const got = norms[t * 40 + k]!;
          if (k > t) expect(got).toBeNaN();
          else {
            const { dh, dc } = want[t]![k]!;
            expect(got).toBeCloseTo(Math.log10(norm(state === 'hidden' ? dh : dc)), 3);
          }
        }
      }
    }
    expect(flow.maps.map(({ state }) => state)).toEqual(cell === 'lstm' ? ['hidden', 'cell'] : ['hidden']);
  });
});

test('finds what float32 cannot hold all the same, and says where even that ends', async () => {
  const shapes = { ...layerShapes(1, 5, 'l0', I), 'head.weight': [K, 5], 'head.bias': [K] };
  const weights = tensors(shapes, 0.12);
  const input = sequence(90);
  const flow = (await meterOf({ cell: 'rnn' }, perStep, weights, 90)).measure(input, 3);
  const want = textbook('rnn', weights, input);
  expect(flow.losses).toEqual([0, 45, 89]);
  const last = Array.from(flow.maps[0]!.norms.subarray(2 * 90, 3 * 90));
  expect(Math.min(...last.filter(Number.isFinite))).toBeLessThan(FLOAT32_FLOOR - 10);
  last.forEach((got, k) => {
    const exact = Math.log10(norm(want[89]![k]!.dh));
    if (exact < -67) expect(got).toBe(-Infinity);
    else if (exact > -65) expect(got).toBeCloseTo(exact, 2);
  });
});

test('finds what is too large for float32', async () => {
  const shapes = { ...layerShapes(1, 5, 'l0', I), 'head.weight': [K, 5], 'head.bias': [K] };
  const weights = tensors(shapes, 8);
  const silent = { ...sequence(120), values: new Float32Array(120 * I) };
  // Without input and biases the units stay at 0, where tanh passes everything on.
  for (const [name, { data }] of weights) if (name.includes('bias_')) data.fill(0);
  const flow = (await meterOf({ cell: 'rnn' }, perStep, weights, 120)).measure(silent, 2);
  const want = textbook('rnn', weights, silent);
  const last = Array.from(flow.maps[0]!.norms.subarray(120));
  expect(Math.max(...last)).toBeGreaterThan(39);
  last.forEach((got, k) => {
    const exact = Math.log10(norm(want[119]![k]!.dh));
    if (exact < 65) expect(got).toBeCloseTo(exact, 2);
    else if (exact > 70) expect(got).toBe(Infinity);
  });
});

describe('other models', () => {
  test('have their whole sequence’s loss at its last step', async () => {
    const weights = tensors({ ...layerShapes(3, 5, 'l0', I), 'head.weight': [1, 5], 'head.bias': [1] }, 0.5);
    const task: TaskShape = {
      kind: 'regression',
      input: perStep.input,
      output: { kind: 'values', names: ['sum'], per: 'sequence' },
    };
    const { targetLabels: _, ...input } = sequence(6);
    const meter = await meterOf({ cell: 'gru' }, task, weights, 6);
    const flow = meter.measure({ ...input, targetValues: Float32Array.of(0.7) });
    expect(flow.losses).toEqual([5]);
    expect(flow.maps).toHaveLength(1);
    expect(Array.from(flow.maps[0]!.norms).every(Number.isFinite)).toBe(true);
  });

  test('show each layer and direction, and what no path reaches', async () => {
    const shapes = {
      ...layerShapes(1, 5, 'l0', I),
      ...layerShapes(1, 5, 'l0_reverse', I),
      ...layerShapes(1, 5, 'l1', 10),
      ...layerShapes(1, 5, 'l1_reverse', 10),
      'head.weight': [K, 10],
      'head.bias': [K],
    };
    const meter = await meterOf({ cell: 'rnn', layers: 2, bidirectional: true }, perStep, tensors(shapes, 0.5), 5);
    const { maps } = meter.measure(sequence(5));
    expect(maps.map(({ layer, reverse }) => [layer, reverse])).toEqual([
      [0, false],
      [0, true],
      [1, false],
      [1, true],
    ]);
    const reached = maps.map(({ norms }) => Array.from(norms).filter(Number.isFinite).length);
    // Below, both directions read everything; at the top, the one reads what came before, the other what comes after.
    expect(reached).toEqual([25, 25, 15, 15]);
  });

  test('are refused where they have no recurrent state', async () => {
    const experiment = experimentOf({ cell: 'rnn' });
    const transformer = { ...experiment, model: { architecture: 'transformer' } } as unknown as Experiment;
    const core = await loadCore(coreFiles, { shared: false });
    const options = { core, experiment: transformer, task: perStep, weights: new Map(), steps: 3, sourceName: 'x' };
    await expect(FlowMeter.load(options)).rejects.toThrow('gradients are followed through time in recurrent models');
  });
});
