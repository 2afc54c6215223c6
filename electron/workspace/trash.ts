/**
 * Deletion that can be taken back: the row gets a mark and the folder moves to `trash/TOKEN`. Both are gone for good
 * when the time is over, or at the workspace's next opening.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import { fileError } from '../runs/files.ts';
import type { Database, Row } from './database.ts';

/** What a deletion can be taken back with, until it expires (milliseconds since 1970). */
export interface Undo {
  readonly token: string;
  readonly expires: number;
}

export type RemovableKind = 'run' | 'dataset';

/** The table, and the folder of folders, of each kind. */
const PLACES = { run: 'runs', dataset: 'datasets' } as const satisfies Readonly<Record<RemovableKind, string>>;

const MILLISECONDS_KEPT = 5 * 60_000;

export class Trash {
  readonly #database: Database;
  readonly #workspace: string;
  readonly #timers = new Set<NodeJS.Timeout>();

  constructor(database: Database, workspace: string) {
    this.#database = database;
    this.#workspace = workspace;
  }

  /** Throws InputError where the folder cannot be moved; nothing has changed then. */
  remove(kind: RemovableKind, id: string, now = Date.now()): Undo {
    const undo: Undo = { token: randomUUID(), expires: now + MILLISECONDS_KEPT };
    const folder = this.#folder(kind, id);
    const place = this.#place(undo.token);
    try {
      this.#database.transaction(() => {
        this.#database.run(`UPDATE ${PLACES[kind]} SET removed = ? WHERE id = ?`, undo.token, id);
        this.#database.run('INSERT INTO trash VALUES (?, ?, ?, ?)', undo.token, kind, id, undo.expires);
        mkdirSync(join(this.#workspace, 'trash'), { recursive: true });
        move(folder, place);
      });
    } catch (error) {
      move(place, folder);
      throw fileError(error, 'moved to the trash', folder);
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.purge(undo.expires);
    }, MILLISECONDS_KEPT).unref();
    this.#timers.add(timer);
    return undo;
  }

  /** Takes a deletion back and tells of what. Throws InputError where it cannot be taken back any more. */
  undo(token: string): { readonly kind: RemovableKind; readonly id: string } {
    const row = this.#database.get('SELECT kind, subject FROM trash WHERE token = ?', token);
    if (row === undefined) {
      throw new InputError('this deletion can no longer be taken back: what was deleted is gone');
    }
    const { kind, id } = subjectOf(row);
    const folder = this.#folder(kind, id);
    const place = this.#place(token);
    try {
      this.#database.transaction(() => {
        this.#database.run(`UPDATE ${PLACES[kind]} SET removed = NULL WHERE id = ?`, id);
        this.#database.run('DELETE FROM trash WHERE token = ?', token);
        move(place, folder);
      });
    } catch (error) {
      move(folder, place);
      throw fileError(error, 'brought back', folder);
    }
    return { kind, id };
  }

  /** Deletes for good what expires at `now` or before. */
  purge(now: number): void {
    for (const row of this.#database.all('SELECT token, kind, subject FROM trash WHERE expires <= ?', now)) {
      const { kind, id } = subjectOf(row);
      const token = String(row['token']);
      rmSync(this.#place(token), { recursive: true, force: true });
      this.#database.transaction(() => {
        this.#database.run(`DELETE FROM ${PLACES[kind]} WHERE id = ? AND removed = ?`, id, token);
        this.#database.run('DELETE FROM trash WHERE token = ?', token);
      });
    }
  }

  /** Nothing is purged afterwards. */
  close(): void {
    for (const timer of this.#timers) {
      clearTimeout(timer);
    }
    this.#timers.clear();
  }

  #folder(kind: RemovableKind, id: string): string {
    return join(this.#workspace, PLACES[kind], id);
  }

  #place(token: string): string {
    return join(this.#workspace, 'trash', token);
  }
}

/** A folder that is not there has nothing to move. */
function move(from: string, to: string): void {
  if (existsSync(from)) {
    renameSync(from, to);
  }
}

function subjectOf(row: Row): { readonly kind: RemovableKind; readonly id: string } {
  return { kind: row['kind'] as RemovableKind, id: String(row['subject']) };
}
