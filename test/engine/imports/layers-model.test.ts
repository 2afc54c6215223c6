/** Models that TensorFlow.js has saved itself, and those that were exported for it. */
import { fc, test as property } from '@fast-check/vitest';
import tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, test } from 'vitest';
import { FormatError, UnrolledError } from '../../../engine/errors.ts';
import { recurrentOnly, trainedModel } from '../../../engine/exports/trained-model.ts';
import { tfjsExport } from '../../../engine/exports/tfjs.ts';
import { assembleImport, type ImportChoice } from '../../../engine/imports/assemble.ts';
import { readLayersModelJson, recogniseLayersModel } from '../../../engine/imports/layers-model.ts';
import { cardOf, KINDS, predictorOf, randomItems, randomModel, relativeError } from '../exports/models.ts';

beforeAll(() => tf.setBackend('cpu'));

const T = 6;

interface Saved {
  readonly json: string;
  readonly weights: Uint8Array;
}

/** What TensorFlow.js writes. */
async function save(model: tf.LayersModel): Promise<Saved> {
  let saved: tf.io.ModelArtifacts | undefined;
  await model.save({
    save: (artifacts) => {
      saved = artifacts;
      return Promise.resolve({ modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' as const } });
    },
  });
  const { modelTopology, weightSpecs, weightData, format } = saved!;
  return {
    json: JSON.stringify({
      format,
      modelTopology,
      weightsManifest: [{ paths: ['weights.bin'], weights: weightSpecs }],
    }),
    weights: new Uint8Array(weightData as ArrayBuffer),
  };
}

function recognise({ json, weights }: Saved) {
  return recogniseLayersModel(readLayersModelJson(json, 'model.json'), weights, 'model.json');
}

/** Weights that are not all small, biases included. */
function shake(model: tf.LayersModel): tf.LayersModel {
  model.setWeights(model.getWeights().map((weight) => tf.randomUniform(weight.shape, -0.7, 0.7, 'float32', 5)));
  return model;
}

const { layers } = tf;
const lstm = (units: number, returnSequences: boolean, inputShape?: [null, number]) =>
  layers.lstm({ units, returnSequences, recurrentActivation: 'sigmoid', ...(inputShape ? { inputShape } : {}) });
const embedding = () => layers.embedding({ inputDim: 9, outputDim: 4, inputShape: [null] });

describe('a model that TensorFlow.js saved opens and agrees', () => {
  const models: [string, () => tf.LayersModel, ImportChoice][] = [
    [
      'LSTM over numbers',
      () => tf.sequential({ layers: [lstm(5, false, [null, 2]), layers.dense({ units: 3 })] }),
      { kind: 'regression' },
    ],
    [
      'two bidirectional LSTMs over symbols, every step',
      () =>
        tf.sequential({
          layers: [
            embedding(),
            layers.bidirectional({ layer: lstm(5, true), mergeMode: 'concat' }),
            layers.dropout({ rate: 0.2 }),
            layers.bidirectional({ layer: lstm(5, true), mergeMode: 'concat' }),
            layers.timeDistributed({ layer: layers.dense({ units: 4, activation: 'softmax' }) }),
          ],
        }),
      { kind: 'tagging' },
    ],
    [
      'relu RNN, mean',
      () =>
        tf.sequential({
          layers: [
            embedding(),
            layers.simpleRNN({ units: 6, activation: 'relu', returnSequences: true }),
            layers.globalAveragePooling1d({}),
            layers.dense({ units: 3, activation: 'softmax' }),
          ],
        }),
      { kind: 'classification' },
    ],
    [
      'LSTM without biases, symbols in and out',
      () =>
        tf.sequential({
          layers: [
            embedding(),
            layers.lstm({ units: 5, returnSequences: true, recurrentActivation: 'sigmoid', useBias: false }),
            layers.dense({ units: 9, activation: 'softmax', useBias: false }),
          ],
        }),
      { kind: 'language', symbols: Array.from('<abcdefgh') },
    ],
  ];

  test.each(models)('%s', async (_name, make, choice) => {
    const theirs = shake(make());
    const checkpoint = assembleImport(recognise(await save(theirs)), choice, 'model.json');
    const own = recurrentOnly(trainedModel(checkpoint, 'model.json'));
    const predictor = await predictorOf(own, T);
    for (const item of randomItems(own, 3, T, false)) {
      const input = item.tokens
        ? tf.tensor2d(Array.from(item.tokens), [1, T], 'int32')
        : tf.tensor3d(Array.from(item.values!), [1, T, 2]);
      const want = await (theirs.predict(input) as tf.Tensor).data();
      expect(relativeError(predictor.run(item), want)).toBeLessThan(1e-5);
    }
  });
});

test.each(KINDS.filter(([, , { cell }]) => cell !== 'gru'))(
  'what was exported comes back: %s',
  async (_n, family, choice) => {
    const model = randomModel(family, choice);
    const [json, weights] = tfjsExport(model, cardOf(model));
    const found = recognise({ json: new TextDecoder().decode(json!.bytes), weights: weights!.bytes });
    const back = recurrentOnly(trainedModel(assembleImport(found, {}, 'file'), 'file'));
    expect(back.taskState).toEqual(model.taskState);
    expect(back.experiment).toEqual(model.experiment);
    const [before, after] = [await predictorOf(model, T), await predictorOf(back, T)];
    for (const item of randomItems(model, 2, T, false)) {
      expect(relativeError(after.run(item), before.run(item))).toBeLessThan(1e-5);
    }
  },
);

describe('what cannot be the same here is refused with the reason', () => {
  const input = [null, 2] as [null, number];
  test.each([
    ['GRU', () => layers.gru({ units: 3, inputShape: input }), /reset gate acts before/u],
    [
      'hard sigmoid',
      () => layers.lstm({ units: 3, inputShape: input, recurrentActivation: 'hardSigmoid' }),
      /hard_sigmoid/u,
    ],
    ['sigmoid for tanh', () => layers.simpleRNN({ units: 3, inputShape: input, activation: 'sigmoid' }), /"sigmoid"/u],
    ['backwards alone', () => layers.simpleRNN({ units: 3, inputShape: input, goBackwards: true }), /reads backwards/u],
    ['no recurrence', () => layers.globalMaxPooling1d({ inputShape: input }), /no LSTM or SimpleRNN/u],
    ['convolution', () => layers.conv1d({ filters: 2, kernelSize: 2, inputShape: input }), /is a Conv1D/u],
  ] as [string, () => tf.layers.Layer, RegExp][])('%s', async (_name, make, message) => {
    const saved = await save(tf.sequential({ layers: [make()] }));
    expect(() => recognise(saved)).toThrow(FormatError);
    expect(() => recognise(saved)).toThrow(message);
  });

  test.each(['../weights.bin', '/etc/passwd', 'a/b.bin', '..', 'C:\\x', ''])(
    'a file of weights named %j',
    async (path) => {
      const { json } = await save(tf.sequential({ layers: [lstm(2, false, input)] }));
      const parsed = JSON.parse(json) as { weightsManifest: { paths: string[] }[] };
      parsed.weightsManifest[0]!.paths = [path];
      expect(() => readLayersModelJson(JSON.stringify(parsed), 'model.json')).toThrow(/plain name/u);
    },
  );

  test('weights that are cut off, too long, or of absurd shapes', async () => {
    const { json, weights } = await save(tf.sequential({ layers: [lstm(2, false, input)] }));
    expect(() => recognise({ json, weights: weights.subarray(0, 10) })).toThrow(/end after/u);
    expect(() => recognise({ json, weights: new Uint8Array([...weights, 0]) })).toThrow(/belong to no weight/u);
    const absurd = json.replace('"shape":[2,8]', '"shape":[9007199254740991,9007199254740991]');
    expect(() => recognise({ json: absurd, weights })).toThrow(/takes/u);
  });
});

const whole = (() => {
  const model = randomModel('classification', { embeddingSize: 3, bidirectional: true });
  const [json, weights] = tfjsExport(model, cardOf(model));
  return { json: new TextDecoder().decode(json!.bytes), weights: weights!.bytes };
})();

property.prop([
  fc.array(fc.record({ at: fc.nat(whole.json.length - 1), text: fc.string({ maxLength: 3 }) }), { maxLength: 6 }),
  fc.nat(whole.weights.length),
])('a damaged model is read or refused in a sentence, never more', (changes, end) => {
  let { json } = whole;
  for (const { at, text } of changes) json = json.slice(0, at) + text + json.slice(at + text.length);
  try {
    const found = recognise({ json, weights: end % 2 === 0 ? whole.weights : whole.weights.subarray(0, end) });
    assembleImport(found, {}, 'model.json');
  } catch (error) {
    expect(error).toBeInstanceOf(UnrolledError);
    expect((error as Error).message.length).toBeLessThan(1000);
  }
});
