/** Models of every kind with random weights, and the engine's own answers for them. */
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { modelCard, type Card } from '../../../engine/exports/card.ts';
import {
  recurrentOnly,
  tensorShapes,
  trainedModel,
  type AnyTrainedModel,
  type TrainedModel,
} from '../../../engine/exports/trained-model.ts';
import type { FloatTensors } from '../../../engine/formats/checkpoint.ts';
import { specFor } from '../../../engine/models/from-experiment.ts';
import { Predictor } from '../../../engine/models/predictor.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import type { EncodedInput, TaskState } from '../../../engine/tasks/task.ts';
import { Numbers } from '../../reference/numbers.ts';

export const STATES = {
  language: { family: 'language', symbols: ['<unknown>', 'a', 'b', 'c', 'd'] },
  generation: {
    family: 'generation',
    symbols: ['<start>', '<end>', '<unknown>', 'a', 'b', 'c'],
    conditions: ['left', 'middle', 'right'],
  },
  classification: {
    family: 'classification',
    symbols: ['<unknown>', 'a', 'b', 'c', 'd', 'e'],
    labels: ['no', 'yes', 'perhaps'],
    separator: '',
    example: 'abc',
  },
  tagging: {
    family: 'tagging',
    symbols: ['<unknown>', 'A', 'B', 'C'],
    labels: ['0', '1', '2', '3', '4'],
    separator: ' ',
    example: 'A B',
  },
  regression: { family: 'regression', inputs: ['number', 'mark'], outputs: ['sum', 'other'] },
  forecasting: {
    family: 'forecasting',
    interval: 'day',
    quantity: 'births',
    unit: 'births',
    window: 9,
    horizon: 3,
    difference: 7,
    calendar: true,
    mean: 12,
    deviation: 80,
    example: '1969-01-01',
  },
  translation: {
    family: 'translation',
    symbols: ['<unknown>', 'a', 'b', 'c', 'd', 'e'],
    labels: ['<start>', '<end>', '<unknown>', 'u', 'v', 'w', 'x'],
    separators: { source: '', target: ' ' },
    example: 'abcad',
  },
} as const satisfies Readonly<Record<string, TaskState>>;
export type Family = keyof typeof STATES;

const TASKS: Readonly<Record<Family, string>> = {
  language: 'moby-dick',
  generation: 'names-generate',
  classification: 'names-gender',
  tagging: 'stress',
  regression: 'adding',
  forecasting: 'births',
  translation: 'reversal',
};

export interface ModelChoice {
  readonly cell?: 'rnn' | 'lstm' | 'gru';
  readonly [setting: string]: unknown;
}

export type TranslatorChoice = Readonly<Record<string, unknown>>;

/** A recurrent model of a family with weights within +-scale. */
export function randomModel(family: Family, choice: ModelChoice = {}, seed = 1, scale = 0.6): TrainedModel {
  return recurrentOnly(anyModel(family, { cell: 'lstm', hiddenSize: 7, ...choice }, seed, scale));
}

export function randomTransformer(family: Family, choice: object = {}, seed = 1, scale = 0.6): AnyTrainedModel {
  const small = { architecture: 'transformer', modelSize: 12, heads: 3, layers: 2, feedForwardSize: 20 };
  return anyModel(family, { ...small, ...choice }, seed, scale);
}

/** A model that translates: an encoder-decoder, or a transformer where the choice says so. */
export function randomTranslator(choice: TranslatorChoice, seed = 1, scale = 0.6): AnyTrainedModel {
  if (choice['architecture'] === 'transformer') return randomTransformer('translation', choice, seed, scale);
  return anyModel(
    'translation',
    { architecture: 'encoder-decoder', cell: 'lstm', hiddenSize: 7, ...choice },
    seed,
    scale,
  );
}

function anyModel(family: Family, choice: object, seed: number, scale: number): AnyTrainedModel {
  const experiment = parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    task: { id: TASKS[family] },
    model: choice,
    training: { updates: 10 },
  });
  const taskState = STATES[family];
  const spec = specFor(experiment, restoreCodec(taskState), {
    steps: 1,
    batchSize: 1,
    lengths: false,
    stateful: false,
  });
  const numbers = new Numbers(seed);
  const model: FloatTensors = new Map(
    [...tensorShapes(spec)].map(([name, shape]) => {
      const data = Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => numbers.next() * scale);
      return [name, { shape, data }];
    }),
  );
  const progress = {
    update: 10,
    position: { epoch: 0, batch: 0 },
    earlyStopping: { best: null, reference: null, waited: 0 },
    divergence: { firstLoss: null, exploded: 0 },
  };
  return trainedModel({ experiment, taskState, model, progress }, 'the test');
}

export function cardOf(model: AnyTrainedModel): Card {
  return modelCard(model, {
    name: 'A test',
    task: { id: model.experiment.task.id, title: 'Testing', description: 'Nothing is learnt.' },
    origin: { title: 'Noise', source: 'Made up on the spot.', licence: 'Public domain' },
    metrics: [{ label: 'accuracy', value: 0.5, better: 'higher' }],
    baselines: [{ name: 'chance', metric: { label: 'accuracy', value: 1 / 3, better: 'higher' } }],
    note: 'A note.',
    date: '2026-11-25',
    version: '0.0.0',
  });
}

export interface Item extends EncodedInput {
  readonly steps: number;
}

