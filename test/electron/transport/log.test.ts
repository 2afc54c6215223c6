/** What a person is told of a defect leads to a file that has it. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { call } from '../../../electron/api/call.ts';
import { dispatch } from '../../../electron/transport/dispatch.ts';
import { logEvent, logPath, openLog } from '../../../electron/transport/log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'unrolled-log-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

test('a call that fails names the log file, which holds the error with its stack', async () => {
  const path = openLog(folder);
  vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const contract = { cell: { open: call(v.strictObject({}), v.string()) } };
  const answer = dispatch(contract, {
    cell: {
      open: () => {
        throw new Error('the gate is stuck');
      },
    },
  });
  const result = await answer('cell.open', {});
  expect(result.ok ? '' : result.error.hint).toContain(path);
  expect(await readFile(path, 'utf8')).toMatch(/defect in the call cell\.open: Error: the gate is stuck\n +at /u);
});

test('an event is written to the file, and to no terminal', async () => {
  const terminal = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  openLog(folder);
  logEvent('a start');
  expect(await readFile(logPath() ?? '', 'utf8')).toContain(' a start\n');
  expect(terminal).not.toHaveBeenCalled();
});
