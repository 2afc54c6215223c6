import { beforeEach, describe, expect, test } from 'vitest';
import type { RunInfo } from '../../../electron/api/runs.ts';
import { InputError } from '../../../engine/errors.ts';
import { formatAddress, place } from '../../../renderer/state/address.ts';
import { Lab } from '../../../renderer/state/lab.svelte.ts';
import { atOnce, experiment, fakeProgram, runInfo, settled, type FakeProgram } from '../fake-program.ts';

describe('Lab', () => {
  let program: FakeProgram;
  let lab: Lab;
  let stored: RunInfo[];
  let removed: RunInfo[];
  let refuse: boolean;
  let hash: string;

  beforeEach(async () => {
    stored = [runInfo({ id: 'first' })];
    removed = [];
    refuse = false;
    hash = '#/home';
    program = fakeProgram({
      app: { info: () => ({ version: '1', host: 'browser', platform: 'linux', cores: 2, build: 'simd', log: null }) },
      workspace: {
        info: () => ({ path: '/w', freeBytes: null, datasets: 0, runs: 1 }),
        undo() {
          stored.push(...removed.splice(0));
          return {};
        },
      },
      settings: {
        get: () => ({ theme: 'system', threads: 0, parallelRuns: 1 }),
        set: ({ theme = 'dark' }) => ({ theme, threads: 0, parallelRuns: 1 }),
      },
      datasets: { list: () => [] },
      tasks: { list: () => [] },
      experiments: { suggest: () => ({ experiment }) },
      runs: {
        list: () => stored,
        get({ id }) {
          const info = stored.find((run) => run.id === id);
          if (info === undefined) throw new InputError('There is no such run.');
          return info;
        },
        create() {
          if (refuse) throw new InputError('The disk is full.');
          const made = runInfo({ id: 'made', created: 5 });
          stored.push(made);
          return made;
        },
        remove({ id }) {
          removed = stored.filter((run) => run.id === id);
          stored = stored.filter((run) => run.id !== id);
          return { token: 'back', expires: 1 };
        },
        samples: () => [],
        history: () => ({
          update: new Float64Array(),
          loss: new Float64Array(),
          gradientNorm: new Float64Array(),
          learningRate: new Float64Array(),
          tokensPerSecond: new Float64Array(),
          seconds: new Float64Array(),
          evaluations: { update: new Float64Array(), seconds: new Float64Array(), metrics: [] },
        }),
      },
      checkpoints: { list: () => [] },
    });
    lab = new Lab(program.connection, {
      addressBar: {
        location: {
          get hash() {
            return hash;
          },
        },
        history: {
          pushState: (_state, _title, url) => void (hash = String(url)),
          replaceState: (_state, _title, url) => void (hash = String(url)),
        },
        addEventListener: () => undefined,
      },
      dark: { matches: true, addEventListener: () => undefined },
      requestFrame: atOnce,
    });
    await lab.load();
  });

  test('starts a first run without a question and goes to it', async () => {
    await lab.startFirstRun();
    expect(hash).toBe(formatAddress(place('train', { run: 'made' })));
    expect(lab.info?.id).toBe('made');
    const { args } = program.calls.findLast(({ name }) => name === 'runs.create')!;
    expect(args).toMatchObject({ experiment: { model: { hiddenSize: 128 }, training: { evaluateEvery: 150 } } });
  });

  test('says why a first run could not be started', async () => {
    refuse = true;
    await lab.startFirstRun();
    expect(hash).toBe('#/home');
    expect(lab.notices.list.map(({ text }) => text)).toEqual(['The disk is full.']);
  });

  const go = async (run: string): Promise<void> => {
    lab.router.go(place('train', { run }));
    lab.open(run);
    await settled();
  };

  test('opens the run of the address once, and closes it for another', async () => {
    await go('first');
    const { openRun } = lab;
    expect(openRun?.id).toBe('first');
    await go('first');
    expect(lab.openRun).toBe(openRun);
    await go('nobody');
    expect(lab.openRun).toBeUndefined();
    expect(lab.missing).toBe('nobody');
    await go('first');
    expect(lab.missing).toBeUndefined();
  });

  test('opens a run that is not in the list yet', async () => {
    stored.push(runInfo({ id: 'far-down' }));
    await go('far-down');
    expect(lab.openRun?.id).toBe('far-down');
    expect(lab.info?.id).toBe('far-down');
  });

  test('reads everything anew when the connection comes back', async () => {
    await go('first');
    const { openRun } = lab;
    program.enter('disconnected');
    expect(lab.state).toBe('disconnected');
    stored.push(runInfo({ id: 'meanwhile', created: 9 }));
    program.enter('connected');
    await settled();
    await settled();
    expect(lab.runs.all.map(({ id }) => id)).toEqual(['meanwhile', 'first']);
    expect(lab.openRun?.id).toBe('first');
    expect(lab.openRun).not.toBe(openRun);
  });

  test('takes a deletion back', async () => {
    expect(await lab.actions.remove({ id: 'first', name: 'First' })).toBe(true);
    expect(lab.runs.all).toEqual([]);
    const [notice] = lab.notices.list;
    notice?.action?.run();
    await settled();
    expect(lab.runs.all.map(({ id }) => id)).toEqual(['first']);
  });

  test('is dark where the system is, unless the person chose otherwise', async () => {
    expect(lab.theme.shown).toBe('dark');
    await lab.program.set({ theme: 'light' });
    expect(lab.theme.shown).toBe('light');
  });

  test('reads another workspace', async () => {
    stored = [runInfo({ id: 'elsewhere' })];
    program.emit('workspace.changed', { path: '/other', freeBytes: null, datasets: 0, runs: 1 });
    await settled();
    await settled();
    expect(lab.runs.all.map(({ id }) => id)).toEqual(['elsewhere']);
  });
});
