/** A workspace whose database is damaged or gone comes back from its folders and backups. */
import { createHash } from 'node:crypto';
import {
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RunInfo } from '../../../electron/api/runs.ts';
import { writeManifest } from '../../../electron/datasets/stored.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { temporaryFolder } from '../folder.ts';
import { ENDLESS, openRuns, smallExperiment } from './open-runs.ts';

let logged: string[];
beforeEach(() => {
  logged = [];
  vi.spyOn(console, 'warn').mockImplementation((text: string) => void logged.push(text));
});
afterEach(() => vi.restoreAllMocks());

/** A closed workspace with a finished run, a stopped one and a dataset. */
async function filled() {
  const path = temporaryFolder();
  const open = await openRuns(path);
  const { id } = await open.runs.create({ experiment: smallExperiment(), start: true });
  await open.reach(id, 'finished');
  await open.runs.rename({ id, name: 'First try' });
  await open.runs.annotate({ id, note: 'Look at the gates.' });
  const other = await open.runs.create({ experiment: smallExperiment(ENDLESS), start: true });
  await open.reach(other.id, 'training');
  await open.runs.stop({ id: other.id });
  addDataset(open.workspace);
  const state = await stateOf(open.runs, [id, other.id]);
  await open.close();
  return { path, ids: [id, other.id] as const, state };
}

function addDataset(workspace: Workspace): void {
  const folder = join(workspace.datasets.folder, 'whales-1');
  mkdirSync(folder);
  writeFileSync(join(folder, 'data.txt'), 'Call me Ishmael.');
  writeManifest(folder, {
    name: 'Whales',
    form: 'text',
    origin: { title: 'Moby Dick', source: 'a book', licence: 'public domain' },
    size: 16,
    samples: [],
    checksum: createHash('sha256').update('Call me Ishmael.').digest('hex'),
  });
  workspace.datasets.insert({ id: 'whales-1', name: 'Whales', created: 1 });
}

type RunCalls = Awaited<ReturnType<typeof openRuns>>['runs'];

async function stateOf(runs: RunCalls, ids: readonly string[]) {
  const states = [];
  for (const id of ids) {
    states.push({ info: plain(await runs.get({ id })), history: await runs.history({ id, points: 1000 }) });
  }
  return states;
}

/** Without what is not known of a run that does not train. */
function plain({ progress, ...info }: RunInfo) {
  return { ...info, update: progress.update, totalUpdates: progress.totalUpdates };
}

const DATABASE = 'workspace.db';

const DAMAGES: readonly (readonly [how: string, damage: (file: string) => void])[] = [
  ['cut off', (file) => truncateSync(file, 6000)],
  ['cut off within its first page', (file) => truncateSync(file, 700)],
  ['empty', (file) => truncateSync(file, 0)],
  ['of zeros', (file) => writeFileSync(file, Buffer.alloc(statSync(file).size))],
  ['a text', (file) => writeFileSync(file, 'Call me Ishmael. '.repeat(1000))],
  ['overwritten in its middle', overwriteMiddle],
  ['missing', (file) => rmSync(file)],
  ['of another program', makeForeign],
];

function overwriteMiddle(file: string): void {
  const { size } = statSync(file);
  const descriptor = openSync(file, 'r+');
  for (let at = 4096; at < size; at += 4096) {
    writeSync(descriptor, Buffer.alloc(2000, 0xa5), 0, 2000, at);
  }
  closeSync(descriptor);
}

function makeForeign(file: string): void {
  rmSync(file);
  const other = new DatabaseSync(file);
  other.exec('CREATE TABLE recipes (title TEXT)');
  other.close();
}

