import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import type { Mapping } from '../../../electron/api/data.ts';
import { createDatasetService } from '../../../electron/datasets/service.ts';
import { createExperimentService } from '../../../electron/experiments/service.ts';
import { SpeedBook } from '../../../electron/experiments/speed.ts';
import { TaskTeller } from '../../../electron/tasks/task-teller.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { InputError, MemoryError, UnrolledError } from '../../../engine/errors.ts';
import { experimentToJson, parseExperiment } from '../../../engine/experiment/schema.ts';
import { taskDefinitions } from '../../../engine/tasks/registry.ts';
import { temporaryFolder } from '../folder.ts';

const teller = new TaskTeller();
const busy = new SpeedBook(() => false);
afterAll(() => Promise.all([teller.close(), busy.close()]));

function open(speeds = busy) {
  const workspace = Workspace.open(join(temporaryFolder(), 'workspace'));
  workspace.settings.set({ threads: 1 });
  onTestFinished(() => {
    workspace.close();
  });
  const { datasets } = createDatasetService(
    workspace,
    () => undefined,
    () => Promise.resolve([]),
  );
  return { workspace, datasets, ...createExperimentService(workspace, teller, speeds) };
}

async function withDataset(content: string, mapping: Mapping) {
  const opened = open();
  const path = join(temporaryFolder(), mapping.form === 'text' ? 'mine.txt' : 'mine.csv');
  writeFileSync(path, content);
  const running = await opened.datasets.importFile({ path });
  return { ...opened, dataset: (await opened.datasets.importSave({ ...running, name: 'Mine', mapping })).id };
}

const PARITY = {
  format: 'unrolled-experiment',
  version: 1,
  task: { id: 'parity', length: 10 },
  model: { cell: 'lstm', hiddenSize: 8 },
  training: { updates: 20, batchSize: 4 },
};

describe('a suggestion', () => {
  test('is the one for the cell that is asked for, and has no name that could tell of another', async () => {
    const { experiments } = open();
    for (const cell of ['rnn', 'lstm'] as const) {
      const { experiment } = await experiments.suggest({ task: 'adding', cell });
      expect(experiment).toMatchObject({ model: { cell } });
      expect(experiment).not.toHaveProperty('name');
    }
  });

  test.each(taskDefinitions.map(({ id }) => id))('for %s can be trained', async (id) => {
    const { experiments } = open();
    const { experiment } = await experiments.suggest({ task: id });
    expect(parseExperiment(experiment).task.id).toBe(id);
    const checked = await experiments.check({ experiment });
    expect(checked.totalUpdates).toBeGreaterThan(100);
    expect(checked.experiment).toEqual(experiment);
  });

  const lines = (count: number, line: (n: number) => string) =>
    Array.from({ length: count }, (_, n) => line(n)).join('');
  test.each<[string, string, Mapping]>([
    ['own-text', 'All work and no play.', { form: 'text' }],
    ['own-text', 'All work and no play.\n'.repeat(5000), { form: 'text' }],
    ['own-classification', `t,l\na,x\nb,x\nc,y\n`, { form: 'labelled', text: 't', label: 'l' }],
    [
      'own-classification',
      `t,l\n${lines(3000, (n) => `text ${n},${n % 3}\n`)}`,
      { form: 'labelled', text: 't', label: 'l' },
    ],
    [
      'own-generation',
      `t,l\n${lines(300, (n) => `text ${n},${n % 3}\n`)}`,
      { form: 'labelled', text: 't', label: 'l' },
    ],
    [
      'own-translation',
      `a,b\n${lines(300, (n) => `text ${n},${n % 30}\n`)}`,
      { form: 'pairs', source: 'a', target: 'b' },
    ],
    ['own-forecasting', `v\n${lines(40, (n) => `${n}\n`)}`, { form: 'series', value: 'v' }],
    ['own-forecasting', `v\n${lines(5000, (n) => `${n}\n`)}`, { form: 'series', value: 'v' }],
  ])('for %s can be trained on one’s own data, few or many (%#)', async (task, content, mapping) => {
    const { experiments, dataset } = await withDataset(content, mapping);
    const { experiment } = await experiments.suggest({ task, dataset });
    expect(parseExperiment(experiment)).toMatchObject({ task: { id: task, dataset } });
    expect(experiment).not.toHaveProperty('name');
    const { totalUpdates, updatesPerEpoch } = await experiments.check({ experiment });
    expect(updatesPerEpoch).toBeGreaterThan(0);
    expect(totalUpdates).toBeGreaterThanOrEqual(updatesPerEpoch!);
  });

  test('for one’s own data needs a dataset of the right form', async () => {
    const { experiments, dataset } = await withDataset('All work and no play.', { form: 'text' });
    expect(() => experiments.suggest({ task: 'own-text' })).toThrow(
      'the task own-text is made of a dataset of your own',
    );
    expect(() => experiments.suggest({ task: 'own-forecasting', dataset })).toThrow(
      'the dataset "Mine" is of the form "text"; the task own-forecasting needs one of the form "series"',
    );
    expect(() => experiments.suggest({ task: 'own-text', dataset: 'gone-1' })).toThrow(InputError);
    expect(() => experiments.suggest({ task: 'mobydick' })).toThrow('did you mean "moby-dick"?');
  });
});

