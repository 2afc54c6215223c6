/**
 * A run in the workspace, as the process that trains it sees it:
 *
 *     history                            every update, or spans of them (history-file.ts)
 *     health.jsonl                       how training fared at some updates (health-file.ts)
 *     checkpoints/UPDATE.safetensors     ten digits, so that names sort as updates do
 *     start.safetensors                  of a run that began from another's checkpoint
 *     writer.lock                        held by the process that trains (run-lock.ts)
 *     checkpoints/UPDATE.safetensors.damaged   set aside, never read again
 */
import { mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { writeCheckpoint, type Checkpoint } from '../../engine/formats/checkpoint.ts';
import type { HealthRecord } from '../../engine/gradients/health-record.ts';
import type { HistoryRecord } from '../../engine/training/history.ts';
import type { FileLock } from '../workspace/lock.ts';
import { isWhole, setAside } from './damaged-checkpoint.ts';
import { fileError, removeTemporaries, replaceFile } from './files.ts';
import { appendHealth, cutHealth } from './health-file.ts';
import { HistoryWriter } from './history-file.ts';
import { lockRunFolder } from './run-lock.ts';
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

/**
 * Renames the newest checkpoints that are damaged, up to the first that is whole. Where none is whole, none is renamed.
 * Returns their updates.
 */
function setDamagedAside(folder: string): readonly number[] {
  const damaged: number[] = [];
  const newestFirst = listCheckpoints(folder).toReversed();
  for (const { update } of newestFirst) {
    if (isWhole(checkpointPath(folder, update))) {
      break;
    }
    damaged.push(update);
  }
  if (damaged.length === newestFirst.length) {
    return [];
  }
  for (const update of damaged) {
    setAside(checkpointPath(folder, update));
  }
  return damaged;
}

/** Held by the process that trains the run, from opening to the process's end. */
export class TimelineFolder implements RunKeeper {
  readonly path: string;
  /** The update of the last checkpoint; null before the first. */
  readonly latest: number | null;
  /** Updates of newer checkpoints that were damaged, and are set aside. */
  readonly damaged: readonly number[];
  readonly #history: HistoryWriter;
  readonly #lock: FileLock;
  #written: number | null;

  /** Takes the folder over from whichever process was killed in it. Throws InputError where it cannot be written. */
  static open(path: string): TimelineFolder {
    makeRunFolder(path);
    const lock = lockRunFolder(path, WAIT_FOR_LOCK);
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
    this.damaged = setDamagedAside(path);
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
