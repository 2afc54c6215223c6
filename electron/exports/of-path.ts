/**
 * What the command line exports: a run folder that "train" made, the folder of a run in a workspace, or a checkpoint's
 * file by itself.
 */
import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import { experimentToJson } from '../../engine/experiment/schema.ts';
import type { CardMetric } from '../../engine/exports/card.ts';
import { hasSeveralFiles, type ExportFormat } from '../../engine/exports/formats.ts';
import type { Checkpoint } from '../../engine/formats/checkpoint.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import type { HistoryRecord } from '../../engine/training/history.ts';
import { encodeHistoryFile } from '../runs/history-file.ts';
import { readCheckpointFile, RunFolder } from '../runs/run-folder.ts';
import { historyPath, listCheckpoints, checkpointPath } from '../runs/timeline-folder.ts';
import { NO_PROGRESS, RunRows } from '../runs/run-rows.ts';
import { Database } from '../workspace/database.ts';
import type { BundledEvaluation, BundledRun } from './bundle.ts';
import type { BundleSource, ExportJob } from './job.ts';
import { bundledRun } from './of-run.ts';

export interface PathRequest {
  readonly path: string;
  readonly format: ExportFormat;
  /** Update of the checkpoint; undefined: the latest. */
  readonly update?: number | undefined;
  /** The checkpoint of the best evaluation. */
  readonly best: boolean;
  readonly name?: string | undefined;
  /** Where it is written. */
  readonly out: string;
  readonly version: string;
  readonly now: Date;
}

/** Throws InputError where there is no such run or checkpoint. */
export function jobOfPath(request: PathRequest): ExportJob {
  const { path, format, update, best, version, now } = request;
  const source = openSource(path);
  const chosen = source.choose(update, best);
  const checkpoint = readCheckpointFile(chosen);
  const name = request.name ?? source.name(checkpoint);
  const evaluations = source.evaluations();
  const { metrics = [] } = evaluations.find((one) => one.update === checkpoint.progress.update) ?? {};
  const about = { name, note: source.note, metrics, date: now.toISOString().slice(0, 10), version };
  const bundle = source.bundle(name, checkpoint, evaluations, chosen);
  const severalFiles = hasSeveralFiles(format, taskDefinition(checkpoint.experiment.task.id).kind);
  const fileName = basename(request.out);
  return { format, severalFiles, fileName, checkpoint: chosen, about, bundle, datasets: source.datasets };
}

/** The checkpoint's file, and the folder of the workspace's datasets where there is one. Throws as jobOfPath does. */
export function checkpointOfPath(path: string, update: number | undefined, best: boolean) {
  const source = openSource(path);
  return { path: source.choose(update, best), datasets: source.datasets };
}

interface PathSource {
  readonly datasets: string | undefined;
  /** The person's own. */
  readonly note: string;
  name(checkpoint: Checkpoint): string;
  /** The checkpoint's file. */
  choose(update: number | undefined, best: boolean): string;
  evaluations(): readonly BundledEvaluation[];
  bundle(name: string, checkpoint: Checkpoint, evaluations: readonly BundledEvaluation[], chosen: string): BundleSource;
}

function openSource(path: string): PathSource {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return ofFile(path);
  return existsSync(join(path, 'checkpoints')) ? ofWorkspaceRun(path) : ofRunFolder(RunFolder.open(path));
}

function ofFile(path: string): PathSource {
  return {
    datasets: undefined,
    note: '',
    name: (checkpoint) => checkpoint.experiment.name ?? checkpoint.experiment.task.id,
    choose(update, best) {
      if (update !== undefined || best) {
        throw new InputError(`${path} is one checkpoint; a choice among several is made in a run’s folder`);
      }
      return path;
    },
    evaluations: () => [],
    bundle: (name, checkpoint, evaluations, chosen) => ({
      run: runOf(name, checkpoint, evaluations, statSync(path).mtimeMs),
      evaluations,
      samples: [],
      history: null,
      health: null,
      checkpoints: [fileOf(chosen, checkpoint.progress.update)],
    }),
  };
}

function ofRunFolder(folder: RunFolder): PathSource {
  const paths = [
    ...(folder.hasCheckpoint ? [folder.checkpointPath] : []),
    ...(folder.hasBest ? [folder.bestPath] : []),
  ];
  const updateOf = (path: string) => readCheckpointFile(path).progress.update;
  return {
    datasets: undefined,
    note: '',
    name: () => folder.experiment.name ?? basename(resolve(folder.path)),
    choose(update, best) {
      if (best) return folder.bestPath;
      if (update === undefined) return folder.checkpointPath;
      const found = paths.find((path) => updateOf(path) === update);
      if (found === undefined) {
        throw new InputError(
          `${folder.path} has no checkpoint of update ${update}; it has ${[...new Set(paths.map(updateOf))].join(' and ')}`,
        );
      }
      return found;
    },
    evaluations: () => folder.readHistory().flatMap(evaluationOf),
    bundle(name, checkpoint, evaluations, chosen) {
      const byUpdate = new Map([chosen, ...paths].toReversed().map((path) => [updateOf(path), path] as const));
      return {
        run: runOf(name, checkpoint, evaluations, statSync(join(folder.path, 'experiment.json')).mtimeMs),
        evaluations,
        samples: [],
        history: { bytes: encodeHistoryFile(folder.readHistory()) },
        health: folder.path,
        checkpoints: [...byUpdate].sort(([a], [b]) => a - b).map(([update, path]) => fileOf(path, update)),
      };
    },
  };
}

