/** SQLite with what every caller needs: statements prepared once, transactions, errors that a person can act on. */
import { existsSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import { FormatError, InputError } from '../../engine/errors.ts';
import { fileError } from '../runs/files.ts';
import { MIGRATIONS } from './migrations.ts';

/** The columns of a row by name; STRICT tables hold their types. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

/** `journal`: "rollback" where the write-ahead log is not safe (storage.ts). */
export interface DatabaseOptions {
  readonly migrations?: readonly string[];
  readonly journal?: 'write-ahead' | 'rollback';
}

/** The file is not a whole database of this program: it can be set aside and made anew. */
export class DamagedDatabaseError extends FormatError {}

/** "UnRl": tells a workspace's database from any other. */
const APPLICATION_ID = 0x556e526c;

/** Without a write-ahead log only one connection at a time reads or writes, and no memory is shared. */
const JOURNALS = {
  'write-ahead': 'PRAGMA journal_mode = WAL',
  rollback: 'PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = DELETE',
} as const;

export class Database {
  readonly path: string;
  readonly #connection: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;

  /**
   * Opens the database, made where it is missing, and brings it to the newest version: an older one is kept beside it
   * as a backup and migrated in one transaction. Throws InputError where it cannot be used, FormatError where it is of
   * a newer version, DamagedDatabaseError where it is damaged or of another program.
   */
  static open(path: string, { migrations = MIGRATIONS, journal = 'write-ahead' }: DatabaseOptions = {}): Database {
    let database: Database | undefined;
    try {
      const isNew = !existsSync(path);
      database = new Database(path, new DatabaseSync(path));
      database.#requireOwn();
      database.#connection.exec(`PRAGMA foreign_keys = ON; ${JOURNALS[journal]}; PRAGMA synchronous = FULL`);
      database.#migrate(migrations, isNew);
      database.#requireWhole();
      return database;
    } catch (error) {
      database?.close();
      throw sqliteError(error, 'opened', path);
    }
  }

  /**
   * Opens it to be read alone, beside a program that has it open. Undefined where there is none, or none that this version
   * can read as it is: whoever only wants to know more does without.
   */
  static openToRead(path: string, migrations: readonly string[] = MIGRATIONS): Database | undefined {
    if (!existsSync(path)) return undefined;
    let database: Database | undefined;
    try {
      database = new Database(path, new DatabaseSync(path, { readOnly: true }));
      const known = database.#pragma('user_version') === migrations.length;
      if (known && database.#pragma('application_id') === APPLICATION_ID) return database;
    } catch {
      // As where there is none.
    }
    database?.close();
    return undefined;
  }

  private constructor(path: string, connection: DatabaseSync) {
    this.path = path;
    this.#connection = connection;
  }

  /** Returns how many rows were changed. */
  run(sql: string, ...values: SQLInputValue[]): number {
    return this.#attempt('written', () => Number(this.#statement(sql).run(...values).changes));
  }

  get(sql: string, ...values: SQLInputValue[]): Row | undefined {
    return this.#attempt('read', () => this.#statement(sql).get(...values));
  }

  all(sql: string, ...values: SQLInputValue[]): Row[] {
    return this.#attempt('read', () => this.#statement(sql).all(...values));
  }

  /** All of `work` or nothing; one that is called inside another belongs to that. */
  transaction<T>(work: () => T): T {
    if (this.#depth > 0) {
      return work();
    }
    this.#attempt('written', () => this.#connection.exec('BEGIN IMMEDIATE'));
    this.#depth += 1;
    try {
      const result = work();
      this.#attempt('written', () => this.#connection.exec('COMMIT'));
      return result;
    } catch (error) {
      if (this.#connection.isTransaction) {
        this.#connection.exec('ROLLBACK');
      }
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  close(): void {
    this.#statements.clear();
    this.#connection.close();
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql) ?? this.#connection.prepare(sql);
    this.#statements.set(sql, known);
    return known;
  }

  #attempt<T>(done: string, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw sqliteError(error, done, this.path);
    }
  }

  #migrate(migrations: readonly string[], isNew: boolean): void {
    const version = this.#pragma('user_version');
    const tables = this.#tables();
    if (version > migrations.length) {
      throw new FormatError(
        `${this.path} has version ${version}; this program reads versions up to ${migrations.length}`,
        'This workspace was written by a newer Unrolled: install that version or a later one, or open another folder.',
      );
    }
    if (version === migrations.length) {
      return;
    }
    if (!isNew && tables > 0) {
      this.#backUp(version);
    }
    this.transaction(() => {
      for (const sql of migrations.slice(version)) {
        this.#connection.exec(sql);
      }
      this.#connection.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${migrations.length}`);
    });
  }

  /** Before anything is changed in it. */
  #requireOwn(): void {
    if (this.#tables() > 0 && this.#pragma('application_id') !== APPLICATION_ID) {
      throw new DamagedDatabaseError(`${this.path} is a database of another program`);
    }
  }

  #tables(): number {
    return Number(this.get('SELECT count(*) AS count FROM sqlite_schema')?.['count']);
  }

  /** Reads every page of it. */
  #requireWhole(): void {
    const found = this.get('PRAGMA quick_check(1)')?.['quick_check'];
    if (found !== 'ok') {
      throw new DamagedDatabaseError(`${this.path} is damaged (${String(found)})`);
    }
  }

  /** The first free name of `workspace.db.version-1.backup`, `workspace.db.version-1.backup-2`, ... */
  #backUp(version: number): void {
    const name = `${this.path}.version-${version}.backup`;
    let path = name;
    for (let n = 2; existsSync(path); n++) {
      path = `${name}-${n}`;
    }
    this.run('VACUUM INTO ?', path);
  }

  #pragma(name: 'user_version' | 'application_id'): number {
    return Number(this.get(`PRAGMA ${name}`)?.[name]);
  }
}

/** Primary result codes of SQLite (https://sqlite.org/rescode.html). */
const CAUSES: Readonly<Record<number, string>> = {
  3: 'permission is denied',
  5: 'another program is using it',
  6: 'another program is using it',
  8: 'it can only be read',
  10: 'the disk reported an error',
  13: 'the disk is full',
  14: 'the file cannot be opened or made there',
};
const CORRUPT = 11;
const NOT_A_DATABASE = 26;

/** A failed operation of SQLite, or of the file system, as an error a person can act on; any other as it is. */
export function sqliteError(error: unknown, done: string, path: string): unknown {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') {
    return fileError(error, done, path);
  }
  const code = error.errcode & 0xff;
  if (code === CORRUPT || code === NOT_A_DATABASE) {
    return new DamagedDatabaseError(`${path} is damaged or not a database (${error.message})`);
  }
  const cause = CAUSES[code];
  return cause === undefined ? error : new InputError(`${path} cannot be ${done}: ${cause}`);
}
