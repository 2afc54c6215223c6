import { basename } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { backUp, listBackups } from '../../../electron/workspace/backups.ts';
import { Database } from '../../../electron/workspace/database.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { temporaryFolder } from '../folder.ts';

test('the backups of the last hours and of the last days are kept', () => {
  const path = temporaryFolder();
  const workspace = Workspace.open(path);
  onTestFinished(() => workspace.close());
  for (let hour = 0; hour < 24 * 10; hour += 3) {
    backUp(workspace.database, path, new Date(Date.UTC(2100, 0, 1, hour)));
  }
  expect(listBackups(path).map((file) => basename(file, '.db'))).toEqual([
    '2100-01-10T21',
    '2100-01-10T18',
    '2100-01-10T15',
    '2100-01-10T12',
    ...[9, 8, 7, 6, 5, 4].map((day) => `2100-01-0${day}T21`),
  ]);
});

test('a backup holds what the workspace held, and one of the same hour takes its place', () => {
  const path = temporaryFolder();
  const workspace = Workspace.open(path);
  onTestFinished(() => workspace.close());
  const now = new Date(Date.UTC(2100, 0, 1));
  for (const id of ['whales', 'ships']) {
    workspace.datasets.insert({ id, name: id, created: 1 });
    backUp(workspace.database, path, now);
  }
  const [newest] = listBackups(path);
  const backup = Database.open(newest ?? '');
  onTestFinished(() => backup.close());
  expect(backup.all('SELECT id FROM datasets ORDER BY rowid')).toEqual([{ id: 'whales' }, { id: 'ships' }]);
});

test('a workspace that is closed leaves a backup of how it was', () => {
  const path = temporaryFolder();
  const workspace = Workspace.open(path);
  workspace.datasets.insert({ id: 'whales', name: 'Whales', created: 1 });
  workspace.close();
  const backup = Database.open(listBackups(path)[0] ?? '');
  onTestFinished(() => backup.close());
  expect(backup.all('SELECT id FROM datasets')).toEqual([{ id: 'whales' }]);
});
