import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LogFile } from '../../../electron/transport/log-file.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-log-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('each entry is added with its time, in a folder that need not be there', async () => {
  const log = new LogFile(join(folder, 'logs'));
  log.write('first');
  log.write('second');
  const lines = (await readFile(log.path, 'utf8')).trimEnd().split('\n');
  expect(lines.map((line) => line.replace(/^\d{4}-\d\d-\d\dT[\d:.]+Z /u, ''))).toEqual(['first', 'second']);
});

test('a full file makes room: two older ones are kept, and no more', async () => {
  const log = new LogFile(folder, 10);
  for (const entry of ['one', 'two', 'three', 'four', 'five']) log.write(entry);
  expect((await readdir(folder)).sort()).toEqual(['unrolled.1.log', 'unrolled.2.log', 'unrolled.log']);
  expect(await readFile(log.path, 'utf8')).toContain('five');
  expect(await readFile(join(folder, 'unrolled.1.log'), 'utf8')).toContain('four');
  expect(await readFile(join(folder, 'unrolled.2.log'), 'utf8')).toContain('three');
});

test('a log that cannot be written is no reason to fail', async () => {
  await writeFile(join(folder, 'file'), '');
  const log = new LogFile(join(folder, 'file', 'logs'));
  log.write('lost');
  expect(await readdir(folder)).toEqual(['file']);
});
