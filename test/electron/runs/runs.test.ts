import { existsSync, readFileSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { lockRunFolder } from '../../../electron/runs/run-lock.ts';
import { RunFolder } from '../../../electron/runs/run-folder.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { readCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { temporaryFolder } from '../folder.ts';
import { ENDLESS, openRuns, smallExperiment, type OpenRuns } from './open-runs.ts';

/** The weights and the optimizer's state in a checkpoint, as plain numbers. */
async function stateOf({ checkpoints }: OpenRuns, run: string, update: number) {
  const { bytes } = await checkpoints.read({ run, update });
  const { model, optimizer, progress } = readCheckpoint(bytes, 'the checkpoint');
  const plain = (tensors: typeof model) =>
    Object.fromEntries([...tensors].map(([name, { data }]) => [name, [...data]]));
  return {
    model: plain(model),
    optimizer: Object.fromEntries([...optimizer].map(([slot, tensors]) => [slot, plain(tensors)])),
    position: progress.position,
  };
}

/** Creates a run and waits for its end. */
async function finishedRun(open: OpenRuns, experiment: unknown, from?: { run: string; update: number }) {
  const { id } = await open.runs.create({ experiment, start: true, ...(from ? { from } : {}) });
  await open.reach(id, 'finished', 'failed', 'stopped');
  return open.runs.get({ id });
}

function flipByte(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 5]! ^= 1;
  writeFileSync(path, bytes);
}

/** Creates a run without an end and waits until it trains. */
async function trainingRun(open: OpenRuns) {
  const { id } = await open.runs.create({ experiment: smallExperiment(ENDLESS), start: true });
  await open.reach(id, 'training');
  return { id };
}

