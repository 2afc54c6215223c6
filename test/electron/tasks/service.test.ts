import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { bundledDatasets } from '../../../electron/datasets/bundled.ts';
import { createDatasetService } from '../../../electron/datasets/service.ts';
import { createTaskService } from '../../../electron/tasks/service.ts';
import { TaskTeller } from '../../../electron/tasks/task-teller.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { InputError, UnrolledError } from '../../../engine/errors.ts';
import { taskDefinitions } from '../../../engine/tasks/registry.ts';
import { temporaryFolder } from '../folder.ts';

const teller = new TaskTeller();
beforeAll(() => teller.bundledDatasets());
afterAll(() => teller.close());

function open() {
  const workspace = Workspace.open(join(temporaryFolder(), 'workspace'));
  onTestFinished(() => {
    workspace.close();
  });
  const { datasets } = createDatasetService(
    workspace,
    () => undefined,
    () => teller.bundledDatasets(),
  );
  return { workspace, datasets, ...createTaskService(workspace, teller) };
}

async function withNames() {
  const opened = open();
  const path = join(temporaryFolder(), 'names.csv');
  writeFileSync(path, `name,sex\n${Array.from({ length: 50 }, (_, n) => `name${n},${n % 2 ? 'f' : 'm'}\n`).join('')}`);
  const running = await opened.datasets.importFile({ path });
  const mapping = { form: 'labelled', text: 'name', label: 'sex' } as const;
  return { ...opened, info: await opened.datasets.importSave({ ...running, name: 'Names', mapping }) };
}

describe('the list', () => {
  test('has every task that comes with the program, with its options', async () => {
    const list = await open().tasks.list({});
    expect(list.map(({ id }) => id)).toEqual(taskDefinitions.map(({ id }) => id));
    expect(list.find(({ id }) => id === 'births')?.options).toContainEqual({
      name: 'horizon',
      type: 'integer',
      default: 1,
      minimum: 1,
      maximum: 28,
      description: 'Days to forecast',
    });
    expect(
      list.every(({ own, dataset }) => !own && (dataset === null || bundledDatasets.some((id) => id === dataset))),
    ).toBe(true);
  });

  test('has what can be learnt from a person’s own datasets', async () => {
    const { tasks, info } = await withNames();
    const own = (await tasks.list({})).filter((task) => task.own);
    expect(own.map(({ id, title, dataset, origin }) => ({ id, title, dataset, origin }))).toEqual([
      { id: 'own-classification', title: 'Names: the class of a text', dataset: info.id, origin: info.origin },
      { id: 'own-generation', title: 'Names: new texts of a class', dataset: info.id, origin: info.origin },
    ]);
  });
});

describe('a description', () => {
  test.each(taskDefinitions.map(({ id }) => id))('tells of %s what its data say', async (id) => {
    const { samples, trainingItems, validationItems, baselines } = await open().tasks.describe({ task: { id } });
    expect(samples.length).toBeGreaterThan(0);
    expect(samples.every(({ input, target }) => input !== '' && target !== '')).toBe(true);
    expect(trainingItems === null || trainingItems > 0).toBe(true);
    expect(validationItems).toBeGreaterThan(0);
    expect(baselines.every(({ metric }) => metric.value !== null)).toBe(true);
  });

  test('tells of one’s own data', async () => {
    const { tasks, info } = await withNames();
    const told = await tasks.describe({ task: { id: 'own-classification', dataset: info.id, validationShare: 0.2 } });
    expect(told).toMatchObject({
      trainingItems: 38,
      validationItems: 12,
      notices: [
        expect.stringContaining('nearly the same'),
        expect.stringContaining('Only 12 items are left to validate'),
      ],
    });
    expect(told.samples[0]).toEqual({
      input: expect.stringMatching(/^name\d+$/) as unknown,
      target: expect.stringMatching(/^[mf]$/) as unknown,
    });
  });

  test('of a stream shows text and what comes next', async () => {
    const { samples } = await open().tasks.describe({ task: { id: 'moby-dick' } });
    expect(samples[0]).toEqual({ input: 'CHAPTER 1. Loomings.\n\nCall me Ishmael. Some year', target: 's' });
  });

  test.each([
    [{ id: 'moby' }, 'the task "moby" is not known'],
    [{ id: 'parity', length: 'long' }, 'task.length is "long"; it must be a whole number'],
    [{ id: 'own-text', dataset: 'gone-1' }, 'the dataset "gone-1" is not in the workspace'],
    ['parity', 'task is "parity"; it must be an object with the task\'s id and its options'],
    [{ length: 3 }, "it must be an object with the task's id and its options"],
  ])('of what is no task is refused (%#)', async (task, message) => {
    const describing = open().tasks.describe({ task });
    await expect(describing).rejects.toThrow(UnrolledError);
    await expect(describing).rejects.toThrow(message);
    await expect(open().tasks.describe({ task })).rejects.toMatchObject({ code: new InputError('').code });
  });
});

test('the bundled datasets are listed with size, origin and samples', async () => {
  const list = await open().datasets.list({});
  expect(list.map(({ id, form, size, sizeLabel }) => ({ id, form, size, sizeLabel }))).toEqual([
    { id: 'moby-dick', form: 'text', size: 1_190_317, sizeLabel: 'characters' },
    { id: 'names', form: 'labelled', size: 8849, sizeLabel: 'texts' },
    { id: 'short-names', form: 'labelled', size: expect.any(Number) as unknown, sizeLabel: 'texts' },
    { id: 'cmudict', form: 'pronunciations', size: expect.any(Number) as unknown, sizeLabel: 'words' },
    { id: 'births', form: 'series', size: 7305, sizeLabel: 'values' },
    { id: 'co2', form: 'series', size: 741, sizeLabel: 'values' },
    { id: 'calendars', form: 'calendars', size: 20, sizeLabel: 'languages' },
    { id: 'spellout', form: 'spellout', size: 13, sizeLabel: 'languages' },
  ]);
  for (const { bundled, samples, origin } of list) {
    expect(bundled).toBe(true);
    expect(samples).toHaveLength(6);
    expect(origin.licence).not.toBe('');
  }
});
