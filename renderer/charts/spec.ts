/** What a line chart shows. */
import type { Colour } from './figure.ts';

export interface Series {
  readonly key: string;
  readonly label: string;
  readonly colour: Colour;
  /** Ascending. */
  readonly x: Float64Array;
  /** As many; NaN is a gap. */
  readonly y: Float64Array;
  /** Mark each point. */
  readonly dots?: boolean;
  readonly dash?: number[];
}

/** A value drawn across the chart, as what a trivial predictor reaches. */
export interface Level {
  readonly label: string;
  readonly value: number;
  readonly colour: Colour;
  readonly dash: number[];
}

export interface ChartSpec {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
  readonly levels: readonly Level[];
  readonly scale: 'linear' | 'log';
  /** Fixed ends of y; otherwise they follow the values. */
  readonly range?: readonly [number, number];
  /** The axis reaches at least as far. */
  readonly xMax?: number;
  /** Exact values. */
  format(value: number): string;
  formatTick(value: number): string;
  formatX(value: number): string;
}

/** What stands at a tick of x; nothing between whole numbers where it would be written as one of them. */
export function tickText({ formatX }: Pick<ChartSpec, 'formatX'>, x: number): string {
  const text = formatX(x);
  return !Number.isInteger(x) && text === formatX(Math.round(x)) ? '' : text;
}