describe('a run', () => {
  test('trains from its creation to its end, and tells of everything', async () => {
    const open = await openRuns(temporaryFolder());
    const run = await finishedRun(open, smallExperiment());
    expect(run).toMatchObject({
      name: 'Parity, length 10, LSTM 8',
      state: 'finished',
      failure: null,
      task: 'parity',
      threads: 1,
    });
    expect(run.progress).toMatchObject({ update: 60, totalUpdates: 60, learningRate: 0.01 });
    expect(run.metric).toMatchObject({ name: 'accuracy' });
    const evaluations = open.told.flatMap((told) => (told.event === 'runs.evaluated' ? told.value : []));
    expect(evaluations.map(({ update }) => update)).toEqual([20, 40, 60]);
    const best = evaluations.filter((evaluation) => evaluation.best).at(-1);
    expect(run.best).toEqual({ metric: best?.metrics[0], update: best?.update });
    const checkpoints = await open.checkpoints.list({ run: run.id });
    // The start, 1-2-5, the interval, the end; the best evaluations are among them or come with their own.
    expect(checkpoints.map(({ update }) => update)).toEqual(expect.arrayContaining([0, 1, 2, 5, 10, 20, 25, 50, 60]));
    expect(checkpoints.filter((checkpoint) => checkpoint.best).map(({ update }) => update)).toEqual([best?.update]);
    expect(checkpoints.find(({ update }) => update === 20)?.metric).toBe(evaluations[0]?.metrics[0]?.value);
    expect(open.told.filter(({ event }) => event === 'runs.checkpoint')).toHaveLength(checkpoints.length);
    expect(open.told.some(({ event }) => event === 'runs.progress')).toBe(true);
  });

  test('keeps its history, every update of it', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await finishedRun(open, smallExperiment());
    const { evaluations, ...columns } = await open.runs.history({ id, points: 100 });
    expect([...columns.update]).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
    expect(columns.loss.every((loss) => loss > 0 && loss < 2)).toBe(true);
    expect(columns.gradientNorm.every((norm) => norm > 0)).toBe(true);
    expect([...evaluations.update]).toEqual([20, 40, 60]);
    const accuracy = evaluations.metrics.find(({ name }) => name === 'accuracy');
    expect(accuracy?.values).toHaveLength(3);
    expect(accuracy?.values.at(-1)).toBe((await open.runs.get({ id })).metric?.value);
    const thinned = await open.runs.history({ id, points: 10 });
    expect(thinned.update.length).toBeLessThanOrEqual(42);
    expect(Math.max(...thinned.loss)).toBe(Math.max(...columns.loss));
  });

  test('keeps what the model said at each evaluation', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await finishedRun(open, smallExperiment());
    const samples = await open.runs.samples({ id });
    expect(samples.map(({ update, kind }) => [update, kind])).toEqual([20, 40, 60].map((update) => [update, 'items']));
    const items = samples.flatMap((sample) => (sample.kind === 'items' ? sample.value.items : []));
    expect(items[0]?.input).toMatch(/^[01]{10}$/);
    // Each item is there at each evaluation, and is marked as its answer says.
    expect(items.slice(0, 12).map(({ input }) => input)).toEqual(items.slice(24).map(({ input }) => input));
    expect(items.map(({ right }) => right)).toEqual(items.map(({ output, target }) => output === target));
  });

  test('goes on bit for bit after a pause, single updates and the end of its host', async () => {
    const path = temporaryFolder();
    const open = await openRuns(path);
    const straight = await finishedRun(open, smallExperiment());
    const { id } = await open.runs.create({ experiment: smallExperiment(), start: true });
    await open.runs.pause({ id });
    const before = (await open.runs.get({ id })).progress.update;
    expect(before).toBeLessThan(60);
    expect((await open.runs.step({ id })).progress.update).toBe(before + 1);
    expect((await open.runs.step({ id })).state).toBe('paused');
    const state = await stateOf(open, straight.id, 60);
    await open.close();
    const again = await openRuns(path);
    expect((await again.runs.get({ id })).state).toBe('paused');
    expect((await again.runs.step({ id })).progress.update).toBe(before + 3);
    await again.runs.resume({ id });
    await again.reach(id, 'finished');
    expect(await stateOf(again, id, 60)).toEqual(state);
    const figures = async (run: string) => {
      const { update, loss, gradientNorm } = await again.runs.history({ id: run, points: 100 });
      return { update, loss, gradientNorm };
    };
    expect(await figures(id)).toEqual(await figures(straight.id));
  });

  test('stops where it is, and can go on', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await trainingRun(open);
    const stopped = await open.runs.stop({ id });
    expect(stopped.state).toBe('stopped');
    expect(open.inside.processes.size).toBe(0);
    expect((await open.checkpoints.list({ run: id })).at(-1)?.update).toBe(stopped.progress.update);
    await open.runs.resume({ id });
    await open.reach(id, 'training');
    expect((await open.runs.pause({ id })).progress.update).toBeGreaterThanOrEqual(stopped.progress.update);
  });

  test.skipIf(process.platform === 'win32')('leaves signals to its host', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await trainingRun(open);
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.kill(open.inside.processes.get(id)!, signal);
    }
    await open.next(({ event }) => event === 'runs.progress');
    await open.next(({ event }) => event === 'runs.progress');
    expect((await open.runs.stop({ id })).state).toBe('stopped');
  });

  test('refuses what cannot be, in a sentence', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await open.runs.create({ experiment: smallExperiment(), start: false });
    await expect(open.runs.pause({ id })).rejects.toThrow(
      'the run "Parity, length 10, LSTM 8" is ready; only a run that trains can be paused',
    );
    await expect(open.runs.step({ id })).rejects.toThrow('single updates are done while it is paused');
    expect(() => open.runs.get({ id: 'nobody' })).toThrow('there is no run nobody in this workspace');
    await open.runs.start({ id });
    await open.reach(id, 'finished');
    expect(() => open.runs.start({ id })).toThrow('the run "Parity, length 10, LSTM 8" is finished; it cannot go on');
    const wrong = { ...smallExperiment(), model: { cell: 'lstm', hiddenSize: 0 } };
    expect(() => open.runs.create({ experiment: wrong, start: false })).toThrow('model.hiddenSize is 0');
    expect(() => open.checkpoints.pin({ run: id, update: 3, pinned: true })).toThrow('no checkpoint of update 3');
  });

  test('is renamed, annotated and duplicated', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await open.runs.create({ experiment: smallExperiment(), start: false });
    await open.runs.rename({ id, name: 'First try' });
    await open.runs.annotate({ id, note: 'Look at the gates.' });
    const copy = await open.runs.duplicate({ id });
    expect(copy).toMatchObject({ name: 'First try (2)', state: 'ready', note: '' });
    expect((await open.runs.duplicate({ id: copy.id })).name).toBe('First try (3)');
    const list = await open.runs.list({});
    expect(list.map(({ name, note }) => [name, note])).toContainEqual(['First try', 'Look at the gates.']);
    expect(list).toHaveLength(3);
  });
});

