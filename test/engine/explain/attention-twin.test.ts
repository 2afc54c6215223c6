/** What is shown of attention is what a naive model in float64 computes of the same weights and the same sequence. */
import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { AttentionExamination } from '../../../engine/explain/attention-examination.ts';
import { attentionQuantity, type AttentionReading } from '../../../engine/explain/attention-quantities.ts';
import { NOTHING_CHANGED } from '../../../engine/explain/decoding-changes.ts';
import type { JsonValue } from '../../../engine/json.ts';
import type { TaskKind } from '../../../engine/tasks/task.ts';
import { COMMANDS } from '../../../engine/team/replica.ts';
import { traceView } from '../../../engine/team/traces.ts';
import { Session } from '../../../engine/training/session.ts';
import { expectNear } from '../../reference/close.ts';
import { encoderDecoderSpec, transformerSpec, WritingModel } from '../models/writing-model.ts';
import { lookUp, runWritingTwin, type HeadTwin, type WritingTwin } from '../models/writing-twin.ts';
import { smallExperiment, smallTask } from '../training/small-tasks.ts';

const core = await loadCore(coreFiles, { shared: false });

/** The core's numbers are float32, and it squashes by rational functions within 3e-7. */
const NEAR = 2e-5;

async function examine(kind: TaskKind, model: Readonly<Record<string, JsonValue>>) {
  const experiment = smallExperiment(model, { updates: 20, optimizer: { learningRate: 0.03 } });
  const task = smallTask(kind);
  const session = await Session.start({ core, experiment, task, threads: 1 });
  while (!session.finished) session.step();
  const weights = session.parameters();
  const { codec } = task;
  const options = { core, experiment, codec, weights, sourceSteps: 12, steps: 12, sourceName: 'the session' };
  return { examination: await AttentionExamination.load(options), weights, codec };
}

/** Every number that is shown of an attention, as the inspector gives it, beside the twin's. */
function compare(reading: AttentionReading, twins: readonly HeadTwin[]): void {
  const { name, steps, keySteps, causal, score } = reading;
  const shown = (key: string): number => attentionQuantity(reading, key).value;
  const divided = score.kind === 'dot' && score.divisor !== 1;
  expect(reading.heads, name).toHaveLength(twins.length);
  twins.forEach((twin, h) => {
    expect([twin.queries.rows, twin.keys.rows], name).toEqual([steps, keySteps]);
    const vectors = { query: twin.queries, key: twin.keys, value: twin.values, context: twin.context };
    for (const [part, want] of Object.entries(vectors)) {
      const got = Array.from(want.data, (_, i) => shown(`h${h}.${part}@${Math.floor(i / want.cols)}:${i % want.cols}`));
      expectNear(got, want.data, NEAR, `${name} h${h}.${part}`);
    }
    for (let t = 0; t < steps; t++) {
      for (let s = 0; s < keySteps; s++) {
        const pair = `@${t}:${s}`;
        expectNear([shown(`h${h}.weight${pair}`)], [twin.weights.at(t, s)], NEAR, `${name} h${h}.weight${pair}`);
        if (causal && s > t) {
          expect(shown(`h${h}.weight${pair}`)).toBe(0);
          continue;
        }
        const part = divided ? 'scaled' : 'score';
        expectNear([shown(`h${h}.${part}${pair}`)], [twin.scores.at(t, s)], NEAR, `${name} h${h}.${part}${pair}`);
      }
    }
  });
  for (let t = 0; t < steps; t++) {
    for (let s = 0; s < keySteps; s++) {
      const mean = twins.reduce((sum, { weights }) => sum + weights.at(t, s), 0) / twins.length;
      expectNear([shown(`mean@${t}:${s}`)], [mean], NEAR, `${name} mean@${t}:${s}`);
    }
  }
}

/** What the layer makes of an attention, as far as its feed-forward part where that follows. */
function compareLayer({ name, layer, steps }: AttentionReading, { traces }: WritingTwin): void {
  if (layer === undefined) {
    expect(name).toBe('attention');
    return;
  }
  const around = name.replace(/\.[a-z_]+$/u, '');
  const post = layer.has('layer.sum');
  const followed = layer.has('layer.hidden');
  expect(followed).toBe(name.endsWith('multihead_attn') || !traces.has(`${around}.multihead_attn.sum`));
  const wanted: Readonly<Record<string, string>> = {
    'layer.projected': `${name}.output`,
    [post ? 'layer.sum' : 'layer.residual']: `${name}.sum`,
    ...(followed
      ? {
          'layer.read': `${around}.feed_forward.read`,
          'layer.inner': `${around}.feed_forward.inner`,
          'layer.hidden': `${around}.feed_forward.hidden`,
          'layer.given': `${around}.feed_forward.output`,
          'layer.output': `${around}.output`,
        }
      : {}),
  };
  for (const [part, trace] of Object.entries(wanted)) {
    const want = traces.get(trace)!;
    const { values } = layer.get(part === 'layer.read' && post ? 'layer.sum' : part)!.rows;
    expect(want.rows, trace).toBe(steps);
    expectNear(values, want.data, NEAR, `${name}: ${part}`);
  }
}

const TRANSFORMER = {
  architecture: 'transformer',
  modelSize: 8,
  heads: 2,
  layers: 2,
  feedForwardSize: 12,
  cell: null,
  hiddenSize: null,
} as const;

