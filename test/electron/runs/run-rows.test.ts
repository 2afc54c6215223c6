import { describe, expect, onTestFinished, test } from 'vitest';
import type { RunInfo } from '../../../electron/api/runs.ts';
import { NO_PROGRESS, RunRows, type MetricInfo } from '../../../electron/runs/run-rows.ts';
import type { Database } from '../../../electron/workspace/database.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { temporaryFolder } from '../folder.ts';

function openDatabase(): Database {
  const workspace = Workspace.open(temporaryFolder());
  onTestFinished(() => workspace.close());
  return workspace.database;
}

function openRows(): RunRows {
  return new RunRows(openDatabase());
}

function run(id: string, created = 1): RunInfo {
  return {
    id,
    name: 'Parity',
    note: 'A “note”; with \n all \u0000 kinds of \u{1f40b}',
    state: 'ready',
    failure: null,
    created,
    task: 'parity',
    experiment: { seed: 1, task: { id: 'parity' } },
    progress: NO_PROGRESS,
    metric: null,
    best: null,
    threads: 0,
    build: '',
    parent: null,
    changes: [],
  };
}

function accuracy(value: number | null): MetricInfo {
  return { name: 'accuracy', label: 'accuracy', value, better: 'higher' };
}

describe('RunRows', () => {
  test('gives back what it was given, also when it is opened again', () => {
    const database = openDatabase();
    const rows = new RunRows(database);
    const full: RunInfo = {
      ...run('b', 2),
      failure: { code: 'diverged', message: 'training diverged at update 3', hint: 'try less' },
      progress: { ...NO_PROGRESS, update: 12, loss: 0.1 + 0.2, gradientNorm: null },
      metric: accuracy(null),
      best: { metric: accuracy(0.5), update: 10 },
      parent: { run: 'a', update: 5 },
      changes: [{ update: 3, field: 'learningRate', from: 0.1, to: 0.01 }],
    };
    rows.insert(run('a'));
    rows.insert(full);
    for (const opened of [rows, new RunRows(database)]) {
      expect(opened.get('a')).toEqual(run('a'));
      expect(opened.list()).toEqual([full, run('a')]);
      expect(opened.count).toBe(2);
    }
  });

  test('lists the newest first, in parts', () => {
    const rows = openRows();
    for (const created of [3, 1, 4, 2]) {
      rows.insert(run(`run-${created}`, created));
    }
    rows.insert(run('run-4b', 4));
    const ids = (offset?: number, limit?: number) => rows.list(offset, limit).map(({ id }) => id);
    expect(ids()).toEqual(['run-4b', 'run-4', 'run-3', 'run-2', 'run-1']);
    expect(ids(1, 2)).toEqual(['run-4', 'run-3']);
    expect(ids(4, 2)).toEqual(['run-1']);
    expect(ids(5)).toEqual([]);
  });

  test('changes what it is told to, and nothing else', () => {
    const database = openDatabase();
    const rows = new RunRows(database);
    rows.insert(run('a'));
    rows.insert(run('b'));
    rows.set('a', { state: 'failed', failure: { code: 'crashed', message: 'it ended' }, threads: 2 });
    const failure = { code: 'crashed', message: 'it ended' };
    expect(rows.get('a')).toEqual({ ...run('a'), state: 'failed', failure, threads: 2 });
    rows.set('a', { failure: null });
    rows.set('a', {});
    for (const opened of [rows, new RunRows(database)]) {
      expect(opened.get('a')).toEqual({ ...run('a'), state: 'failed', threads: 2 });
      expect(opened.get('b')).toEqual(run('b'));
    }
    expect(rows.idsIn(['ready', 'queued'])).toEqual(['b']);
  });

  test('keeps evaluations, and forgets those after the update that a run goes back to', () => {
    const rows = openRows();
    rows.insert(run('a'));
    const values = [0.5, 0.9, 0.7, 0.95];
    for (const [i, value] of values.entries()) {
      const best = value >= Math.max(...values.slice(0, i + 1));
      rows.record('a', { update: (i + 1) * 10, metrics: [accuracy(value)], best, samples: [] });
    }
    expect(rows.get('a')).toMatchObject({ metric: accuracy(0.95), best: { metric: accuracy(0.95), update: 40 } });
    rows.rewind('a', 35);
    expect(rows.get('a')).toMatchObject({ metric: accuracy(0.7), best: { metric: accuracy(0.9), update: 20 } });
    expect(rows.evaluations('a').map(({ update }) => update)).toEqual([10, 20, 30]);
    rows.rewind('a', 5);
    expect(rows.get('a')).toMatchObject({ metric: null, best: null });
  });

  test('knows nothing of an evaluation that the disk had no place for', () => {
    const database = openDatabase();
    const rows = new RunRows(database);
    rows.insert(run('a'));
    database.get(`PRAGMA max_page_count = ${Number(database.get('PRAGMA page_count')?.['page_count'])}`);
    const text = { prompt: '', text: 'x'.repeat(100_000), temperature: 1 };
    const samples = [{ update: 1, kind: 'text', value: text } as const];
    const record = () => rows.record('a', { update: 1, metrics: [accuracy(0.5)], best: true, samples });
    expect(record).toThrow('the disk is full');
    expect(rows.get('a')).toEqual(run('a'));
    expect(rows.evaluations('a')).toEqual([]);
  });

  test('keeps the samples of the last 200 evaluations', () => {
    const rows = openRows();
    rows.insert(run('a'));
    for (let update = 1; update <= 230; update++) {
      const value = { labels: ['x'], counts: [[update]] };
      const text = { prompt: '', text: `after ${update}`, temperature: 1 };
      const samples = [{ update, kind: 'confusion', value } as const, { update, kind: 'text', value: text } as const];
      rows.record('a', { update, metrics: [accuracy(0)], best: false, samples });
    }
    const samples = rows.samples('a');
    expect(samples).toHaveLength(400);
    expect([samples[0]?.update, samples.at(-1)?.update]).toEqual([31, 230]);
    expect(samples.at(-1)).toEqual({
      update: 230,
      kind: 'text',
      value: { prompt: '', text: 'after 230', temperature: 1 },
    });
  });
});