describe('changes while paused', () => {
  test('are recorded with their update and take effect from there', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await trainingRun(open);
    const { progress } = await open.runs.pause({ id });
    const { update } = progress;
    const run = await open.runs.adjust({ id, adjustment: { learningRate: 0.002, clipNorm: 1, dropout: 0.5 } });
    expect(run.changes).toEqual([
      { update, field: 'learningRate', from: 0.01, to: 0.002 },
      { update, field: 'dropout', from: 0, to: 0.5 },
    ]);
    expect(run.experiment).toMatchObject({ model: { dropout: 0 } });
    expect((await open.runs.step({ id })).progress).toMatchObject({ update: update + 1, learningRate: 0.002 });
    expect((await open.runs.adjust({ id, adjustment: { learningRate: 0.003 } })).changes.at(-1)).toEqual({
      update: update + 1,
      field: 'learningRate',
      from: 0.002,
      to: 0.003,
    });
    await expect(open.runs.adjust({ id, adjustment: { learningRate: 0 } })).rejects.toThrow(
      'training.optimizer.learningRate is 0',
    );
    expect((await open.runs.get({ id })).changes).toHaveLength(3);
  });
});

describe('the queue', () => {
  test('trains as many at once as the settings say, in the order in which they came', async () => {
    const open = await openRuns(temporaryFolder());
    const first = await trainingRun(open);
    const second = await open.runs.create({ experiment: smallExperiment(ENDLESS), start: true });
    const third = await open.runs.create({ experiment: smallExperiment(ENDLESS), start: true });
    expect(third.state).toBe('queued');
    await open.runs.pause(first);
    await open.reach(second.id, 'training');
    expect((await open.runs.resume(first)).state).toBe('queued');
    await open.runs.stop({ id: second.id });
    await open.reach(third.id, 'training');
    expect((await open.runs.pause(first)).state).toBe('paused');
    open.workspace.settings.set({ parallelRuns: 2 });
    await open.runs.resume(first);
    await open.reach(first.id, 'training');
    expect(open.inside.get(third.id).state).toBe('training');
  });

  test('keeps one process for paused runs', async () => {
    const open = await openRuns(temporaryFolder());
    const first = await trainingRun(open);
    await open.runs.pause(first);
    const other = await trainingRun(open);
    await open.runs.pause(other);
    while (open.inside.processes.size > 1) {
      await open.next(({ event }) => event === 'runs.changed');
    }
    expect([...open.inside.processes.keys()]).toEqual([other.id]);
    expect((await open.runs.step(first)).state).toBe('paused');
  });

  test('is left as it was by what is taken out of it', async () => {
    const open = await openRuns(temporaryFolder());
    await trainingRun(open);
    const { id } = await open.runs.create({ experiment: smallExperiment(), start: true });
    expect((await open.runs.pause({ id })).state).toBe('ready');
    await open.runs.start({ id });
    await open.runs.remove({ id });
    expect((await open.runs.list({})).map(({ state }) => state)).toEqual(['training']);
  });
});

