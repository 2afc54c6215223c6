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
import { xAxis, xRange, yAxis, type Axis } from './axis.ts';
import { tickText, type ChartSpec, type Marker } from './spec.ts';
import { thin, type Point } from './thin.ts';

Chart.register(LineController, LineElement, LinearScale, LogarithmicScale, PointElement);

/** Series with at most so many points show each of them. */
const MOST_DOTS = 80;
/** Pixels beyond the axes within which points and lines at the edge are still drawn whole. */
const EDGE = 6;
const MARKER_DASH = [3, 3];
const FONT = "'Inter Variable', sans-serif";
const TEXT = 11;

export interface LineChartHandle {
  draw(spec: ChartSpec, palette: Palette): void;
  /** The x at a pixel of the canvas; null outside the axes. */
  valueAt(pixel: number): number | null;
  pixelOf(x: number): number;
  destroy(): void;
}

export function createLineChart(canvas: HTMLCanvasElement): LineChartHandle {
  let current: ChartSpec | undefined;
  let colours: Palette | undefined;
  const chart = new Chart<'line', Point[]>(canvas, {
    type: 'line',
    data: { datasets: [] },
    plugins: [
      {
        id: 'markers',
        beforeDatasetsDraw: (drawn) => {
          if (colours !== undefined) drawMarkers(drawn, current?.markers ?? [], colours);
        },
      },
    ],
  });
  let set: unknown;
  const format = (value: number): string => current?.formatTick(value) ?? '';
  const formatX = (value: number): string => (current === undefined ? '' : tickText(current, value));
  return {
    draw(spec, palette) {
      current = spec;
      colours = palette;
      // A chart in a place without size has nothing to draw on; it is drawn when it gets one.
      const buckets = Math.max(50, Math.round(chart.width / 2));
      chart.data.datasets = datasetsOf(spec, palette, buckets);
      // chart.js resolves options anew wherever they are set: only where an axis or the theme is another one.
      const y = yAxis(spec, chart.height);
      const axes = JSON.stringify([spec.scale, y.low, y.high, xRange(spec), palette]);
      // In a place that has become larger there is room for other ticks.
      const ticks = (of: (spec: ChartSpec, pixels: number) => Axis, pixels: number): readonly number[] =>
        current === undefined ? [] : of(current, pixels).ticks;
      if (axes !== set) chart.options = optionsOf(spec, palette, { format, formatX, ticks });
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
    clip: 1,
  }));
  const lines = spec.series.map(({ x, y, colour, dots, dash }) => {
    const data = thin(x, y, buckets);
    return {
      data,
      borderColor: palette[colour],
      backgroundColor: palette[colour],
      borderWidth: dots === true ? 2 : 1.25,
      borderDash: dash ?? [],
      clip: EDGE,
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
  readonly ticks: (of: (spec: ChartSpec, pixels: number) => Axis, pixels: number) => readonly number[];
}

/** What happened, as vertical lines; each with its words where those do not lie on the words before. */
function drawMarkers({ ctx, chartArea, scales }: Chart, markers: readonly Marker[], palette: Palette): void {
  const { x } = scales;
  if (x === undefined) return;
  let free = chartArea.left;
  ctx.save();
  ctx.font = `${TEXT}px ${FONT}`;
  ctx.setLineDash(MARKER_DASH);
  for (const { x: value, label, colour } of markers) {
    const at = x.getPixelForValue(value);
    ctx.strokeStyle = palette[colour];
    ctx.beginPath();
    ctx.moveTo(at, chartArea.top);
    ctx.lineTo(at, chartArea.bottom);
    ctx.stroke();
    const width = ctx.measureText(label).width;
    const left = [at + EDGE, at - EDGE - width].find((edge) => edge >= free && edge + width <= chartArea.right);
    if (left === undefined) continue;
    ctx.fillStyle = palette.surface;
    ctx.fillRect(left - 2, chartArea.top, width + 4, TEXT + 3);
    ctx.fillStyle = palette[colour];
    ctx.fillText(label, left, chartArea.top + TEXT);
    free = left + width + EDGE;
  }
  ctx.restore();
}

function optionsOf(
  spec: ChartSpec,
  palette: Palette,
  { format, formatX, ticks: ticksOf }: Formats,
): ChartOptions<'line'> {
  const [low, high] = xRange(spec);
  const axis = yAxis(spec, 0);
  const ticks = {
    color: palette['ink-soft'],
    font: { family: FONT, size: TEXT },
    maxRotation: 0,
    autoSkip: false,
    padding: 6,
  };
  return {
    animation: false,
    responsive: true,
    maintainAspectRatio: false,
    parsing: false,
    normalized: true,
    events: [],
    layout: { padding: { top: EDGE, right: EDGE } },
    elements: { line: { borderJoinStyle: 'round' }, point: { borderWidth: 0, hitRadius: 0 } },
    scales: {
      x: {
        type: 'linear',
        min: low,
        max: high,
        border: { color: palette.hairline },
        grid: { display: false },
        ticks: { ...ticks, callback: (value) => formatX(Number(value)) },
        afterBuildTicks: (scale) => {
          scale.ticks = ticksOf(xAxis, scale.chart.width).map((value) => ({ value }));
        },
      },
      y: {
        type: spec.scale === 'log' ? 'logarithmic' : 'linear',
        min: axis.low,
        max: axis.high,
        border: { display: false },
        grid: { color: palette.hairline, drawTicks: false },
        ticks: { ...ticks, callback: (value) => format(Number(value)) },
        afterBuildTicks: (scale) => {
          scale.ticks = ticksOf(yAxis, scale.chart.height).map((value) => ({ value }));
        },
      },
    },
  };
}
