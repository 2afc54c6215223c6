/** What an export of a run of the workspace is made of. */
import { existsSync } from 'node:fs';
import { endingOf, hasSeveralFiles, type ExportFormat } from '../../engine/exports/formats.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import type { TaskKind } from '../../engine/tasks/task.ts';
import type { RunInfo } from '../api/runs.ts';
import type { Runs } from '../runs/runs.ts';
import { historyPath } from '../runs/timeline-folder.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { BundledRun } from './bundle.ts';
import type { ExportJob } from './job.ts';

export interface RunRequest {
  readonly run: string;
  readonly update: number;
  readonly format: ExportFormat;
  /** Of the program. */
  readonly version: string;
  readonly now: Date;
}

/** Of a bundle: the checkpoint that was chosen, and those that tell the most beside it. */
const MOST_CHECKPOINTS = 24;

/** Throws InputError where there is no such run or checkpoint. */
export function jobOfRun(workspace: Workspace, runs: Runs, request: RunRequest): ExportJob {
  const { run: id, update, format, version, now } = request;
  const run = runs.get(id);
  runs.checkpoints.get(id, update);
  const evaluations = runs.rows.evaluations(id);
  const folder = workspace.runFolder(id);
  const history = historyPath(folder);
  const { metrics = [] } = evaluations.find((one) => one.update === update) ?? {};
  const { kind } = taskDefinition(run.task);
  return {
    format,
    severalFiles: hasSeveralFiles(format, kind),
    fileName: `${fileNameOf(run.name)}-${update}${formatInName(format, kind)}${endingOf(format, kind)}`,
    checkpoint: runs.checkpoints.path(id, update),
    about: { name: run.name, note: run.note, metrics, date: now.toISOString().slice(0, 10), version },
    datasets: workspace.datasets.folder,
    ...(format === 'bundle'
      ? {
          bundle: {
            run: bundledRun(run),
            evaluations: evaluations.map((one) => ({ update: one.update, metrics: [...one.metrics] })),
            samples: runs.rows.samples(id),
            // What was imported as weights alone has no history.
            history: existsSync(history) ? { path: history } : null,
            health: folder,
            checkpoints: chosen(runs, id, update),
          },
        }
      : {}),
  };
}

/** What a bundle tells of a run. */
export function bundledRun(run: RunInfo): BundledRun {
  const { name, note, state, failure, created, task, experiment, progress, metric, best, threads, build, changes } =
    run;
  return { name, note, state, failure, created, task, experiment, progress, metric, best, threads, build, changes };
}

/** The chosen one, the best, the last, the first, the pinned ones, and of the others as many as there is room for. */
function chosen(runs: Runs, id: string, update: number) {
  const all = runs.checkpoints.list(id);
  const kept = new Set(
    all
      .filter((one, i) => one.update === update || one.best || one.pinned || i === 0 || i === all.length - 1)
      .map((one) => one.update),
  );
  const others = all.filter((one) => !kept.has(one.update));
  const room = Math.max(0, MOST_CHECKPOINTS - kept.size);
  for (let i = 0; i < Math.min(room, others.length); i++) {
    kept.add(others[Math.floor((i * others.length) / Math.min(room, others.length))]!.update);
  }
  return all
    .filter((one) => kept.has(one.update))
    .map((one) => ({
      path: runs.checkpoints.path(id, one.update),
      update: one.update,
      saved: one.saved,
      pinned: one.pinned,
    }));
}

/** Formats that come in an archive all end alike. */
function formatInName(format: ExportFormat, kind: TaskKind): string {
  return endingOf(format, kind) === '.zip' ? `-${format === 'safetensors' ? 'pytorch' : format}` : '';
}

/** A name that every file system takes. */
function fileNameOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replaceAll(/[^\p{Letter}\p{Number}]+/gu, '-')
    .replaceAll(/^-+|-+$/gu, '')
    .slice(0, 80)
    .toLowerCase();
  return plain === '' ? 'model' : plain;
}