describe('divergence', () => {
  test('fails a run; another can begin from before, with gentler settings', async () => {
    const open = await openRuns(temporaryFolder());
    const wild = { clipNorm: 0, optimizer: { kind: 'sgd', learningRate: 100 } };
    const model = { cell: 'rnn', nonlinearity: 'relu' };
    const failed = await finishedRun(open, smallExperiment(wild, model));
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'diverged' } });
    const gentle = { clipNorm: 1, optimizer: { kind: 'sgd', learningRate: 0.01 } };
    const branch = await finishedRun(open, smallExperiment(gentle, model), { run: failed.id, update: 0 });
    expect(branch).toMatchObject({ state: 'finished', failure: null });
  });
});

describe('a run that diverged', () => {
  test('goes on from its last good checkpoint with another learning rate', async () => {
    const open = await openRuns(temporaryFolder());
    const wild = { clipNorm: 0, checkpointEvery: 1, updates: 200, optimizer: { kind: 'sgd', learningRate: 100 } };
    const failed = await finishedRun(open, smallExperiment(wild, { cell: 'rnn', nonlinearity: 'relu' }));
    expect(failed).toMatchObject({ state: 'failed', failure: { code: 'diverged' } });
    const { id } = failed;
    const last = open.inside.checkpoints.last(id) ?? -1;
    expect(last).toBeGreaterThan(0);
    const adjusted = await open.runs.adjust({ id, adjustment: { learningRate: 0.01, clipNorm: 1 } });
    const good = open.inside.checkpoints.last(id) ?? -1;
    expect(good).toBeLessThan(last);
    expect(adjusted.changes).toEqual([
      { update: good, field: 'checkpoint', from: last, to: good },
      { update: good, field: 'learningRate', from: 100, to: 0.01 },
      { update: good, field: 'clipNorm', from: 0, to: 1 },
    ]);
    expect(adjusted.progress.update).toBe(good);
    expect(existsSync(`${open.inside.checkpoints.path(id, last)}.diverged`)).toBe(true);
    await open.runs.resume({ id });
    await open.reach(id, 'finished', 'failed');
    expect(open.inside.get(id)).toMatchObject({ state: 'finished', failure: null, progress: { update: 200 } });
    const { update } = await open.runs.history({ id, points: 1000 });
    expect([...update]).toEqual(Array.from({ length: 200 }, (_, i) => i + 1));
  });
});

