/** ONNX files in onnxruntime, against the engine. */
import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { ROW_BYTES } from '../../../engine/core/arena.ts';
import { permuteBlocks } from '../../../engine/exports/gates.ts';
import { graphsOf, type NamedGraph } from '../../../engine/exports/onnx/graphs.ts';
import { onnxExport } from '../../../engine/exports/onnx/onnx.ts';
import { goesOnFromState, weightOf, type AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { TransformerModel } from '../../../engine/models/transformer-model.ts';
import {
  cardOf,
  KINDS,
  predictorOf,
  randomItems,
  randomModel,
  randomTransformer,
  relativeError,
  TRANSFORMERS,
  type Item,
} from './models.ts';

const T = 9;
const B = 4;
const TOLERANCE = 1e-5;

ort.env.wasm.numThreads = 1;
ort.env.logLevel = 'error';

type Feeds = Record<string, ort.Tensor>;

async function sessionOf(model: AnyTrainedModel): Promise<ort.InferenceSession> {
  return ort.InferenceSession.create(onnxExport(model, cardOf(model))[0]!.bytes);
}

/** Items side by side, padded with zeros. */
function feedsOf(session: ort.InferenceSession, { spec }: AnyTrainedModel, items: readonly Item[]): Feeds {
  const steps = Math.max(...items.map((item) => item.steps));
  const width = spec.input.kind === 'values' ? spec.input.width : 1;
  const laid = new Float64Array(steps * items.length * width);
  items.forEach(({ tokens, values = tokens }, b) => {
    values?.forEach((value, i) => {
      laid[(Math.floor(i / width) * items.length + b) * width + (i % width)] = value;
    });
  });
  const state = () => {
    const size = spec.architecture === 'transformer' ? 0 : spec.hiddenSize;
    const zeros = new Float32Array(spec.layers * items.length * size);
    return new ort.Tensor('float32', zeros, [spec.layers, items.length, size]);
  };
  const all: Readonly<Record<string, () => ort.Tensor>> = {
    tokens: () => new ort.Tensor('int64', BigInt64Array.from(laid, BigInt), [steps, items.length]),
    values: () => new ort.Tensor('float32', Float32Array.from(laid), [steps, items.length, width]),
    lengths: () =>
      new ort.Tensor(
        'int32',
        Int32Array.from(items, (item) => item.steps),
        [items.length],
      ),
    label: () =>
      new ort.Tensor(
        'int64',
        BigInt64Array.from(items, ({ condition = 0 }) => BigInt(condition)),
        [items.length],
      ),
    h0: state,
    c0: state,
  };
  return Object.fromEntries(session.inputNames.map((name) => [name, all[name]!()]));
}

/** Item b of [T, B, N] (its own steps) or [B, N]. */
function answerOf({ spec }: AnyTrainedModel, output: ort.Tensor, b: number, steps: number): Float32Array {
  const data = output.data as Float32Array;
  const N = output.dims.at(-1)!;
  if (spec.output.per === 'sequence') return data.slice(b * N, (b + 1) * N);
  const batch = output.dims[1]!;
  return Float32Array.from({ length: steps * N }, (_, i) => data[(Math.floor(i / N) * batch + b) * N + (i % N)]!);
}

function mainOutput(results: ort.InferenceSession.OnnxValueMapType): ort.Tensor {
  return (results['probabilities'] ?? results['outputs'])!;
}

/** The largest relative difference between the file's and the engine's answers. */
async function disagreement(exported: AnyTrainedModel, own: AnyTrainedModel = exported): Promise<number> {
  const session = await sessionOf(exported);
  const predictor = await predictorOf(own, T);
  const items = randomItems(own, B, T, own.spec.input.kind === 'tokens');
  const output = mainOutput(await session.run(feedsOf(session, own, items)));
  await session.release();
  return Math.max(...items.map((item, b) => relativeError(answerOf(own, output, b, item.steps), predictor.run(item))));
}

describe('onnxruntime gives the engine’s answers', () => {
  test.each(KINDS)('%s', async (_name, family, choice) => {
    expect(await disagreement(randomModel(family, choice))).toBeLessThan(TOLERANCE);
  });

  test('and sees gates that were left in another order', async () => {
    const model = randomModel('tagging');
    const { hiddenSize } = model.spec;
    // What the exporter's order of gates brings back to PyTorch's own.
    const before = [0, 2, 3, 1];
    const weights = new Map(
      [...model.weights].map(([name, tensor]) => [
        name,
        name.startsWith('recurrent.')
          ? { ...tensor, data: permuteBlocks(tensor.data, tensor.data.length / 4, before) }
          : tensor,
      ]),
    );
    expect(weights.get('recurrent.bias_ih_l0')!.data.length).toBe(4 * hiddenSize);
    expect(await disagreement({ ...model, weights }, model)).toBeGreaterThan(0.01);
  });
});

describe('of transformers, too', () => {
  test.each(TRANSFORMERS)('%s', async (_name, family, choice) => {
    expect(await disagreement(randomTransformer(family, choice))).toBeLessThan(TOLERANCE);
  });

  test.each(TRANSFORMERS)('%s: attention weights', async (_name, family, choice) => {
    const model = randomTransformer(family, choice);
    const session = await sessionOf(model);
    const predictor = await predictorOf(model, T);
    const [item] = randomItems(model, 1, T, false);
    const results = await session.run(feedsOf(session, model, [item!]));
    predictor.run(item!);
    const { core, layout } = predictor.team;
    const { network } = layout.placed[0]!;
    if (!(network instanceof TransformerModel)) throw new TypeError('It is a transformer.');
    expect(network.attentions).toHaveLength(model.spec.layers);
    network.attentions.forEach(({ attention, heads }, l) => {
      const got = results[`attention_${l}`]!;
      expect([...got.dims]).toEqual([1, heads, T, T]);
      const want = Array.from({ length: heads }, (_, h) => {
        const { at, stride } = attention.weightsOf(0, h);
        return Array.from({ length: T * T }, (_, i) => {
          const [t, s] = [Math.floor(i / T), i % T];
          return core.f32[(at + (s >> 3) * stride + t * ROW_BYTES) / 4 + (s & 7)]!;
        });
      });
      expect(relativeError(got.data as Float32Array, want.flat())).toBeLessThan(TOLERANCE);
    });
    await session.release();
  });

  test('far from the start, where the angles of positions are large', async () => {
    const model = randomTransformer('tagging');
    const session = await sessionOf(model);
    const predictor = await predictorOf(model, 700);
    const [item] = randomItems(model, 1, 700, false);
    const results = await session.run(feedsOf(session, model, [item!]));
    expect(relativeError(mainOutput(results).data as Float32Array, predictor.run(item!))).toBeLessThan(TOLERANCE);
    await session.release();
  });

  test('and sees queries that were taken for keys', async () => {
    const model = randomTransformer('language');
    const name = 'decoder.layers.0.self_attn.in_proj_weight';
    const data = weightOf(model, name);
    const third = data.length / 3;
    const moved = Float32Array.from(data, (_, i) => data[i < third ? i + third : i < 2 * third ? i - third : i]!);
    const weights = new Map(model.weights).set(name, { ...model.weights.get(name)!, data: moved });
    expect(await disagreement({ ...model, weights }, model)).toBeGreaterThan(0.001);
  });

  test('gives the weights of attention, which add up to 1 and see no later step', async () => {
    const model = randomTransformer('language');
    const session = await sessionOf(model);
    const [item] = randomItems(model, 1, T, false);
    const results = await session.run(feedsOf(session, model, [item!]));
    await session.release();
    for (const name of ['attention_0', 'attention_1']) {
      const { dims, data } = results[name]!;
      expect(dims).toEqual([1, 3, T, T]);
      for (let row = 0; row < 3 * T; row++) {
        const weights = Array.from((data as Float32Array).subarray(row * T, (row + 1) * T));
        expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
        expect(weights.slice((row % T) + 1).every((weight) => weight === 0)).toBe(true);
      }
    }
  });
});

describe('a state goes in and comes out', () => {
  test.each(KINDS.filter(([, family]) => family === 'language' || family === 'generation'))(
    '%s',
    async (_name, family, choice) => {
      const model = randomModel(family, choice);
      expect(goesOnFromState(model)).toBe(true);
      const session = await sessionOf(model);
      const predictor = await predictorOf(model, T);
      const [item] = randomItems(model, 1, T, false);
      const want = predictor.run(item!);
      const N = want.length / T;
      let feeds = feedsOf(session, model, [item!]);
      for (let t = 0; t < T; t++) {
        const tokens = new ort.Tensor('int64', BigInt64Array.of(BigInt(item!.tokens![t]!)), [1, 1]);
        const results = await session.run({ ...feeds, tokens });
        const got = mainOutput(results).data as Float32Array;
        expect(relativeError(got, want.subarray(t * N, (t + 1) * N))).toBeLessThan(TOLERANCE);
        feeds = { ...feeds, h0: results['hn']! };
        if (results['cn']) feeds = { ...feeds, c0: results['cn'] };
        if (feeds['label']) feeds = { ...feeds, label: new ort.Tensor('int64', BigInt64Array.of(-1n), [1]) };
      }
      await session.release();
    },
  );
});

test('names, shapes and what they mean are in the file', async () => {
  const model = randomModel('classification');
  const [{ name: file, graph }] = graphsOf(model) as [NamedGraph];
  expect(file).toBe('model.onnx');
  expect(graph.inputs.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['tokens', 'time', 'batch'],
    ['lengths', 'batch'],
  ]);
  expect(graph.outputs.map(({ name, shape }) => [name, ...shape])).toEqual([
    ['probabilities', 'batch', 3],
    ['logits', 'batch', 3],
  ]);
  const session = await sessionOf(model);
  expect([...session.inputNames]).toEqual(['tokens', 'lengths']);
  expect([...session.outputNames]).toEqual(['probabilities', 'logits']);
  await session.release();
});
