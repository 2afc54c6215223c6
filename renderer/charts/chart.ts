/** chart.js drawing a ChartSpec: the parts of it that lines need, without animation, without a tooltip of its own. */
import {
  Chart,
  LinearScale,
  LineController,
  LineElement,
  LogarithmicScale,
  PointElement,
  type ChartDataset,
  type ChartOptions,
} from 'chart.js';
import type { Palette } from './figure.ts';
import { decades, xRange } from './line-figure.ts';
import { tickText, type ChartSpec } from './spec.ts';
import { thin, type Point } from './thin.ts';

Chart.register(LineController, LineElement, LinearScale, LogarithmicScale, PointElement);

/** Series with at most so many points show each of them. */
const MOST_DOTS = 80;

export interface LineChartHandle {
  draw(spec: ChartSpec, palette: Palette): void;
  /** The x at a pixel of the canvas; null outside the axes. */
  valueAt(pixel: number): number | null;
  pixelOf(x: number): number;
  destroy(): void;
}

export function createLineChart(canvas: HTMLCanvasElement): LineChartHandle {
  const chart = new Chart<'line', Point[]>(canvas, { type: 'line', data: { datasets: [] } });
  let current: ChartSpec | undefined;
  let set: unknown;
  const format = (value: number): string => current?.formatTick(value) ?? '';
  const formatX = (value: number): string => (current === undefined ? '' : tickText(current, value));
  return {
    draw(spec, palette) {
      current = spec;
      // A chart in a place without size has nothing to draw on; it is drawn when it gets one.
      const buckets = Math.max(50, Math.round(chart.width / 2));
      chart.data.datasets = datasetsOf(spec, palette, buckets);
      // chart.js resolves options anew wherever they are set: only where an axis or the theme is another one.
      const axes = JSON.stringify([spec.scale, spec.range, xRange(spec), palette]);
      if (axes !== set) chart.options = optionsOf(spec, palette, { format, formatX });
      set = axes;
      chart.update('none');
    },
    valueAt(pixel) {
      const { x } = chart.scales;
      if (x === undefined) return null;
      return x.getValueForPixel(Math.min(x.right, Math.max(x.left, pixel))) ?? null;
    },
    pixelOf: (x) => chart.scales['x']?.getPixelForValue(x) ?? 0,
    destroy: () => chart.destroy(),
  };
}

function datasetsOf(spec: ChartSpec, palette: Palette, buckets: number): ChartDataset<'line', Point[]>[] {
  const [low, high] = xRange(spec);
  const levels = spec.levels.map(({ value, colour, dash }) => ({
    data: [
      { x: low, y: value },
      { x: high, y: value },
    ],
    borderColor: palette[colour],
    borderWidth: 1.25,
    borderDash: dash,
    pointRadius: 0,
  }));
  const lines = spec.series.map(({ x, y, colour, dots, dash }) => {
    const data = thin(x, y, buckets);
    return {
      data,
      borderColor: palette[colour],
      backgroundColor: palette[colour],
      borderWidth: dots === true ? 2 : 1.25,
      borderDash: dash ?? [],
      // A single point would not be seen as a line.
      pointRadius: (dots === true && data.length <= MOST_DOTS) || data.length === 1 ? 2.5 : 0,
    };
  });
  // What comes first is drawn last: the series that are said later lie above those before, and all above the levels.
  return [...lines.reverse(), ...levels];
}

/** How values along the axes are written. */
interface Formats {
  readonly format: (value: number) => string;
  readonly formatX: (value: number) => string;
}

function optionsOf(spec: ChartSpec, palette: Palette, { format, formatX }: Formats): ChartOptions<'line'> {
  const [low, high] = xRange(spec);
  const ticks = {
    color: palette['ink-soft'],
    font: { family: "'Inter Variable', sans-serif", size: 11 },
    maxRotation: 0,
    padding: 6,
  };
  const grid = { color: palette.hairline, drawTicks: false };
  const y = {
    border: { display: false },
    grid,
    ...(spec.range === undefined ? {} : { min: spec.range[0], max: spec.range[1] }),
  };
  const formatted = { ...ticks, callback: (value: number | string) => format(Number(value)) };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    events: [],
    layout: { padding: { top: 4, right: 4 } },
    elements: { line: { borderJoinStyle: 'round' }, point: { borderWidth: 0, hitRadius: 0 } },
    scales: {
      x: {
        type: 'linear',
        min: low,
        max: high,
        border: { color: palette.hairline },
        grid: { display: false },
        ticks: { ...ticks, maxTicksLimit: 7, callback: (value) => formatX(Number(value)) },
      },
      y:
        spec.scale === 'log'
          ? {
              ...y,
              type: 'logarithmic',
              ticks: formatted,
              afterBuildTicks: (axis) => {
                axis.ticks = decades([axis.min, axis.max]).map((value) => ({ value }));
              },
            }
          : { ...y, type: 'linear', ticks: { ...formatted, maxTicksLimit: 6 } },
    },
  };
}
