import { randomBytes } from 'node:crypto';
import { copyFileSync, rmSync } from 'node:fs';
import { InputError } from '../../engine/errors.ts';
import type { Experiment } from '../../engine/experiment/experiment.ts';
import { runName, unusedName } from '../../engine/experiment/run-name.ts';
import { experimentToJson, parseExperiment } from '../../engine/experiment/schema.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import type { RunInfo } from '../api/runs.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { goesOn, requireSameModel } from './branching.ts';
import { fileError } from './files.ts';
import { readCheckpointFile } from './run-folder.ts';
import { NO_PROGRESS } from './run-rows.ts';
import type { Runs } from './runs.ts';
import { makeRunFolder, startPath } from './timeline-folder.ts';

export interface RunRequest {
  /** As engine/experiment reads it. */
  readonly experiment: unknown;
  readonly name?: string | undefined;
  /** The checkpoint to begin from; the one of update 0 is a run's initial weights. */
  readonly from?: { readonly run: string; readonly update: number } | null | undefined;
  /** A copy of that checkpoint to take in its place, which may be gone by now. */
  readonly copy?: string;
}

/** Creates a run that is ready to start. Throws InputError where the experiment or the checkpoint cannot be. */
export function createRun(workspace: Workspace, runs: Runs, request: RunRequest): RunInfo {
  const { experiment: json, name, from, copy } = request;
  const experiment = parseExperiment(json);
  const parent = from ? { run: from.run, update: from.update } : null;
  const begins = parent === null ? null : branchPoint(copy ?? checkpointOf(runs, parent), parent.update, experiment);
  const id = `${Date.now().toString(36)}-${randomBytes(5).toString('hex')}`;
  const run: RunInfo = {
    id,
    name: unusedName(
      name ?? experiment.name ?? runName(experiment, subjectOf(workspace, experiment)),
      runs.rows.names(),
    ),
    note: '',
    state: 'ready',
    failure: null,
    created: Date.now(),
    task: experiment.task.id,
    experiment: experimentToJson(experiment),
    progress: { ...NO_PROGRESS, update: begins?.update ?? 0, totalUpdates: experiment.training.updates ?? 0 },
    metric: null,
    best: null,
    threads: 0,
    build: '',
    parent,
    changes: [],
  };
  const folder = workspace.runFolder(id);
  makeRunFolder(folder);
  try {
    if (begins !== null) {
      copyFileSync(begins.path, startPath(folder));
    }
    runs.rows.insert(run);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw fileError(error, 'made', folder);
  }
  runs.tell(id);
  return run;
}

/** What its data are called: by the person whose they are, or by the task. */
function subjectOf({ datasets }: Workspace, { task }: Experiment): string {
  const { title } = taskDefinition(task.id);
  return datasets.list().find(({ id }) => id === task['dataset'])?.name ?? title;
}

/** Throws InputError where there is no such run or checkpoint. */
function checkpointOf(runs: Runs, { run, update }: { readonly run: string; readonly update: number }): string {
  runs.get(run);
  runs.checkpoints.get(run, update);
  return runs.checkpoints.path(run, update);
}

/** The file that a run begins from, and the update that it begins at. */
function branchPoint(
  path: string,
  update: number,
  experiment: Experiment,
): { readonly path: string; readonly update: number } {
  const source = readCheckpointFile(path).experiment;
  requireSameModel(source, experiment);
  if (!goesOn(source, experiment)) {
    return { path, update: 0 };
  }
  const { updates } = experiment.training;
  if (updates !== undefined && updates <= update) {
    throw new InputError(
      `training.updates is ${updates}, and the run begins at update ${update}: there is nothing left to train; ` +
        `it must be above ${update}`,
    );
  }
  return { path, update };
}
