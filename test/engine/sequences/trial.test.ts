import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { inWords } from '../../../engine/sequences/number-words.ts';
import { Trial } from '../../../engine/sequences/trial.ts';
import { planTrial, RUNGS, SHAPES, TRIALS, type TrialName } from '../../../engine/sequences/trials.ts';
import type { SequenceSet } from '../../../engine/tasks/task.ts';

// The models of the page are trained to their end.
vi.setConfig({ testTimeout: 180_000 });

async function start(name: TrialName): Promise<Trial> {
  const trial = await Trial.start(await loadCore(coreFiles, { shared: false }), name);
  onTestFinished(() => trial.stop());
  return trial;
}

async function trained(name: TrialName): Promise<Trial> {
  const trial = await start(name);
  trial.trainUpdates(Infinity);
  return trial;
}

const share = async (trial: Trial): Promise<number> => {
  const { right, asked } = await trial.measure(100);
  return right / asked;
};

describe('numbers in words', () => {
  test('are as they are read', () => {
    const numbers = [0, 7, 13, 20, 42, 100, 110, 742, 999];
    expect(numbers.map(inWords)).toEqual([
      ...['zero', 'seven', 'thirteen', 'twenty', 'forty-two', 'one hundred', 'one hundred ten'],
      ...['seven hundred forty-two', 'nine hundred ninety-nine'],
    ]);
    expect(new Set(Array.from({ length: 1000 }, (_, n) => inWords(n))).size).toBe(1000);
  });
});

describe('small models', () => {
  test.each(SHAPES)('of the shape %s learn what they are there for', async (shape) => {
    const trial = await trained(`shape-${shape}`);
    expect(await share(trial)).toBeGreaterThan(0.9);
  });

  test('that must answer in step cannot do the task of unequal lengths', async () => {
    expect(await share(await trained('shape-misfit'))).toBeLessThan(0.1);
  });

  test('answer what is typed, step by step', async () => {
    const answers = async (name: TrialName, text: string) => (await trained(name)).answer(text);
    expect(await answers('shape-one-to-one', '7')).toEqual({ input: ['7'], output: ['seven'] });
    expect((await answers('shape-one-to-many', '42')).output.join('')).toBe('forty-two');
    expect(await answers('shape-aligned', '3 1 4 1 5')).toEqual({
      input: ['3', '1', '4', '1', '5'],
      output: ['3', '3', '4', '4', '5'],
    });
    const translated = await answers('shape-unequal', 'seven hundred forty-two');
    expect(translated.input).toHaveLength(23);
    expect(translated.output.join('')).toBe('742');
  });

  test('say what they cannot read', async () => {
    await expect((await start('shape-one-to-one')).answer('77')).rejects.toThrow('takes one');
    await expect((await start('shape-many-to-one')).answer('x'.repeat(65))).rejects.toThrow(/symbols|character/u);
    await expect((await start('shape-one-to-many')).answer('x')).rejects.toThrow('label');
  });

  test('say the same again, and train to their end', async () => {
    const [one, other] = [await start('shape-many-to-one'), await start('shape-many-to-one')];
    one.trainUpdates(30);
    other.trainUpdates(10);
    await other.measure(3);
    other.trainUpdates(20);
    expect(other.state.loss).toBe(one.state.loss);
    one.trainUpdates(Infinity);
    expect(one.finished).toBe(true);
    expect(one.state.update).toBe(one.state.updates);
  });

  test.each(TRIALS.filter((name) => name !== 'shape-one-to-one' && name !== 'shape-one-to-many'))(
    'hold out items of %s that are never trained',
    (name) => {
      const { task } = planTrial(name);
      const inputs = (set: SequenceSet) =>
        Array.from({ length: Math.min(400, set.count) }, (_, n) => set.describe(n).input);
      const held = new Set(inputs(task.validation as SequenceSet));
      expect(inputs(task.train as SequenceSet).filter((input) => held.has(input))).toEqual([]);
    },
  );

  test('of the rungs are of comparable size', async () => {
    const sizes = await Promise.all(RUNGS.map(async (rung) => (await start(`rung-${rung}`)).state.parameters));
    expect(Math.max(...sizes) / Math.min(...sizes)).toBeLessThan(1.35);
  });
});
