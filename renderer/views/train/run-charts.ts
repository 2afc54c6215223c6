/** The charts of a run: its loss and metrics against what trivial predictors reach, and how the training goes. */
import { scaleLinear } from 'd3-scale';
import type { TaskInfo } from '../../../electron/api/data.ts';
import type { Colour } from '../../charts/figure.ts';
import { yRange } from '../../charts/line-figure.ts';
import type { ChartSpec, Level, Series } from '../../charts/spec.ts';
import { count, figure, metricValue, rate } from '../../format.ts';
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
/** Of gradient norms: fixed, so that decay is seen as decay. */
const NORM_RANGE = [1e-5, 1e3] as const;
/** About so many lines across a chart. */
const TICKS = 6;

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

/** Loss of training and, where a metric tells it, of validation. `kind`: of the task, which decides the loss. */
export function lossChart(history: RunHistory, kind: TaskInfo['kind'] | undefined): ChartSpec {
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
  return { ...plain, title: t(kind === 'regression' ? 'chart.squaredError' : 'chart.nats'), series };
}

/** One figure of the evaluations, with the baselines in the same figure. */
export function metricChart(history: RunHistory, metric: MetricHistory, baselines: readonly Baseline[]): ChartSpec {
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
  const levels = levelsOf(head.name, baselines);
  return {
    ...plain,
    title: capitalised(
      head.unit === undefined || head.label.includes(head.unit) ? head.label : `${head.label}, ${head.unit}`,
    ),
    series,
    levels,
    ...rangeOf(series, levels, head.better),
    xMax: history.update.values.at(-1) ?? 0,
    format: (value) => metricValue(head, value),
    formatTick: (value) => metricValue({ name: head.name }, value),
  };
}

/**
 * Over all values and the strongest of the levels: one that is far weaker would press the rest into a corner, and is
 * told in the legend.
 */
export function rangeOf(
  series: readonly Series[],
  levels: readonly Level[],
  better: 'lower' | 'higher',
): { readonly range?: readonly [number, number] } {
  const values = levels.map(({ value }) => value);
  const strongest = better === 'lower' ? Math.min(...values) : Math.max(...values);
  const counted = levels.filter(({ value }) => value === strongest);
  const [low, high] = yRange({ series, levels: counted });
  const [first = low, last = high] = scaleLinear([low, high], [0, 1]).nice(TICKS).domain();
  return counted.length === 0 ? {} : { range: [first, last] };
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
export function courseChart(history: RunHistory, field: Exclude<UpdateField, 'loss'>, clipNorm = 0): ChartSpec {
  const common = {
    ...plain,
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
        range: NORM_RANGE,
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
