import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type { RunInfo } from '../../electron/api/runs.ts';
import { pagePath } from '../../electron/workspace/person-path.ts';
import { Workspace } from '../../electron/workspace/workspace.ts';
import { temporaryFolder } from './folder.ts';
import { openServices, startServices } from './open-services.ts';
import { ENDLESS, smallExperiment } from './runs/open-runs.ts';

describe('the services', () => {
  test('fulfil the contract for a run from its creation to its deletion', async () => {
    const { ask, reach, heard } = await openServices(temporaryFolder());
    await ask('settings.set', { threads: 1, parallelRuns: 1 });
    const { id } = (await ask('runs.create', { experiment: smallExperiment() })) as RunInfo;
    await reach(id, 'finished');
    expect(await ask('runs.list')).toMatchObject([{ id, state: 'finished' }]);
    expect(await ask('runs.history', { id, points: 100 })).toMatchObject({ update: { length: 60 } });
    expect(await ask('runs.samples', { id })).toHaveLength(3);
    const checkpoints = (await ask('checkpoints.list', { run: id })) as { update: number }[];
    await ask('checkpoints.pin', { run: id, update: 25, pinned: true });
    await ask('checkpoints.read', { run: id, update: checkpoints.at(-1)?.update });
    await ask('runs.duplicate', { id });
    const { token } = (await ask('runs.remove', { id })) as { token: string };
    expect(await ask('workspace.info')).toMatchObject({ runs: 1 });
    await ask('workspace.undo', { token });
    expect(heard.at(-1)).toEqual(['runs.changed', { id, removed: false }]);
    expect(await ask('workspace.info')).toMatchObject({ runs: 2 });
    expect(await ask('app.info')).toMatchObject({ version: '0.0.0', host: 'browser' });
  });

  test('fulfil the contract for a look into a run', async () => {
    const { ask, answer, reach } = await openServices(temporaryFolder());
    await ask('settings.set', { threads: 1, parallelRuns: 1 });
    const { id } = (await ask('runs.create', { experiment: smallExperiment(ENDLESS) })) as RunInfo;
    await reach(id, 'training');
    await ask('runs.pause', { id });
    await ask('runs.step', { id });
    const { traces } = (await ask('traces.list', { run: id })) as { traces: { name: string }[] };
    const names = traces.map(({ name }) => name);
    const read = (await ask('traces.read', { run: id, names, item: 0 })) as { traces: { values: unknown }[] };
    expect(read.traces.map(({ values }) => values instanceof Float32Array)).toEqual(names.map(() => true));
    expect(await answer('traces.read', { run: id, names: [] })).toMatchObject({
      ok: false,
      error: { code: 'bad-request' },
    });
  });

  test('answer what cannot be with a sentence', async () => {
    const { answer } = await openServices(temporaryFolder());
    expect(await answer('runs.get', { id: 'nobody' })).toEqual({
      ok: false,
      error: { code: 'invalid-input', message: 'there is no run nobody in this workspace' },
    });
    expect(await answer('workspace.undo', { token: 'long ago' })).toMatchObject({ ok: false });
  });

  test('let more runs train when the settings allow it', async () => {
    const { ask, reach } = await openServices(temporaryFolder());
    await ask('settings.set', { threads: 1, parallelRuns: 1 });
    await ask('runs.create', { experiment: smallExperiment(ENDLESS) });
    const second = (await ask('runs.create', { experiment: smallExperiment(ENDLESS) })) as RunInfo;
    expect(second.state).toBe('queued');
    await ask('settings.set', { parallelRuns: 2 });
    await reach(second.id, 'training');
  });
});

describe('another workspace', () => {
  test('is opened, and this one left for others', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    const { ask, heard } = await openServices(first);
    await ask('runs.create', { experiment: smallExperiment(), start: false });
    expect(await ask('workspace.open', { path: second })).toMatchObject({ path: second, runs: 0 });
    expect(await ask('runs.list')).toEqual([]);
    expect(heard.map(([event]) => event)).toContain('workspace.changed');
    const other = await openServices(first);
    expect(await other.ask('runs.list')).toHaveLength(1);
  });

  test('is refused where it cannot be, and this one stays open', async () => {
    const path = temporaryFolder();
    const { ask, answer } = await openServices(path);
    const full = temporaryFolder();
    writeFileSync(join(full, 'letter.txt'), 'Dear');
    expect(await answer('workspace.open', { path: full })).toMatchObject({ ok: false });
    expect(await ask('workspace.info')).toMatchObject({ path });
  });
});

