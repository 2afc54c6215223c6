import { beforeEach, describe, expect, test } from 'vitest';
import type { CheckpointInfo, RunInfo } from '../../../electron/api/runs.ts';
import type { Sample } from '../../../electron/api/samples.ts';
import { Duty, LONGEST_REST } from '../../../renderer/state/duty.ts';
import { Frames } from '../../../renderer/state/frames.ts';
import { LONGEST, Pace } from '../../../renderer/state/pace.ts';
import { OpenRun } from '../../../renderer/state/open-run.svelte.ts';
import { atOnce, experiment, fakeProgram, metric, runInfo, settled, type FakeProgram } from '../fake-program.ts';
import { Followed } from '../follow.svelte.ts';
import { TestClock } from './test-clock.ts';

const checkpoint = (update: number, details: Partial<CheckpointInfo> = {}): CheckpointInfo => ({
  run: 'a',
  update,
  saved: 0,
  bytes: 1000,
  pinned: false,
  best: false,
  metric: null,
  ...details,
});

const text = (update: number): Sample => ({
  update,
  kind: 'text',
  value: { prompt: '', text: `at ${update}`, temperature: 1 },
});

describe('OpenRun', () => {
  let program: FakeProgram;
  let open: OpenRun;
  let clock: TestClock;
  let duty: Duty;
  /** Of the run as the program has it. */
  let now: RunInfo['progress'];
  const progressAt = (update: number): RunInfo['progress'] => ({
    ...runInfo({ id: 'a' }).progress,
    update,
    loss: 1 / update,
  });

  beforeEach(async () => {
    now = progressAt(20);
    program = fakeProgram({
      runs: {
        get: () => runInfo({ id: 'a', progress: now }),
        history: () => ({
          update: Float64Array.of(10, 20),
          loss: Float64Array.of(2, 1),
          gradientNorm: Float64Array.of(0.1, 0.2),
          learningRate: Float64Array.of(0.01, 0.01),
          tokensPerSecond: Float64Array.of(100, 110),
          seconds: Float64Array.of(1, 2),
          evaluations: {
            update: Float64Array.of(20),
            seconds: Float64Array.of(2),
            metrics: [{ ...metric, values: Float64Array.of(0.6) }],
          },
        }),
        samples: () => [text(20)],
      },
      checkpoints: { list: () => [checkpoint(20, { best: true }), checkpoint(0)] },
      experiments: {
        check: () => ({
          experiment,
          parameters: 12,
          memoryBytes: 1,
          totalUpdates: 100,
          updatesPerEpoch: null,
          tokensPerSecond: null,
          layers: [{ name: 'head', kind: 'linear', inputs: [], shape: '[B, 2]', parameters: 12 }],
        }),
      },
      tasks: {
        describe: () => ({
          samples: [],
          trainingItems: null,
          validationItems: 10,
          notices: [],
          baselines: [{ name: 'always even', metric: { ...metric, value: 0.5 } }],
          criterion: null,
        }),
      },
    });
    clock = new TestClock();
    duty = new Duty(clock);
    open = new OpenRun('a', program.connection, new Pace(new Frames(atOnce), clock), duty);
    await open.load(experiment);
  });

  const losses = (): readonly number[] => [...open.history.columns.loss.values];

  test('reads its course, checkpoints, samples, layers and baselines', () => {
    expect([...open.history.update.values]).toEqual([10, 20]);
    expect(losses()).toEqual([2, 1]);
    expect(open.history.metrics.map(({ head }) => head.name)).toEqual(['accuracy']);
    expect(open.checkpoints.map(({ update }) => update)).toEqual([0, 20]);
    expect(open.samples).toEqual([text(20)]);
    expect(open.layers.map(({ name }) => name)).toEqual(['head']);
    expect(open.baselines.map(({ name }) => name)).toEqual(['always even']);
  });

  test('goes on with what it is told, and its views follow', () => {
    const followed = new Followed(() => open.history.update.length);
    program.emit('runs.progress', { id: 'a', state: 'training', progress: progressAt(40) });
    program.emit('runs.evaluated', { id: 'a', update: 40, metrics: [{ ...metric, value: 0.9 }], best: true });
    program.emit('runs.sample', { id: 'a', sample: text(40) });
    clock.pass(LONGEST);
    expect(followed.seen.at(-1)).toBe(3);
    expect(losses()).toEqual([2, 1, 1 / 40]);
    expect([...open.history.metrics[0]!.values.values]).toEqual([0.6, 0.9]);
    expect(open.samples.at(-1)).toEqual(text(40));
    followed.stop();
  });

  test('knows how many updates its experiment has before the run does', () => {
    expect(open.totalUpdates).toBe(100);
  });

  test('reads its course again where the run goes on from an earlier checkpoint', async () => {
    program.emit('runs.progress', { id: 'a', state: 'training', progress: progressAt(40) });
    now = progressAt(40);
    program.emit('runs.changed', { id: 'a', removed: false });
    await settled();
    expect(losses()).toEqual([2, 1, 1 / 40]);
    now = progressAt(20);
    program.emit('runs.changed', { id: 'a', removed: false });
    await settled();
    expect(losses()).toEqual([2, 1]);
    program.emit('runs.progress', { id: 'a', state: 'training', progress: progressAt(21) });
    expect(losses()).toEqual([2, 1, 1 / 21]);
  });

  test('takes each update once, and nothing of another run', () => {
    program.emit('runs.progress', { id: 'a', state: 'training', progress: progressAt(40) });
    program.emit('runs.progress', { id: 'a', state: 'training', progress: progressAt(40) });
    program.emit('runs.progress', { id: 'a', state: 'training', progress: progressAt(30) });
    program.emit('runs.progress', { id: 'b', state: 'training', progress: progressAt(50) });
    program.emit('runs.evaluated', { id: 'a', update: 20, metrics: [{ ...metric, value: 0.1 }], best: false });
    expect([...open.history.update.values]).toEqual([10, 20, 40]);
    expect([...open.history.metrics[0]!.values.values]).toEqual([0.6]);
  });

  test('has one best checkpoint', () => {
    program.emit('runs.checkpoint', checkpoint(40, { best: true }));
    expect(open.checkpoints.filter(({ best }) => best).map(({ update }) => update)).toEqual([40]);
    program.emit('runs.checkpoint', checkpoint(60));
    expect(open.checkpoints.filter(({ best }) => best).map(({ update }) => update)).toEqual([40]);
  });

  test('follows to a new checkpoint when looking into the one before has been rested from', async () => {
    expect(open.followed).toBe(20);
    program.emit('runs.checkpoint', checkpoint(40));
    expect(open.followed).toBe(40);
    await duty.count(() => {
      clock.pass(100);
      return Promise.resolve();
    });
    program.emit('runs.checkpoint', checkpoint(60));
    program.emit('runs.checkpoint', checkpoint(80));
    expect(open.followed).toBe(40);
    clock.pass(LONGEST_REST);
    expect(open.followed).toBe(80);
  });

  test('follows no checkpoint that is gone', () => {
    program.emit('runs.checkpoint', checkpoint(40));
    open.dropCheckpoint(40);
    expect(open.followed).toBe(20);
  });

  test('hears nothing more once it is closed', () => {
    open.close();
    program.emit('runs.progress', { id: 'a', state: 'training', progress: progressAt(40) });
    program.emit('runs.sample', { id: 'a', sample: text(40) });
    expect(losses()).toEqual([2, 1]);
    expect(open.samples).toHaveLength(1);
  });
});
