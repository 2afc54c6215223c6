import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FormatError, InputError } from '../../../engine/errors.ts';
import { DamagedDatabaseError, Database } from '../../../electron/workspace/database.ts';
import { MIGRATIONS } from '../../../electron/workspace/migrations.ts';
import { temporaryFolder } from '../folder.ts';

const FIRST = 'CREATE TABLE words (word TEXT NOT NULL) STRICT';
const SECOND = "ALTER TABLE words ADD COLUMN language TEXT NOT NULL DEFAULT 'en'";

function openDatabase(path: string, migrations?: readonly string[]): Database {
  const database = Database.open(path, migrations ? { migrations } : {});
  onTestFinished(() => database.close());
  return database;
}

/** A closed database of version 1 with one word. */
function olderDatabase(): string {
  const path = join(temporaryFolder(), 'workspace.db');
  const database = Database.open(path, { migrations: [FIRST] });
  database.run('INSERT INTO words VALUES (?)', 'whale');
  database.close();
  return path;
}

describe('opening', () => {
  test('makes a new database of the newest version, without a backup', () => {
    const path = join(temporaryFolder(), 'workspace.db');
    const database = openDatabase(path);
    expect(database.get('PRAGMA user_version')).toEqual({ user_version: MIGRATIONS.length });
    expect(readdirSync(join(path, '..')).filter((name) => name.includes('backup'))).toEqual([]);
  });

  test('migrates an older version and keeps it as a backup', () => {
    const path = olderDatabase();
    expect(openDatabase(path, [FIRST, SECOND]).all('SELECT * FROM words')).toEqual([{ word: 'whale', language: 'en' }]);
    const backup = openDatabase(`${path}.version-1.backup`, [FIRST]);
    expect(backup.all('SELECT * FROM words')).toEqual([{ word: 'whale' }]);
  });

  test('overwrites no earlier backup', () => {
    const path = olderDatabase();
    writeFileSync(`${path}.version-1.backup`, 'of last year');
    openDatabase(path, [FIRST, SECOND]);
    expect(readFileSync(`${path}.version-1.backup`, 'utf8')).toBe('of last year');
    expect(existsSync(`${path}.version-1.backup-2`)).toBe(true);
  });

  test('leaves an older version as it was where a migration fails half way', () => {
    const path = olderDatabase();
    const broken = `${SECOND}; INSERT INTO words VALUES ('half', 'de'); SELECT * FROM missing`;
    expect(() => Database.open(path, { migrations: [FIRST, broken] })).toThrow('no such table: missing');
    expect(openDatabase(path, [FIRST]).all('SELECT * FROM words')).toEqual([{ word: 'whale' }]);
  });

  test('refuses a newer version, and changes nothing in it', () => {
    const path = join(temporaryFolder(), 'workspace.db');
    Database.open(path, { migrations: [FIRST, SECOND] }).close();
    const before = readFileSync(path);
    const attempt = () => Database.open(path, { migrations: [FIRST] });
    expect(attempt).toThrow(FormatError);
    expect(attempt).toThrow(`${path} has version 2; this program reads versions up to 1`);
    expect(readFileSync(path).equals(before)).toBe(true);
  });

  test('refuses a database of another program', () => {
    const path = join(temporaryFolder(), 'workspace.db');
    const other = new DatabaseSync(path);
    other.exec('CREATE TABLE recipes (title TEXT)');
    other.close();
    expect(() => Database.open(path)).toThrow(new DamagedDatabaseError(`${path} is a database of another program`));
  });

  test('refuses what is no database', () => {
    const path = join(temporaryFolder(), 'workspace.db');
    writeFileSync(path, 'Call me Ishmael. '.repeat(1000));
    expect(() => Database.open(path)).toThrow(
      new DamagedDatabaseError(`${path} is damaged or not a database (file is not a database)`),
    );
  });
});

describe('a database', () => {
  test('says when the disk is full, and keeps what it had', () => {
    const path = join(temporaryFolder(), 'workspace.db');
    const database = openDatabase(path, [FIRST]);
    database.run('INSERT INTO words VALUES (?)', 'whale');
    database.get(`PRAGMA max_page_count = ${Number(database.get('PRAGMA page_count')?.['page_count'])}`);
    expect(() => database.run('INSERT INTO words VALUES (?)', 'x'.repeat(100_000))).toThrow(
      new InputError(`${path} cannot be written: the disk is full`),
    );
    expect(database.all('SELECT * FROM words')).toEqual([{ word: 'whale' }]);
  });

  test('takes back a transaction that failed, those inside it too', () => {
    const database = openDatabase(join(temporaryFolder(), 'workspace.db'), [FIRST]);
    const fail = () =>
      database.transaction(() => {
        database.transaction(() => database.run('INSERT INTO words VALUES (?)', 'whale'));
        throw new RangeError('changed my mind');
      });
    expect(fail).toThrow('changed my mind');
    expect(database.all('SELECT * FROM words')).toEqual([]);
    database.transaction(() => database.run('INSERT INTO words VALUES (?)', 'ship'));
    expect(database.all('SELECT * FROM words')).toEqual([{ word: 'ship' }]);
  });
});
