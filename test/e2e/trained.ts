/**
 * Runs that a workspace has when the program is started on it: really trained, as small as a test can bear. They are
 * trained once and kept in node_modules/.cache until something changes that they depend on: the core, the engine, the
 * program, or the experiments.
 */
import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRun } from '../../electron/runs/create-run.ts';
import { Runs } from '../../electron/runs/runs.ts';
import { forkProcess } from '../../electron/runs/start-process.ts';
import { Workspace } from '../../electron/workspace/workspace.ts';

export interface Wanted {
  readonly name: string;
  /** An experiment as a person may write it. */
  readonly experiment: unknown;
}

const ROOT = join(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/unrolled-trained');
/** What a trained workspace follows from, beside its experiments. The stamp names the built core, byte for byte. */
const SOURCES = ['assembly/built/stamp.json', 'engine', 'electron', 'package-lock.json', 'test/e2e/trained.ts'];
const IDS = 'ids.json';

/**
 * Puts finished runs into the workspace at `path`, which has no other ones; gives their ids in the same order. Later
 * runs of this workspace train on one thread, so that two files of tests can train at the same time.
 */
export async function trainRuns(path: string, wanted: readonly Wanted[]): Promise<readonly string[]> {
  const sources = await digestSources();
  const kept = join(CACHE, sources, digest(JSON.stringify(wanted)));
  let ids = await idsIn(kept);
  if (ids === undefined) {
    await removeOutdated(sources);
    const folder = await mkdtemp(join(CACHE, sources, '.training-'));
    await writeFile(join(folder, IDS), JSON.stringify(await train(join(folder, 'workspace'), wanted)));
    // Another process may have been as quick: then its runs are as good.
    await rename(folder, kept).catch(() => rm(folder, { recursive: true }));
    ids = await idsIn(kept);
  }
  if (ids === undefined) throw new Error(`There are no trained runs in ${kept}.`);
  await cp(join(kept, 'workspace'), path, { recursive: true });
  return ids;
}

async function idsIn(folder: string): Promise<readonly string[] | undefined> {
  const text = await readFile(join(folder, IDS), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as readonly string[]);
}

async function digestSources(): Promise<string> {
  const parts: string[] = [];
  for (const source of SOURCES) {
    const path = join(ROOT, source);
    const isFile = /\.\w+$/u.test(source);
    const names = isFile ? [''] : (await readdir(path, { recursive: true })).filter((name) => /\.\w+$/u.test(name));
    for (const name of names.toSorted()) parts.push(name, digest(await readFile(join(path, name))));
  }
  return digest(JSON.stringify(parts));
}

function digest(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 32);
}

/** What other sources trained is not asked for again, but where one goes back and forth between two branches. */
async function removeOutdated(sources: string): Promise<void> {
  await mkdir(join(CACHE, sources), { recursive: true });
  const MOST_KEPT = 4;
  const others = (await readdir(CACHE)).filter((name) => name !== sources);
  for (const name of others.slice(0, Math.max(0, others.length - MOST_KEPT))) {
    await rm(join(CACHE, name), { recursive: true, force: true });
  }
}

/** One after the other, to their end. */
async function train(path: string, wanted: readonly Wanted[]): Promise<readonly string[]> {
  const workspace = Workspace.open(path);
  workspace.settings.set({ parallelRuns: 1, threads: 1 });
  let changed: () => void = () => undefined;
  const runs = await Runs.open(workspace, () => changed(), forkProcess);
  try {
    const ids: string[] = [];
    for (const { name, experiment } of wanted) {
      const { id } = createRun(workspace, runs, { experiment, name, from: undefined });
      runs.start(id);
      ids.push(id);
    }
    for (const id of ids) {
      while (runs.get(id).state !== 'finished') {
        const { state, failure } = runs.get(id);
        if (state === 'failed') throw new Error(`The run ${id} failed: ${failure?.message ?? ''}`);
        await new Promise<void>((resolve) => (changed = resolve));
      }
    }
    return ids;
  } finally {
    await runs.close();
    workspace.close();
  }
}
