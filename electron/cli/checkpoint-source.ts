/** The checkpoint that a command is given: a file, or the folder of the run that holds it. */
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { isShared, type BuildName, type CoreModule } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import type { Checkpoint } from '../../engine/formats/checkpoint.ts';
import { restoreCodec } from '../../engine/tasks/restore.ts';
import type { TaskCodec } from '../../engine/tasks/task.ts';
import { coreFiles } from '../core/core-files.ts';
import { checkpointOfPath } from '../exports/of-path.ts';
import { readCheckpointFile, RunFolder } from '../runs/run-folder.ts';
import { UsageError } from './flags.ts';

export interface CheckpointSource {
  /** Of the file. */
  readonly path: string;
  readonly checkpoint: Checkpoint;
}

/** Of a run the latest; `best`: of a run folder, that of the best evaluation. */
export function openCheckpoint(path: string, best = false): CheckpointSource {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
    if (best) {
      throw new UsageError(`--best chooses among a run's checkpoints, but ${path} is not a run folder`);
    }
    return { path, checkpoint: readCheckpointFile(path) };
  }
  // A run of a workspace has many.
  if (existsSync(join(path, 'checkpoints'))) {
    const { path: latest } = checkpointOfPath(path, undefined, best);
    return { path: latest, checkpoint: readCheckpointFile(latest) };
  }
  const folder = RunFolder.open(path);
  return best
    ? { path: folder.bestPath, checkpoint: folder.readBest() }
    : { path: folder.checkpointPath, checkpoint: folder.readCheckpoint() };
}

/** The codec that the checkpoint's task left behind: no dataset is needed. */
export function codecOf({ checkpoint }: CheckpointSource): TaskCodec {
  return restoreCodec(checkpoint.taskState);
}

/** The core for one model on one thread. */
export function singleCore(build?: BuildName): Promise<CoreModule> {
  return loadCore(coreFiles, { shared: build !== undefined && isShared(build), ...(build ? { build } : {}) });
}
