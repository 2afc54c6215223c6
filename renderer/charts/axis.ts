/** How far the axes of a line chart reach and where their ticks are: it follows from the values, and from the room. */
import { scaleLinear } from 'd3-scale';
import { tickText, type ChartSpec } from './spec.ts';

export interface Axis {
  readonly low: number;
  readonly high: number;
  /** Ascending; no two are written alike. */
  readonly ticks: readonly number[];
}

/** Pixels from tick to tick, at least. */
const ROW = 32;
const COLUMN = 84;
const MOST_ROWS = 6;
const MOST_COLUMNS = 8;
/** Intervals that a linear axis is rounded to. */
const ROUNDING = 5;
/** Decades up to which a logarithmic axis has ticks within decades. */
const FEW_DECADES = 2;
/** Decades from tick to tick. */
const DECADE_STEPS = [1, 2, 5, 10, 20, 50] as const;
/** First digits of the ticks within decades, the finest first. */
const DIGITS = [[1, 2, 5], [1, 3], [1]] as const;

/** `height`: of the plot in pixels. Only the ticks depend on it. */
export function yAxis(spec: ChartSpec, height: number): Axis {
  const most = within(Math.floor(height / ROW), 2, MOST_ROWS);
  const [low, high] = yRange(spec);
  const ticks = spec.scale === 'log' ? logTicks(low, high, most) : scaleLinear([low, high], [0, 1]).ticks(most);
  return { low, high, ticks: unlike(ticks, (tick) => spec.formatTick(tick)) };
}

/** Of the values and the levels that are to be reached, rounded; the spec's own where it fixes one. */
export function yRange(spec: ChartSpec): readonly [number, number] {
  return spec.range ?? (spec.scale === 'log' ? logRange(spec) : linearRange(spec));
}

/** `width`: of the plot in pixels. */
export function xAxis(spec: ChartSpec, width: number): Axis {
  const [low, high] = xRange(spec);
  const most = within(Math.floor(width / COLUMN), 2, MOST_COLUMNS);
  const ticks = scaleLinear([low, high], [0, 1]).ticks(most);
  return {
    low,
    high,
    ticks: unlike(ticks, (tick) => tickText(spec, tick)).filter((tick) => tickText(spec, tick) !== ''),
  };
}

/** From 0 to the largest x of all series, or the one that the axis is to reach. */
export function xRange({ series, xMax = 1 }: Pick<ChartSpec, 'series' | 'xMax'>): [number, number] {
  return [0, Math.max(1, xMax, ...series.map(({ x }) => x[x.length - 1] ?? 0))];
}

function linearRange(spec: ChartSpec): readonly [number, number] {
  const [least, largest] = spec.limits ?? [-Infinity, Infinity];
  const [first, last] = spread(extent(spec, () => true));
  const nice = scaleLinear([within(first, least, largest), within(last, least, largest)], [0, 1]).nice(ROUNDING);
  const [low = first, high = last] = nice.domain();
  return [Math.max(low, least), Math.min(high, largest)];
}

/** Equal ends are moved apart, but not over zero. */
function spread([low, high]: readonly [number, number]): [number, number] {
  if (low > high || (low === 0 && high === 0)) return [0, 1];
  const half = Math.abs(low) / 2;
  return low === high ? [low - half, high + half] : [low, high];
}

function logRange(spec: ChartSpec): readonly [number, number] {
  const [first, last] = extent(spec, (value) => value > 0);
  if (first > last) return [0.1, 1];
  const [low, high] = widened(Math.log10(first), Math.log10(last), spec.leastDecades ?? 0);
  if (high - low > FEW_DECADES) {
    const ends = (step: number): readonly [number, number] => [
      Math.floor(low / step + ROUNDED) * step,
      Math.ceil(high / step - ROUNDED) * step,
    ];
    // So many that each of the ends has a tick.
    const step = DECADE_STEPS.find((size) => (ends(size)[1] - ends(size)[0]) / size <= MOST_ROWS) ?? 100;
    return [tenTo(ends(step)[0]), tenTo(ends(step)[1])];
  }
  const numbers = numbersIn(10 ** low / 10, 10 ** high * 10, DIGITS[0]);
  const from = Math.max(
    0,
    numbers.findLastIndex((number) => number <= 10 ** low * (1 + ROUNDED)),
  );
  const to = numbers.findIndex((number) => number >= 10 ** high * (1 - ROUNDED));
  return [numbers[from]!, numbers[Math.max(to, from + 1)]!];
}

function logTicks(low: number, high: number, most: number): readonly number[] {
  const decades = Math.log10(high / low);
  for (const digits of decades > FEW_DECADES ? [] : DIGITS) {
    const ticks = numbersIn(low, high, digits);
    if (ticks.length <= most + 1 && ticks.length > 1) return ticks;
  }
  const step = DECADE_STEPS.find((size) => decades / size <= most) ?? 100;
  const first = Math.ceil(Math.log10(low) / step - ROUNDED);
  const last = Math.floor(Math.log10(high) / step + ROUNDED);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => tenTo((first + i) * step));
}

/** Those with such a first digit and zeros after it. */
function numbersIn(low: number, high: number, digits: readonly number[]): readonly number[] {
  const first = Math.floor(Math.log10(low) - ROUNDED);
  const last = Math.floor(Math.log10(high) + ROUNDED);
  return Array.from({ length: last - first + 1 }, (_, i) => digits.map((digit) => Number(`${digit}e${first + i}`)))
    .flat()
    .filter((number) => number >= low * (1 - ROUNDED) && number <= high * (1 + ROUNDED));
}

/** Of a logarithm that should be whole. */
const ROUNDED = 1e-9;

/** "1e-7" as it is written: powers that are computed are not quite right. */
function tenTo(exponent: number): number {
  return Number(`1e${exponent}`);
}

function widened(low: number, high: number, least: number): [number, number] {
  const missing = Math.max(0, least - (high - low)) / 2;
  return [low - missing, high + missing];
}

/** Of the values, and of the levels that the axis is to reach; [Infinity, -Infinity] where there are none. */
function extent({ series, levels }: ChartSpec, counts: (value: number) => boolean): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  const include = (value: number): void => {
    if (!Number.isFinite(value) || !counts(value)) return;
    low = Math.min(low, value);
    high = Math.max(high, value);
  };
  for (const { y } of series) y.forEach(include);
  for (const { value, reached = true } of levels) if (reached) include(value);
  return [low, high];
}

function unlike(ticks: readonly number[], write: (tick: number) => string): readonly number[] {
  return ticks.filter((tick, i) => i === 0 || write(tick) !== write(ticks[i - 1]!));
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
