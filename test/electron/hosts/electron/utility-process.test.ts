/** Utility processes are child processes of Node's here, which live as Electron's do: until they exit by themselves. */
import { fork, type ChildProcess } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { utilityStarter, type Forking } from '../../../../electron/hosts/electron/utility-process.ts';

const BOOT = join(import.meta.dirname, '../../../electron-host/utility-boot.ts');
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-utility-'));
});
afterEach(() => rm(folder, { recursive: true }));

interface Forked {
  readonly entry: string;
  readonly options: unknown;
  readonly child: ChildProcess;
}

/** Starts a process that does what `body` says in place of training. */
async function start(body: string): Promise<{ forked: Forked[]; starter: ReturnType<typeof utilityStarter> }> {
  const script = join(folder, 'body.mjs');
  await writeFile(script, body);
  const forked: Forked[] = [];
  const forking = {
    fork(entry: string, _args: string[], options: unknown) {
      const child = fork(BOOT, [script], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], execArgv: [] });
      forked.push({ entry, options, child });
      const utility = Object.assign(new EventEmitter(), {
        stdout: child.stdout,
        stderr: child.stderr,
        postMessage: (message: unknown) => child.send(message as object),
        kill: () => child.kill(),
      });
      Object.defineProperty(utility, 'pid', { get: () => child.pid });
      child.on('message', (message) => utility.emit('message', message));
      child.on('close', (code) => utility.emit('exit', code ?? 137));
      return utility;
    },
  };
  return { forked, starter: utilityStarter(forking as unknown as Forking) };
}

test('messages and signs of life pass, and the end is told with its last words', async () => {
  const { forked, starter } = await start(`
    process.parentPort.on('message', ({ data }) => {
      process.parentPort.postMessage({ got: data });
      console.log('.');
      console.error('first line');
      console.error('the last line');
      setImmediate(() => process.exit(7));
    });
  `);
  const messages: unknown[] = [];
  let beats = 0;
  const ended = new Promise((resolve) => {
    const child = starter({
      message: (message) => messages.push(message),
      beat: () => (beats += 1),
      exit: (reason, words) => resolve({ reason, words, pid: child.pid }),
    });
    child.post({ kind: 'pause' });
  });
  expect(await ended).toEqual({ reason: 'exit status 7', words: 'the last line', pid: forked[0]?.child.pid });
  expect(messages).toEqual([{ got: { kind: 'pause' } }]);
  expect(beats).toBe(1);
  expect(forked[0]?.entry).toMatch(/electron[\\/]runs[\\/]training-process\.ts$/u);
  expect(forked[0]?.options).toMatchObject({ stdio: ['ignore', 'pipe', 'pipe'] });
});

test.skipIf(process.platform === 'win32')('killing it asks nobody', async () => {
  const { forked, starter } = await start(
    `process.on('SIGTERM', () => undefined); process.parentPort.postMessage('up');`,
  );
  const up = Promise.withResolvers<undefined>();
  const training = starter({ message: () => up.resolve(undefined), beat: () => undefined, exit: () => undefined });
  await up.promise;
  const closed = once(forked[0]?.child ?? new EventEmitter(), 'close');
  training.kill();
  expect(await closed).toEqual([null, 'SIGKILL']);
  training.kill();
});

test('what V8 says of a flag that it does not know is not told as the reason of an end', async () => {
  const { starter } = await start(`
    import { setFlagsFromString } from 'node:v8';
    process.on('message', (words) => {
      if (words !== '') console.error(words);
      setFlagsFromString('--no-such-flag-of-this-engine');
      process.exitCode = 3;
      process.disconnect();
    });
  `);
  const wordsAfter = (words: string): Promise<string> =>
    new Promise((resolve) => {
      const child = starter({
        message: () => undefined,
        beat: () => undefined,
        exit: (_reason, last) => resolve(last),
      });
      child.post(words as never);
    });
  expect(await wordsAfter('out of memory')).toBe('out of memory');
  expect(await wordsAfter('')).toBe('');
});
