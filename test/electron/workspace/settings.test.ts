import { describe, expect, test } from 'vitest';
import { defaultParallelRuns } from '../../../electron/workspace/settings.ts';
import { Workspace } from '../../../electron/workspace/workspace.ts';
import { temporaryFolder } from '../folder.ts';

describe('settings', () => {
  test('keep what was set, and only that', () => {
    const path = temporaryFolder();
    const workspace = Workspace.open(path);
    const before = workspace.settings.get();
    expect(before).toMatchObject({ theme: 'system', threads: 0 });
    expect(workspace.settings.set({ theme: 'dark', threads: undefined })).toEqual({ ...before, theme: 'dark' });
    workspace.settings.set({ threads: 3 });
    workspace.close();
    const again = Workspace.open(path);
    expect(again.settings.get()).toEqual({ ...before, theme: 'dark', threads: 3 });
    again.close();
  });

  test('have their defaults where what is kept can no longer be', () => {
    const workspace = Workspace.open(temporaryFolder());
    workspace.database.run("INSERT INTO settings VALUES ('theme', '\"sepia\"')");
    expect(workspace.settings.get().theme).toBe('system');
    workspace.close();
  });

  test.each([
    [1, 1],
    [2, 1],
    [4, 1],
    [8, 2],
    [12, 3],
    [128, 4],
  ])('let, on %i cores, %i runs train at once', (cores, runs) => {
    expect(defaultParallelRuns(cores)).toBe(runs);
  });
});
