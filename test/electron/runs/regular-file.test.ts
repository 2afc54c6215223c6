/** Wherever a path comes from a person, only files are read: pipes, devices and folders are refused at once. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readInput } from '../../../electron/cli/read-input.ts';
import { openCheckpoint } from '../../../electron/cli/checkpoint-source.ts';
import { fileSource } from '../../../electron/datasets/import/source.ts';
import { readExperimentFile } from '../../../electron/experiments/presets.ts';
import { readImportFiles } from '../../../electron/imports/read-files.ts';
import { readCheckpointFile } from '../../../electron/runs/run-folder.ts';
import { unrolledHere } from '../cli/unrolled.ts';
import { temporaryFolder } from '../folder.ts';

const READERS: readonly (readonly [name: string, read: (path: string) => unknown])[] = [
  ['a model', readImportFiles],
  ['a dataset', fileSource],
  ['a checkpoint', readCheckpointFile],
  ['a checkpoint of the command line', openCheckpoint],
  ['an experiment', readExperimentFile],
  ['an input', readInput],
];

describe.skipIf(process.platform === 'win32').each(READERS)('%s is not read', (_name, read) => {
  const attempt = async (path: string): Promise<unknown> => await read(path);

  test('from a pipe', async () => {
    const path = join(temporaryFolder(), 'pipe');
    expect(spawnSync('mkfifo', [path]).status).toBe(0);
    await expect(attempt(path)).rejects.toThrow(`${path} cannot be read: it is a pipe, not a file`);
  });

  test('from a device', async () => {
    await expect(attempt('/dev/zero')).rejects.toThrow('/dev/zero cannot be read: it is a device, not a file');
  });

  test('from a folder', async () => {
    const path = join(temporaryFolder(), 'folder');
    mkdirSync(path);
    await expect(attempt(path)).rejects.toThrow(path);
  });
});

test.skipIf(process.platform === 'win32').each(['inspect', 'import', 'evaluate', 'train'])(
  'the command %s refuses a device',
  async (command) => {
    const { status, stderr } = await unrolledHere([command, '/dev/zero'], temporaryFolder());
    expect(status).toBe(1);
    expect(stderr).toContain('/dev/zero cannot be read: it is a device, not a file');
  },
);
