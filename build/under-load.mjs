/**
 * Runs a command while four processes keep the processors busy: what passes on a quiet machine and fails on a busy one
 * depends on speed, and that is a fault. The busy processes end with the command, and with this process however it ends.
 *
 *     node build/under-load.mjs node_modules/vitest/vitest.mjs run test/e2e
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROCESSES = 4;
/** Milliseconds of computing between two looks at whether the parent is still there. */
const STRETCH = 50;

/** Computes for as long as the process that started it is there. */
function keepBusy() {
  process.once('disconnect', () => process.exit());
  const compute = () => {
    const end = performance.now() + STRETCH;
    while (performance.now() < end);
    setImmediate(compute);
  };
  compute();
}

/** @param {readonly string[]} command A script of Node's, and its arguments. */
async function runUnderLoad(command) {
  const busy = Array.from({ length: PROCESSES }, () => fork(fileURLToPath(import.meta.url), ['--busy']));
  console.error(`Busy: ${busy.map(({ pid }) => pid).join(', ')}`);
  try {
    const child = spawn(process.execPath, command, { stdio: 'inherit' });
    // A signal to the group reaches the command too; this process waits for it and ends the others.
    for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
      process.on(signal, () => child.kill(signal));
    const [status] = /** @type {[number | null]} */ (await once(child, 'exit'));
    return status ?? 1;
  } finally {
    for (const one of busy) one.kill('SIGKILL');
  }
}

const [first, ...rest] = process.argv.slice(2);
if (first === '--busy') keepBusy();
else if (first === undefined) {
  console.error('Say what to run: node build/under-load.mjs SCRIPT [ARGUMENTS]');
  process.exitCode = 2;
} else process.exitCode = await runUnderLoad([first, ...rest]);
