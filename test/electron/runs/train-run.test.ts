import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { RunFolder } from '../../../electron/runs/run-folder.ts';
import { continueSession, startSession } from '../../../electron/runs/start-session.ts';
import { TrainRun, type RunEvent } from '../../../electron/runs/train-run.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import type { Experiment } from '../../../engine/experiment/experiment.ts';
import type { Session } from '../../../engine/training/session.ts';

const ONE_THREAD = { threads: 1 };

let root = '';
let sessions: Session[] = [];
let folders: RunFolder[] = [];
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unrolled-train-'));
  sessions = [];
});
afterEach(async () => {
  await Promise.all(sessions.map((session) => session.stop()));
  closeFolders();
  rmSync(root, { recursive: true });
});

function closeFolders(): void {
  for (const folder of folders) folder.close();
  folders = [];
}

function experiment(training: object, task: object = {}): Experiment {
  return parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    seed: 3,
    task: { id: 'adding', length: 4, validationItems: 32, ...task },
    model: { cell: 'lstm', hiddenSize: 4 },
    training: { batchSize: 4, evaluateEvery: 10, ...training },
  });
}

type Listener = (event: RunEvent, run: TrainRun) => void;

/** A run in a folder of its own, and what it told. */
async function begin(settings: Experiment, name: string, listener: Listener = () => undefined) {
  const { session } = await startSession(settings, ONE_THREAD);
  return attach(session, RunFolder.create(join(root, name), settings), false, listener);
}

/** Goes on with the run in a folder, which nobody writes any more. */
async function goOn(name: string, listener: Listener = () => undefined) {
  closeFolders();
  const { folder, checkpoint } = RunFolder.resume(join(root, name));
  if (checkpoint === null) throw new Error('There is no checkpoint.');
  const { session } = await continueSession(checkpoint, folder.checkpointPath, ONE_THREAD);
  return attach(session, folder, true, listener);
}

function attach(session: Session, folder: RunFolder, resumed: boolean, listener: Listener) {
  sessions.push(session);
  folders.push(folder);
  const events: RunEvent[] = [];
  const run: TrainRun = new TrainRun({
    session,
    folder,
    resumed,
    listen(event) {
      events.push(event);
      listener(event, run);
    },
  });
  return { run, folder, session, events };
}

/** Updates at which events of a kind came. */
function updatesOf(events: readonly RunEvent[], kind: RunEvent['kind']): readonly number[] {
  return events.flatMap((event) => (event.kind === kind && event.kind !== 'progress' ? [event.update] : []));
}

describe('a run', () => {
  test('goes to its planned end, evaluates on the way and there, and keeps its folder', async () => {
    const { run, folder, session, events } = await begin(experiment({ updates: 25 }), 'run');
    expect(await run.run()).toEqual({ reason: 'complete', update: 25 });
    expect(updatesOf(events, 'evaluation')).toEqual([10, 20, 25]);
    const history = folder.readHistory();
    expect(history.map(({ update }) => update)).toEqual(Array.from({ length: 25 }, (_, i) => i + 1));
    expect(history.filter(({ metrics }) => metrics).map(({ update }) => update)).toEqual([10, 20, 25]);
    const { progress, model } = folder.readCheckpoint();
    expect(progress.update).toBe(25);
    for (const [name, { data }] of session.parameters()) {
      expect(model.get(name)?.data, name).toEqual(data);
    }
    expect(folder.readBest().progress.update).toBe(session.best?.update);
  });

  test('has a checkpoint from its start on, then every so many updates', async () => {
    let atStart: number | undefined;
    const { run, folder, events } = await begin(
      experiment({ updates: 20, checkpointEvery: 6, evaluateEvery: 1000 }),
      'run',
      ({ kind }) => {
        if (kind === 'started') atStart = folder.readCheckpoint().progress.update;
      },
    );
    await run.run();
    expect(atStart).toBe(0);
    const latest = events.flatMap((event) => (event.kind === 'checkpoint' && !event.best ? [event.update] : []));
    expect(latest).toEqual([0, 6, 12, 18, 20]);
  });

  test('reports the first update, how far it is, and the last', async () => {
    const { run, events } = await begin(experiment({ updates: 15 }), 'run');
    await run.run();
    const progress = events.flatMap((event) => (event.kind === 'progress' ? [event.progress] : []));
    expect(progress[0]).toMatchObject({ update: 1, totalUpdates: 15, epoch: 0 });
    expect(progress.at(-1)).toMatchObject({ update: 15, secondsLeft: 0 });
    expect(progress.every(({ loss, tokensPerSecond }) => loss > 0 && tokensPerSecond > 0)).toBe(true);
  });

  test('keeps a history of bounded size, of means over spans', async () => {
    const { run, folder } = await begin(experiment({ updates: 4100, evaluateEvery: 1000 }, { length: 2 }), 'run');
    await run.run();
    const history = folder.readHistory();
    expect(history.length).toBeLessThanOrEqual(2000 + 5);
    expect(history.slice(0, 3).map(({ update }) => update)).toEqual([3, 6, 9]);
    expect(history.at(-1)?.update).toBe(4100);
  });
});

