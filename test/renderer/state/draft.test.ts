import { beforeEach, describe, expect, test } from 'vitest';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import { InputError } from '../../../engine/errors.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { experimentToJson } from '../../../engine/experiment/schema.ts';
import type { TaskInfo } from '../../../electron/api/data.ts';
import { Draft } from '../../../renderer/state/draft.svelte.ts';
import { Notices } from '../../../renderer/state/notices.svelte.ts';
import { Tasks } from '../../../renderer/state/tasks.svelte.ts';
import { experiment, fakeProgram, runInfo, settled, type FakeProgram } from '../fake-program.ts';

const task = (details: Partial<TaskInfo>): TaskInfo => ({
  id: 'parity',
  title: 'Parity',
  kind: 'tagging',
  description: '',
  origin: { title: '', source: '', licence: '' },
  dataset: null,
  own: false,
  options: [],
  ...details,
});

describe('Draft', () => {
  let program: FakeProgram;
  let draft: Draft;
  /** Answers to checks that wait for the test. */
  let held: (() => void)[] | undefined;

  beforeEach(async () => {
    held = undefined;
    program = fakeProgram({
      tasks: {
        list: () => [task({}), task({ id: 'own-text', kind: 'language', dataset: 'mine', own: true })],
      },
      experiments: {
        suggest: ({ task: id, dataset }) => ({
          experiment: { ...experiment, task: dataset === undefined ? { id } : { id, dataset } },
        }),
        async check({ experiment: given }) {
          if (held !== undefined) await new Promise<void>((resolve) => held?.push(resolve));
          const parsed = parseExperiment(given);
          return {
            experiment: experimentToJson(parsed),
            parameters: parsed.model.architecture === 'recurrent' ? parsed.model.hiddenSize : 0,
            memoryBytes: 1,
            totalUpdates: 1,
            updatesPerEpoch: null,
            tokensPerSecond: null,
            layers: [],
          };
        },
      },
      runs: {
        create({ experiment: given }) {
          const { seed } = given as Experiment;
          if (seed === 13) throw new InputError('The disk is full.');
          return runInfo({ id: 'made', experiment: given });
        },
      },
    });
    const tasks = new Tasks(program.connection, new Notices());
    await tasks.load();
    draft = new Draft(program.connection, tasks);
    await draft.suggest('parity');
    await settled();
  });

  const asked = (name: string): number => program.calls.filter((call) => call.name === name).length;

  test('begins with what is suggested, and knows its size', () => {
    expect(draft.experiment?.task.id).toBe('parity');
    expect(draft.size?.parameters).toBe(16);
    expect(draft.problem).toBeUndefined();
  });

  test('asks for a dataset of a person’s own by its key', async () => {
    await draft.suggest('own-text/mine');
    expect(draft.experiment?.task).toEqual({ id: 'own-text', dataset: 'mine' });
    expect(draft.task?.kind).toBe('language');
  });

  test('names the field that the back refuses, and forgets it when it is mended', async () => {
    draft.set('training.batchSize', 0);
    await settled();
    expect(draft.problem).toMatchObject({ path: 'training.batchSize' });
    expect(draft.problem?.text).toContain('is 0; it must be');
    draft.set('training.batchSize', 4);
    await settled();
    expect(draft.problem).toBeUndefined();
  });

  test('asks one question at a time, and after many changes only about the last', async () => {
    const before = asked('experiments.check');
    held = [];
    for (const size of [1, 2, 3, 4, 5]) draft.set('model.hiddenSize', size);
    await settled();
    held.shift()?.();
    await settled();
    held.shift()?.();
    await settled();
    expect(asked('experiments.check') - before).toBe(2);
    expect(draft.size?.parameters).toBe(5);
    expect(draft.experiment?.model).toMatchObject({ hiddenSize: 5 });
    expect(draft.checking).toBe(false);
  });

  test.each([
    ['model.cell', 'rnn'],
    ['model.cell', 'gru'],
    ['model.architecture', 'encoder-decoder'],
    ['model.architecture', 'transformer'],
    ['training.optimizer.kind', 'sgd'],
    ['training.optimizer.kind', 'rmsprop'],
    ['training.schedule.kind', 'step'],
    ['training.schedule.kind', 'cosine'],
    ['training.epochs', 3],
  ])('leaves out what does not belong to %s %s', async (path, value) => {
    draft.set(path, value);
    await settled();
    expect(draft.problem).toBeUndefined();
  });

  test('says what the other choices rule out', async () => {
    expect(draft.refusals).toMatchObject({ 'training.epochs': 'refused.epochs', 'training.steps': 'refused.steps' });
    await draft.suggest('own-text/mine');
    expect(draft.refusals).toMatchObject({ 'model.bidirectional': 'refused.bidirectional' });
    expect(draft.refusals['training.steps']).toBeUndefined();
  });

  test('creates a run, from a checkpoint where it begins with one', async () => {
    draft.copy(draft.experiment!, { run: 'before', update: 50 });
    expect((await draft.start('A try'))?.id).toBe('made');
    const { args } = program.calls.findLast(({ name }) => name === 'runs.create')!;
    expect(args).toMatchObject({ name: 'A try', from: { run: 'before', update: 50 }, start: true });
  });

  test('says why a run could not be created', async () => {
    draft.set('seed', 13);
    await settled();
    expect(await draft.start()).toBeUndefined();
    expect(draft.problem).toMatchObject({ path: null, text: 'The disk is full.' });
    expect(draft.starting).toBe(false);
  });
});
