/**
 * The database of a workspace that is being opened. One that is damaged, missing, empty or of another program is set
 * aside; in its place comes the newest backup that is whole, or an empty one, to be filled from the folders of the runs
 * and datasets (electron/runs/rebuild.ts).
 */
import { copyFileSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileError } from '../runs/files.ts';
import { listBackups } from './backups.ts';
import { DamagedDatabaseError, Database, type DatabaseOptions } from './database.ts';

export const DATABASE = 'workspace.db';
/** Files of SQLite beside its own. */
const COMPANIONS = ['', '-wal', '-shm', '-journal'];

export interface OpenedDatabase {
  readonly database: Database;
  /** It is not the one that the workspace had last: what it says is to be compared with the folders. */
  readonly replaced: boolean;
  /** What a person should know, in sentences. */
  readonly notices: readonly string[];
}

/** Whether a folder without a database is, or was, a workspace. */
export function holdsWorkspace(folder: string): boolean {
  const has = (place: string, file: string) =>
    namesIn(join(folder, place)).some((name) => existsSync(join(folder, place, name, file)));
  return has('runs', 'checkpoints') || has('datasets', 'dataset.json') || listBackups(folder).length > 0;
}

/** Throws as Database.open does where the database is of a newer version or cannot be read or written. */
export function openWorkspaceDatabase(folder: string, options: DatabaseOptions): OpenedDatabase {
  const path = join(folder, DATABASE);
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size !== undefined && size > 0) {
    try {
      return { database: Database.open(path, options), replaced: false, notices: [] };
    } catch (error) {
      if (!(error instanceof DamagedDatabaseError) || !mayReplace(folder)) {
        throw error;
      }
      const renamed = setDatabaseAside(path);
      return replaced(folder, options, `${error.message}. It is kept as ${basename(renamed)}.`);
    }
  }
  if (!holdsWorkspace(folder)) {
    return { database: Database.open(path, options), replaced: false, notices: [] };
  }
  setDatabaseAside(path);
  return replaced(folder, options, `${path} was ${size === undefined ? 'missing' : 'empty'}.`);
}

/** A foreign database in a folder that was never a workspace is not ours to rename. */
function mayReplace(folder: string): boolean {
  return holdsWorkspace(folder) || (existsSync(join(folder, 'runs')) && existsSync(join(folder, 'datasets')));
}

function replaced(folder: string, options: DatabaseOptions, reason: string): OpenedDatabase {
  const path = join(folder, DATABASE);
  for (const backup of listBackups(folder)) {
    try {
      copyFileSync(backup, path);
      const database = Database.open(path, options);
      const made = statSync(backup).mtime.toLocaleString();
      const notice = `${reason} The list of runs was restored from the backup of ${made} and the folders of the runs.`;
      return { database, replaced: true, notices: [notice] };
    } catch (error) {
      removeDatabase(path);
      if (!(error instanceof DamagedDatabaseError)) {
        throw fileError(error, 'restored', path);
      }
    }
  }
  const notice =
    `${reason} The list of runs was rebuilt from their folders; ` +
    'settings and the texts that the models wrote while training could not be restored.';
  return { database: Database.open(path, options), replaced: true, notices: [notice] };
}

/** The new path. */
function setDatabaseAside(path: string): string {
  let renamed = `${path}.damaged`;
  for (let n = 2; existsSync(renamed); n++) {
    renamed = `${path}.damaged-${n}`;
  }
  try {
    for (const companion of COMPANIONS) {
      if (existsSync(path + companion)) {
        renameSync(path + companion, renamed + companion);
      }
    }
  } catch (error) {
    throw fileError(error, 'set aside', path);
  }
  return renamed;
}

function removeDatabase(path: string): void {
  for (const companion of COMPANIONS) {
    rmSync(path + companion, { force: true });
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
