/**
 * Locks that die with their process, for workspaces and run folders. A lock is an exclusive transaction on an empty
 * SQLite database: SQLite takes the system's own file lock, which the system gives back however the process ends. No lock
 * is ever stale, so none has to be judged by its age or by a process id that may have been given to another process.
 * The file beside it, which says who holds the lock, is for error messages only.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { DatabaseSync } from 'node:sqlite';
import * as v from 'valibot';
import { sqliteError } from './database.ts';

/** Who holds a lock, as they wrote it down. */
const holderSchema = v.object({ pid: v.number(), computer: v.string(), since: v.number() });
export type Holder = v.InferOutput<typeof holderSchema>;

const SQLITE_BUSY = 5;

export class FileLock {
  readonly #connection: DatabaseSync;
  readonly #path: string;

  private constructor(connection: DatabaseSync, path: string) {
    this.#connection = connection;
    this.#path = path;
  }

  /**
   * Takes the lock `path`, waiting for another holder to end at most `milliseconds`. Returns null where that one still
   * holds it. Throws InputError where the folder cannot be written.
   */
  static take(path: string, milliseconds = 0): FileLock | null {
    let connection: DatabaseSync | undefined;
    try {
      connection = new DatabaseSync(path, { timeout: milliseconds });
      connection.exec('BEGIN EXCLUSIVE');
      const holder: Holder = { pid: process.pid, computer: hostname(), since: Date.now() };
      writeFileSync(holderPath(path), `${JSON.stringify(holder)}\n`);
      return new FileLock(connection, path);
    } catch (error) {
      connection?.close();
      if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
        return null;
      }
      throw sqliteError(error, 'locked', path);
    }
  }

  /** Who holds the lock `path`, or held it last; null where that is not known. */
  static holder(path: string): Holder | null {
    try {
      return v.parse(holderSchema, JSON.parse(readFileSync(holderPath(path), 'utf8')));
    } catch {
      return null;
    }
  }

  release(): void {
    if (!this.#connection.isOpen) {
      return;
    }
    rmSync(holderPath(this.#path), { force: true });
    this.#connection.close();
  }
}

/** The holder of the lock `path`, as part of a sentence; `who`: what kind of process it is. */
export function describeHolder(path: string, who: string): string {
  const holder = FileLock.holder(path);
  return holder === null
    ? who
    : `${who} (process ${holder.pid} on ${holder.computer}, since ${new Date(holder.since).toLocaleString()})`;
}

function holderPath(path: string): string {
  return `${path}.holder`;
}
