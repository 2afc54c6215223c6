/** A line chart as a figure to be saved: what LineChart.svelte shows, laid out on a page of its own. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Figure, Mark } from './figure.ts';
import { thin } from './thin.ts';
import { tickText, type ChartSpec } from './spec.ts';

const WIDTH = 960;
const HEIGHT = 540;
const LEFT = 72;
const RIGHT = 24;
const TOP = 84;
const BOTTOM = 56;
const BUCKETS = 800;
const LEGEND_GAP = 28;
/** Of a character of the legend, on average. */
const CHARACTER = 6.6;

/** The chart with its title, legend and axes. */
export function lineFigure(spec: ChartSpec): Figure {
  const range = yRange(spec);
  const x = scaleLinear(xRange(spec), [LEFT, WIDTH - RIGHT]);
  const y =
    spec.scale === 'log'
      ? scaleLog(range, [HEIGHT - BOTTOM, TOP]).clamp(true)
      : scaleLinear(range, [HEIGHT - BOTTOM, TOP]).nice(6);
  const marks: Mark[] = [{ kind: 'text', x: 24, y: 34, text: spec.title, size: 17, weight: 600, colour: 'ink' }];

  const yTicks = spec.scale === 'log' ? decades(range) : y.ticks(6);
  for (const tick of yTicks) {
    const at = y(tick);
    marks.push({
      kind: 'line',
      points: [
        [LEFT, at],
        [WIDTH - RIGHT, at],
      ],
      colour: 'hairline',
      width: 1,
    });
    marks.push({
      kind: 'text',
      x: LEFT - 10,
      y: at + 4,
      text: spec.formatTick(tick),
      anchor: 'end',
      colour: 'ink-soft',
    });
  }
  for (const tick of x.ticks(7)) {
    const at = x(tick);
    marks.push({
      kind: 'line',
      points: [
        [at, HEIGHT - BOTTOM],
        [at, HEIGHT - BOTTOM + 5],
      ],
      colour: 'edge',
      width: 1,
    });
    marks.push({
      kind: 'text',
      x: at,
      y: HEIGHT - BOTTOM + 22,
      text: tickText(spec, tick),
      anchor: 'middle',
      colour: 'ink-soft',
    });
  }
  marks.push({
    kind: 'text',
    x: (LEFT + WIDTH - RIGHT) / 2,
    y: HEIGHT - 10,
    text: spec.xLabel,
    anchor: 'middle',
    colour: 'ink-soft',
  });

  const inside = ({ value }: { readonly value: number }): boolean => value >= range[0] && value <= range[1];
  for (const { value, colour, dash } of spec.levels.filter(inside)) {
    const at = y(value);
    marks.push({
      kind: 'line',
      points: [
        [LEFT, at],
        [WIDTH - RIGHT, at],
      ],
      colour,
      width: 1.5,
      dash,
    });
  }
  for (const { x: xs, y: ys, colour, dots, dash } of spec.series) {
    for (const points of pieces(thin(xs, ys, BUCKETS).map(({ x: at, y: value }) => [x(at), y(value)] as const))) {
      marks.push({ kind: 'line', points, colour, width: 1.8, ...(dash === undefined ? {} : { dash }) });
      if (dots === true) for (const [cx, cy] of points) marks.push({ kind: 'dot', x: cx, y: cy, radius: 2.6, colour });
    }
  }
  marks.push(...legend(spec));
  return { width: WIDTH, height: HEIGHT, marks };
}

function legend({ series, levels }: ChartSpec): Mark[] {
  const marks: Mark[] = [];
  let left = LEFT;
  let row = 58;
  for (const entry of [...series, ...levels]) {
    const width = 22 + entry.label.length * CHARACTER;
    if (left > LEFT && left + width > WIDTH - RIGHT) {
      left = LEFT;
      row += 16;
    }
    const dash = entry.dash === undefined ? {} : { dash: entry.dash };
    marks.push({
      kind: 'line',
      points: [
        [left, row - 4],
        [left + 16, row - 4],
      ],
      colour: entry.colour,
      width: 2,
      ...dash,
    });
    marks.push({ kind: 'text', x: left + 22, y: row, text: entry.label, colour: 'ink' });
    left += width + LEGEND_GAP;
  }
  return marks;
}

/** The runs of points between gaps. */
function pieces(points: readonly (readonly [number, number])[]): (readonly [number, number])[][] {
  const found: (readonly [number, number])[][] = [[]];
  for (const point of points) {
    if (Number.isFinite(point[1])) found.at(-1)?.push(point);
    else if (found.at(-1)?.length !== 0) found.push([]);
  }
  return found.filter((piece) => piece.length > 0);
}

/** From 0 to the largest x of all series, or the one that the axis is to reach. */
export function xRange({ series, xMax = 1 }: ChartSpec): [number, number] {
  return [0, Math.max(1, xMax, ...series.map(({ x }) => x[x.length - 1] ?? 0))];
}

/** Of the values and the levels; the spec's own where it fixes one. */
export function yRange({ series, levels, range }: Pick<ChartSpec, 'series' | 'levels' | 'range'>): [number, number] {
  if (range !== undefined) return [range[0], range[1]];
  let low = Infinity;
  let high = -Infinity;
  const include = (value: number): void => {
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  };
  for (const { y } of series) y.forEach(include);
  for (const { value } of levels) include(value);
  if (low > high) return [0, 1];
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

/** Every power of ten of a range, or of a wide one every second. */
export function decades([low, high]: readonly [number, number]): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const step = last - first > 6 ? 2 : 1;
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => Number(`1e${first + i * step}`));
}
