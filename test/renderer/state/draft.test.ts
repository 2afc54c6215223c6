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
  /** Suggestions that wait for the test. */
  let suggestions: (() => void)[] | undefined;

  beforeEach(async () => {
    held = undefined;
    suggestions = undefined;
    program = fakeProgram({
      tasks: {
        list: () => [task({}), task({ id: 'own-text', kind: 'language', dataset: 'mine', own: true })],
      },
      experiments: {
        async suggest({ task: id, dataset }) {
          if (suggestions !== undefined) await new Promise<void>((resolve) => suggestions?.push(resolve));
          if (id === 'nothing') throw new InputError('There is no task nothing.');
          return { experiment: { ...experiment, task: dataset === undefined ? { id } : { id, dataset } } };
        },
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

  test('trains nothing while another task’s suggestion has not come', async () => {
    suggestions = [];
    const suggested = draft.suggest('own-text/mine');
    expect(await draft.start('Too early')).toBeUndefined();
    draft.set('seed', 5);
    await settled();
    expect(asked('runs.create')).toBe(0);
    expect(draft.suggesting).toBe(true);
    suggestions.shift()?.();
    await suggested;
    expect(draft.suggesting).toBe(false);
    expect((await draft.start('In time'))?.id).toBe('made');
    const { args } = program.calls.findLast(({ name }) => name === 'runs.create')!;
    expect(args).toMatchObject({ experiment: { task: { id: 'own-text', dataset: 'mine' }, seed: 1 } });
  });

  test('takes the last of several suggestions, in whichever order they come', async () => {
    suggestions = [];
    const all = [draft.suggest('own-text/mine'), draft.suggest('parity', 'gru')];
    await settled();
    suggestions.pop()?.();
    await settled();
    suggestions.pop()?.();
    await Promise.all(all);
    expect(draft.experiment).toMatchObject({ task: { id: 'parity' }, model: { cell: 'gru' } });
    expect(draft.suggesting).toBe(false);
  });

  test('has nothing to train where a suggestion fails', async () => {
    expect((await draft.suggest('nothing'))?.message).toBe('There is no task nothing.');
    await settled();
    expect(draft.experiment).toBeUndefined();
    expect(draft.size).toBeUndefined();
    expect(await draft.start()).toBeUndefined();
    expect(asked('runs.create')).toBe(0);
  });

  test('knows no size of an experiment that has just been begun, nor of one that is refused', async () => {
    held = [];
    const suggested = draft.suggest('own-text/mine');
    expect(draft.size).toBeUndefined();
    await suggested;
    expect(draft.size).toBeUndefined();
    held.shift()?.();
    await settled();
    expect(draft.size?.parameters).toBe(16);
    draft.set('model.hiddenSize', -5);
    await settled();
    held.shift()?.();
    await settled();
    expect(draft.problem?.path).toBe('model.hiddenSize');
    expect(draft.size).toBeUndefined();
  });

  test.each([
    ['model.architecture', 'transformer', { model: { positions: 'sinusoidal', pooling: 'mean', layers: 2 } }],
    ['model.architecture', 'encoder-decoder', { model: { attention: 'none', attentionSize: 0 } }],
    ['training.optimizer.kind', 'sgd', { training: { optimizer: { momentum: 0, learningRate: 0.1 } } }],
    ['training.schedule.kind', 'cosine', { training: { schedule: { floor: 0 } } }],
  ])('has every field of %s %s before the check has ended, whatever is wrong elsewhere', (path, value, expected) => {
    held = [];
    draft.set('seed', -1);
    draft.set(path, value);
    expect(draft.experiment).toMatchObject(expected);
    expect(draft.experiment?.seed).toBe(-1);
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
