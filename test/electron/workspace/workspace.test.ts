import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { Database } from '../../../electron/workspace/database.ts';
import { MIGRATIONS } from '../../../electron/workspace/migrations.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { temporaryFolder } from '../folder.ts';

/** Calls back without the rights of a superuser, for whom nothing is read-only. */
function asNobody<T>(work: () => T): T {
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) {
    process.seteuid?.(65534);
  }
  try {
    return work();
  } finally {
    if (isRoot) {
      process.seteuid?.(0);
    }
  }
}

describe('opening a workspace', () => {
  test('begins a new one in a folder that is not there, and finds it again', () => {
    const path = join(temporaryFolder(), 'deep', 'workspace');
    const workspace = Workspace.open(path);
    workspace.datasets.insert({ id: 'whales', name: 'Whales', created: 1 });
    expect(workspace.freeBytes).toBeGreaterThan(0);
    workspace.close();
    const again = Workspace.open(path);
    expect(again.datasets.list()).toEqual([{ id: 'whales', name: 'Whales', created: 1 }]);
    again.close();
  });

  test('is for one at a time, and says who has it', () => {
    const path = temporaryFolder();
    const workspace = Workspace.open(path);
    expect(() => Workspace.open(path)).toThrow(
      `the workspace ${path} is open in another Unrolled (process ${process.pid} on`,
    );
    workspace.close();
    Workspace.open(path).close();
  });

  test('leaves a folder with other things alone', () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'letter.txt'), 'Dear');
    expect(() => Workspace.open(path)).toThrow(`${path} holds other things and no workspace`);
    expect(readdirSync(path)).toEqual(['letter.txt']);
  });

  test('takes a folder in which one was killed before it had begun', () => {
    const path = temporaryFolder();
    writeFileSync(join(path, 'workspace.lock'), '');
    writeFileSync(join(path, 'workspace.lock.holder'), '{}');
    Workspace.open(path).close();
  });

  test('says that a path is a file', () => {
    const path = join(temporaryFolder(), 'file');
    writeFileSync(path, '');
    expect(() => Workspace.open(path)).toThrow(/file cannot be used as a workspace: .*(already there|is a file)/);
    expect(() => Workspace.open(join(path, 'inside'))).toThrow('a part of the path is a file, not a folder');
  });

  test('says that it is of a newer version, and gives the lock back', () => {
    const path = temporaryFolder();
    const file = join(path, 'workspace.db');
    Database.open(file, { migrations: [...MIGRATIONS, 'CREATE TABLE future (year INTEGER) STRICT'] }).close();
    const version = MIGRATIONS.length + 1;
    const sentence = `${file} has version ${version}; this program reads versions up to ${MIGRATIONS.length}`;
    expect(() => Workspace.open(path)).toThrow(sentence);
    expect(() => Workspace.open(path)).toThrow(sentence);
  });

  test.skipIf(process.platform === 'win32')('says that it cannot be written', () => {
    const path = temporaryFolder();
    Workspace.open(path).close();
    for (const name of readdirSync(path)) {
      chmodSync(join(path, name), statSync(join(path, name)).isDirectory() ? 0o555 : 0o444);
    }
    chmodSync(path, 0o555);
    const attempt = () => asNobody(() => Workspace.open(path));
    expect(attempt).toThrow(InputError);
    expect(attempt).toThrow(/workspace\.lock cannot be locked: (it can only be read|permission is denied)/);
    const closed = join(temporaryFolder(), 'closed');
    mkdirSync(closed, { mode: 0o700 });
    expect(() => asNobody(() => Workspace.open(join(closed, 'inside')))).toThrow('permission is denied');
    chmodSync(path, 0o755);
    Workspace.open(path).close();
  });
});