describe('requests', () => {
  test('stop is served while the event loop has other work, and leaves a checkpoint to go on from', async () => {
    const settings = experiment({ updates: 1_000_000_000, evaluateEvery: 1_000_000 });
    const { run, folder } = await begin(settings, 'run');
    // Reached only if the loop gives the event loop its turn.
    setImmediate(() => run.stop());
    const end = await run.run();
    expect(end.reason).toBe('stopped');
    expect(folder.readCheckpoint().progress.update).toBe(end.update);
  });

  test('pause halts, one update at a time can be asked for, resume goes on', async () => {
    const halts: number[] = [];
    const { run, events } = await begin(experiment({ updates: 30 }), 'run', (event, own) => {
      if (event.kind === 'evaluation' && event.update === 10) own.pause();
      if (event.kind === 'paused') {
        halts.push(event.update);
        setImmediate(() => (halts.length < 4 ? own.stepOnce() : own.resume()));
      }
    });
    expect(await run.run()).toEqual({ reason: 'complete', update: 30 });
    expect(halts).toEqual([10, 11, 12, 13]);
    expect(updatesOf(events, 'resumed')).toEqual([13]);
  });

  test('stop ends a pause', async () => {
    const { run } = await begin(experiment({ updates: 30 }), 'run', (event, own) => {
      if (event.kind === 'started') own.pause();
      if (event.kind === 'paused') setImmediate(() => own.stop());
    });
    expect(await run.run()).toEqual({ reason: 'stopped', update: 0 });
  });
});

describe('going on', () => {
  test('equals a run that was never stopped, wherever it was stopped', async () => {
    const settings = experiment({ updates: 40, earlyStopping: { patience: 1000 } });
    const whole = await begin(settings, 'whole');
    await whole.run.run();
    for (const at of [0, 7, 10, 39]) {
      const cut = await begin(settings, `cut-${at}`, (event, own) => {
        if (event.kind === 'started') own.pause();
        if (event.kind === 'paused') setImmediate(() => (event.update < at ? own.stepOnce() : own.stop()));
      });
      expect(await cut.run.run()).toEqual({ reason: 'stopped', update: at });
      const rest = await goOn(`cut-${at}`);
      expect(await rest.run.run()).toEqual({ reason: 'complete', update: 40 });
      const { model, optimizer, progress } = rest.folder.readCheckpoint();
      const wanted = whole.folder.readCheckpoint();
      expect({ model, optimizer, progress }).toEqual({
        model: wanted.model,
        optimizer: wanted.optimizer,
        progress: wanted.progress,
      });
      expect(rest.folder.readHistory().map(({ update }) => update)).toEqual(
        whole.folder.readHistory().map(({ update }) => update),
      );
    }
  });

  test('does nothing more where the end was reached, by plan or by patience', async () => {
    const settings = experiment({
      updates: 1000,
      evaluateEvery: 5,
      optimizer: { kind: 'sgd', learningRate: 1e-12 },
      earlyStopping: { patience: 2 },
    });
    const first = await begin(settings, 'run');
    const end = await first.run.run();
    expect(end.reason).toBe('early-stopping');
    expect(end.update).toBeLessThan(1000);
    const again = await goOn('run');
    expect(await again.run.run()).toEqual(end);
    expect(updatesOf(again.events, 'evaluation')).toEqual([]);
    expect(again.folder.readCheckpoint()).toEqual(first.folder.readCheckpoint());
  });
});

describe('divergence', () => {
  test('ends the run with its message; the checkpoint is from before and finite', async () => {
    const settings = experiment({
      updates: 2000,
      clipNorm: 0,
      optimizer: { kind: 'sgd', learningRate: 100 },
      evaluateEvery: 1000,
      checkpointEvery: 2,
    });
    const model = { cell: 'rnn', nonlinearity: 'relu', hiddenSize: 4 };
    const { run, folder } = await begin(parseExperiment({ ...settings, model }), 'run');
    const end = await run.run();
    if (end.reason !== 'diverged') throw new Error(`ended as ${end.reason}`);
    expect(end.error.message).toContain(`training diverged at update ${end.update}`);
    const checkpoint = folder.readCheckpoint();
    expect(checkpoint.progress.update).toBeLessThan(end.update);
    for (const [name, { data }] of checkpoint.model) {
      expect(data.every(Number.isFinite), name).toBe(true);
    }
  });
});
