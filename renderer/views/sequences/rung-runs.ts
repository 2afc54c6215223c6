/** Which rung a run stands on, and what its evaluations say of sources by length. */
import type { RunInfo } from '../../../electron/api/runs.ts';
import type { Rung } from '../../../engine/sequences/trials.ts';
import type { ComparedRun } from '../../state/compared.svelte.ts';
import { readExperiment } from '../../state/experiment.ts';
import type { Tasks } from '../../state/tasks.svelte.ts';

/** Of the tasks that force pairs of texts into step. */
const ALIGNED = /-aligned$/u;

/** Undefined where a run turns no sequence into another. */
export function rungOf({ experiment }: Pick<RunInfo, 'experiment'>, tasks: Pick<Tasks, 'find'>): Rung | undefined {
  const { model, task } = readExperiment(experiment);
  if (ALIGNED.test(task.id)) return model.architecture === 'recurrent' ? 'aligned' : undefined;
  if (model.architecture === 'encoder-decoder') return model.attention === 'none' ? 'plain' : 'attention';
  return model.architecture === 'transformer' && tasks.find(task)?.kind === 'translation' ? 'transformer' : undefined;
}

export interface LengthGroup {
  /** The metric's: 'exactMatchQuarter4'. */
  readonly name: string;
  readonly label: string;
}

/** The groups by length that any of the runs tells of, short ones first. */
export function groupsOf(runs: readonly Pick<ComparedRun, 'history'>[]): readonly LengthGroup[] {
  const heads = runs.flatMap(({ history }) => history.metrics.map(({ head }) => head));
  const groups = heads.filter(({ name }) => /^exactMatch./u.test(name));
  return [...new Map(groups.map(({ name, label }) => [name, { name, label }])).values()];
}

export interface Reached {
  readonly update: number;
  /** Spent in updates; null: not known. */
  readonly seconds: number | null;
}

/** Where the evaluations first found so much of a metric; null: not yet. */
export function reached(run: Pick<ComparedRun, 'history'> | undefined, name: string, enough: number): Reached | null {
  const metric = run?.history.metrics.find(({ head }) => head.name === name);
  const at = metric?.values.values.findIndex((value) => value >= enough) ?? -1;
  if (metric === undefined || at < 0) return null;
  const seconds = metric.seconds.values[at] ?? NaN;
  return { update: metric.update.values[at]!, seconds: Number.isNaN(seconds) ? null : seconds };
}

/** The newest value of a metric; null where there is none. */
export function valueOf(run: Pick<ComparedRun, 'history'> | undefined, name: string): number | null {
  return run?.history.metrics.find(({ head }) => head.name === name)?.values.values.at(-1) ?? null;
}
