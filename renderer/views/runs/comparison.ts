/** Several runs in one chart. */
import type { Colour } from '../../charts/figure.ts';
import type { ChartSpec, Level, Series } from '../../charts/spec.ts';
import { count, figure, metricValue } from '../../format.ts';
import { t } from '../../messages/messages.ts';
import type { ComparedRun } from '../../state/compared.svelte.ts';
import { levelsOf, limitsOf, withStrongest } from '../train/run-charts.ts';

/** The measure that every run has. */
export const LOSS = 'loss';

const COLOURS = [
  'run-1',
  'run-2',
  'run-3',
  'run-4',
  'run-5',
  'run-6',
  'run-7',
  'run-8',
] as const satisfies readonly Colour[];
/** Lines beyond the number of colours are told apart by their dashes. */
const DASHES = [undefined, [6, 3], [2, 3], [8, 3, 2, 3]] as const;

export interface Measure {
  readonly value: string;
  readonly label: string;
}

/** What the runs can be compared by: the loss, and every metric that one of them has. */
export function measuresOf(runs: readonly ComparedRun[]): readonly Measure[] {
  const metrics = new Map(runs.flatMap(({ history }) => history.metrics.map(({ head }) => [head.name, head.label])));
  return [{ value: LOSS, label: t('chart.loss') }, ...[...metrics].map(([value, label]) => ({ value, label }))];
}

export function comparisonChart(runs: readonly ComparedRun[], measure: string): ChartSpec {
  const heads = runs.flatMap(({ history }) => history.metrics.map(({ head }) => head));
  const head = heads.find(({ name }) => name === measure);
  const series = runs.flatMap((run, i) => seriesOf(run, measure, i));
  const format = (value: number): string => (head === undefined ? figure(value) : metricValue(head, value));
  return {
    title: head?.label ?? t('chart.loss'),
    xLabel: t('chart.update'),
    series,
    levels: withStrongest(levels(runs, measure), head?.better ?? 'lower'),
    ...(head === undefined ? {} : limitsOf(head.name)),
    scale: 'linear',
    format,
    formatTick: (value) => (head === undefined ? figure(value) : metricValue({ name: head.name }, value)),
    formatX: count,
  };
}

function seriesOf({ id, name, history }: ComparedRun, measure: string, index: number): Series[] {
  const colour = COLOURS[index % COLOURS.length]!;
  const dash = DASHES[Math.floor(index / COLOURS.length) % DASHES.length];
  const look = { key: id, label: name, colour, ...(dash === undefined ? {} : { dash: [...dash] }) };
  if (measure === LOSS) return [{ ...look, x: history.update.values, y: history.columns.loss.values }];
  const metric = history.metrics.find((candidate) => candidate.head.name === measure);
  return metric === undefined ? [] : [{ ...look, x: metric.update.values, y: metric.values.values, dots: true }];
}

/** Runs of one task share their baselines; those of different tasks are told apart by the task. */
function levels(runs: readonly ComparedRun[], measure: string): Level[] {
  const byTask = new Map(runs.map((run) => [run.task, levelsOf(measure, run.baselines)]));
  return [...byTask].flatMap(([task, own]) =>
    byTask.size === 1 ? own : own.map((level) => ({ ...level, label: `${task}: ${level.label}` })),
  );
}
