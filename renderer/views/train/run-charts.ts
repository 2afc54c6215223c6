/** The charts of a run: its loss and metrics against what trivial predictors reach, and how the training goes. */
import type { TaskInfo } from '../../../electron/api/data.ts';
import type { Colour } from '../../charts/figure.ts';
import type { ChartSpec, Level, Marker, Series } from '../../charts/spec.ts';
import { count, figure, isShare, metricValue, rate } from '../../format.ts';
import { t } from '../../messages/messages.ts';
import type { MetricHistory, RunHistory, UpdateField } from '../../state/run-history.ts';
import type { Baseline } from '../../state/tasks.svelte.ts';

const TRAINING: Colour = 'run-8';
const VALIDATION: Colour = 'accent';
const BASELINE: Colour = 'edge';
const LEVEL_DASHES = [
  [7, 4],
  [2, 3],
  [9, 3, 2, 3],
] as const;
/** Of gradient norms: so many that noise does not look like decay. */
const NORM_DECADES = 3;

/** Metrics that say the same as the mean loss, each with its function of the loss and the way back. */
const OF_LOSS: Readonly<Record<string, { of: (loss: number) => number; back: (value: number) => number }>> = {
  crossEntropy: { of: (loss) => loss, back: (value) => value },
  meanSquaredError: { of: (loss) => loss, back: (value) => value },
  bitsPerCharacter: { of: (loss) => loss / Math.LN2, back: (value) => value * Math.LN2 },
  perplexity: { of: Math.exp, back: Math.log },
};

const plain = {
  xLabel: t('chart.update'),
  levels: [],
  scale: 'linear',
  format: figure,
  formatTick: figure,
  formatX: count,
} as const satisfies Partial<ChartSpec>;

/** How a run's charts look beyond its figures. */
export interface RunChartOptions {
  readonly scale?: ChartSpec['scale'];
  readonly markers?: readonly Marker[];
}

/** Loss of training and, where a metric tells it, of validation. `kind`: of the task, which decides the loss. */
export function lossChart(
  history: RunHistory,
  kind: TaskInfo['kind'] | undefined,
  { scale = 'linear', markers = [] }: RunChartOptions = {},
): ChartSpec {
  const told = history.metrics.find(({ head }) => OF_LOSS[head.name] !== undefined);
  const series: Series[] = [
    {
      key: 'training',
      label: t('chart.training'),
      colour: TRAINING,
      x: history.update.values,
      y: history.columns.loss.values,
    },
  ];
  if (told !== undefined) {
    const back = OF_LOSS[told.head.name]!.back;
    series.push(validation(told, told.values.values.map(back)));
  }
  return { ...plain, title: t(kind === 'regression' ? 'chart.squaredError' : 'chart.nats'), series, scale, markers };
}

/** One figure of the evaluations, with the baselines in the same figure. */
export function metricChart(
  history: RunHistory,
  metric: MetricHistory,
  baselines: readonly Baseline[],
  { markers = [] }: Pick<RunChartOptions, 'markers'> = {},
): ChartSpec {
  const { head } = metric;
  const of = OF_LOSS[head.name]?.of;
  const series: Series[] = [validation(metric, metric.values.values)];
  if (of !== undefined) {
    series.unshift({
      key: 'training',
      label: t('chart.training'),
      colour: TRAINING,
      x: history.update.values,
      y: history.columns.loss.values.map(of),
    });
  }
  return {
    ...plain,
    title: capitalised(
      head.unit === undefined || head.label.includes(head.unit) ? head.label : `${head.label}, ${head.unit}`,
    ),
    series,
    levels: withStrongest(levelsOf(head.name, baselines), head.better),
    ...limitsOf(head.name),
    markers,
    xMax: history.update.values.at(-1) ?? 0,
    format: (value) => metricValue(head, value),
    formatTick: (value) => metricValue({ name: head.name }, value),
  };
}

/**
 * The axis reaches the strongest of the baselines: one that is far weaker would press the rest into a corner, and is
 * told in the legend.
 */
export function withStrongest(levels: readonly Level[], better: 'lower' | 'higher'): readonly Level[] {
  const values = levels.map(({ value }) => value);
  const strongest = better === 'lower' ? Math.min(...values) : Math.max(...values);
  return levels.map((level) => ({ ...level, reached: level.value === strongest }));
}

/** Of a metric's axis: shares lie between 0 and 1. */
export function limitsOf(metric: string): Pick<ChartSpec, 'limits'> {
  return isShare(metric) ? { limits: [0, 1] } : {};
}

/** The baselines of a metric as lines across its chart. */
export function levelsOf(metric: string, baselines: readonly Baseline[]): Level[] {
  return baselines
    .flatMap((baseline) =>
      baseline.metric.name === metric && baseline.metric.value !== null
        ? [{ label: baseline.name, value: baseline.metric.value }]
        : [],
    )
    .map((level, i) => ({ ...level, colour: BASELINE, dash: [...LEVEL_DASHES[i % LEVEL_DASHES.length]!] }));
}

/** How the training goes: gradient norm, learning rate, tokens a second. `clipNorm`: 0 where nothing is clipped. */
export function courseChart(
  history: RunHistory,
  field: Exclude<UpdateField, 'loss'>,
  clipNorm = 0,
  { markers = [] }: Pick<RunChartOptions, 'markers'> = {},
): ChartSpec {
  const common = {
    ...plain,
    markers,
    title: t(`chart.${field}`),
    series: [
      {
        key: field,
        label: t('chart.now'),
        colour: 'ink' as const,
        x: history.update.values,
        y: history.columns[field].values,
      },
    ],
  };
  switch (field) {
    case 'gradientNorm':
      return {
        ...common,
        scale: 'log',
        leastDecades: NORM_DECADES,
        levels:
          clipNorm === 0
            ? []
            : [{ label: t('chart.clipped'), value: clipNorm, colour: BASELINE, dash: [...LEVEL_DASHES[0]] }],
        formatTick: (value) => value.toExponential(0).replace('e+', 'e'),
      };
    case 'learningRate':
      return common;
    case 'tokensPerSecond':
      return { ...common, format: rate, formatTick: rate };
  }
}

function validation(metric: MetricHistory, y: Float64Array): Series {
  return {
    key: 'validation',
    label: t('chart.validation'),
    colour: VALIDATION,
    x: metric.update.values,
    y,
    dots: true,
  };
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
