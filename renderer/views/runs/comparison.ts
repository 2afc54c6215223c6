/** Several runs in one chart. */
import type { Colour } from '../../charts/figure.ts';
import type { ChartSpec, Level, Series } from '../../charts/spec.ts';
import { count, figure, metricValue } from '../../format.ts';
import { t } from '../../messages/messages.ts';
import type { ComparedRun } from '../../state/compared.svelte.ts';
import type { UpdateField } from '../../state/run-history.ts';
import type { CoursePoint } from '../../worker/gradients.ts';
import { power } from '../gradients/power.ts';
import { levelsOf, limitsOf, withStrongest } from '../train/run-charts.ts';

/** The measure that every run has. */
export const LOSS = 'loss';
/** Figures of every update. */
const UPDATES = ['gradientNorm', 'learningRate'] as const satisfies readonly UpdateField[];
/** The gradient of the last loss at step 1, of recurrent runs, measured at checkpoints. */
export const FAR_NORM = 'farNorm';

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

/**
 * What the runs can be compared by: the loss, every metric that one of them has, and what their updates have. `recurrent`:
 * whether gradients flow back through time in one of them.
 */
export function measuresOf(runs: readonly ComparedRun[], recurrent = false): readonly Measure[] {
  const metrics = new Map(runs.flatMap(({ history }) => history.metrics.map(({ head }) => [head.name, head.label])));
  return [
    { value: LOSS, label: t('chart.loss') },
    ...[...metrics].map(([value, label]) => ({ value, label })),
    ...UPDATES.map((value) => ({ value, label: t(`chart.${value}`) })),
    ...(recurrent ? [{ value: FAR_NORM, label: t('runs.farNorm') }] : []),
  ];
}

/** `far`: of a run, for FAR_NORM. */
export function comparisonChart(
  runs: readonly ComparedRun[],
  measure: string,
  far: (id: string) => readonly CoursePoint[] = () => [],
): ChartSpec {
  const field = UPDATES.find((one) => one === measure);
  if (field !== undefined || measure === FAR_NORM) {
    const log = measure !== 'learningRate';
    const format = (value: number): string => (log ? power(Math.log10(value)) : figure(value));
    return {
      title: field === undefined ? t('runs.farNorm') : t(`chart.${field}`),
      xLabel: t('chart.update'),
      series: runs.flatMap((run, i) =>
        field === undefined ? farSeries(run, far(run.id), i) : updateSeries(run, field, i),
      ),
      levels: [],
      scale: log ? 'log' : 'linear',
      format,
      formatTick: format,
      formatX: count,
    };
  }
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

function lookOf({ id, name }: ComparedRun, index: number): Pick<Series, 'key' | 'label' | 'colour' | 'dash'> {
  const colour = COLOURS[index % COLOURS.length]!;
  const dash = DASHES[Math.floor(index / COLOURS.length) % DASHES.length];
  return { key: id, label: name, colour, ...(dash === undefined ? {} : { dash: [...dash] }) };
}

function updateSeries(run: ComparedRun, field: UpdateField, index: number): Series[] {
  const { update, columns } = run.history;
  return [{ ...lookOf(run, index), x: update.values, y: columns[field].values }];
}

/** Of the cell state where there is one. Below 1e-66 nothing can be told: a gap. */
function farSeries(run: ComparedRun, points: readonly CoursePoint[], index: number): Series[] {
  if (points.length === 0) return [];
  const y = Float64Array.from(points, ({ far, farCell }) => 10 ** (farCell ?? far));
  return [
    {
      ...lookOf(run, index),
      x: Float64Array.from(points, ({ update }) => update),
      y: y.map((value) => (value > 0 ? value : NaN)),
      dots: true,
    },
  ];
}

function seriesOf(run: ComparedRun, measure: string, index: number): Series[] {
  const { history } = run;
  const look = lookOf(run, index);
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
