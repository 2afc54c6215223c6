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
  /** Whether the axis reaches it wherever the values are; by default it does. */
  readonly reached?: boolean;
}

/** A moment on the x axis at which something happened, as a change of the learning rate. */
export interface Marker {
  readonly x: number;
  readonly label: string;
  readonly colour: Colour;
}

export interface ChartSpec {
  readonly title: string;
  readonly xLabel: string;
  readonly series: readonly Series[];
  readonly levels: readonly Level[];
  readonly scale: 'linear' | 'log';
  /** Ascending by x. */
  readonly markers?: readonly Marker[];
  /** Fixed ends of y; otherwise they follow the values. */
  readonly range?: readonly [number, number];
  /** Beyond which no value can be, and no axis reaches: [0, 1] of shares. */
  readonly limits?: readonly [number, number];
  /** That a logarithmic axis has at least, so that a slight change does not look like a great one. */
  readonly leastDecades?: number;
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