describe('a check', () => {
  test('tells sizes, updates and layers', async () => {
    const { parameters, layers, ...told } = await open().experiments.check({ experiment: PARITY });
    // Symbols "0" and "1" one-hot; 4 gates of 8; two biases; a head of 2 classes.
    expect(parameters).toBe(4 * 8 * (2 + 8 + 2) + 2 * (8 + 1));
    expect(layers.map(({ name, shape, parameters }) => [name, shape, parameters])).toEqual([
      ['input', '[10, 4] of 2', 0],
      ['recurrent.l0', '[10, 4, 8]', 384],
      ['head', '[10, 4, 2]', 18],
      ['outputs', '[10, 4, 2]', 0],
    ]);
    expect(told).toEqual({
      experiment: experimentToJson(parseExperiment(PARITY)),
      memoryBytes: expect.any(Number) as unknown,
      totalUpdates: 20,
      updatesPerEpoch: null,
      tokensPerSecond: null,
    });
  });

  test.each([
    [{ ...PARITY, model: { cell: 'lstm', hiddenSize: 0 } }, 'model.hiddenSize is 0; it must be a whole number from 1'],
    [{ ...PARITY, training: { epochs: 3 } }, 'training.epochs is 3, but the task makes examples without end'],
    [{ ...PARITY, task: { id: 'parity', length: 3 } }, 'task.length is 3; it must be a whole number from 10'],
    [{ ...PARITY, task: { id: 'own-text' } }, 'task.dataset is missing'],
    [
      { ...PARITY, task: { id: 'names-generate' }, model: { cell: 'gru', hiddenSize: 8, bidirectional: true } },
      'model.bidirectional is true',
    ],
    [null, 'the experiment holds null'],
  ])('says what is wrong, by the field (%#)', async (experiment, message) => {
    const checking = open().experiments.check({ experiment });
    await expect(checking).rejects.toThrow(UnrolledError);
    await expect(checking).rejects.toThrow(message);
  });

  test('says when no memory is large enough', async () => {
    const experiment = {
      ...PARITY,
      model: { cell: 'lstm', hiddenSize: 8192, layers: 32 },
      training: { updates: 1, batchSize: 1024 },
    };
    const checking = open().experiments.check({ experiment });
    await expect(checking).rejects.toThrow('and WebAssembly can address 4 GiB');
    await expect(checking).rejects.toThrow(MemoryError);
  });
});

describe('the speed', () => {
  test('is measured once for each shape, and not while something trains', async () => {
    let asked = 0;
    let idle = false;
    const speeds = new SpeedBook(() => {
      asked++;
      return idle;
    });
    onTestFinished(() => speeds.close());
    const { experiments } = open(speeds);
    const speed = async (changes: object = {}) =>
      (await experiments.check({ experiment: { ...PARITY, ...changes } })).tokensPerSecond;
    expect(await speed()).toBeNull();
    idle = true;
    const measured = await speed();
    expect(measured).toBeGreaterThan(100);
    expect(asked).toBe(2);
    expect(await speed({ seed: 7 })).toBe(measured);
    expect(asked).toBe(2);
    expect(await speed({ model: { cell: 'rnn', hiddenSize: 8 } })).not.toBe(measured);
    expect(asked).toBe(3);
  });

  test('of a shape that is no longer wanted is not measured', async () => {
    const speeds = new SpeedBook(() => true);
    onTestFinished(() => speeds.close());
    const { experiments } = open(speeds);
    const sizes = [8, 9, 10, 11];
    const check = async (hiddenSize: number) =>
      experiments.check({ experiment: { ...PARITY, model: { cell: 'gru', hiddenSize } } });
    const told = await Promise.all(sizes.map(check));
    expect(told.at(-1)?.tokensPerSecond).toBeGreaterThan(100);
    expect(told.slice(1, -1).map(({ tokensPerSecond }) => tokensPerSecond)).toContain(null);
  });
});
