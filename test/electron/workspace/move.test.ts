import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { moveFolder } from '../../../electron/workspace/move.ts';
import { temporaryFolder } from '../folder.ts';

/** A folder with a file in a folder, and a place beside it. */
function folders(): { readonly from: string; readonly to: string } {
  const parent = temporaryFolder();
  const from = join(parent, 'from');
  mkdirSync(join(from, 'runs'), { recursive: true });
  writeFileSync(join(from, 'runs', 'history'), 'update 1');
  return { from, to: join(parent, 'deep', 'to') };
}

function expectMoved(from: string, to: string): void {
  expect(existsSync(from)).toBe(false);
  expect(readFileSync(join(to, 'runs', 'history'), 'utf8')).toBe('update 1');
}

const SHARED_MEMORY = '/dev/shm';
const hasOtherDisk = existsSync(SHARED_MEMORY) && statSync(SHARED_MEMORY).dev !== statSync(tmpdir()).dev;

describe('moveFolder', () => {
  test('moves to a folder that is not there', async () => {
    const { from, to } = folders();
    await moveFolder(from, to);
    expectMoved(from, to);
  });

  test('moves into an empty folder', async () => {
    const { from, to } = folders();
    mkdirSync(to, { recursive: true });
    await moveFolder(from, to);
    expectMoved(from, to);
  });

  test.runIf(hasOtherDisk)('copies to another disk', async () => {
    const { from } = folders();
    const disk = mkdtempSync(join(SHARED_MEMORY, 'unrolled-test-'));
    onTestFinished(() => rmSync(disk, { recursive: true, force: true }));
    await moveFolder(from, join(disk, 'to'));
    expectMoved(from, join(disk, 'to'));
    expect(readdirSync(disk)).toEqual(['to']);
  });

  test('refuses a folder with things in it', async () => {
    const { from, to } = folders();
    mkdirSync(to, { recursive: true });
    writeFileSync(join(to, 'letter.txt'), 'Dear');
    await expect(moveFolder(from, to)).rejects.toThrow(`${to} is not empty`);
    expect(existsSync(join(from, 'runs', 'history'))).toBe(true);
  });

  test.each(['', 'inside', '../from'])('refuses the folder itself and what lies in it: %o', async (path) => {
    const { from } = folders();
    await expect(moveFolder(from, join(from, path))).rejects.toThrow('is the workspace itself or lies in it');
  });

  test('moves to a folder whose name begins like its own', async () => {
    const { from } = folders();
    await moveFolder(from, `${from}-2`);
    expectMoved(from, `${from}-2`);
  });

  test('says that the place is a file, and leaves everything where it was', async () => {
    const { from, to } = folders();
    mkdirSync(join(to, '..'));
    writeFileSync(to, '');
    await expect(moveFolder(from, join(to, 'inside'))).rejects.toThrow(/cannot be moved/);
    expect(existsSync(join(from, 'runs', 'history'))).toBe(true);
  });
});
