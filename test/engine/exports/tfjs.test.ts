/** LayersModels in TensorFlow.js, against the engine. */
import tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { UnrolledError } from '../../../engine/errors.ts';
import type { ExportedFile } from '../../../engine/exports/files.ts';
import { whyNot } from '../../../engine/exports/formats.ts';
import { tfjsExport } from '../../../engine/exports/tfjs.ts';
import type { TrainedModel } from '../../../engine/exports/trained-model.ts';
import {
  cardOf,
  KINDS,
  predictorOf,
  randomItems,
  randomModel,
  randomTransformer,
  randomTranslator,
  relativeError,
  type Item,
} from './models.ts';

const T = 9;
const B = 3;
const TOLERANCE = 1e-5;

beforeAll(() => tf.setBackend('cpu'));

export async function loadFiles(files: readonly ExportedFile[]): Promise<tf.LayersModel> {
  const bytesOf = (name: string) => files.find((file) => file.name === name)!.bytes;
  const json = JSON.parse(new TextDecoder().decode(bytesOf('model.json'))) as {
    readonly modelTopology: object;
    readonly weightsManifest: readonly { readonly weights: tf.io.WeightsManifestEntry[] }[];
  };
  return tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology: json.modelTopology,
      weightSpecs: json.weightsManifest[0]!.weights,
      weightData: bytesOf('weights.bin').buffer,
    }),
  );
}

/** Items of equal length, batch first. */
function tensorsOf(layersModel: tf.LayersModel, { spec }: TrainedModel, items: readonly Item[]): tf.Tensor[] {
  const flat = items.flatMap(({ tokens, values }) => Array.from<number>(tokens ?? values ?? []));
  const all: Readonly<Record<string, () => tf.Tensor>> = {
    tokens: () => tf.tensor2d(flat, [items.length, T], 'int32'),
    values: () => tf.tensor3d(flat, [items.length, T, spec.input.kind === 'values' ? spec.input.width : 0]),
    label: () =>
      tf.tensor2d(
        items.map(({ condition = 0 }) => [condition]),
        [items.length, 1],
        'int32',
      ),
  };
  return layersModel.inputs.map(({ name }) =>
    (all[/^[a-z]+(?=_|$)/u.exec(name)?.[0] ?? ''] ?? (() => tf.zeros([items.length, spec.hiddenSize])))(),
  );
}

async function disagreement(model: TrainedModel, exported = model): Promise<number> {
  const layersModel = await loadFiles(tfjsExport(exported, cardOf(model)));
  const items = randomItems(model, B, T, false);
  const result = layersModel.predict(tensorsOf(layersModel, model, items));
  const [head] = Array.isArray(result) ? result : [result];
  const got = await head!.data();
  const predictor = await predictorOf(model, T);
  const want = items.flatMap((item) => Array.from(predictor.run(item)));
  return relativeError(got, want);
}

describe('TensorFlow.js gives the engine’s answers', () => {
  test.each(KINDS.filter(([, , { cell }]) => cell !== 'gru'))('%s', async (_name, family, choice) => {
    expect(await disagreement(randomModel(family, choice))).toBeLessThan(TOLERANCE);
  });

  test('and not those of other weights', async () => {
    expect(await disagreement(randomModel('tagging'), randomModel('tagging', {}, 2))).toBeGreaterThan(0.01);
  });
});

test('the states that a language model gives are those it goes on from', async () => {
  const model = randomModel('language', { layers: 2 });
  const layersModel = await loadFiles(tfjsExport(model, cardOf(model)));
  const [item] = randomItems(model, 1, T, false);
  const predictor = await predictorOf(model, T);
  const want = predictor.run(item!);
  const N = want.length / T;
  let states: tf.Tensor[] = Array.from({ length: 4 }, () => tf.zeros([1, model.spec.hiddenSize]));
  for (let t = 0; t < T; t++) {
    const tokens = tf.tensor2d([item!.tokens![t]!], [1, 1], 'int32');
    const [head, ...next] = layersModel.predict([tokens, ...states]) as tf.Tensor[];
    expect(relativeError(await head!.data(), want.subarray(t * N, (t + 1) * N))).toBeLessThan(TOLERANCE);
    states = next;
  }
});

test('a GRU is refused with the reason', () => {
  const model = randomModel('tagging', { cell: 'gru' });
  expect(() => tfjsExport(model, cardOf(model))).toThrow(UnrolledError);
  expect(() => tfjsExport(model, cardOf(model))).toThrow(/reset gate acts after/u);
  expect(whyNot(model, 'tfjs')).toMatch(/reset gate acts after/u);
  expect(whyNot(randomModel('tagging', { cell: 'lstm' }), 'tfjs')).toBeUndefined();
});

test.each([
  ['language', 'transformer'],
  ['classification', 'transformer'],
  ['tagging', 'transformer'],
  ['translation', 'transformer'],
  ['translation', 'encoder-decoder'],
] as const)('a model for %s of the architecture %s is refused with the reason', (family, architecture) => {
  const model = family === 'translation' ? randomTranslator({ architecture }) : randomTransformer(family);
  expect(whyNot(model, 'tfjs')).toContain(`TensorFlow.js has no layers for the architecture "${architecture}"`);
});
