/** A lock file that processes of this project take in turn. */
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock file without a process id and older than this was left by a process that ended as it wrote it. Milliseconds. */
const NAMELESS_MS = 5000;
const RETRY_MS = 100;

/**
 * Runs `work` while no other process holds the lock, and waits for that if one does.
 * @template T
 * @param {string} lock Path of the lock file; its folder exists.
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function runExclusively(lock, work) {
  while (!(await take(lock))) await sleep(RETRY_MS);
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

/**
 * Creates the lock file with this process's id. A lock of a process that no longer runs is removed, to be taken next time.
 * @param {string} lock
 * @returns {Promise<boolean>} Whether the lock was taken.
 */
async function take(lock) {
  try {
    await writeFile(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error;
  }
  const holder = Number(await readFile(lock, 'utf8').catch(() => ''));
  const taken = await stat(lock).catch(() => undefined);
  const nameless = holder === 0 && taken !== undefined && Date.now() - taken.mtimeMs > NAMELESS_MS;
  if (nameless || (holder > 0 && !isRunning(holder))) await rm(lock, { force: true });
  return false;
}

/** @param {number} pid */
function isRunning(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
