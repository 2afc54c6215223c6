import { describe, expect, onTestFinished, test } from 'vitest';
import * as v from 'valibot';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { sample as schema, type Sample, type SampleKind } from '../../../electron/api/samples.ts';
import { Sampler } from '../../../electron/runs/samples.ts';
import { startSession } from '../../../electron/runs/start-session.ts';

/** Samples of an untrained model on a task, twice, and of one that was trained a little. */
async function samplesOf(task: object) {
  const { session, core } = await startSession(
    parseExperiment({
      format: 'unrolled-experiment',
      version: 1,
      task,
      model: { cell: 'gru', hiddenSize: 8 },
      training: { batchSize: 64, updates: 100 },
    }),
    { threads: 1 },
  );
  onTestFinished(() => session.stop());
  const sampler = await Sampler.load(core, session);
  const evaluation = session.evaluate();
  const untrained = sampler.take(evaluation);
  const again = sampler.take(evaluation);
  for (let update = 0; update < 5; update++) {
    session.step();
  }
  const trained = sampler.take(session.evaluate());
  for (const sample of [...untrained, ...trained]) {
    expect(v.is(schema, sample)).toBe(true);
  }
  return { task: session.task, untrained, again, trained };
}

type ValueOf<K extends SampleKind> = Extract<Sample, { kind: K }>['value'];

/** The sample of a kind, of which there has to be one. */
function only<K extends SampleKind>(samples: readonly Sample[], kind: K): ValueOf<K> {
  const found = samples.filter((sample) => sample.kind === kind);
  expect(found).toHaveLength(1);
  return found[0]!.value as ValueOf<K>;
}

describe('samples', () => {
  test('of a language model are text, the same for the same weights and update', async () => {
    const { untrained, again, trained } = await samplesOf({ id: 'moby-dick' });
    expect(only(untrained, 'text').text).toHaveLength(200);
    expect(again).toEqual(untrained);
    expect(only(trained, 'text').text).not.toBe(only(untrained, 'text').text);
    expect(trained[0]?.update).toBe(5);
  });

  test('of a generator are grown from each label', async () => {
    const { untrained } = await samplesOf({ id: 'names-generate' });
    const { items } = only(untrained, 'items');
    const labels = items.map(({ input }) => input);
    expect(new Set(labels)).toEqual(new Set(['female', 'male']));
    expect(items.every(({ output, target }) => output.length <= 40 && target === undefined)).toBe(true);
    expect(new Set(items.map(({ output }) => output)).size).toBeGreaterThan(6);
  });

  test('of a forecast are the latest stretch of the series beside what was foreseen', async () => {
    const { untrained, trained } = await samplesOf({ id: 'births' });
    const { dates, truth, forecast } = only(untrained, 'forecast');
    expect([dates?.at(-2), dates?.at(-1)]).toEqual(['1988-12-30', '1988-12-31']);
    expect([truth.length, forecast.length]).toEqual([dates?.length, dates?.length]);
    expect(truth.every((births) => births > 6000 && births < 14_000)).toBe(true);
    expect(forecast.every((births) => births !== null && births > 0 && births < 30_000)).toBe(true);
    expect(only(trained, 'forecast').truth).toEqual(truth);
    expect(only(trained, 'forecast').forecast).not.toEqual(forecast);
  });

  test('of a classifier are answers, right or not, and the confusion of the whole validation part', async () => {
    const { untrained, task } = await samplesOf({ id: 'names-gender' });
    const { items } = only(untrained, 'items');
    expect(items).toHaveLength(12);
    for (const { output, target, right, probability } of items) {
      expect(right).toBe(output === target);
      expect(probability).toBeGreaterThanOrEqual(0.5);
    }
    const { labels, counts } = only(untrained, 'confusion');
    expect(labels).toHaveLength(2);
    const counted = counts.flat().reduce((sum, count) => sum + count, 0);
    expect(task.validation.form === 'set' && task.validation.count).toBe(counted);
  });

  test('of a benchmark in numbers are its answers', async () => {
    const { untrained } = await samplesOf({ id: 'adding', length: 20 });
    const { items } = only(untrained, 'items');
    expect(items).toHaveLength(12);
    expect(items.every(({ output, target }) => /^-?\d+\.\d\d$/u.test(output) && Number(target) <= 2)).toBe(true);
  });

  test('of a tagger are its tags, beside the right ones', async () => {
    const { untrained } = await samplesOf({ id: 'parity', length: 10 });
    for (const { output, target, right } of only(untrained, 'items').items) {
      expect(output).toMatch(/^(even|odd)( (even|odd)){9}$/u);
      expect(right).toBe(output === target);
    }
  });
});
