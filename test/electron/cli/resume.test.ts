import { copyFileSync, mkdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { objects, start, temporaryFolder, tensorBytes, unrolled } from './unrolled.ts';

// Each test trains several times in programs of their own.
vi.setConfig({ testTimeout: 300_000 });

/** Seconds long, with everything that a checkpoint has to carry: epochs, dropout, layers, a schedule, patience. */
const RUN = [
  ...['train', '--task', 'names-generate', '--hidden', '12', '--layers', '2', '--dropout', '0.2', '--batch', '32'],
  ...['--epochs', '3', '--evaluate-every', '150', '--patience', '1000', '--json'],
];

/** A text whose state goes on from window to window. */
const TEXT_RUN = [
  ...['train', '--task', 'moby-dick', '--option', 'validationShare=0.01', '--hidden', '8', '--dropout', '0.1'],
  ...['--batch', '64', '--steps', '16', '--updates', '900', '--evaluate-every', '250', '--json'],
];

/** Flags where a tiny model and many checkpoints keep the disk busy. */
const BUSY = [
  ...['train', '--task', 'parity', '--option', 'length=10', '--option', 'validationItems=64', '--hidden', '6'],
  ...['--batch', '8', '--updates', '120', '--evaluate-every', '10', '--checkpoint-every', '1', '--threads', '1'],
  '--json',
];

const ofType = (type: string) => (line: string) => line.startsWith(`{"type":"${type}"`);

function finalTensors(folder: string, run: string) {
  return tensorBytes(join(folder, run, 'checkpoint.safetensors'));
}

describe.each([
  ['names, one thread', RUN, '1'],
  ['names, two threads', RUN, '2'],
  ['a text, one thread', TEXT_RUN, '1'],
  ['a text, two threads', TEXT_RUN, '2'],
] as const)('%s', (_name, flags, threads) => {
  test('Ctrl-C writes a checkpoint, and going on from it gives the weights of an uninterrupted run', async () => {
    const folder = temporaryFolder();
    const machine = ['--threads', threads];
    const whole = await unrolled([...flags, ...machine, '--out', 'whole'], folder);
    expect(whole.status).toBe(0);

    const cut = start([...flags, ...machine, '--out', 'cut'], folder);
    await cut.line(ofType('progress'));
    cut.process.kill('SIGINT');
    const { status, stdout } = await cut.result;
    expect(status).toBe(130);
    const stopped = objects(stdout).at(-1);
    expect(stopped).toMatchObject({ type: 'end', reason: 'stopped' });
    expect(Number(stopped?.['update'])).toBeLessThan(Number(stopped?.['totalUpdates']));

    const resumed = await unrolled(['train', '--resume', 'cut', '--json'], folder);
    expect(resumed.status).toBe(0);
    expect(objects(resumed.stdout)[0]).toMatchObject({ resumed: true, update: stopped?.['update'] });
    expect(objects(resumed.stdout)[0]).toMatchObject({ threads: Number(threads) });
    expect(finalTensors(folder, 'cut')).toEqual(finalTensors(folder, 'whole'));
    // Seconds go on from those before.
    const seconds = objects(readFileSync(join(folder, 'cut', 'history.jsonl'), 'utf8')).map(
      (record) => record['seconds'],
    );
    expect(seconds.every((value) => typeof value === 'number' && value > 0)).toBe(true);
    expect(seconds).toEqual((seconds as number[]).toSorted((a, b) => a - b));
  });
});

test('kill -9 at several moments leaves a loadable checkpoint, and going on gives the same weights', async () => {
  const folder = temporaryFolder();
  expect((await unrolled([...BUSY, '--out', 'whole'], folder)).status).toBe(0);
  const evaluation = (update: number) => (line: string) => line.startsWith(`{"type":"evaluation","update":${update},`);
  for (const moment of [ofType('start'), ofType('progress'), evaluation(10), evaluation(60), evaluation(110)]) {
    const run = start([...BUSY, '--out', 'killed'], folder);
    await run.line(moment);
    run.process.kill('SIGKILL');
    expect((await run.result).status).toBeNull();
    const inspected = await unrolled(['inspect', 'killed', '--json'], folder);
    expect({ status: inspected.status, stderr: inspected.stderr }).toEqual({ status: 0, stderr: '' });
    const resumed = await unrolled(['train', '--resume', 'killed', '--json'], folder);
    expect(resumed.status).toBe(0);
    expect(finalTensors(folder, 'killed')).toEqual(finalTensors(folder, 'whole'));
    rmSync(join(folder, 'killed'), { recursive: true });
  }
});

test('tells how to go on, and that bits may differ where other threads go on', async () => {
  const folder = temporaryFolder();
  const text = BUSY.filter((flag) => flag !== '--json');
  const run = start([...text, '--out', 'run'], folder);
  await run.line((line) => line.startsWith('update 10:'));
  run.process.kill('SIGINT');
  const { status, stdout } = await run.result;
  expect(status).toBe(130);
  expect(stdout).toMatch(/Stopped after [\d,]+ of 120 updates/);
  expect(stdout).toContain('train --resume run');
  const resumed = await unrolled(['train', '--resume', 'run', '--threads', '2'], folder);
  expect(resumed.status).toBe(0);
  expect(resumed.stdout).toContain('bits of the weights may differ');
});

test('a run that is complete is evaluated and left as it is', async () => {
  const folder = temporaryFolder();
  const flags = [...BUSY, '--updates', '20', '--out', 'run'];
  const first = await unrolled(flags, folder);
  const before = finalTensors(folder, 'run');
  const again = await unrolled(['train', '--resume', 'run', '--json'], folder);
  expect(again.status).toBe(0);
  const { metrics } = objects(first.stdout).at(-1)!;
  expect(objects(again.stdout).at(-1)).toMatchObject({ reason: 'complete', update: 20, metrics });
  expect(finalTensors(folder, 'run')).toEqual(before);
});

test('a run that was killed before its first checkpoint begins anew', async () => {
  const folder = temporaryFolder();
  await unrolled([...BUSY, '--updates', '20', '--out', 'whole'], folder);
  mkdirSync(join(folder, 'run'));
  copyFileSync(join(folder, 'whole', 'experiment.json'), join(folder, 'run', 'experiment.json'));
  const { status, stdout } = await unrolled(['train', '--resume', 'run', '--threads', '1', '--json'], folder);
  expect(status).toBe(0);
  expect(objects(stdout)[0]).toMatchObject({ update: 0, resumed: false });
  expect(finalTensors(folder, 'run')).toEqual(finalTensors(folder, 'whole'));
});

test('two processes never train in one folder: the second one is told which has it', async () => {
  const folder = temporaryFolder();
  const endless = [...BUSY, '--updates', '1000000', '--out', 'run'];
  const first = start(endless, folder);
  await first.line(ofType('progress'));
  for (const args of [['train', '--resume', 'run', '--json'], endless]) {
    const second = await unrolled(args, folder);
    expect({ status: second.status, stdout: second.stdout }).toEqual({ status: 1, stdout: '' });
    expect(second.stderr).toContain(args === endless ? 'run already holds a run' : `process ${first.process.pid} on`);
  }
  first.process.kill('SIGINT');
  await first.result;
  const updates = objects(readFileSync(join(folder, 'run', 'history.jsonl'), 'utf8')).map((record) => record['update']);
  expect(updates).toEqual([...new Set(updates as number[])].toSorted((a, b) => a - b));
});

test('a damaged checkpoint is set aside, and the run goes on from its best one', async () => {
  const folder = temporaryFolder();
  await unrolled([...BUSY, '--out', 'run'], folder);
  truncateSync(join(folder, 'run', 'checkpoint.safetensors'), 1000);
  const { status, stdout, stderr } = await unrolled(['train', '--resume', 'run', '--json'], folder);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const [damaged, begun] = objects(stdout);
  expect(damaged).toMatchObject({
    type: 'damaged',
    renamed: expect.stringMatching(/checkpoint\.safetensors\.damaged$/u) as unknown,
  });
  expect(begun).toMatchObject({ type: 'start', resumed: true, update: damaged?.['update'] });
  expect(objects(stdout).at(-1)).toMatchObject({ reason: 'complete', update: 120 });
});
