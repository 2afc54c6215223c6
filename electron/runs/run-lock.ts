/** One writer at a time in a run folder, of a workspace or of the command line. */
import { join } from 'node:path';
import { UnrolledError } from '../../engine/errors.ts';
import { describeHolder, FileLock } from '../workspace/lock.ts';

const LOCK = 'writer.lock';

/**
 * Takes a run folder for this process, which waits at most `milliseconds` for another one to end. Throws UnrolledError
 * where another process writes there.
 */
export function lockRunFolder(folder: string, milliseconds = 0): FileLock {
  const path = join(folder, LOCK);
  const lock = FileLock.take(path, milliseconds);
  if (lock === null) {
    throw new UnrolledError(
      'run-held',
      `${folder} is in use: ${describeHolder(path, 'another process')} is training this run`,
      'Stop that process or wait until it has ended; or train another run in a folder of its own.',
    );
  }
  return lock;
}
