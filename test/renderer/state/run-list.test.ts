import { beforeEach, describe, expect, test } from 'vitest';
import { Frames } from '../../../renderer/state/frames.ts';
import { Notices } from '../../../renderer/state/notices.svelte.ts';
import { Pace } from '../../../renderer/state/pace.ts';
import { RunList } from '../../../renderer/state/run-list.svelte.ts';
import type { RunInfo } from '../../../electron/api/runs.ts';
import { InputError } from '../../../engine/errors.ts';
import { fakeProgram, metric, runInfo, settled, type FakeProgram } from '../fake-program.ts';
import { Followed } from '../follow.svelte.ts';

describe('RunList', () => {
  let stored: RunInfo[];
  let program: FakeProgram;
  let notices: Notices;
  let list: RunList;
  let waiting: (() => void)[];
  /** What happens between two pages. */
  let whileReading: () => void;

  beforeEach(() => {
    stored = [runInfo({ id: 'old', created: 1 }), runInfo({ id: 'new', created: 2 })];
    program = fakeProgram({
      runs: {
        list: ({ offset = 0, limit = Infinity }) => {
          const newestFirst = stored.toSorted((a, b) => b.created - a.created);
          whileReading();
          return newestFirst.slice(offset, offset + limit);
        },
        get({ id }) {
          const info = stored.find((run) => run.id === id);
          if (info === undefined) throw new InputError('There is no such run.');
          return info;
        },
      },
    });
    notices = new Notices();
    waiting = [];
    whileReading = () => undefined;
    list = new RunList(program.connection, notices, new Pace(new Frames((callback) => waiting.push(callback))));
  });

  test('shows the newest first', async () => {
    await list.load();
    expect(list.all.map(({ id }) => id)).toEqual(['new', 'old']);
    expect(list.loaded).toBe(true);
  });

  test('reads a long list page by page, and misses none where runs come and go meanwhile', async () => {
    const many = Array.from({ length: 900 }, (_, i) => runInfo({ id: `r${i}`, created: i }));
    stored = many;
    let page = 0;
    whileReading = () => {
      page++;
      if (page === 1) {
        stored = stored.filter(({ id }) => id !== 'r890' && id !== 'r100');
        program.emit('runs.changed', { id: 'r890', removed: true });
        program.emit('runs.changed', { id: 'r100', removed: true });
      }
      if (page === 2) {
        stored = [...stored, runInfo({ id: 'late', created: 1000 })];
        program.emit('runs.changed', { id: 'late', removed: false });
      }
    };
    await list.load();
    await settled();
    const ids = new Set(list.all.map(({ id }) => id));
    const expected = many.map(({ id }) => id).filter((id) => id !== 'r890' && id !== 'r100');
    expect(ids).toEqual(new Set([...expected, 'late']));
    expect(list.all[0]?.id).toBe('late');
  });

  test('says why it could not be read, and stays unread', async () => {
    program.enter('disconnected');
    await list.load();
    expect(list.loaded).toBe(false);
    expect(notices.list.map(({ text }) => text)).toEqual(['Lost.']);
  });

  test('reads a run again when it has changed, takes in a new one, and drops one that is gone', async () => {
    await list.load();
    stored = [runInfo({ id: 'new', created: 2, name: 'Renamed' }), runInfo({ id: 'third', created: 3 })];
    program.emit('runs.changed', { id: 'new', removed: false });
    program.emit('runs.changed', { id: 'third', removed: false });
    program.emit('runs.changed', { id: 'old', removed: true });
    await settled();
    expect(list.all.map(({ name }) => name)).toEqual(['third', 'Renamed']);
  });

  test('shows the progress of many events in one frame', async () => {
    await list.load();
    const followed = new Followed(() => list.find('new')?.progress.update);
    const { progress } = runInfo({ id: 'new' });
    for (let update = 101; update <= 150; update++) {
      program.emit('runs.progress', { id: 'new', state: 'training', progress: { ...progress, update } });
    }
    expect(waiting).toHaveLength(1);
    expect(followed.seen).toEqual([100]);
    waiting.shift()?.();
    expect(followed.seen).toEqual([100, 150]);
    expect(list.find('new')?.state).toBe('training');
    followed.stop();
  });

  test('shows progress at the pace it is given, and another state at once', async () => {
    const due: (() => void)[] = [];
    const clock = {
      now: () => 0,
      later(callback: () => void) {
        due.push(callback);
        return () => undefined;
      },
    };
    const frames = new Frames((callback) => waiting.push(callback));
    list = new RunList(program.connection, notices, new Pace(frames, clock));
    await list.load();
    const { progress } = runInfo({ id: 'new' });
    const tell = (state: RunInfo['state'], update: number): void =>
      program.emit('runs.progress', { id: 'new', state, progress: { ...progress, update } });
    const shown = (): unknown => {
      waiting.splice(0).forEach((draw) => draw());
      return list.find('new')?.progress.update;
    };
    const { state } = list.find('new')!;
    tell(state, 1);
    expect(shown()).toBe(1);
    tell(state, 2);
    tell(state, 3);
    expect(shown()).toBe(1);
    due.splice(0).forEach((callback) => callback());
    expect(shown()).toBe(3);
    tell('failed', 4);
    expect(shown()).toBe(4);
  });

  test('takes no progress for a run that it does not know', async () => {
    await list.load();
    const { progress } = runInfo({ id: 'x' });
    program.emit('runs.progress', { id: 'stranger', state: 'training', progress });
    expect(waiting).toHaveLength(0);
    expect(list.find('stranger')).toBeUndefined();
  });

  test('keeps a run that could not be asked for because the connection is lost', async () => {
    await list.load();
    program.enter('disconnected');
    await list.refresh('new');
    expect(list.find('new')).toBeDefined();
  });

  test('follows the evaluations of a run that trains, and keeps its best', async () => {
    await list.load();
    const told = (update: number, value: number, best: boolean): void =>
      program.emit('runs.evaluated', {
        id: 'new',
        update,
        metrics: [
          { ...metric, value },
          { ...metric, name: 'perplexity', label: 'perplexity', value: 9 },
        ],
        best,
      });
    told(50, 0.8, true);
    told(100, 0.7, false);
    for (const frame of waiting.splice(0)) frame();
    expect(list.find('new')?.metric).toMatchObject({ name: 'accuracy', value: 0.7 });
    expect(list.find('new')?.best).toMatchObject({ update: 50, metric: { value: 0.8 } });
    expect(list.find('old')?.metric).toBeNull();
  });
});
