/**
 * Brings the database of a workspace in line with its folders: runs and datasets whose folders it does not know are taken
 * in; after it was damaged or missing, those whose folders are gone are taken out.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { UnrolledError } from '../../engine/errors.ts';
import { experimentToJson } from '../../engine/experiment/schema.ts';
import type { Checkpoint } from '../../engine/formats/checkpoint.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import { id as idSchema } from '../api/values.ts';
import type { RunInfo } from '../api/runs.ts';
import { readManifest } from '../datasets/stored.ts';
import type { Workspace } from '../workspace/workspace.ts';
import * as v from 'valibot';
import type { CheckpointRows } from './checkpoint-rows.ts';
import { recoverRun } from './recover-run.ts';
import { readCheckpointFile } from './run-folder.ts';
import { readMirroredEvaluations, readMirroredInfo } from './run-mirror.ts';
import { NO_PROGRESS, type RunRows } from './run-rows.ts';
import { checkpointPath, listCheckpoints } from './timeline-folder.ts';

/** What is found and what is not is added to the workspace's notices, and written to the log. */
export async function rebuildRuns(workspace: Workspace, rows: RunRows, checkpoints: CheckpointRows): Promise<void> {
  if (workspace.replaced) {
    await compareKnown(workspace, rows, checkpoints);
  }
  const found = await takeInRuns(workspace, rows, checkpoints);
  const datasets = takeInDatasets(workspace);
  if (found.taken + datasets > 0) {
    workspace.notices.push(`Found in their folders: ${counted(found.taken, 'run')}, ${counted(datasets, 'dataset')}.`);
  }
  if (found.unreadable.length > 0) {
    workspace.notices.push(
      `${counted(found.unreadable.length, 'folder')} of runs cannot be read and ${found.unreadable.length === 1 ? 'was' : 'were'} left alone: ` +
        `${found.unreadable.slice(0, 3).join(', ')}.`,
    );
  }
  for (const notice of workspace.notices) {
    console.warn(`unrolled: ${notice}`);
  }
}

/** A backup is of an earlier time: runs have been deleted since, and have gone on. */
async function compareKnown(workspace: Workspace, rows: RunRows, checkpoints: CheckpointRows): Promise<void> {
  for (const { id, state, progress } of rows.list()) {
    const folder = workspace.runFolder(id);
    if (!existsSync(folder)) {
      rows.drop(id);
      continue;
    }
    const newest = readMirroredInfo(folder);
    if (newest !== undefined) {
      const { name, note, changes, failure } = newest;
      rows.set(id, { name, note, changes, failure, state: newest.state });
    }
    takeInEvaluations(rows, id, folder);
    checkpoints.reconcile(id);
    const last = checkpoints.last(id);
    if (last !== null && (last !== progress.update || state !== newest?.state)) {
      await settle(workspace, rows, checkpoints, id);
    }
  }
  for (const { id } of workspace.datasets.list()) {
    if (!existsSync(join(workspace.datasets.folder, id))) {
      workspace.datasets.drop(id);
    }
  }
}

async function takeInRuns(workspace: Workspace, rows: RunRows, checkpoints: CheckpointRows) {
  const unreadable: string[] = [];
  let taken = 0;
  for (const id of foldersIn(join(workspace.path, 'runs'))) {
    if (rows.get(id) !== undefined) {
      continue;
    }
    const folder = workspace.runFolder(id);
    if (!existsSync(join(folder, 'checkpoints'))) {
      continue;
    }
    const run = readMirroredInfo(folder) ?? runOfCheckpoints(id, folder);
    if (run === undefined) {
      if (listCheckpoints(folder).length > 0) {
        unreadable.push(folder);
      }
      continue;
    }
    rows.insert({ ...run, id });
    checkpoints.reconcile(id);
    takeInEvaluations(rows, id, folder);
    await settle(workspace, rows, checkpoints, id);
    taken += 1;
  }
  return { taken, unreadable };
}

function takeInDatasets({ datasets }: Workspace): number {
  const known = new Set(datasets.list().map(({ id }) => id));
  let taken = 0;
  for (const id of foldersIn(datasets.folder)) {
    if (known.has(id)) {
      continue;
    }
    const folder = join(datasets.folder, id);
    try {
      const { name } = readManifest(folder, id);
      datasets.insert({ id, name, created: Math.round(statSync(folder).mtimeMs) });
      taken += 1;
    } catch (error) {
      if (!(error instanceof UnrolledError)) {
        throw error;
      }
    }
  }
  return taken;
}

/** Where the run stands follows from its newest checkpoint; a run that has ended stays so. */
async function settle(workspace: Workspace, rows: RunRows, checkpoints: CheckpointRows, id: string): Promise<void> {
  const { state = 'paused' } = rows.get(id) ?? {};
  await recoverRun(id, workspace.runFolder(id), rows, checkpoints);
  const run = rows.get(id);
  if (run !== undefined && ['finished', 'failed', 'stopped'].includes(state) && checkpoints.last(id) !== null) {
    rows.set(id, { state });
  }
}

function takeInEvaluations(rows: RunRows, id: string, folder: string): void {
  const known = new Set(rows.evaluations(id).map(({ update }) => update));
  for (const evaluation of readMirroredEvaluations(folder)) {
    if (!known.has(evaluation.update)) {
      rows.record(id, { ...evaluation, samples: [] }, false);
    }
  }
}

/** Of a run of which nothing was written down: what its newest whole checkpoint says. */
function runOfCheckpoints(id: string, folder: string): RunInfo | undefined {
  for (const { update } of listCheckpoints(folder).toReversed()) {
    const checkpoint = readWhole(checkpointPath(folder, update));
    if (checkpoint !== undefined) {
      return runOf(id, folder, checkpoint);
    }
  }
  return undefined;
}

function readWhole(path: string): Checkpoint | undefined {
  try {
    return readCheckpointFile(path);
  } catch (error) {
    if (error instanceof UnrolledError) {
      return undefined;
    }
    throw error;
  }
}

function runOf(id: string, folder: string, { experiment, progress, build }: Checkpoint): RunInfo {
  const { update, position } = progress;
  const totalUpdates = Math.max(update, experiment.training.updates ?? 0);
  return {
    id,
    name: experiment.name ?? taskDefinition(experiment.task.id).title,
    note: '',
    state: update >= totalUpdates && experiment.training.updates !== undefined ? 'finished' : 'stopped',
    failure: null,
    created: createdAt(id, folder),
    task: experiment.task.id,
    experiment: experimentToJson(experiment),
    progress: { ...NO_PROGRESS, update, totalUpdates, epoch: position.epoch },
    metric: null,
    best: null,
    threads: build.threads,
    build: build.core,
    parent: null,
    changes: [],
  };
}

/** Ids begin with the time at which they were made (create-run.ts). */
function createdAt(id: string, folder: string): number {
  const time = Number.parseInt(id.split('-')[0] ?? '', 36);
  return time > 1e12 && time < 1e13 ? time : Math.round(statSync(folder).birthtimeMs);
}

function foldersIn(path: string): readonly string[] {
  return readdirSync(path, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && v.is(idSchema, entry.name))
    .map(({ name }) => name)
    .sort();
}

function counted(n: number, what: string): string {
  return `${n} ${what}${n === 1 ? '' : 's'}`;
}