describe('moving the workspace', () => {
  test('takes everything along; what trained goes on from there', async () => {
    const parent = temporaryFolder();
    const [from, to] = [join(parent, 'from'), join(parent, 'to')];
    const { ask, reach } = await openServices(from);
    const { id } = (await ask('runs.create', { experiment: smallExperiment(ENDLESS) })) as RunInfo;
    await reach(id, 'training');
    const moving = ask('workspace.move', { path: to });
    await setImmediate();
    // Asked while it moves, answered when it has.
    expect(await ask('runs.get', { id })).toMatchObject({ state: 'paused' });
    expect(await moving).toMatchObject({ path: to, runs: 1 });
    expect(existsSync(from)).toBe(false);
    await ask('runs.resume', { id });
    await reach(id, 'training');
  });

  test('leaves it where it is when the place is taken', async () => {
    const parent = temporaryFolder();
    const [from, to] = [join(parent, 'from'), join(parent, 'to')];
    mkdirSync(to);
    writeFileSync(join(to, 'letter.txt'), 'Dear');
    const { ask, answer } = await openServices(from);
    expect(await answer('workspace.move', { path: to })).toMatchObject({
      ok: false,
      error: { message: `${to} is not empty; the workspace can be moved into an empty or a new folder` },
    });
    expect(await ask('workspace.info')).toMatchObject({ path: from });
  });
});

describe.skipIf(process.platform === 'win32')('a workspace that disappears', () => {
  const CALLS: readonly (readonly [name: string, args: object])[] = [
    ['workspace.info', {}],
    ['settings.get', {}],
    ['settings.set', { threads: 1 }],
    ['runs.list', {}],
    ['runs.create', { experiment: smallExperiment() }],
    ['runs.get', { id: 'nobody' }],
    ['datasets.list', {}],
    ['datasets.importBegin', { name: 'a.csv', totalBytes: 1 }],
    ['tasks.list', {}],
    ['experiments.suggest', { task: 'parity' }],
    ['exports.preview', { run: 'nobody', update: 1, format: 'onnx' }],
    ['models.importBegin', { files: [{ name: 'a.safetensors', bytes: 1 }] }],
  ];

  test.each(CALLS)('is reported by %s, and another one can be opened', async (name, args) => {
    const path = join(temporaryFolder(), 'lab');
    const { answer } = await openServices(path);
    rmSync(path, { recursive: true });
    expect(await answer(name, args)).toMatchObject({
      ok: false,
      error: {
        code: 'workspace-missing',
        message: expect.stringContaining(`the workspace ${path} is no longer there`) as string,
      },
    });
    expect(existsSync(path)).toBe(false);
    expect(await answer('app.info', {})).toMatchObject({ ok: true });
    const other = join(temporaryFolder(), 'other');
    expect(await answer('workspace.open', { path: other })).toMatchObject({
      ok: true,
      value: { path: other, runs: 0 },
    });
    expect(await answer('runs.list', {})).toEqual({ ok: true, value: [] });
  });

  test('is not mistaken for one that another program has put in its place', async () => {
    const path = join(temporaryFolder(), 'lab');
    const { answer } = await openServices(path);
    renameSync(path, `${path}-moved`);
    Workspace.open(path).close();
    expect(await answer('runs.list', {})).toMatchObject({ error: { code: 'workspace-missing' } });
    rmSync(path, { recursive: true });
    renameSync(`${path}-moved`, path);
    expect(await answer('runs.list', {})).toEqual({ ok: true, value: [] });
  });

  test('while a run trains fails that run, and the program can still end', async () => {
    const path = join(temporaryFolder(), 'lab');
    const services = await startServices(path);
    const { id } = (await services.ask('runs.create', { experiment: smallExperiment(ENDLESS) })) as RunInfo;
    await services.reach(id, 'training');
    rmSync(path, { recursive: true, force: true });
    expect(await services.answer('runs.stop', { id })).toMatchObject({ error: { code: 'workspace-missing' } });
    await services.close();
  });
});

describe('a path that a person types into the page', () => {
  test.each(['lab', './lab', '../lab', '~ada/lab', ''])('is refused where it is not a whole one: %j', async (path) => {
    const { answer } = await openServices(temporaryFolder());
    for (const name of ['workspace.open', 'workspace.move', 'models.importFile', 'datasets.importFile']) {
      const result = await answer(name, { path });
      expect(result, name).toMatchObject({ ok: false });
      if (path !== '') {
        expect(result, name).toMatchObject({
          error: {
            message: `${JSON.stringify(path)} is not a whole path, and a page has no current folder to begin from`,
            hint: expect.stringContaining(
              `Type the path on the computer that Unrolled runs on (${hostname()})`,
            ) as string,
          },
        });
      }
    }
  });

  test('may begin with the home folder', () => {
    expect(pagePath('~/lab')).toBe(join(homedir(), 'lab'));
    expect(pagePath(' ~ ')).toBe(homedir());
    expect(pagePath(join(homedir(), 'lab'))).toBe(join(homedir(), 'lab'));
  });
});
