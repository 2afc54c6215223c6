/** A picture of cells with its title, axes and scale, as a figure to be saved: what Heatmap and Matrix show. */
import type { Figure, Mark } from '../charts/figure.ts';
import { figure as written } from '../format.ts';
import type { Scale } from './scales.ts';

const LEFT = 72;
const RIGHT = 24;
const TOP = 64;
const BOTTOM = 52;
const LEAST_WIDTH = 480;
const MOST_WIDTH = 1600;
const LEAST_HEIGHT = 120;
const MOST_HEIGHT = 900;
const SCALE_WIDTH = 120;

export interface GridPicture {
  readonly title: string;
  /** One pixel a cell. */
  readonly picture: HTMLCanvasElement;
  readonly rows: number;
  readonly columns: number;
  readonly rowLabel: string;
  readonly columnLabel: string;
  readonly scale: Scale;
  /** Of each row or column, where they have names of their own; absent: numbers from 1. */
  readonly rowNames?: readonly string[];
  readonly columnNames?: readonly string[];
}

export function gridFigure(grid: GridPicture): Figure {
  const { title, picture, rows, columns, rowLabel, columnLabel, scale } = grid;
  const width = Math.min(MOST_WIDTH, Math.max(LEAST_WIDTH, columns * 14));
  const height = Math.min(MOST_HEIGHT, Math.max(LEAST_HEIGHT, rows * 6));
  const [bottom, right] = [TOP + height, LEFT + width];
  const marks: Mark[] = [
    { kind: 'text', x: 24, y: 30, text: title, size: 15, weight: 600, colour: 'ink' },
    { kind: 'image', x: LEFT, y: TOP, width, height, source: picture },
    { kind: 'text', x: (LEFT + right) / 2, y: bottom + 40, text: columnLabel, anchor: 'middle', colour: 'ink-soft' },
    { kind: 'text', x: 24, y: TOP - 10, text: rowLabel, colour: 'ink-soft' },
  ];
  for (const column of ticks(columns, width, 44)) {
    const x = LEFT + ((column + 0.5) * width) / columns;
    const text = grid.columnNames?.[column] ?? String(column + 1);
    marks.push({ kind: 'text', x, y: bottom + 18, text, anchor: 'middle', colour: 'ink-soft' });
  }
  for (const row of ticks(rows, height, 20)) {
    const y = TOP + ((row + 0.5) * height) / rows + 4;
    const text = grid.rowNames?.[row] ?? String(row + 1);
    marks.push({ kind: 'text', x: LEFT - 8, y, text, anchor: 'end', colour: 'ink-soft' });
  }
  marks.push(...scaleMarks(scale, right - SCALE_WIDTH, TOP - 22));
  return { width: right + RIGHT, height: bottom + BOTTOM, marks };
}

/** The scale with the values at its ends. */
function scaleMarks(scale: Scale, x: number, y: number): Mark[] {
  const step = SCALE_WIDTH / (scale.stops.length - 1);
  const parts = 24;
  const marks: Mark[] = scale.stops.slice(0, -1).flatMap((from, k) =>
    Array.from({ length: parts }, (_, i): Mark[] => {
      const box = { kind: 'box', x: x + step * (k + i / parts), y, width: step / parts + 0.5, height: 10 } as const;
      const share = i / (parts - 1);
      return [
        { ...box, fill: from },
        { ...box, fill: scale.stops[k + 1]!, opacity: share },
      ];
    }).flat(),
  );
  marks.push({ kind: 'text', x: x - 6, y: y + 9, text: written(scale.low), anchor: 'end', colour: 'ink-soft' });
  marks.push({ kind: 'text', x: x + SCALE_WIDTH + 6, y: y + 9, text: written(scale.high), colour: 'ink-soft' });
  return marks;
}

/** Every n-th place, so that labels `apart` pixels wide have room. */
function ticks(count: number, length: number, apart: number): number[] {
  const every = Math.max(1, Math.ceil(apart / (length / Math.max(1, count))));
  return Array.from({ length: Math.ceil(count / every) }, (_, i) => i * every);
}
