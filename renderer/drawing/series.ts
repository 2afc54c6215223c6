/** Numbers over time as curves. */
import type { TimeWindow } from './time-window.svelte.ts';

const MARGIN = 4;

/** Points of a polyline: column `column` of [T, columns] values, its extremes at the edges, in the window's steps. */
export function curvePoints(
  values: Float32Array,
  columns: number,
  column: number,
  time: Pick<TimeWindow, 'xOf' | 'cell'>,
  height: number,
): string {
  let [low, high] = [Infinity, -Infinity];
  for (let i = column; i < values.length; i += columns) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  const span = high > low ? high - low : 1;
  const points: string[] = [];
  for (let i = column, step = 0; i < values.length; i += columns, step++) {
    const x = time.xOf(step) + time.cell / 2;
    const y = MARGIN + (height - 2 * MARGIN) * (1 - (values[i]! - low) / span);
    points.push(`${x.toFixed(1)},${y.toFixed(1)}`);
  }
  return points.join(' ');
}

const VISIBLE: ReadonlyMap<string, string> = new Map([
  [' ', '\u2423'],
  ['\n', '\u21b5'],
  ['\t', '\u21e5'],
  ['', '\u2205'],
]);

/** A symbol so that it can be seen: a blank is an open box, a line break an arrow. */
export function visibleSymbol(symbol: string): string {
  return VISIBLE.get(symbol) ?? symbol;
}

/** Of a character of a label, on average, and around a label. */
const CHARACTER = 7;
const GAP = 10;
const EVERY = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000] as const;

/** Pixels that a label takes, with the space around it. */
export function labelWidth(label: string): number {
  return label.length * CHARACTER + GAP;
}

/** Steps from one label to the next where each step is `cell` pixels wide: labels do not run into one another. */
export function labelEvery(labels: readonly string[], cell: number): number {
  const width = labels.reduce((most, label) => Math.max(most, labelWidth(label)), 0);
  return EVERY.find((every) => every * cell >= width) ?? EVERY.at(-1)!;
}
