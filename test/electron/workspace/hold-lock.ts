/** Takes a lock, says so, and holds it until it is killed: `node hold-lock.ts PATH`. */
import { FileLock } from '../../../electron/workspace/lock.ts';

const lock = FileLock.take(process.argv[2] ?? '');
process.stdout.write(lock === null ? 'refused\n' : 'taken\n');
if (lock !== null) {
  process.stdin.resume();
}