describe('a crash', () => {
  test('fails its run alone, and what was checkpointed stays', async () => {
    const open = await openRuns(temporaryFolder());
    open.workspace.settings.set({ parallelRuns: 2 });
    const [crashing, other] = [await trainingRun(open), await trainingRun(open)];
    process.kill(open.inside.processes.get(crashing.id)!, 'SIGKILL');
    await open.reach(crashing.id, 'failed');
    const failed = await open.runs.get(crashing);
    expect(failed.failure).toMatchObject({
      code: 'crashed',
      message: 'the training process ended unexpectedly (signal SIGKILL)',
    });
    expect(open.inside.get(other.id).state).toBe('training');
    const last = (await open.checkpoints.list({ run: crashing.id })).at(-1)?.update ?? -1;
    expect(last).toBeGreaterThanOrEqual(0);
    expect((await open.runs.adjust({ id: crashing.id, adjustment: { learningRate: 0.001 } })).changes).toHaveLength(1);
    await open.runs.resume(crashing);
    await open.reach(crashing.id, 'training');
    expect((await open.runs.pause(crashing)).progress.update).toBeGreaterThanOrEqual(last);
  });

  test.skipIf(process.platform === 'win32')('of a process that is frozen ends it at a stop, and says so', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await trainingRun(open);
    while (open.inside.checkpoints.last(id) === null) {
      await open.next(({ event }) => event === 'runs.checkpoint');
    }
    process.kill(open.inside.processes.get(id)!, 'SIGSTOP');
    const stopped = await open.runs.stop({ id });
    const last = open.inside.checkpoints.last(id) ?? -1;
    expect(stopped).toMatchObject({
      state: 'failed',
      failure: {
        code: 'not-responding',
        message: 'the training process did not respond: it was frozen, and was ended',
        hint: `Its checkpoint of update ${last} is kept; resume to continue from there.`,
      },
    });
    await open.runs.resume({ id });
    await open.reach(id, 'training');
    expect((await open.runs.pause({ id })).progress.update).toBeGreaterThanOrEqual(last);
  });

  test.skipIf(process.platform === 'win32')('of a process that is frozen does not keep the program open', async () => {
    const path = temporaryFolder();
    const open = await openRuns(path);
    const { id } = await trainingRun(open);
    process.kill(open.inside.processes.get(id)!, 'SIGSTOP');
    await open.close();
    const again = await openRuns(path);
    expect(await again.runs.get({ id })).toMatchObject({ state: 'failed', failure: { code: 'not-responding' } });
  });

  test.each([
    ['cut off', (path: string) => truncateSync(path, 100)],
    ['empty', (path: string) => truncateSync(path, 0)],
    ['of another byte', (path: string) => flipByte(path)],
  ])('of a disk leaves the checkpoints before: a newest one that is %s is set aside', async (_how, damage) => {
    const warn = vi.spyOn(console, 'warn').mockReturnValue();
    onTestFinished(() => warn.mockRestore());
    const open = await openRuns(temporaryFolder());
    const { id } = await trainingRun(open);
    await open.runs.step(await open.runs.pause({ id }));
    await open.runs.stop({ id });
    const [before, last] = (await open.checkpoints.list({ run: id })).slice(-2).map(({ update }) => update);
    const path = open.inside.checkpoints.path(id, last!);
    damage(path);
    await open.runs.resume({ id });
    await open.reach(id, 'training', 'failed');
    expect(open.inside.get(id)).toMatchObject({
      state: 'training',
      failure: null,
      changes: [{ update: before, field: 'checkpoint', from: last, to: before }],
    });
    expect(existsSync(`${path}.damaged`)).toBe(true);
    expect(warn).toHaveBeenCalledWith(
      expect.stringContaining(`the checkpoint of update ${last} of the run "Parity, length 10, LSTM 8"`),
    );
    const paused = await open.runs.pause({ id });
    expect(paused.progress.update).toBeGreaterThan(before!);
    await open.runs.adjust({ id, adjustment: { learningRate: 0.001 } });
    expect((await open.runs.step({ id })).progress.learningRate).toBe(0.001);
  });

  test('of a disk that spares no checkpoint is told, and nothing is renamed', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await finishedRun(open, smallExperiment({ updates: 1 }));
    const copy = (await open.runs.create({ experiment: smallExperiment(ENDLESS), start: true })).id;
    await open.reach(copy, 'training');
    await open.runs.stop({ id: copy });
    for (const { update } of await open.checkpoints.list({ run: copy })) {
      truncateSync(open.inside.checkpoints.path(copy, update), 50);
    }
    const before = await open.checkpoints.list({ run: copy });
    await open.runs.resume({ id: copy });
    await open.reach(copy, 'failed');
    expect(open.inside.get(copy).failure?.message).toMatch(/is damaged or truncated/u);
    expect(await open.checkpoints.list({ run: copy })).toEqual(before);
    expect(open.inside.get(id).state).toBe('finished');
  });

  test.runIf(existsSync('/dev/full'))('of a full disk says so, and keeps the checkpoints', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await open.runs.create({ experiment: smallExperiment(), start: false });
    symlinkSync('/dev/full', join(open.workspace.runFolder(id), 'history'));
    await open.runs.start({ id });
    await open.reach(id, 'failed');
    const { failure } = await open.runs.get({ id });
    expect(failure?.message).toMatch(/history cannot be written: the disk is full$/);
  });

  test("of the host's own database stops the run", async () => {
    const open = await openRuns(temporaryFolder());
    const { database } = open.workspace;
    const { id } = await open.runs.create({ experiment: smallExperiment(ENDLESS), start: true });
    await open.reach(id, 'training');
    database.get(`PRAGMA max_page_count = ${Number(database.get('PRAGMA page_count')?.['page_count'])}`);
    expect(() => open.runs.annotate({ id, note: 'x'.repeat(20_000) })).toThrow('the disk is full');
    await open.runs.pause({ id });
    expect(open.inside.get(id).state).toBe('paused');
  });

  test('of a process that cannot start is told', async () => {
    const open = await openRuns(temporaryFolder(), (listener) => {
      setImmediate(() => listener.exit('exit status 9', 'no such program'));
      return { pid: undefined, post: () => undefined, kill: () => undefined };
    });
    const { id } = await open.runs.create({ experiment: smallExperiment(), start: true });
    await open.reach(id, 'failed');
    expect(open.inside.get(id).failure?.message).toBe(
      'the training process ended unexpectedly (exit status 9: no such program)',
    );
  });
});

