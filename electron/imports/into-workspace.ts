/** What was imported as a run of the workspace. All of it or nothing. */
import { randomBytes } from 'node:crypto';
import { rmSync, utimesSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { experimentToJson } from '../../engine/experiment/schema.ts';
import { writeCheckpoint, type Checkpoint } from '../../engine/formats/checkpoint.ts';
import type { RunInfo } from '../api/runs.ts';
import { unusedName } from '../../engine/experiment/run-name.ts';
import { fileError } from '../runs/files.ts';
import { writeHealth } from '../runs/health-file.ts';
import { decodeHistoryFile } from '../runs/history-file.ts';
import { NO_PROGRESS } from '../runs/run-rows.ts';
import type { Runs } from '../runs/runs.ts';
import { checkpointPath, historyPath, makeRunFolder } from '../runs/timeline-folder.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { ReadBundle } from '../exports/bundle.ts';

/** A run with one checkpoint, from which training can begin. */
export async function checkpointIntoWorkspace(
  workspace: Workspace,
  runs: Runs,
  name: string,
  checkpoint: Checkpoint,
): Promise<RunInfo> {
  const { experiment, progress, build } = checkpoint;
  const { update, position } = progress;
  const run: RunInfo = {
    ...newRun(name, runs),
    state: 'stopped',
    task: experiment.task.id,
    experiment: experimentToJson(experiment),
    progress: {
      ...NO_PROGRESS,
      update,
      epoch: position.epoch,
      totalUpdates: Math.max(update, experiment.training.updates ?? 0),
    },
    build: build.core === 'imported' ? '' : build.core,
    threads: build.core === 'imported' ? 0 : build.threads,
  };
  return keep(workspace, runs, run, async (folder) => {
    await writeFile(checkpointPath(folder, update), writeCheckpoint(checkpoint), { flush: true });
    return null;
  });
}

/** The run that the bundle was made of. */
export async function bundleIntoWorkspace(
  workspace: Workspace,
  runs: Runs,
  name: string,
  bundle: ReadBundle,
): Promise<RunInfo> {
  const { state, ...kept } = bundle.run;
  const last = bundle.checkpoints.at(-1)?.update ?? 0;
  const ended = state === 'finished' || state === 'failed';
  const run: RunInfo = {
    ...newRun(name, runs),
    ...kept,
    name: unusedName(name, runs.rows.names()),
    created: Date.now(),
    // Where it stands is where its last checkpoint in the bundle does.
    state: ended && kept.progress.update === last ? state : 'stopped',
    progress:
      kept.progress.update === last
        ? kept.progress
        : { ...kept.progress, update: last, seconds: null, secondsLeft: null },
  };
  return keep(workspace, runs, run, async (folder) => {
    if (bundle.history !== null) {
      decodeHistoryFile(bundle.history, 'the bundle’s history');
      await writeFile(historyPath(folder), bundle.history, { flush: true });
    }
    writeHealth(folder, bundle.health);
    for (const { update, saved, bytes } of bundle.checkpoints) {
      const path = checkpointPath(folder, update);
      await writeFile(path, bytes, { flush: true });
      utimesSync(path, new Date(saved), new Date(saved));
    }
    return () => {
      recordEvaluations(runs, run, bundle);
      for (const { update, pinned } of bundle.checkpoints) {
        if (pinned) runs.checkpoints.pin(run.id, update, true);
      }
    };
  });
}

/** Which of the evaluations were the best so far follows from their values. */
function recordEvaluations(runs: Runs, { id, metric, best }: RunInfo, { evaluations, samples }: ReadBundle): void {
  let bestValue: number | null = null;
  for (const { update, metrics } of evaluations) {
    const [deciding] = metrics;
    const value = deciding?.value ?? null;
    const better =
      value !== null && (bestValue === null || (deciding?.better === 'higher' ? value > bestValue : value < bestValue));
    if (better) bestValue = value;
    const own = samples.filter((one) => one.update === update);
    runs.rows.record(id, { update, metrics, best: better, samples: own });
  }
  runs.rows.set(id, { metric, best });
}

function newRun(name: string, runs: Runs): RunInfo {
  return {
    id: `${Date.now().toString(36)}-${randomBytes(5).toString('hex')}`,
    name: unusedName(name, runs.rows.names()),
    note: '',
    state: 'stopped',
    failure: null,
    created: Date.now(),
    task: '',
    experiment: null,
    progress: { ...NO_PROGRESS },
    metric: null,
    best: null,
    threads: 0,
    build: '',
    parent: null,
    changes: [],
  };
}

/** `write`: puts the run's files into its folder; what it returns is done when the run is in the database. */
async function keep(
  workspace: Workspace,
  runs: Runs,
  run: RunInfo,
  write: (folder: string) => Promise<(() => void) | null>,
): Promise<RunInfo> {
  const folder = workspace.runFolder(run.id);
  makeRunFolder(folder);
  try {
    const after = await write(folder);
    runs.rows.insert(run);
    runs.checkpoints.reconcile(run.id);
    after?.();
  } catch (error) {
    runs.forget(run.id);
    rmSync(folder, { recursive: true, force: true });
    throw fileError(error, 'written', folder);
  }
  runs.tell(run.id);
  return runs.get(run.id);
}
