/** Encoders and decoders in ONNX, in onnxruntime, against the engine. */
import type * as ort from 'onnxruntime-web';
import { describe, expect, onTestFinished, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { readMatrix, rowsOf } from '../../../engine/core/arena.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { onnxExport } from '../../../engine/exports/onnx/onnx.ts';
import { graphsOf } from '../../../engine/exports/onnx/graphs.ts';
import { trainedModel, weightOf, type AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { buildDecodingModel } from '../../../engine/models/build.ts';
import { EncoderDecoderModel } from '../../../engine/models/encoder-decoder-model.ts';
import { specFor } from '../../../engine/models/from-experiment.ts';
import { StepwiseModel } from '../../../engine/models/stepwise.ts';
import { Translator } from '../../../engine/models/translator.ts';
import { writeParameter } from '../../../engine/team/parameters.ts';
import { Team } from '../../../engine/team/team.ts';
import { Session } from '../../../engine/training/session.ts';
import { Numbers } from '../../reference/numbers.ts';
import { setsOf } from '../tasks/batch.ts';
import { smallExperiment, smallTask } from '../training/small-tasks.ts';
import { cardOf, randomTranslator, relativeError, STATES, TRANSLATORS } from './models.ts';
import {
  integers,
  openPair,
  readSources,
  stateBack,
  translateGreedily,
  type Pair,
  type Tensors,
} from './onnx-translator.ts';

const TOLERANCE = 1e-5;
/** Steps of sources and targets, and items. */
const S = 8;
const T = 5;
const B = 4;

function sessionsOf(model: AnyTrainedModel): Promise<Pair> {
  const files = new Map(onnxExport(model, cardOf(model)).map(({ name, bytes }) => [name, bytes]));
  return openPair((name) => files.get(name)!);
}

interface Answers {
  /** [T, V] */
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
  /** [S, D] */
  readonly memory: Float32Array;
  readonly startState: Float32Array;
  /** By name and head: rows of a step each. */
  readonly attention: ReadonlyMap<string, readonly Float32Array[]>;
}

/** The engine's own answers for one source and the symbols that its decoder is fed. */
async function engineOf(model: AnyTrainedModel) {
  const { experiment, codec } = model;
  const core = await loadCore(coreFiles, { shared: false });
  const spec = specFor(experiment, codec, { steps: T, sourceSteps: S, batchSize: 1, lengths: true, stateful: false });
  if (spec.architecture === 'recurrent') throw new TypeError('It translates.');
  const optimizer = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
  const team = await Team.start({ core, spec, build: buildDecodingModel, batchSize: 1, threads: 1, optimizer });
  for (const parameter of team.layout.parameters.list) {
    writeParameter(team.core.f32, parameter, weightOf(model, parameter.name));
  }
  const stepwise = new StepwiseModel(team, spec);
  stepwise.refresh();
  const { network, plan } = team.layout.placed[0]!;
  const trace = (name: string) => plan.traces.find((one) => one.name === name)!.matrix;
  const memory =
    network instanceof EncoderDecoderModel
      ? network.encoder.y
      : trace(plan.traces.some(({ name }) => name === 'encoder.norm') ? 'encoder.norm' : 'encoder.layers.1.output');
  const rows = (matrix: typeof memory, count: number) => {
    const own = rowsOf(matrix, 0, count);
    const out = new Float32Array(count * own.segments.reduce((a, b) => a + b, 0));
    readMatrix(team.core.f32, own, out);
    return out;
  };
  return (source: Int32Array, tokens: readonly number[]): Answers => {
    stepwise.start(source);
    const { startState } = stepwise;
    const attention = new Map<string, Float32Array[]>();
    const probabilities = tokens.flatMap((token) => {
      const [row] = stepwise.feed([token]);
      for (const { name, head, weights } of stepwise.attention(0, true)) {
        const key = `${name} ${head}`;
        attention.set(key, [...(attention.get(key) ?? []), weights]);
      }
      return Array.from(row!);
    });
    return {
      logits: rows(trace('logits'), tokens.length),
      probabilities: Float32Array.from(probabilities),
      memory: rows(memory, source.length),
      startState,
      attention,
    };
  };
}

/** Column b of [T, B, N], the first `steps` of it. */
function columnOf({ data, dims }: ort.Tensor, b: number, steps: number): Float32Array {
  const [, batch = 0, N = 0] = dims;
  const floats = data as Float32Array;
  return Float32Array.from({ length: steps * N }, (_, i) => floats[(Math.floor(i / N) * batch + b) * N + (i % N)]!);
}

/** States of item b, layer by layer, h before c. */
function stateOf({ h0, c0 }: Tensors, b: number): Float32Array {
  const layers = h0?.dims[0] ?? 0;
  const parts = Array.from({ length: layers }, (_, l) =>
    [h0, c0].flatMap((state) => {
      if (!state) return [];
      const [, batch = 0, H = 0] = state.dims;
      return Array.from((state.data as Float32Array).subarray((l * batch + b) * H, (l * batch + b + 1) * H));
    }),
  );
  return Float32Array.from(parts.flat());
}

/** Row t of item b's and a head's weights [B, (heads,) T, keys]. */
function weightsOf({ data, dims }: ort.Tensor, b: number, head: number, t: number): Float32Array {
  const [heads = 1, steps = 0, keys = 0] = dims.length === 4 ? dims.slice(1) : [1, ...dims.slice(1)];
  const at = ((b * heads + head) * steps + t) * keys;
  return (data as Float32Array).slice(at, at + keys);
}

/** What the engine calls an attention, as the decoder's output. */
function outputOf(name: string): string {
  const [, layer, part] = /^decoder\.layers\.(\d+)\.(\w+)$/u.exec(name) ?? [];
  if (layer === undefined) return name;
  return part === 'self_attn' ? `self_attention_${layer}` : `attention_${layer}`;
}

function randomBatch({ spec }: AnyTrainedModel) {
  const numbers = new Numbers(5);
  const below = (n: number) => Math.min(n - 1, Math.floor(((numbers.next() + 1) / 2) * n));
  const { input, output } = spec;
  if (input.kind !== 'tokens' || output.kind !== 'labels') throw new TypeError('It reads and writes symbols.');
  const lengths = [3, S, 1, 6];
  const sources = lengths.map((length) => Int32Array.from({ length }, () => below(input.symbols)));
  const tokens = Array.from({ length: B }, () => Array.from({ length: T }, () => below(output.count)));
  return { sources, tokens };
}

/** The largest relative difference between what the files and the engine say of a batch of ragged sources. */
async function disagreement(exported: AnyTrainedModel, own: AnyTrainedModel = exported): Promise<number> {
  const pair = await sessionsOf(exported);
  const { sources, tokens } = randomBatch(own);
  const { made, feeds } = await readSources(pair, sources);
  const laid = Array.from({ length: T * B }, (_, i) => tokens[i % B]![Math.floor(i / B)]!);
  const whole = await pair.decoder.run({ ...feeds, tokens: integers(laid, [T, B]) });
  const engine = await engineOf(own);
  const errors: number[] = [];
  const wanted = sources.map((source, b) => engine(source, tokens[b]!));
  wanted.forEach((want, b) => {
    errors.push(relativeError(columnOf(whole['logits']!, b, T), want.logits));
    errors.push(relativeError(columnOf(whole['probabilities']!, b, T), want.probabilities));
    if (made['memory']) errors.push(relativeError(columnOf(made['memory'], b, sources[b]!.length), want.memory));
    if (want.startState.length > 0) errors.push(relativeError(stateOf(made, b), want.startState));
    for (const [key, rows] of want.attention) {
      const [name = '', head] = key.split(' ');
      const got = whole[outputOf(name)]!;
      rows.forEach((row, t) => {
        const weights = weightsOf(got, b, Number(head), t);
        errors.push(relativeError(weights.subarray(0, row.length), row));
        // Nothing goes to padding and later steps.
        errors.push(weights.subarray(row.length).some((weight) => weight !== 0) ? 1 : 0);
      });
    }
  });
  let state = feeds;
  for (let t = 0; t < T; t++) {
    const step = await pair.decoder.run({ ...state, tokens: integers(laid.slice(t * B, (t + 1) * B), [1, B]) });
    const V = step['logits']!.dims[2]!;
    wanted.forEach(({ logits }, b) => {
      errors.push(relativeError(columnOf(step['logits']!, b, 1), logits.subarray(t * V, (t + 1) * V)));
    });
    state = { ...state, ...stateBack(step) };
  }
  return Math.max(...errors);
}

describe('encoder and decoder give the engine’s answers, at once and step by step', () => {
  test.each(TRANSLATORS)('%s', async (_name, choice) => {
    expect(await disagreement(randomTranslator(choice))).toBeLessThan(TOLERANCE);
  });

  test.each([
    ['bridge.h_l0.weight', { bidirectional: true }],
    ['combine.weight', { attention: 'dot' }],
    ['attention.w_key', { attention: 'additive' }],
    ['decoder.layers.1.multihead_attn.in_proj_weight', { architecture: 'transformer' }],
    ['target_positions.weight', { architecture: 'transformer', positions: 'learned', maxPositions: 24 }],
  ] as const)('and halves of %s that are swapped are seen', async (name, choice) => {
    const model = randomTranslator(choice);
    const data = weightOf(model, name);
    const half = Math.floor(data.length / 2);
    const swapped = Float32Array.from(data, (_, i) => data[(i + half) % data.length]!);
    const weights = new Map(model.weights).set(name, { ...model.weights.get(name)!, data: swapped });
    const found = await disagreement({ ...model, weights }, model);
    expect(found).toBeGreaterThan(0.001);
    // They are wrong numbers, not missing ones.
    expect(found).toBeLessThan(Infinity);
  });
});

describe('greedy decoding by the files is the Translator’s', () => {
  test.each([
    ['LSTM without attention', { architecture: 'encoder-decoder', hiddenSize: 16, attention: 'none' }],
    [
      'GRU, additive, bidirectional',
      { architecture: 'encoder-decoder', cell: 'gru', layers: 2, attention: 'additive', bidirectional: true },
    ],
    ['RNN, dot', { architecture: 'encoder-decoder', cell: 'rnn', attention: 'dot' }],
    ['LSTM, general', { architecture: 'encoder-decoder', hiddenSize: 16, attention: 'general', bidirectional: true }],
    ['transformer', { architecture: 'transformer', modelSize: 16, heads: 2, layers: 1, cell: null, hiddenSize: null }],
  ])('%s', async (_name, choice) => {
    const experiment = smallExperiment(choice, { updates: 60, optimizer: { learningRate: 0.02 } });
    const task = smallTask('translation');
    const core = await loadCore(coreFiles, { shared: false });
    const session = await Session.start({ core, experiment, task, threads: 1 });
    onTestFinished(() => session.stop());
    while (!session.finished) session.step();
    const { progress } = session.checkpoint();
    const model = trainedModel(
      { experiment, taskState: task.state, model: session.parameters(), progress },
      'the session',
    );
    const { codec } = model;
    const { validation } = setsOf(task);
    const translator = await Translator.load({
      core,
      experiment,
      codec,
      weights: model.weights,
      sourceSteps: validation.maxSourceSteps!,
      steps: validation.maxSteps,
      beams: 1,
      sourceName: 'the session',
    });
    const pair = await sessionsOf(model);
    const seen = new Set<string>();
    for (let item = 0; item < validation.count; item++) {
      const { tokens } = codec.encode(validation.describe(item).input);
      const want = translator.write({ tokens: tokens! });
      const written = await translateGreedily(pair, codec, tokens!, validation.maxSteps);
      expect(written).toEqual(want.steps.map(({ symbol }) => symbol));
      seen.add(written.join(' '));
    }
    // It has learnt to say more than one thing.
    expect(seen.size).toBeGreaterThan(2);
  });
});

test('names and shapes say what goes where', () => {
  const portsOf = (choice: Readonly<Record<string, unknown>>) =>
    graphsOf(randomTranslator(choice)).map(({ name, graph }) => ({
      name,
      inputs: graph.inputs.map((port) => [port.name, ...port.shape]),
      outputs: graph.outputs.map((port) => [port.name, ...port.shape]),
    }));
  expect(portsOf({ cell: 'lstm', attention: 'additive', attentionSize: 6, bidirectional: true, layers: 2 })).toEqual([
    {
      name: 'encoder.onnx',
      inputs: [
        ['source_tokens', 'source_time', 'batch'],
        ['source_lengths', 'batch'],
      ],
      outputs: [
        ['h0', 2, 'batch', 7],
        ['c0', 2, 'batch', 7],
        ['memory', 'source_time', 'batch', 14],
        ['memory_keys', 'source_time', 'batch', 6],
      ],
    },
    {
      name: 'decoder.onnx',
      inputs: [
        ['tokens', 'time', 'batch'],
        ['h0', 2, 'batch', 7],
        ['c0', 2, 'batch', 7],
        ['memory', 'source_time', 'batch', 14],
        ['memory_keys', 'source_time', 'batch', 6],
        ['source_lengths', 'batch'],
      ],
      outputs: [
        ['probabilities', 'time', 'batch', 7],
        ['logits', 'time', 'batch', 7],
        ['hn', 2, 'batch', 7],
        ['cn', 2, 'batch', 7],
        ['attention', 'batch', 'time', 'source_time'],
      ],
    },
  ]);
  const [, decoder] = portsOf({ architecture: 'transformer', layers: 1 });
  expect(decoder).toEqual({
    name: 'decoder.onnx',
    inputs: [
      ['tokens', 'time', 'batch'],
      ['past_keys', 1, 'batch', 3, 'past_time', 4],
      ['past_values', 1, 'batch', 3, 'past_time', 4],
      ['memory_keys', 1, 'batch', 3, 'source_time', 4],
      ['memory_values', 1, 'batch', 3, 'source_time', 4],
      ['source_lengths', 'batch'],
    ],
    outputs: [
      ['probabilities', 'time', 'batch', 7],
      ['logits', 'time', 'batch', 7],
      ['present_keys', 1, 'batch', 3, 'present_time', 4],
      ['present_values', 1, 'batch', 3, 'present_time', 4],
      ['attention_0', 'batch', 3, 'time', 'source_time'],
      ['self_attention_0', 'batch', 3, 'time', 'present_time'],
    ],
  });
});

test('each file says which number is which symbol, and what the model is', () => {
  const model = randomTranslator({});
  const { symbols, labels, separators } = STATES.translation;
  for (const { bytes } of onnxExport(model, cardOf(model))) {
    const text = new TextDecoder().decode(bytes);
    const told = { vocabulary: symbols, labels, boundaries: { start: 0, end: 1 }, excluded: [0, 2], separators };
    for (const [name, value] of Object.entries(told)) {
      expect(text).toContain(name);
      expect(text).toContain(JSON.stringify(value));
    }
    expect(text).toContain(JSON.stringify(model.taskState));
    expect(text).toContain('Public domain');
  }
});
