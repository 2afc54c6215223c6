import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fileError, replaceFile } from '../../../electron/runs/files.ts';
import { RunFolder } from '../../../electron/runs/run-folder.ts';
import { FormatError, InputError } from '../../../engine/errors.ts';
import type { HistoryRecord } from '../../../engine/training/history.ts';
import { smallCheckpoint } from '../../engine/formats/checkpoints.ts';

const writer = fileURLToPath(new URL('write-checkpoints.ts', import.meta.url));
const { experiment } = smallCheckpoint();

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unrolled-run-'));
});
afterEach(() => rmSync(root, { recursive: true }));

function record(update: number): HistoryRecord {
  return {
    update,
    epoch: 0,
    loss: 1 / update,
    gradientNorm: 1,
    learningRate: 0.1,
    tokensPerSecond: 1,
    seconds: update / 4,
  };
}

describe('RunFolder', () => {
  test('keeps a run', () => {
    const path = join(root, 'deep', 'run');
    const folder = RunFolder.create(path, experiment);
    expect(folder.hasBest).toBe(false);
    folder.writeCheckpoint(smallCheckpoint(1));
    folder.writeCheckpoint(smallCheckpoint(2));
    folder.writeBest(smallCheckpoint(1));
    folder.appendHistory([record(1)]);
    folder.appendHistory([record(2), record(3)]);

    folder.close();
    const opened = RunFolder.open(path);
    expect(opened.experiment).toEqual(experiment);
    expect(opened.readCheckpoint()).toEqual(smallCheckpoint(2));
    expect(opened.hasBest).toBe(true);
    expect(opened.readBest()).toEqual(smallCheckpoint(1));
    expect(opened.readHistory()).toEqual([record(1), record(2), record(3)]);
    expect(readdirSync(path).sort()).toEqual([
      'best.safetensors',
      'checkpoint.safetensors',
      'experiment.json',
      'history.jsonl',
      'writer.lock',
    ]);
  });

  test('resumes at the checkpoint: the history after it is cut, leftovers are removed', () => {
    const folder = RunFolder.create(root, experiment);
    folder.writeCheckpoint(smallCheckpoint(2));
    folder.appendHistory([1, 2, 3].map(record));
    appendFileSync(join(root, 'history.jsonl'), '{"update": 4, "ep');
    writeFileSync(join(root, '.checkpoint.safetensors.123.tmp'), 'half');
    writeFileSync(join(root, '.hidden'), 'not ours');
    folder.close();

    const resumed = RunFolder.resume(root);
    expect(resumed).toMatchObject({ checkpoint: smallCheckpoint(2), damaged: null });
    resumed.folder.appendHistory([record(3)]);
    expect(resumed.folder.readHistory()).toEqual([1, 2, 3].map(record));
    expect(readFileSync(join(root, 'history.jsonl'), 'utf8')).toMatch(/^(\{[^\n]*\}\n){3}$/);
    expect(readdirSync(root)).toContain('.hidden');
    expect(readdirSync(root)).not.toContain('.checkpoint.safetensors.123.tmp');
    resumed.folder.close();
  });

  test('starts no run where one is, and changes nothing there', () => {
    RunFolder.create(root, experiment).close();
    const before = readFileSync(join(root, 'experiment.json'));
    expect(() => RunFolder.create(root, { ...experiment, seed: 1 })).toThrow(
      `${root} already holds a run (experiment.json), and nothing is overwritten`,
    );
    expect(readFileSync(join(root, 'experiment.json'))).toEqual(before);
  });

  test.each(['checkpoint.safetensors', 'best.safetensors', 'history.jsonl', 'history', 'checkpoints'])(
    'takes a lone %s for a run',
    (name) => {
      writeFileSync(join(root, name), 'precious');
      expect(() => RunFolder.create(root, experiment)).toThrow(InputError);
      expect(readdirSync(root)).toEqual([name]);
    },
  );

  test('says what is missing', () => {
    expect(() => RunFolder.open(join(root, 'nowhere'))).toThrow(/nowhere is not a folder; a run is a folder that/);
    expect(() => RunFolder.open(root)).toThrow(
      new InputError(`${root} holds no run: there is no experiment.json in it`),
    );
    const folder = RunFolder.create(root, experiment);
    expect(() => folder.readCheckpoint()).toThrow(
      new InputError(`${folder.checkpointPath} cannot be read: there is no such file or folder`),
    );
    folder.close();
    const resumed = RunFolder.resume(root);
    expect(resumed.checkpoint).toBeNull();
    resumed.folder.close();
  });

  test('has one writer at a time, and says which', () => {
    const folder = RunFolder.create(root, experiment);
    folder.writeCheckpoint(smallCheckpoint(1));
    expect(() => RunFolder.resume(root)).toThrow(`${root} is in use: another process (process ${process.pid} on`);
    expect(RunFolder.open(root).readCheckpoint()).toEqual(smallCheckpoint(1));
    folder.close();
    RunFolder.resume(root).folder.close();
  });

  test('is not the folder of a run in a workspace', () => {
    mkdirSync(join(root, 'checkpoints'));
    expect(() => RunFolder.resume(root)).toThrow(`${root} is a run of a workspace`);
  });

  test('sets a damaged checkpoint aside and goes on from the best one', () => {
    const folder = RunFolder.create(root, experiment);
    folder.writeBest(smallCheckpoint(1));
    folder.writeCheckpoint(smallCheckpoint(2));
    folder.appendHistory([record(1), record(2)]);
    folder.close();
    truncateSync(folder.checkpointPath, 100);
    const resumed = RunFolder.resume(root);
    expect(resumed).toMatchObject({ checkpoint: smallCheckpoint(1), damaged: `${folder.checkpointPath}.damaged` });
    expect(statSync(`${folder.checkpointPath}.damaged`).size).toBe(100);
    expect(resumed.folder.readHistory()).toEqual([record(1)]);
    resumed.folder.close();
  });

  test('refuses a path through a file', () => {
    const file = join(root, 'file');
    writeFileSync(file, 'precious');
    const path = join(file, 'run');
    expect(() => RunFolder.create(path, experiment)).toThrow(
      new InputError(`${path} cannot be used as a run folder: a part of the path is a file, not a folder`),
    );
    expect(() => RunFolder.create(file, experiment)).toThrow(InputError);
    expect(readFileSync(file, 'utf8')).toBe('precious');
  });

  test('tells a damaged checkpoint and leaves history and leftovers alone', () => {
    const folder = RunFolder.create(root, experiment);
    folder.writeCheckpoint(smallCheckpoint(1));
    folder.appendHistory([record(1), record(2)]);
    truncateSync(folder.checkpointPath, 100);
    folder.close();
    expect(() => RunFolder.resume(root)).toThrow(FormatError);
    expect(readFileSync(folder.checkpointPath)).toHaveLength(100);
    expect(folder.readHistory()).toHaveLength(2);
  });

  test('is loadable whenever its writer is killed', async () => {
    const first = RunFolder.create(root, experiment);
    first.writeCheckpoint(smallCheckpoint(0, 20_000));
    first.close();
    let update = 0;
    for (let round = 0; round < 8; round++) {
      const child = spawn(process.execPath, [writer, root, String(update + 1)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exit = once(child, 'exit');
      let written = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        written = Number(line);
        if (written >= update + 3 + round) {
          child.kill('SIGKILL');
        }
      }
      await exit;
      const { folder, checkpoint } = RunFolder.resume(root);
      const reached = checkpoint?.progress.update ?? -1;
      expect(checkpoint).toEqual(smallCheckpoint(reached, 20_000));
      expect(reached).toBeGreaterThanOrEqual(written);
      expect(folder.readHistory().every((past) => past.update <= reached)).toBe(true);
      expect(readdirSync(root).filter((name) => name.startsWith('.'))).toEqual([]);
      update = reached;
      folder.close();
    }
  });
});

describe('replaceFile', () => {
  test('keeps the old file and leaves nothing behind where it fails', () => {
    const path = join(root, 'sub');
    expect(() => replaceFile(join(path, 'a.json'), 'x')).toThrow(
      new InputError(`${join(path, 'a.json')} cannot be written: there is no such file or folder`),
    );
    RunFolder.create(path, experiment).close();
    expect(() => replaceFile(path, 'x')).toThrow(InputError);
    expect(readdirSync(root)).toEqual(['sub']);
    expect(readdirSync(path).sort()).toEqual(['experiment.json', 'writer.lock']);
  });
});

test.each([
  ['ENOSPC', 'the disk is full'],
  ['EACCES', 'permission is denied'],
  ['EROFS', 'the disk can only be read'],
  ['EWHATEVER', 'EWHATEVER: as the system says'],
])('fileError of %s', (code, cause) => {
  const error = Object.assign(new Error(`${code}: as the system says`), { code });
  expect(fileError(error, 'written', 'run/a')).toEqual(new InputError(`run/a cannot be written: ${cause}`));
});

test('fileError leaves other errors alone', () => {
  const error = new TypeError('x');
  expect(fileError(error, 'written', 'a')).toBe(error);
});