describe('the folder of a run', () => {
  test('has one writer: the command line is refused while the program trains, and the other way round', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await trainingRun(open);
    const folder = open.workspace.runFolder(id);
    const { experiment } = await open.runs.get({ id });
    expect(() => RunFolder.create(folder, parseExperiment(experiment))).toThrow(
      `${folder} already holds a run (checkpoints)`,
    );
    expect(() => lockRunFolder(folder)).toThrow(
      `${folder} is in use: another process (process ${open.inside.processes.get(id)} on`,
    );
    await open.runs.stop({ id });
    lockRunFolder(folder).release();
  });
});

describe('a branch', () => {
  test('with unchanged settings goes on as the run itself did', async () => {
    const open = await openRuns(temporaryFolder());
    const run = await finishedRun(open, smallExperiment());
    const branch = await finishedRun(open, smallExperiment(), { run: run.id, update: 25 });
    expect(branch).toMatchObject({
      name: 'Parity, length 10, LSTM 8 (2)',
      state: 'finished',
      parent: { run: run.id, update: 25 },
    });
    expect(await stateOf(open, branch.id, 60)).toEqual(await stateOf(open, run.id, 60));
    expect((await open.runs.history({ id: branch.id, points: 100 })).update[0]).toBe(26);
    expect(branch.best?.update).toBeGreaterThan(25);
  });

  test('of other settings takes the weights, and begins anew with them', async () => {
    const open = await openRuns(temporaryFolder());
    const run = await finishedRun(open, smallExperiment());
    const experiment = smallExperiment({ batchSize: 4, optimizer: { kind: 'sgd', learningRate: 0.1 } }, {}, 7);
    const branch = await finishedRun(open, experiment, { run: run.id, update: 60 });
    expect(branch).toMatchObject({ state: 'finished', progress: { update: 60 } });
    expect((await stateOf(open, branch.id, 0)).model).toEqual((await stateOf(open, run.id, 60)).model);
  });

  test('of update 0 is a second try from the same initial weights', async () => {
    const open = await openRuns(temporaryFolder());
    const run = await finishedRun(open, smallExperiment());
    const other = smallExperiment({ optimizer: { kind: 'rmsprop', learningRate: 0.001 } }, {}, 2);
    const second = await finishedRun(open, other, { run: run.id, update: 0 });
    expect((await stateOf(open, second.id, 0)).model).toEqual((await stateOf(open, run.id, 0)).model);
    expect((await stateOf(open, second.id, 60)).model).not.toEqual((await stateOf(open, run.id, 60)).model);
    const same = await finishedRun(open, smallExperiment(), { run: run.id, update: 0 });
    expect(await stateOf(open, same.id, 60)).toEqual(await stateOf(open, run.id, 60));
  });

  test('outlives the run that it comes from, and can be duplicated then', async () => {
    const open = await openRuns(temporaryFolder());
    const run = await finishedRun(open, smallExperiment());
    const from = { run: run.id, update: 25 };
    const branch = await open.runs.create({ experiment: smallExperiment(), from, start: false });
    const state = await stateOf(open, run.id, 60);
    await open.runs.remove({ id: run.id });
    const copy = await open.runs.duplicate({ id: branch.id });
    for (const { id } of [branch, copy]) {
      await open.runs.start({ id });
      await open.reach(id, 'finished', 'failed');
      expect(await stateOf(open, id, 60)).toEqual(state);
    }
  });

  test('is refused where the model is another, nothing is left to train, or there is no such checkpoint', async () => {
    const open = await openRuns(temporaryFolder());
    const { id: run } = await finishedRun(open, smallExperiment());
    const branch = (experiment: unknown, update: number) => () =>
      open.runs.create({ experiment, from: { run, update }, start: true });
    expect(branch(smallExperiment({}, { hiddenSize: 9 }), 25)).toThrow(
      'model.hiddenSize is 9, but the checkpoint is of a model with 8',
    );
    expect(branch({ ...smallExperiment(), task: { id: 'adding', length: 20 } }, 25)).toThrow(
      'task.id is "adding", but the checkpoint is of a model for "parity"',
    );
    expect(branch(smallExperiment(), 60)).toThrow('training.updates is 60, and the run begins at update 60');
    expect(branch(smallExperiment(), 26)).toThrow('the run has no checkpoint of update 26');
    expect(await open.runs.list({})).toHaveLength(1);
  });
});

