/** Every number of an attention that can be followed is what its formula makes of its operands. */
import { describe, expect, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { AttentionExamination } from '../../../engine/explain/attention-examination.ts';
import { attentionQuantity } from '../../../engine/explain/attention-quantities.ts';
import { NOTHING_CHANGED, type DecodingChanges } from '../../../engine/explain/decoding-changes.ts';
import { evaluate } from '../../../engine/explain/quantity.ts';
import { Translator } from '../../../engine/models/translator.ts';
import { Session } from '../../../engine/training/session.ts';
import { smallExperiment, smallTask } from '../training/small-tasks.ts';

const core = await loadCore(coreFiles, { shared: false });

async function examine(kind: 'translation' | 'classification', model: Parameters<typeof smallExperiment>[0]) {
  const experiment = smallExperiment(model, { updates: 12, optimizer: { learningRate: 0.02 } });
  const task = smallTask(kind);
  const session = await Session.start({ core, experiment, task, threads: 1 });
  while (!session.finished) session.step();
  const weights = session.parameters();
  const { codec } = task;
  const options = { core, experiment, codec, weights, sourceSteps: 12, steps: 12, sourceName: 'the session' };
  const { validation } = task;
  if (validation.form !== 'set') throw new Error('It is a set.');
  const encoded = codec.encode(validation.describe(0).input);
  return { examination: await AttentionExamination.load(options), options, encoded };
}

const TRANSFORMER = {
  architecture: 'transformer',
  modelSize: 8,
  heads: 2,
  layers: 2,
  cell: null,
  hiddenSize: null,
} as const;
const MODELS = [
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'additive', attentionSize: 3, bidirectional: true },
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'dot' },
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'scaled-dot', layers: 2 },
  { architecture: 'encoder-decoder', hiddenSize: 6, attention: 'general', bidirectional: true },
  { ...TRANSFORMER, norm: 'pre' },
  { ...TRANSFORMER, norm: 'post' },
] as const;

/** Walks from the first and last weights and sums to what is given; gives every key that was met. */
function walkAll(examination: AttentionExamination, name: string): ReadonlySet<string> {
  const reading = examination.reading(name);
  const seen = new Set<string>();
  const walk = (key: string): void => {
    if (seen.has(key)) return;
    seen.add(key);
    const { formula, operands, value, among } = attentionQuantity(reading, key);
    expect(Number.isFinite(value), key).toBe(true);
    if (among) expect(among.values[among.place], key).toBe(value);
    if (formula === undefined) {
      expect(operands, key).toEqual([]);
      return;
    }
    const values = new Map(operands.map((operand) => [operand.key, operand.value]));
    // The traces are float32, and the core squashes by rational functions within 3e-7.
    const error = Math.abs(evaluate(formula, (operand) => values.get(operand)!) - value);
    expect(error, `${name} ${key}`).toBeLessThan(4e-6 * Math.max(1, Math.abs(value)));
    operands.forEach((operand) => walk(operand.key));
  };
  const { steps, keySteps, heads } = reading;
  heads.forEach((_, h) => {
    for (const t of [0, steps - 1]) {
      for (const s of [0, keySteps - 1]) walk(`h${h}.weight@${t}:${s}`);
      walk(`h${h}.context@${t}:1`);
    }
  });
  walk(`mean@${steps - 1}:0`);
  for (const [part, { rows }] of reading.layer ?? []) walk(`${part}@${steps - 1}:${rows.width - 1}`);
  return seen;
}

describe.each(MODELS)('the quantities of a translator: %j', (model) => {
  test('are what their formulas make of their operands', async () => {
    const { examination, options, encoded } = await examine('translation', model);
    const written = (await Translator.load({ ...options, beams: 1 })).write(encoded);
    expect(examination.write(encoded.tokens!, NOTHING_CHANGED)).toEqual(written);
    const names = examination.attentions.map(({ name }) => name);
    expect(names).toHaveLength(model.architecture === 'transformer' ? 6 : 1);
    for (const name of names) {
      const seen = walkAll(examination, name);
      const projected = model.architecture === 'transformer' || ['additive', 'general'].includes(model.attention);
      expect([...seen].some((key) => key.startsWith(`${name}.`))).toBe(projected);
    }
    // What was shown while it was written is what is explained.
    for (const { name, head, weights } of written.steps.at(-1)!.attention) {
      const reading = examination.reading(name);
      expect(reading.heads[head]!.weights.slice(-reading.keySteps)).toEqual(weights);
    }
  });
});

test('the quantities of a classifier are what their formulas make of their operands', async () => {
  const { examination, encoded } = await examine('classification', TRANSFORMER);
  const { outputs, width } = examination.read(encoded, NOTHING_CHANGED);
  expect(outputs).toHaveLength(width);
  expect(outputs.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
  for (const { name } of examination.attentions) expect(walkAll(examination, name).size).toBeGreaterThan(50);
});

test('what a person has put there is held, and a head that is silenced sums to nothing', async () => {
  const { examination, encoded } = await examine('translation', TRANSFORMER);
  const name = 'decoder.layers.0.multihead_attn';
  const parts = Array.from({ length: encoded.steps }, (_, s) => (s === 1 ? 1 : 0));
  const changes: DecodingChanges = {
    forced: [2, 3, 2],
    edits: [{ name, head: 0, step: 1, parts }],
    silenced: [{ name, head: 1 }],
  };
  examination.write(encoded.tokens!, changes, 3);
  const reading = examination.reading(name);
  expect(attentionQuantity(reading, 'h0.weight@1:1')).toMatchObject({ value: 1, held: true, operands: [] });
  expect(attentionQuantity(reading, 'h0.weight@0:1').held).toBeUndefined();
  expect(attentionQuantity(reading, 'h1.context@1:0')).toMatchObject({ value: 0, held: true });
  expect(() => attentionQuantity(reading, 'h0.weight@99:0')).toThrow('no quantity');
  expect(() => examination.reading('nothing')).toThrow('no attention');
});
