import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { temporaryFolder } from '../folder.ts';

interface Open {
  readonly workspace: Workspace;
  readonly file: string;
}

/** A workspace with one dataset of one file. */
function open(): Open {
  const workspace = Workspace.open(temporaryFolder());
  onTestFinished(() => workspace.close());
  const { datasets } = workspace;
  mkdirSync(join(datasets.folder, 'whales'));
  const file = join(datasets.folder, 'whales', 'text');
  writeFileSync(file, 'Call me Ishmael.');
  datasets.insert({ id: 'whales', name: 'Whales', created: 1 });
  return { workspace, file };
}

function trashed({ path }: Workspace): readonly string[] {
  return existsSync(join(path, 'trash')) ? readdirSync(join(path, 'trash')) : [];
}

describe('the trash', () => {
  test('brings back what was removed', () => {
    const { workspace, file } = open();
    const { token } = workspace.datasets.remove('whales');
    expect(workspace.datasets.list()).toEqual([]);
    expect(existsSync(file)).toBe(false);
    expect(workspace.trash.undo(token)).toEqual({ kind: 'dataset', id: 'whales' });
    expect(workspace.datasets.list()).toEqual([{ id: 'whales', name: 'Whales', created: 1 }]);
    expect(readFileSync(file, 'utf8')).toBe('Call me Ishmael.');
    expect(() => workspace.trash.undo(token)).toThrow('this deletion can no longer be taken back');
  });

  test('deletes for good what has expired, and nothing else', () => {
    const { workspace } = open();
    const { token, expires } = workspace.datasets.remove('whales');
    workspace.trash.purge(expires - 1);
    expect(trashed(workspace)).toEqual([token]);
    workspace.trash.purge(expires);
    expect(trashed(workspace)).toEqual([]);
    expect(workspace.database.all('SELECT * FROM datasets')).toEqual([]);
    expect(() => workspace.trash.undo(token)).toThrow('this deletion can no longer be taken back');
  });

  test('is emptied when the workspace is opened again', () => {
    const { workspace } = open();
    const { token } = workspace.datasets.remove('whales');
    workspace.close();
    const again = Workspace.open(workspace.path);
    expect(trashed(again)).toEqual([]);
    expect(again.database.all('SELECT * FROM datasets')).toEqual([]);
    expect(() => again.trash.undo(token)).toThrow('this deletion can no longer be taken back');
    again.close();
    Object.assign(workspace, { close: () => undefined });
  });

  test('lets nothing be lost where a folder cannot be moved', () => {
    const { workspace, file } = open();
    // A file stands where the folder for the trash would be made.
    writeFileSync(join(workspace.path, 'trash'), '');
    expect(() => workspace.datasets.remove('whales')).toThrow(/cannot be moved to the trash: something else/);
    expect(workspace.datasets.count).toBe(1);
    expect(existsSync(file)).toBe(true);
    rmSync(join(workspace.path, 'trash'));
    workspace.datasets.remove('whales');
    expect(workspace.datasets.count).toBe(0);
  });

  test('takes a dataset without a folder', () => {
    const { workspace, file } = open();
    rmSync(join(file, '..'), { recursive: true });
    const { token } = workspace.datasets.remove('whales');
    workspace.trash.undo(token);
    expect(workspace.datasets.count).toBe(1);
  });
});
