/**
 * The folder that holds a person's datasets, runs and settings:
 *
 *     workspace.db      what is listed, searched and ordered (migrations.ts)
 *     backups/TIME.db   earlier states of it (backups.ts)
 *     workspace.lock    held by the one program that has it open
 *     datasets/ID/      an imported dataset
 *     runs/ID/          a run: history and checkpoints
 *     trash/TOKEN/      what was deleted and can still be brought back
 */
import { existsSync, mkdirSync, readdirSync, rmSync, statfsSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { InputError, UnrolledError } from '../../engine/errors.ts';
import { fileError } from '../runs/files.ts';
import { backUpHourly, tryBackUp } from './backups.ts';
import type { Database } from './database.ts';
import { DatasetRows } from './dataset-rows.ts';
import { describeHolder, FileLock } from './lock.ts';
import { expandHome } from './person-path.ts';
import { DATABASE, holdsWorkspace, openWorkspaceDatabase, type OpenedDatabase } from './recover-database.ts';
import { SettingsStore } from './settings.ts';
import { storageOf, systemProbe, type Storage, type StorageProbe } from './storage.ts';
import { Trash } from './trash.ts';

const LOCK = 'workspace.lock';

export class Workspace {
  /** Absolute. */
  readonly path: string;
  readonly database: Database;
  readonly settings: SettingsStore;
  readonly datasets: DatasetRows;
  readonly trash: Trash;
  /** The database was damaged or missing: what it says is to be compared with the folders. */
  readonly replaced: boolean;
  /** What a person should know about how it was opened, in sentences. */
  readonly notices: string[];
  readonly #lock: FileLock;
  readonly #file: string;
  readonly #endBackups: () => void;
  #closed = false;

  /**
   * Opens the workspace in a folder; where there is no folder, or an empty one, a new workspace begins, and where its
   * database is damaged or missing, another takes its place. Throws UnrolledError where the folder cannot serve: held by
   * another program, not writable, full of other things, of a newer version.
   */
  static open(path: string, probe: StorageProbe = systemProbe): Workspace {
    const folder = resolve(expandHome(path));
    makeFolder(folder);
    const lock = FileLock.take(join(folder, LOCK));
    if (lock === null) {
      throw heldError(folder);
    }
    try {
      const storage = storageOf(folder, probe);
      const journal = storage.kind === 'local' ? 'write-ahead' : 'rollback';
      return new Workspace(folder, openWorkspaceDatabase(folder, { journal }), lock, storage);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(path: string, { database, replaced, notices }: OpenedDatabase, lock: FileLock, storage: Storage) {
    this.path = path;
    this.database = database;
    this.replaced = replaced;
    this.notices = [...notices, ...storageNotices(path, storage)];
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
      this.#file = fileIdentity(path);
    } catch (error) {
      database.close();
      throw fileError(error, 'opened as a workspace', path);
    }
    this.#endBackups = backUpHourly(database, path);
    tryBackUp(database, path);
  }

  /** Throws UnrolledError where the folder has been deleted, unplugged or replaced since it was opened. */
  requirePresent(): void {
    if (!this.isPresent) {
      throw new UnrolledError(
        'workspace-missing',
        `the workspace ${this.path} is no longer there: its folder was deleted, moved or disconnected`,
        'Bring the folder back and restart Unrolled, or open another workspace.',
      );
    }
  }

  get isPresent(): boolean {
    return !this.#closed && fileIdentity(this.path) === this.#file;
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
    if (this.isPresent) {
      tryBackUp(this.database, this.path);
    }
    this.#closed = true;
    this.#endBackups();
    this.trash.close();
    try {
      this.database.close();
    } finally {
      this.#lock.release();
    }
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
  if (!existsSync(join(path, DATABASE)) && !names.every(own) && !holdsWorkspace(path)) {
    throw new InputError(
      `${path} holds other things and no workspace`,
      'Choose an empty folder, a new one, or a folder that is a workspace already.',
    );
  }
}

/** Tells the database's file from any that takes its name; empty where there is none. */
function fileIdentity(path: string): string {
  const file = statSync(join(path, DATABASE), { bigint: true, throwIfNoEntry: false });
  return file === undefined ? '' : `${file.dev}:${file.ino}`;
}

function storageNotices(path: string, storage: Storage): readonly string[] {
  switch (storage.kind) {
    case 'local':
      return [];
    case 'network':
      return [
        `The workspace ${path} is on a network file system (${storage.name}). Its database is written in a slower way ` +
          'that is safe there. Do not open it from two computers at the same time.',
      ];
    case 'synced':
      return [
        `The workspace ${path} is in a folder that ${storage.name} synchronizes. Its database is written in a slower ` +
          'way that is safer there. Use it on one computer at a time, and let the synchronization finish in between.',
      ];
  }
}

function heldError(path: string): UnrolledError {
  return new UnrolledError(
    'workspace-held',
    `the workspace ${path} is open in ${describeHolder(join(path, LOCK), 'another Unrolled')}`,
    'Close that one first, or choose another folder with --workspace.',
  );
}