test.each(DAMAGES)('a database that is %s is set aside, and a backup takes its place', async (how, damage) => {
  const { path, ids, state } = await filled();
  damage(join(path, DATABASE));
  const open = await openRuns(path);
  expect(await stateOf(open.runs, ids)).toEqual(state);
  expect(open.workspace.datasets.list()).toEqual([{ id: 'whales-1', name: 'Whales', created: 1 }]);
  expect(existsSync(join(path, `${DATABASE}.damaged`))).toBe(how !== 'missing');
  expect(open.workspace.notices[0]).toContain('was restored from the backup of');
  expect(logged.join('\n')).toContain('was restored from the backup of');
  await open.runs.resume({ id: ids[1] });
  await open.reach(ids[1], 'training');
});

test.each(DAMAGES)(
  'a database that is %s is rebuilt from the folders where there is no backup',
  async (_how, damage) => {
    const { path, ids, state } = await filled();
    damage(join(path, DATABASE));
    rmSync(join(path, 'backups'), { recursive: true });
    const open = await openRuns(path);
    expect(await stateOf(open.runs, ids)).toEqual(state);
    expect(open.workspace.datasets.list().map(({ name }) => name)).toEqual(['Whales']);
    expect(open.workspace.notices.at(-1)).toBe('Found in their folders: 2 runs, 1 dataset.');
  },
);

test('what was deleted after the backup stays deleted, and what was begun after it is found', async () => {
  const { path, ids } = await filled();
  cpSync(join(path, 'backups'), join(path, 'earlier'), { recursive: true });
  const open = await openRuns(path);
  await open.runs.remove({ id: ids[0] });
  const { id } = await open.runs.create({ experiment: smallExperiment(), name: 'Later', start: true });
  await open.reach(id, 'finished');
  await open.close();
  // As after a crash: the newest backup is from before.
  rmSync(join(path, 'backups'), { recursive: true });
  renameSync(join(path, 'earlier'), join(path, 'backups'));
  truncateSync(join(path, DATABASE), 5000);
  const again = await openRuns(path);
  expect((await again.runs.list({})).map((run) => run.id).sort()).toEqual([ids[1], id].sort());
});

test('runs of an earlier version, which wrote nothing down, come back with what their checkpoints say', async () => {
  const { path, ids } = await filled();
  rmSync(join(path, DATABASE));
  rmSync(join(path, 'backups'), { recursive: true });
  for (const id of ids) {
    rmSync(join(path, 'runs', id, 'run.json'));
    rmSync(join(path, 'runs', id, 'evaluations.jsonl'), { force: true });
  }
  const open = await openRuns(path);
  expect((await open.runs.list({})).map(({ name, state }) => [name, state])).toEqual([
    ['Parity', 'stopped'],
    ['Parity', 'finished'],
  ]);
  expect((await open.runs.history({ id: ids[0], points: 100 })).update).toHaveLength(60);
});

test('a folder whose files cannot be read is told of, and left alone', async () => {
  const { path, ids } = await filled();
  const folder = join(path, 'runs', ids[0]);
  rmSync(join(path, DATABASE));
  rmSync(join(path, 'backups'), { recursive: true });
  rmSync(join(folder, 'run.json'));
  for (const name of readdirSync(join(folder, 'checkpoints'))) truncateSync(join(folder, 'checkpoints', name), 10);
  const open = await openRuns(path);
  expect(await open.runs.list({})).toHaveLength(1);
  expect(open.workspace.notices.join('\n')).toContain(`1 folder of runs cannot be read and was left alone: ${folder}.`);
  expect(readdirSync(join(folder, 'checkpoints')).length).toBeGreaterThan(0);
});

test('a database of another program in a folder that is no workspace is left alone', () => {
  const path = temporaryFolder();
  const other = new DatabaseSync(join(path, DATABASE));
  other.exec('CREATE TABLE recipes (title TEXT)');
  other.close();
  const before = readFileSync(join(path, DATABASE));
  expect(() => Workspace.open(path)).toThrow('is a database of another program');
  expect(readdirSync(path)).toEqual([DATABASE, 'workspace.lock']);
  expect(readFileSync(join(path, DATABASE)).equals(before)).toBe(true);
});
