import { appendFileSync, existsSync, mkdirSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { experimentToJson, parseExperimentText } from '../../engine/experiment/schema.ts';
import { readCheckpoint, writeCheckpoint } from '../../engine/formats/checkpoint.ts';
import type { Checkpoint } from '../../engine/formats/checkpoint.ts';
import type { HealthRecord } from '../../engine/gradients/health-record.ts';
import { encodeHistoryRecord, parseHistory } from '../../engine/training/history.ts';
import type { HistoryRecord } from '../../engine/training/history.ts';
import type { FileLock } from '../workspace/lock.ts';
import { isWhole, setAside } from './damaged-checkpoint.ts';
import { fileError, removeTemporaries, replaceFile, requireRegularFile } from './files.ts';
import { appendHealth, cutHealth } from './health-file.ts';
import { lockRunFolder } from './run-lock.ts';
import { requireSameExperiment } from './same-experiment.ts';

const EXPERIMENT = 'experiment.json';
const HISTORY = 'history.jsonl';
const CHECKPOINT = 'checkpoint.safetensors';
const BEST = 'best.safetensors';

/** Files of a run in a workspace (timeline-folder.ts). */
const OF_WORKSPACE = ['checkpoints', 'history'];

/** A run that goes on. */
export interface ResumedRun {
  readonly folder: RunFolder;
  readonly checkpoint: Checkpoint | null;
  /** The path to which a damaged checkpoint was renamed; null: it was whole. */
  readonly damaged: string | null;
}

/**
 * A run on disk: `experiment.json`, `history.jsonl`, `health.jsonl` (health-file.ts), `checkpoint.safetensors` (the
 * latest) and `best.safetensors`.
 * One process writes at a time, and holds `writer.lock` (run-lock.ts); whenever it is killed, the folder holds the last checkpoint that was complete.
 */
export class RunFolder {
  readonly path: string;
  readonly experiment: Experiment;
  /** Of the process that writes; undefined: it is only read. */
  readonly #lock: FileLock | undefined;

  private constructor(path: string, experiment: Experiment, lock?: FileLock) {
    this.path = path;
    this.experiment = experiment;
    this.#lock = lock;
  }

  /** Throws InputError where the folder holds a run already. */
  static requireFree(path: string): void {
    const taken = [EXPERIMENT, HISTORY, CHECKPOINT, BEST, ...OF_WORKSPACE].find((name) => existsSync(join(path, name)));
    if (taken !== undefined) {
      throw new InputError(
        `${path} already holds a run (${taken}), and nothing is overwritten`,
        'choose another folder, or resume the run that is there',
      );
    }
  }

  /**
   * Starts a run in a folder, made where it is missing, and takes it until `close`. Throws InputError where it holds a
   * run already, UnrolledError where another process has taken it.
   */
  static create(path: string, experiment: Experiment): RunFolder {
    RunFolder.requireFree(path);
    try {
      if (!isFolder(path)) {
        // Recursive only where it has to be: on a disk that can only be read that call tells the wrong reason.
        mkdirSync(path, { recursive: !isFolder(dirname(path)) });
      }
    } catch (error) {
      throw fileError(error, 'used as a run folder', path);
    }
    return locked(path, (lock) => {
      // Another process may have begun one meanwhile.
      RunFolder.requireFree(path);
      tidy(path);
      replaceFile(join(path, EXPERIMENT), `${JSON.stringify(experimentToJson(experiment), null, 2)}\n`);
      return new RunFolder(path, experiment, lock);
    });
  }

  /** A run that is there, to read from. */
  static open(path: string): RunFolder {
    if (!isFolder(path)) {
      throw new InputError(`${path} is not a folder; a run is a folder that "train --out" has made`);
    }
    const file = join(path, EXPERIMENT);
    if (!existsSync(file)) {
      if (OF_WORKSPACE.some((name) => existsSync(join(path, name)))) {
        throw new InputError(`${path} is a run of a workspace`, 'The app trains it: resume it there, or export it.');
      }
      throw new InputError(`${path} holds no run: there is no ${EXPERIMENT} in it`);
    }
    return new RunFolder(path, parseExperimentText(readBytes(file).toString('utf8'), file));
  }

  /**
   * A run that is there, to go on with from its checkpoint, which is returned too, null where it was killed before its
   * first one. The folder is taken until `close`. Leftovers of a killed writer are removed, and what the history tells of
   * updates after the checkpoint, which will be done again. A damaged checkpoint is set aside where the best one can take
   * its place; `damaged` is its new name then. Throws UnrolledError where another process has taken the folder.
   */
  static resume(path: string): ResumedRun {
    const { experiment } = RunFolder.open(path);
    return locked(path, (lock) => {
      const folder = new RunFolder(path, experiment, lock);
      const damaged = folder.#replaceDamaged();
      const checkpoint = folder.hasCheckpoint ? folder.readCheckpoint() : null;
      folder.#cutHistory(checkpoint?.progress.update ?? -1);
      cutHealth(path, checkpoint?.progress.update ?? -1);
      tidy(path);
      return { folder, checkpoint, damaged };
    });
  }

  /** Lets another process write. */
  close(): void {
    this.#lock?.release();
  }

  #replaceDamaged(): string | null {
    if (!this.hasCheckpoint || !this.hasBest || isWhole(this.checkpointPath) || !isWhole(this.bestPath)) {
      return null;
    }
    const best = readBytes(this.bestPath);
    const damaged = setAside(this.checkpointPath);
    replaceFile(this.checkpointPath, best);
    return damaged;
  }

  get checkpointPath(): string {
    return join(this.path, CHECKPOINT);
  }

  get bestPath(): string {
    return join(this.path, BEST);
  }

  /** Whether there is a checkpoint yet: the start of training makes one. */
  get hasCheckpoint(): boolean {
    return existsSync(this.checkpointPath);
  }

  /** Whether there is a best checkpoint yet: the first evaluation makes one. */
  get hasBest(): boolean {
    return existsSync(this.bestPath);
  }

  writeCheckpoint(checkpoint: Checkpoint): void {
    replaceFile(this.checkpointPath, writeCheckpoint(checkpoint));
  }

  writeBest(checkpoint: Checkpoint): void {
    replaceFile(this.bestPath, writeCheckpoint(checkpoint));
  }

  /** The latest. Throws InputError where there is none yet, FormatError where it is damaged or of another experiment. */
  readCheckpoint(): Checkpoint {
    return this.#read(this.checkpointPath);
  }

  readBest(): Checkpoint {
    return this.#read(this.bestPath);
  }

  #read(path: string): Checkpoint {
    const checkpoint = readCheckpointFile(path);
    requireSameExperiment(checkpoint.experiment, path, this.experiment, join(this.path, EXPERIMENT));
    return checkpoint;
  }

  trainedSeconds(): number | null {
    return this.readHistory().at(-1)?.seconds ?? null;
  }

  /** All of the records, or, where that fails, none. */
  appendHistory(records: readonly HistoryRecord[]): void {
    const file = join(this.path, HISTORY);
    const before = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    try {
      appendFileSync(file, records.map(encodeHistoryRecord).join(''));
    } catch (error) {
      if (existsSync(file)) {
        truncateSync(file, before);
      }
      throw fileError(error, 'written', file);
    }
  }

  appendHealth(record: HealthRecord): void {
    appendHealth(this.path, record);
  }

  readHistory(): HistoryRecord[] {
    const file = join(this.path, HISTORY);
    return existsSync(file) ? parseHistory(readBytes(file).toString('utf8'), file) : [];
  }

  /** Ends the history after `update`, and with it a line that was cut off. */
  #cutHistory(update: number): void {
    const file = join(this.path, HISTORY);
    const kept = this.readHistory().filter((record) => record.update <= update).length;
    if (!existsSync(file)) {
      return;
    }
    const bytes = readBytes(file);
    let end = 0;
    for (let line = 0; line < kept; line++) {
      end = bytes.indexOf('\n', end) + 1;
    }
    try {
      truncateSync(file, end);
    } catch (error) {
      throw fileError(error, 'written', file);
    }
  }
}

/** What `work` makes of a folder that is taken; it is free again where that fails. */
function locked<T>(path: string, work: (lock: FileLock) => T): T {
  const lock = lockRunFolder(path);
  try {
    return work(lock);
  } catch (error) {
    lock.release();
    throw error;
  }
}

function tidy(path: string): void {
  try {
    removeTemporaries(path);
  } catch (error) {
    throw fileError(error, 'tidied', path);
  }
}

/** Throws InputError where the file cannot be read, FormatError where it is no whole checkpoint. */
export function readCheckpointFile(path: string): Checkpoint {
  return readCheckpoint(readBytes(path), path);
}

function readBytes(path: string): Buffer {
  requireRegularFile(path);
  try {
    return readFileSync(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
