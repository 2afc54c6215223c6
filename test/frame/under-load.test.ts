/** A command under load has its own exit status, and leaves no busy process behind. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

/** Starts the command `node -e SCRIPT` under load. */
function start(script: string) {
  const child = spawn(process.execPath, ['build/under-load.mjs', '-e', script], { stdio: ['ignore', 'pipe', 'pipe'] });
  return { child, errors: text(child.stderr) };
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** The processes that the first line on standard error names. */
const busyIn = (errors: string): number[] => (/^Busy: (.*)$/mu.exec(errors)?.[1] ?? '').split(', ').map(Number);

test('four processes compute beside a command, and end with it', async () => {
  const { child, errors } = start('process.exit(3)');
  const [status] = (await once(child, 'exit')) as [number];
  expect(status).toBe(3);
  const busy = busyIn(await errors);
  expect(busy).toHaveLength(4);
  await expect.poll(() => busy.filter(isRunning), { timeout: 30_000 }).toEqual([]);
});

test('the busy processes end where the process that started them is killed', async () => {
  const { child, errors } = start("console.log('runs'); setTimeout(() => {}, 2_000)");
  await once(child.stdout, 'data');
  child.kill('SIGKILL');
  const busy = busyIn(await errors);
  expect(busy).toHaveLength(4);
  await expect.poll(() => busy.filter(isRunning), { timeout: 30_000 }).toEqual([]);
});