const TRANSLATORS = [
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'additive', attentionSize: 3, bidirectional: true },
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'dot', cell: 'gru' },
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'scaled-dot', layers: 2 },
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'general', bidirectional: true, cell: 'rnn' },
  { ...TRANSFORMER, norm: 'pre', activation: 'gelu' },
  { ...TRANSFORMER, norm: 'post', activation: 'relu', positions: 'learned', maxPositions: 16 },
] as const;

describe('every number shown of an attention is the naive twin’s', () => {
  test.each(TRANSLATORS)('of a translator: %j', async (model) => {
    const { examination, weights, codec } = await examine('translation', model);
    const { tokens = new Int32Array() } = codec.encode('juniper');
    // A branch that is forced: an untrained model ends too soon for its steps to be compared.
    const forced = [2, 3, 3, 2, 3];
    const { steps } = examination.write(tokens, { ...NOTHING_CHANGED, forced }, 6);
    expect(steps.length).toBeGreaterThanOrEqual(forced.length);
    const fed = [codec.boundaries!.start, ...steps.slice(0, -1).map(({ symbol }) => symbol)];
    const twin = runWritingTwin(examination.spec, lookUp(weights), { source: Array.from(tokens), tokens: fed });
    steps.forEach(({ probabilities }, t) => {
      expectNear(probabilities, twin.outputs.rowsFrom(t, 1).data, NEAR, `probabilities of step ${t}`);
    });
    const names = examination.attentions.map(({ name }) => name);
    expect(names.toSorted()).toEqual([...twin.attentions.keys()].toSorted());
    for (const name of names) {
      compare(examination.reading(name), twin.attentions.get(name)!);
      compareLayer(examination.reading(name), twin);
    }
  });

  test.each([
    ['classification', 'nettle', { ...TRANSFORMER, pooling: 'mean' }],
    ['classification', 'nettle', { ...TRANSFORMER, pooling: 'max', norm: 'post' }],
    ['tagging', 'n e t t l e', TRANSFORMER],
    ['language', 'the tide', TRANSFORMER],
  ] as const)('of a transformer for %s that reads "%s": %j', async (kind, text, model) => {
    const { examination, weights, codec } = await examine(kind, model);
    const encoded = codec.encode(text);
    const { outputs } = examination.read(encoded, NOTHING_CHANGED);
    const twin = runWritingTwin(examination.spec, lookUp(weights), { tokens: Array.from(encoded.tokens!) });
    expectNear(outputs, twin.outputs.data, NEAR, 'outputs');
    for (const { name, causal } of examination.attentions) {
      expect(causal).toBe(kind === 'language');
      compare(examination.reading(name), twin.attentions.get(name)!);
      compareLayer(examination.reading(name), twin);
    }
  });
});

const trace = true;
const PADDED = [
  ['additive', encoderDecoderSpec({ attention: 'additive', attentionSize: 5, bidirectional: true, trace })],
  ['dot', encoderDecoderSpec({ attention: 'dot', cell: 'rnn', trace })],
  ['scaled dot', encoderDecoderSpec({ attention: 'scaled-dot', cell: 'gru', layers: 2, trace })],
  ['general', encoderDecoderSpec({ attention: 'general', bidirectional: true, embeddingSize: 0, trace })],
  ['pre-norm transformer', transformerSpec({ trace })],
  [
    'post-norm transformer',
    transformerSpec({ trace, norm: 'post', activation: 'relu', positions: 'learned', maxPositions: 9 }),
  ],
] as const;

test.each(PADDED)('%s: sources of different lengths in one batch are masked as if each were alone', async (_, spec) => {
  const model = await WritingModel.start(spec);
  model.stage(4);
  model.run(COMMANDS.forward);
  const { batchSize: B, steps } = spec;
  const { sourceTokens, sourceLengths, tokens } = model.buffers;
  const { list } = model.team.layout.parameters;
  const weights = new Map(list.map(({ name, shape }) => [name, { shape, data: model.parameter(name) }]));
  expect(new Set(sourceLengths).size).toBeGreaterThan(1);
  for (let b = 0; b < B; b++) {
    const length = sourceLengths![b]!;
    const source = Array.from({ length }, (_, s) => sourceTokens![s * B + b]!);
    const fed = Array.from({ length: steps }, (_, t) => tokens![t * B + b]!);
    const twin = runWritingTwin(spec, lookUp(weights), { source, tokens: fed });
    for (const [name, heads] of twin.attentions) {
      heads.forEach(({ weights: want, context }, h) => {
        const view = traceView(model.team, `${name}.h${h}.weights`);
        for (let t = 0; t < want.rows; t++) {
          const row = Array.from({ length: view.units }, (_, s) => view.at(t, b, s));
          const padded = Array.from(row, (_, s) => (s < want.cols ? want.at(t, s) : 0));
          expectNear(row, padded, NEAR, `${name}.h${h}.weights of item ${b}, step ${t}`);
        }
        const sums = traceView(model.team, `${name}.h${h}.context`).toArray(b);
        expectNear(sums.subarray(0, context.data.length), context.data, NEAR, `${name}.h${h}.context of item ${b}`);
      });
    }
    for (const [name, want] of twin.traces) {
      if (/feed_forward\.(read|inner)$/u.test(name)) continue;
      const got = traceView(model.team, name).toArray(b).subarray(0, want.data.length);
      expectNear(got, want.data, 5 * NEAR, `${name} of item ${b}`);
    }
  }
});
