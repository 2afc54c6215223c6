/**
 * A run in the workspace, as the process that trains it sees it:
 *
 *     history                            every update, or spans of them (history-file.ts)
 *     health.jsonl                       how training fared at some updates (health-file.ts)
 *     checkpoints/UPDATE.safetensors     ten digits, so that names sort as updates do
 *     start.safetensors                  of a run that began from another's checkpoint
 *     writer.lock                        held by the process that trains
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UnrolledError } from '../../engine/errors.ts';
import { writeCheckpoint, type Checkpoint } from '../../engine/formats/checkpoint.ts';
import type { HealthRecord } from '../../engine/gradients/health-record.ts';
import type { HistoryRecord } from '../../engine/training/history.ts';
import { FileLock } from '../workspace/lock.ts';
import { fileError, removeTemporaries, replaceFile } from './files.ts';
import { appendHealth, cutHealth } from './health-file.ts';
import { HistoryWriter } from './history-file.ts';
import type { RunKeeper } from './train-run.ts';

const CHECKPOINT = /^([0-9]{10})\.safetensors$/;
/** An earlier process of the run, whose host is gone, ends by itself within an update. */
const WAIT_FOR_LOCK = 30_000;

export function historyPath(folder: string): string {
  return join(folder, 'history');
}

/** Where a run that begins from another's checkpoint has its copy of that. */
export function startPath(folder: string): string {
  return join(folder, 'start.safetensors');
}

export function checkpointPath(folder: string, update: number): string {
  return join(folder, 'checkpoints', `${String(update).padStart(10, '0')}.safetensors`);
}

export interface CheckpointFile {
  readonly update: number;
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly saved: number;
}

/** The checkpoints of a run folder, the earliest first. */
export function listCheckpoints(folder: string): readonly CheckpointFile[] {
  const path = join(folder, 'checkpoints');
  try {
    return readdirSync(path)
      .flatMap((name) => CHECKPOINT.exec(name)?.[1] ?? [])
      .sort()
      .flatMap((digits) => checkpointFile(folder, Number(digits)) ?? []);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

/** The checkpoint of one update; undefined where there is none, or no longer. */
export function checkpointFile(folder: string, update: number): CheckpointFile | undefined {
  const file = statSync(checkpointPath(folder, update), { throwIfNoEntry: false });
  return file && { update, bytes: file.size, saved: Math.round(file.mtimeMs) };
}

/** Makes an empty run folder. */
export function makeRunFolder(folder: string): void {
  try {
    mkdirSync(join(folder, 'checkpoints'), { recursive: true });
  } catch (error) {
    throw fileError(error, 'made', folder);
  }
}

/** Held by the process that trains the run, from opening to the process's end. */
export class TimelineFolder implements RunKeeper {
  readonly path: string;
  /** The update of the last checkpoint; null before the first. */
  readonly latest: number | null;
  readonly #history: HistoryWriter;
  readonly #lock: FileLock;
  #written: number | null;

  /** Takes the folder over from whichever process was killed in it. Throws InputError where it cannot be written. */
  static open(path: string): TimelineFolder {
    makeRunFolder(path);
    const lock = FileLock.take(join(path, 'writer.lock'), WAIT_FOR_LOCK);
    if (lock === null) {
      throw new UnrolledError('run-held', 'another process still trains this run', 'Try again when it has ended.');
    }
    try {
      return new TimelineFolder(path, lock);
    } catch (error) {
      lock.release();
      throw error;
    }
  }

  private constructor(path: string, lock: FileLock) {
    this.path = path;
    this.#lock = lock;
    removeTemporaries(join(path, 'checkpoints'));
    this.latest = listCheckpoints(path).at(-1)?.update ?? null;
    this.#written = this.latest;
    this.#history = HistoryWriter.open(historyPath(path), this.latest ?? -1);
    cutHealth(path, this.latest ?? -1);
  }

  /** The history comes first: whatever the checkpoint follows from is then on the disk. */
  writeCheckpoint(checkpoint: Checkpoint): void {
    const { update } = checkpoint.progress;
    this.#history.sync();
    if (this.#written !== update) {
      replaceFile(checkpointPath(this.path, update), writeCheckpoint(checkpoint));
      this.#written = update;
    }
  }

  /** Every best evaluation is followed by a checkpoint, and the host knows which is the best. */
  writeBest(): void {
    return;
  }

  trainedSeconds(): number | null {
    return this.#history.seconds;
  }

  appendHistory(records: readonly HistoryRecord[]): void {
    this.#history.append(records);
  }

  appendHealth(record: HealthRecord): void {
    appendHealth(this.path, record);
  }

  /** Lets readers see the history up to now. */
  flush(): void {
    this.#history.flush();
  }

  close(): void {
    this.#history.flush();
    this.#history.close();
    this.#lock.release();
  }
}