/** `count` random inputs; all of `steps` steps, or of 1 to `steps` where `ragged`, the last of them of all. */
export function randomItems(
  { spec }: AnyTrainedModel,
  count: number,
  steps: number,
  ragged: boolean,
  seed = 7,
): Item[] {
  const numbers = new Numbers(seed);
  const below = (n: number) => Math.min(n - 1, Math.floor(((numbers.next() + 1) / 2) * n));
  return Array.from({ length: count }, (_, b) => {
    const own = ragged && b + 1 < count ? 1 + below(steps) : steps;
    const condition = spec.conditions > 0 ? { condition: below(spec.conditions) } : {};
    const { input } = spec;
    return input.kind === 'tokens'
      ? { steps: own, tokens: Int32Array.from({ length: own }, () => below(input.symbols)), ...condition }
      : { steps: own, values: Float32Array.from({ length: own * input.width }, () => numbers.next()), ...condition };
  });
}

/** The engine's model, to be run item by item. */
export async function predictorOf(model: AnyTrainedModel, steps: number): Promise<Predictor> {
  const { experiment, codec, weights } = model;
  const core = await loadCore(coreFiles, { shared: false });
  return Predictor.load({ core, experiment, task: codec, weights, steps, sourceName: 'the test' });
}

/** The largest difference relative to the largest wanted number. */
export function relativeError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let difference = got.length === want.length ? 0 : Infinity;
  let largest = 0;
  for (let i = 0; i < want.length; i++) {
    difference = Math.max(difference, Math.abs(got[i]! - want[i]!));
    largest = Math.max(largest, Math.abs(want[i]!));
  }
  return Number.isNaN(difference) ? Infinity : difference / largest;
}

/** Every kind of model that is trained. */
export const KINDS: readonly (readonly [string, Family, ModelChoice])[] = [
  ['LSTM language model', 'language', {}],
  ['two-layer GRU language model, embedded', 'language', { cell: 'gru', layers: 2, embeddingSize: 4 }],
  ['RNN language model, relu', 'language', { cell: 'rnn', nonlinearity: 'relu' }],
  ['LSTM generator', 'generation', { layers: 2 }],
  ['GRU generator, embedded', 'generation', { cell: 'gru', embeddingSize: 3 }],
  ['LSTM classifier, last', 'classification', { embeddingSize: 5 }],
  ['bidirectional LSTM classifier, mean', 'classification', { bidirectional: true, pooling: 'mean', layers: 2 }],
  ['bidirectional GRU classifier, last', 'classification', { cell: 'gru', bidirectional: true, layers: 2 }],
  ['RNN classifier, max', 'classification', { cell: 'rnn', pooling: 'max' }],
  ['LSTM tagger', 'tagging', {}],
  ['bidirectional LSTM tagger, embedded', 'tagging', { bidirectional: true, embeddingSize: 4, layers: 2 }],
  ['bidirectional RNN tagger', 'tagging', { cell: 'rnn', bidirectional: true }],
  ['LSTM regression', 'regression', { layers: 2 }],
  ['RNN regression, mean', 'regression', { cell: 'rnn', pooling: 'mean', nonlinearity: 'relu', bidirectional: true }],
  ['LSTM forecaster', 'forecasting', { hiddenSize: 11 }],
  ['GRU forecaster', 'forecasting', { cell: 'gru', layers: 2 }],
];

export const TRANSFORMERS: readonly (readonly [string, Family, object])[] = [
  ['language model, pre-norm, relu', 'language', { norm: 'pre', activation: 'relu' }],
  [
    'language model, post-norm, gelu, learned positions',
    'language',
    { norm: 'post', activation: 'gelu', positions: 'learned', maxPositions: 64 },
  ],
  ['classifier, mean', 'classification', { pooling: 'mean', activation: 'gelu' }],
  ['classifier, last, post-norm', 'classification', { pooling: 'last', norm: 'post' }],
  ['classifier, max, one head', 'classification', { pooling: 'max', heads: 1, modelSize: 6 }],
  ['tagger, learned positions', 'tagging', { positions: 'learned', maxPositions: 32, layers: 1 }],
];

const CELLS = ['rnn', 'lstm', 'gru'] as const;
const ATTENTIONS = ['none', 'additive', 'dot', 'scaled-dot', 'general'] as const;
const NORMS = ['pre', 'post'] as const;
const POSITIONS = ['sinusoidal', 'learned'] as const;

/** Every kind of model that translates. */
export const TRANSLATORS: readonly (readonly [string, TranslatorChoice])[] = [
  ...CELLS.flatMap((cell, c) =>
    ATTENTIONS.flatMap((attention, a) =>
      [false, true]
        // States of both directions are twice as wide as the decoder's: they have no dot product.
        .filter((bidirectional) => !bidirectional || !attention.endsWith('dot'))
        .map((bidirectional) => {
          const layers = (a % 2) + 1;
          const embeddingSize = (c + a) % 2 === 0 ? 5 : 0;
          const choice = {
            ...{ cell, attention, bidirectional, layers, embeddingSize },
            ...(attention === 'additive' ? { attentionSize: 6 } : {}),
          };
          const name = `${cell}, ${attention} attention${bidirectional ? ', bidirectional' : ''}`;
          return [name, cell === 'rnn' && bidirectional ? { ...choice, nonlinearity: 'relu' } : choice] as const;
        }),
    ),
  ),
  ...NORMS.flatMap((norm, n) =>
    POSITIONS.map((positions, p) => {
      const activation = (n + p) % 2 === 0 ? 'gelu' : 'relu';
      const choice = {
        ...{ architecture: 'transformer', norm, positions, activation },
        ...(positions === 'learned' ? { maxPositions: 24 } : {}),
      };
      return [`transformer, ${norm}-norm, ${positions} positions`, choice] as const;
    }),
  ),
];
