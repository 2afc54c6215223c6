/** A line chart as a figure to be saved: what LineChart.svelte shows, laid out on a page of its own. */
import { scaleLinear, scaleLog } from 'd3-scale';
import type { Figure, Mark } from './figure.ts';
import { xAxis, yAxis } from './axis.ts';
import { tickText, type ChartSpec } from './spec.ts';
import { thin } from './thin.ts';

const WIDTH = 960;
const HEIGHT = 540;
const LEFT = 72;
const RIGHT = 24;
const TOP = 84;
const BOTTOM = 56;
const BUCKETS = 800;
const MARKER_DASH = [3, 3];
const LEGEND_GAP = 28;
/** Of a character of the legend, on average. */
const CHARACTER = 6.6;

/** The chart with its title, legend and axes. */
export function lineFigure(spec: ChartSpec): Figure {
  const across = xAxis(spec, WIDTH - LEFT - RIGHT);
  const up = yAxis(spec, HEIGHT - TOP - BOTTOM);
  const x = scaleLinear([across.low, across.high], [LEFT, WIDTH - RIGHT]);
  const y = (spec.scale === 'log' ? scaleLog : scaleLinear)([up.low, up.high], [HEIGHT - BOTTOM, TOP]).clamp(true);
  const marks: Mark[] = [{ kind: 'text', x: 24, y: 34, text: spec.title, size: 17, weight: 600, colour: 'ink' }];

  for (const tick of up.ticks) {
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
  for (const tick of across.ticks) {
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

  const inside = ({ value }: { readonly value: number }): boolean => value >= up.low && value <= up.high;
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
  for (const { x: value, label, colour } of spec.markers ?? []) {
    const at = x(value);
    marks.push({
      kind: 'line',
      points: [
        [at, TOP],
        [at, HEIGHT - BOTTOM],
      ],
      colour,
      width: 1,
      dash: MARKER_DASH,
    });
    const before = at > (LEFT + WIDTH) / 2;
    marks.push({
      kind: 'text',
      x: at + (before ? -6 : 6),
      y: TOP + 12,
      text: label,
      colour,
      anchor: before ? 'end' : 'start',
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
