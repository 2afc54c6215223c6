/** How a run's training fared, as charts: gradient norms, steps, saturated gates, and where clipping acted. */
import type { HealthRecord } from '../../../engine/gradients/health-record.ts';
import type { Colour } from '../../charts/figure.ts';
import type { ChartSpec, Series } from '../../charts/spec.ts';
import { count, figure } from '../../format.ts';
import { t } from '../../messages/messages.ts';
import { power } from './power.ts';

export type Grouping = 'layer' | 'parameter';

interface Group {
  readonly name: string;
  readonly gradientNorm: number;
  /** Of the step, as a share of the weights. */
  readonly updateRatio: number;
}

const COLOURS = ['run-1', 'run-2', 'run-3', 'run-4', 'run-5', 'run-6', 'run-7', 'run-8'] as const;
const GATES = ['input', 'forget', 'candidate', 'output'] as const;
/** Of gates that have no role of their own. */
const ROLES: Readonly<Record<string, Colour>> = { reset: 'forget', update: 'input', hidden: 'hidden' };
const LOWEST = 1e-12;
/** Records of which each is marked. */
const MARKED = 60;

/** "recurrent.l0" of 'recurrent.weight_hh_l0_reverse', "encoder.layers.1" of a transformer's, "head" of 'head.bias'. */
export function layerOf(parameter: string): string {
  const recurrent = /^(.+)\.(?:weight|bias)_[ih]h_l(\d+)/u.exec(parameter);
  if (recurrent !== null) return `${recurrent[1]}.l${recurrent[2]}`;
  const numbered = /^(?:.*?layers\.\d+)/u.exec(parameter);
  return numbered?.[0] ?? parameter.split('.')[0]!;
}

/** Of one record. A layer's norm is that of all its parameters together. */
export function groupsOf({ parameters }: HealthRecord, by: Grouping): readonly Group[] {
  const sums = new Map<string, { gradient: number; weight: number; step: number }>();
  for (const { name, gradientNorm, weightNorm, updateRatio } of parameters) {
    const key = by === 'layer' ? layerOf(name) : name;
    const sum = sums.get(key) ?? { gradient: 0, weight: 0, step: 0 };
    sum.gradient += (gradientNorm ?? NaN) ** 2;
    sum.weight += (weightNorm ?? NaN) ** 2;
    // A step from zero weights is no share of anything.
    sum.step += ((updateRatio ?? 0) * (weightNorm ?? NaN)) ** 2;
    sums.set(key, sum);
  }
  return [...sums].map(([name, { gradient, weight, step }]) => ({
    name,
    gradientNorm: Math.sqrt(gradient),
    updateRatio: weight === 0 ? NaN : Math.sqrt(step / weight),
  }));
}

const short = (value: number): string => figure(Number(value.toPrecision(3)));
const plain = { xLabel: t('gradients.update'), levels: [], formatX: count } as const;
const logarithmic = {
  ...plain,
  scale: 'log',
  leastDecades: 2,
  format: (value: number) => power(Math.log10(value)),
  formatTick: (value: number) => power(Math.log10(value)),
} as const;

function groupChart(
  records: readonly HealthRecord[],
  by: Grouping,
  of: 'gradientNorm' | 'updateRatio',
): Pick<ChartSpec, 'series'> {
  const groups = records.map((record) => groupsOf(record, by));
  const x = Float64Array.from(records, ({ update }) => update);
  const names = groups[0]?.map(({ name }) => name) ?? [];
  return {
    series: names.map((name, index): Series => ({
      key: name,
      label: name,
      colour: COLOURS[index % COLOURS.length]!,
      ...(index < COLOURS.length ? {} : { dash: [5, 3] }),
      x,
      y: Float64Array.from(groups, (one) => {
        const value = one.find((group) => group.name === name)?.[of] ?? NaN;
        return Number.isNaN(value) ? NaN : Math.max(LOWEST, value);
      }),
    })),
  };
}

/** `clipNorm`: 0 where nothing is clipped. */
export function normChart(records: readonly HealthRecord[], by: Grouping, clipNorm: number): ChartSpec {
  const { series } = groupChart(records, by, 'gradientNorm');
  const whole: Series = {
    key: '',
    label: t('health.whole'),
    colour: 'ink',
    x: Float64Array.from(records, ({ update }) => update),
    y: Float64Array.from(records, ({ gradientNorm }) => gradientNorm ?? NaN),
    dots: records.length < MARKED,
  };
  return {
    ...logarithmic,
    title: t('health.norms'),
    series: [whole, ...series],
    levels:
      clipNorm === 0
        ? []
        : [{ label: t('race.clipsAt', { norm: clipNorm }), value: clipNorm, colour: 'ink-soft', dash: [4, 4] }],
  };
}

export function stepChart(records: readonly HealthRecord[], by: Grouping): ChartSpec {
  return {
    ...logarithmic,
    title: t('health.steps'),
    ...groupChart(records, by, 'updateRatio'),
    levels: [{ label: t('health.usual'), value: 1e-3, colour: 'ink-soft', dash: [2, 4] }],
  };
}

/** What was left of the gradient's length. */
export function clipChart(records: readonly HealthRecord[]): ChartSpec {
  return {
    ...plain,
    title: t('health.clip'),
    scale: 'linear',
    range: [0, 1],
    series: [
      {
        key: 'clip',
        label: t('health.left'),
        colour: 'accent',
        x: Float64Array.from(records, ({ update }) => update),
        y: Float64Array.from(records, ({ clipScale }) => clipScale ?? NaN),
        dots: records.length < MARKED,
      },
    ],
    format: short,
    formatTick: short,
  };
}

/** Shares of values at either end of their function; undefined where nothing can saturate. `layer`: "recurrent.l0". */
export function saturationChart(records: readonly HealthRecord[], layer: string): ChartSpec | undefined {
  const names = (records[0]?.saturation ?? []).flatMap(({ name }) =>
    name.slice(0, name.lastIndexOf('.')) === layer ? [name] : [],
  );
  if (names.length === 0) return undefined;
  const x = Float64Array.from(records, ({ update }) => update);
  return {
    ...plain,
    title: t('health.saturated'),
    scale: 'linear',
    range: [0, 1],
    series: names.flatMap((name): readonly Series[] => {
      const part = name.slice(name.lastIndexOf('.') + 1);
      const gate = GATES.find((known) => known === part);
      const colour = gate ?? ROLES[part] ?? 'hidden';
      const label = gate === undefined ? part : t(`unrolled.gate.${gate}`);
      const end = (side: 'low' | 'high'): Series => ({
        key: `${name} ${side}`,
        label: t(`health.${side}`, { gate: label }),
        colour,
        ...(side === 'low' ? { dash: [4, 3] } : {}),
        x,
        y: Float64Array.from(records, ({ saturation }) => saturation.find((one) => one.name === name)?.[side] ?? NaN),
        dots: records.length < MARKED,
      });
      return [end('low'), end('high')];
    }),
    format: (value) => `${Math.round(100 * value)} %`,
    formatTick: (value) => `${Math.round(100 * value)} %`,
  };
}

export function saturatedLayers(records: readonly HealthRecord[]): readonly string[] {
  return [...new Set((records[0]?.saturation ?? []).map(({ name }) => name.slice(0, name.lastIndexOf('.'))))];
}