describe('checkpoints', () => {
  test('are thinned over the whole course; the first, the last, the best and the pinned ones stay', async () => {
    const open = await openRuns(temporaryFolder());
    const training = { updates: 400, evaluateEvery: 400, checkpointEvery: 2 };
    const { id: run } = await open.runs.create({ experiment: smallExperiment(training), start: true });
    await open.next((told) => told.event === 'runs.checkpoint' && told.value.update === 202);
    await open.checkpoints.pin({ run, update: 202, pinned: true });
    await open.reach(run, 'finished');
    const list = await open.checkpoints.list({ run });
    expect(list.length).toBeLessThanOrEqual(61);
    expect(list.map(({ update }) => update)).toEqual(expect.arrayContaining([0, 1, 2, 5, 202, 400]));
    expect(list.find(({ update }) => update === 202)?.pinned).toBe(true);
    for (const { update, bytes } of list) {
      expect((await open.checkpoints.read({ run, update })).bytes).toHaveLength(bytes);
    }
  });

  test('are removed, but not the one that a run goes on from', async () => {
    const open = await openRuns(temporaryFolder());
    const { id: run } = await finishedRun(open, smallExperiment());
    await open.checkpoints.remove({ run, update: 25 });
    await expect(open.checkpoints.read({ run, update: 25 })).rejects.toThrow('the run has no checkpoint of update 25');
    expect(existsSync(open.inside.checkpoints.path(run, 25))).toBe(false);
    const paused = await trainingRun(open);
    const { progress } = await open.runs.pause(paused);
    expect(() => open.checkpoints.remove({ run: paused.id, update: progress.update })).toThrow('stays');
  });

  test('are what the command line reads', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await finishedRun(open, smallExperiment());
    const { experiment, progress } = readCheckpoint(readFileSync(open.inside.checkpoints.path(id, 25)), 'the file');
    expect(progress.update).toBe(25);
    expect(experiment.task.id).toBe('parity');
  });
});

describe('removing', () => {
  test('ends a run that trains and can be taken back', async () => {
    const open = await openRuns(temporaryFolder());
    const { id } = await trainingRun(open);
    const { token } = await open.runs.remove({ id });
    expect(open.told.at(-1)).toEqual({ event: 'runs.changed', value: { id, removed: true } });
    expect(await open.runs.list({})).toEqual([]);
    expect(open.inside.processes.size).toBe(0);
    open.workspace.trash.undo(token);
    open.inside.restore(id);
    expect(open.inside.get(id).state).toBe('paused');
    await open.runs.resume({ id });
    await open.reach(id, 'training');
  });
});