/** What the database of a workspace tells of the run in a folder; undefined where the folder stands by itself. */
function recordsOf(path: string) {
  const folder = resolve(path);
  const database = Database.openToRead(join(folder, '..', '..', 'workspace.db'));
  if (database === undefined) return undefined;
  try {
    const id = basename(folder);
    const rows = new RunRows(database);
    const run = basename(dirname(folder)) === 'runs' ? rows.get(id) : undefined;
    if (run === undefined) return undefined;
    const evaluations = rows.evaluations(id).map(({ update, metrics }) => ({ update, metrics: [...metrics] }));
    return { run, evaluations, samples: rows.samples(id) };
  } finally {
    database.close();
  }
}

function ofWorkspaceRun(path: string): PathSource {
  const records = recordsOf(path);
  const files = listCheckpoints(path);
  const last = files.at(-1);
  if (last === undefined) throw new InputError(`${path} has no checkpoint yet`);
  const datasets = join(path, '..', '..', 'datasets');
  return {
    datasets: existsSync(datasets) ? datasets : undefined,
    note: records?.run.note ?? '',
    name: (checkpoint) => records?.run.name ?? checkpoint.experiment.name ?? checkpoint.experiment.task.id,
    choose(update, best) {
      const bestUpdate = records?.run.best?.update;
      if (best && bestUpdate !== undefined && files.some((file) => file.update === bestUpdate)) {
        return checkpointPath(path, bestUpdate);
      }
      if (best) {
        throw new InputError(
          `which checkpoint of ${path} was the best is not known; give one by its update (--checkpoint) or its file`,
        );
      }
      if (update !== undefined && !files.some((file) => file.update === update)) {
        throw new InputError(`${path} has no checkpoint of update ${update}; its last one is of update ${last.update}`);
      }
      return checkpointPath(path, update ?? last.update);
    },
    evaluations: () => records?.evaluations ?? [],
    bundle: (name, checkpoint, evaluations) => ({
      run: records
        ? { ...bundledRun(records.run), name }
        : runOf(name, checkpoint, evaluations, statSync(path).birthtimeMs),
      evaluations,
      samples: records?.samples ?? [],
      history: existsSync(historyPath(path)) ? { path: historyPath(path) } : null,
      health: path,
      checkpoints: files.map(({ update, saved }) => ({
        path: checkpointPath(path, update),
        update,
        saved,
        pinned: false,
      })),
    }),
  };
}

function fileOf(path: string, update: number): BundleSource['checkpoints'][number] {
  return { path, update, saved: Math.round(statSync(path).mtimeMs), pinned: false };
}

function runOf(
  name: string,
  { experiment, progress, build }: Checkpoint,
  evaluations: readonly BundledEvaluation[],
  created: number,
): BundledRun {
  const { update, position, earlyStopping } = progress;
  const totalUpdates = experiment.training.updates ?? planOf(experiment.training.epochs, progress);
  const best = evaluations.find((one) => one.update === earlyStopping.best?.update);
  const [metric = null] = evaluations.at(-1)?.metrics ?? [];
  return {
    name,
    note: '',
    state: update >= totalUpdates && totalUpdates > 0 ? 'finished' : 'stopped',
    failure: null,
    created: Math.round(created),
    task: experiment.task.id,
    experiment: experimentToJson(experiment),
    progress: { ...NO_PROGRESS, update, totalUpdates: Math.max(update, totalUpdates), epoch: position.epoch },
    metric,
    best: best?.metrics[0] ? { metric: best.metrics[0], update: best.update } : null,
    threads: build.threads,
    build: build.core,
    changes: [],
  };
}

/** Updates of whole epochs, as far as the progress tells. */
function planOf(epochs: number | undefined, { update, position }: Checkpoint['progress']): number {
  if (epochs === undefined || position.epoch === 0) return 0;
  const perEpoch = (update - position.batch) / position.epoch;
  return Math.round(epochs * perEpoch);
}

/** The record's metrics, by the names that people read. */
function evaluationOf({ update, metrics }: HistoryRecord): readonly BundledEvaluation[] {
  if (metrics === undefined) return [];
  return [
    {
      update,
      metrics: Object.entries(metrics).map(([name, value]) => ({ name, value, ...readable(name) })),
    },
  ];
}

function readable(name: string): Pick<CardMetric, 'label' | 'better'> {
  const label = name.replace(/[A-Z]/gu, (letter) => ` ${letter.toLowerCase()}`);
  return { label, better: /accuracy|steps|exact/iu.test(name) ? 'higher' : 'lower' };
}
