/**
 * The folder that holds a person's datasets, runs and settings:
 *
 *     workspace.db      what is listed, searched and ordered (migrations.ts)
 *     workspace.lock    held by the one program that has it open
 *     datasets/ID/      an imported dataset
 *     runs/ID/          a run: history and checkpoints
 *     trash/TOKEN/      what was deleted and can still be brought back
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError, UnrolledError } from '../../engine/errors.ts';
import { fileError } from '../runs/files.ts';
import { Database } from './database.ts';
import { DatasetRows } from './dataset-rows.ts';
import { describeHolder, FileLock } from './lock.ts';
import { SettingsStore } from './settings.ts';
import { Trash } from './trash.ts';

const DATABASE = 'workspace.db';
const LOCK = 'workspace.lock';

export class Workspace {
  /** Absolute. */
  readonly path: string;
  readonly database: Database;
  readonly settings: SettingsStore;
  readonly datasets: DatasetRows;
  readonly trash: Trash;
  readonly #lock: FileLock;

  /**
   * Opens the workspace in a folder; where there is no folder, or an empty one, a new workspace begins. Throws
   * UnrolledError where the folder cannot serve: held by another program, not writable, full of other things, of a
   * newer version.
   */
  static open(path: string): Workspace {
    const folder = resolve(path);
    makeFolder(folder);
    const lock = FileLock.take(join(folder, LOCK));
    if (lock === null) {
      throw heldError(folder);
    }
    try {
      return new Workspace(folder, Database.open(join(folder, DATABASE)), lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(path: string, database: Database, lock: FileLock) {
    this.path = path;
    this.database = database;
    this.settings = new SettingsStore(database);
    this.trash = new Trash(database, path);
    this.datasets = new DatasetRows(join(path, 'datasets'), database, this.trash);
    this.#lock = lock;
    try {
      for (const name of ['datasets', 'runs']) {
        mkdirSync(join(path, name), { recursive: true });
      }
      this.trash.purge(Infinity);
      rmSync(join(path, 'trash'), { recursive: true, force: true });
    } catch (error) {
      database.close();
      throw fileError(error, 'opened as a workspace', path);
    }
  }

  runFolder(id: string): string {
    return join(this.path, 'runs', id);
  }

  /** Null where the system does not say. */
  get freeBytes(): number | null {
    try {
      const { bavail, bsize } = statfsSync(this.path);
      return bavail * bsize;
    } catch {
      return null;
    }
  }

  close(): void {
    this.trash.close();
    this.database.close();
    this.#lock.release();
  }
}

function makeFolder(path: string): void {
  let names: readonly string[];
  try {
    mkdirSync(path, { recursive: true });
    names = readdirSync(path);
  } catch (error) {
    throw fileError(error, 'used as a workspace', path);
  }
  const own = (name: string) => name.startsWith(LOCK) || name.startsWith(DATABASE);
  if (!existsSync(join(path, DATABASE)) && !names.every(own)) {
    throw new InputError(
      `${path} holds other things and no workspace`,
      'Choose an empty folder, a new one, or a folder that is a workspace already.',
    );
  }
}

function heldError(path: string): UnrolledError {
  return new UnrolledError(
    'workspace-held',
    `the workspace ${path} is open in ${describeHolder(join(path, LOCK), 'another Unrolled')}`,
    'Close that one first, or choose another folder with --workspace.',
  );
}
