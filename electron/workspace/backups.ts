/**
 * Copies of the workspace's database, for the day on which it is damaged: `backups/HOUR.db`, of the last hours and the
 * last days. They are made when the workspace is opened and closed, and every hour in between.
 */
import { mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileError } from '../runs/files.ts';
import type { Database } from './database.ts';

const FOLDER = 'backups';
/** Kept: the newest, and the newest of each of the last days. */
const NEWEST = 4;
const DAYS = 7;
const HOUR_MS = 3_600_000;
const NAME = /^\d{4}-\d\d-\d\dT\d\d\.db$/u;

/** The newest first. */
export function listBackups(workspace: string): readonly string[] {
  const folder = join(workspace, FOLDER);
  try {
    return readdirSync(folder)
      .filter((name) => NAME.test(name))
      .sort()
      .reverse()
      .map((name) => join(folder, name));
  } catch {
    return [];
  }
}

/** Makes one in place of another of this hour, and deletes those that are too many. Throws InputError where it cannot. */
export function backUp(database: Database, workspace: string, now = new Date()): void {
  const folder = join(workspace, FOLDER);
  const partial = join(folder, '.partial.db');
  const path = join(folder, `${now.toISOString().slice(0, 13)}.db`);
  try {
    mkdirSync(folder, { recursive: true });
    rmSync(partial, { force: true });
    database.run('VACUUM INTO ?', partial);
    renameSync(partial, path);
    for (const old of tooMany(listBackups(workspace))) {
      rmSync(old, { force: true });
    }
  } catch (error) {
    throw fileError(error, 'written', path);
  }
}

/** A backup that cannot be made (the disk is full) keeps nobody from working. */
export function tryBackUp(database: Database, workspace: string): void {
  try {
    backUp(database, workspace);
  } catch (error) {
    console.warn(`unrolled: no backup of the workspace was made: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Returns what ends it. */
export function backUpHourly(database: Database, workspace: string): () => void {
  const timer = setInterval(() => tryBackUp(database, workspace), HOUR_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function tooMany(newestFirst: readonly string[]): readonly string[] {
  const days = new Set<string>();
  return newestFirst.filter((path, i) => {
    const day = basename(path).slice(0, 'YYYY-MM-DD'.length);
    const newestOfDay = !days.has(day) && days.size < DAYS;
    days.add(day);
    return i >= NEWEST && !newestOfDay;
  });
}
