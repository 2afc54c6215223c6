import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FileLock } from '../../../electron/workspace/lock.ts';
import { temporaryFolder } from '../folder.ts';

const HOLDER = fileURLToPath(new URL('./hold-lock.ts', import.meta.url));

/** A process that tries to take the lock, when it has said whether it got it. */
async function tryInProcess(path: string): Promise<{ readonly process: ChildProcess; readonly word: string }> {
  const process_ = spawn(process.execPath, [HOLDER, path], { stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => {
    process_.kill('SIGKILL');
  });
  const [word] = (await once(createInterface(process_.stdout), 'line')) as [string];
  return { process: process_, word };
}

describe('FileLock', () => {
  test('is held by one at a time, in one process and in several', async () => {
    const path = join(temporaryFolder(), 'lock');
    const lock = FileLock.take(path);
    expect(lock).not.toBeNull();
    expect(FileLock.take(path)).toBeNull();
    expect((await tryInProcess(path)).word).toBe('refused');
    expect(FileLock.holder(path)).toMatchObject({ pid: process.pid });
    lock?.release();
    expect(FileLock.holder(path)).toBeNull();
    const { word, process: holder } = await tryInProcess(path);
    expect(word).toBe('taken');
    expect(FileLock.take(path)).toBeNull();
    expect(FileLock.holder(path)).toMatchObject({ pid: holder.pid });
  });

  test('is free again when its holder was killed, whatever that one left behind', async () => {
    const path = join(temporaryFolder(), 'lock');
    const { process: holder } = await tryInProcess(path);
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(FileLock.holder(path)).toMatchObject({ pid: holder.pid });
    const lock = FileLock.take(path);
    expect(lock).not.toBeNull();
    expect(FileLock.holder(path)).toMatchObject({ pid: process.pid });
    lock?.release();
  });

  test('waits for a holder that ends', async () => {
    const path = join(temporaryFolder(), 'lock');
    const { process: holder } = await tryInProcess(path);
    holder.kill('SIGKILL');
    // Taking blocks this process: the system ends the other one meanwhile.
    const lock = FileLock.take(path, 30_000);
    expect(lock).not.toBeNull();
    lock?.release();
  });

  test('says where a lock cannot be made', () => {
    const path = join(temporaryFolder(), 'missing', 'lock');
    expect(() => FileLock.take(path)).toThrow(`${path} cannot be locked: the file cannot be opened or made there`);
  });
});
