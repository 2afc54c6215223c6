/** From the rows of a table to a series: one value a date, its interval, and what is missing. */
import { InputError } from '../../../engine/errors.ts';
import { ordinalToDate, timeToOrdinal } from '../../../engine/tasks/calendar.ts';
import type { Interval } from '../../../engine/tasks/data.ts';
import { forecastStarts, seriesPoints, type DatedValue, type GapMethod } from '../../../engine/tasks/gaps.ts';
import type { DUPLICATE_METHODS } from '../../api/import-options.ts';
import { inferInterval, inferPeriod, periodOrdinals } from './interval.ts';

export type DuplicateMethod = (typeof DUPLICATE_METHODS)[number];

/** Rows of a table in the order of the file. */
export interface SeriesRows {
  /** Milliseconds since 1970; undefined where there are no dates. */
  readonly times: readonly number[] | undefined;
  /** NaN where a value is missing. */
  readonly values: readonly number[];
  readonly lines: readonly number[];
}

/** Each is found by the data where it is missing. */
export interface SeriesChoices {
  readonly interval?: Interval | undefined;
  readonly duplicates?: DuplicateMethod | undefined;
  readonly gaps?: GapMethod | undefined;
}

export interface SeriesPlan {
  readonly interval: Interval;
  /** Of the interval 'step': milliseconds from one step to the next, where they are regular. */
  readonly period?: number;
  readonly duplicates?: DuplicateMethod;
  readonly gaps: GapMethod;
  /** In order of time; null where there are no dates. */
  readonly times: readonly (number | null)[];
  /** NaN where a value is missing. */
  readonly values: readonly number[];
  /** Values that are there. */
  readonly size: number;
  /** Values that a model may see so that there is something to train and to validate; 0 where there is none such. */
  readonly window: number;
  readonly notices: readonly string[];
}

/** Longest windows that are suggested first; two days, four weeks, a year, two years, a decade. */
export const FIRST_WINDOWS: Readonly<Record<Interval, number>> = {
  hour: 48,
  day: 28,
  week: 52,
  month: 24,
  year: 10,
  step: 28,
};
/** Of a series, the share that validates and the lag of its differences, where nothing else is said. */
const VALIDATION_SHARE = 0.1;
const DIFFERENCE = 1;
/** Share of the windows that must remain where gaps are skipped. */
const ENOUGH_WINDOWS = 0.5;
/** Share of the steps that may be filled in. */
const MOST_FILLED = 0.3;
/** Values below which little can be learned. */
const FEW = 60;
const MOST_PLACES = 5;

/** Throws InputError where several values have one date and nothing says what becomes of them. */
export function planSeries(rows: SeriesRows, choices: SeriesChoices = {}): SeriesPlan {
  const notices: string[] = [];
  const one = oneValuePerDate(rows, choices, notices);
  const { lines } = rows;
  const missing = one.values.flatMap((value, i) => (Number.isNaN(value) ? [lines[one.rows[i]!]!] : []));
  const size = one.values.length - missing.length;
  if (missing.length > 0) {
    notices.push(`${of(missing.length, one.values.length, 'value')} missing: ${places(missing)}.`);
  }
  const steps = stepsOf(one, choices.interval);
  const chosen = chooseGaps(one, steps, choices, notices);
  const plan = { ...one, ...chosen, size, ...(one.duplicates ? { duplicates: one.duplicates } : {}) };
  const numbers = one.values.filter((value) => !Number.isNaN(value));
  if (size > 0 && numbers.every((value) => value === numbers[0])) {
    notices.push(`All values are ${numbers[0]}: the series is constant, and there is nothing to learn.`);
  } else if (size < FEW) {
    notices.push(`The series has only ${size} values; a model can learn little from so few.`);
  }
  const { interval, period, gaps, window, times, values, duplicates } = plan;
  return {
    interval,
    gaps,
    times,
    values,
    size,
    window,
    notices,
    ...(period === undefined ? {} : { period }),
    ...(duplicates === undefined ? {} : { duplicates }),
  };
}

interface OneValue {
  readonly times: readonly (number | null)[];
  readonly values: readonly number[];
  /** Of each value, its first row. */
  readonly rows: readonly number[];
  readonly duplicates: DuplicateMethod | undefined;
}

function oneValuePerDate({ times, values, lines }: SeriesRows, choices: SeriesChoices, notices: string[]): OneValue {
  const order = Array.from(values.keys());
  if (!times) return { times: order.map(() => null), values, rows: order, duplicates: undefined };
  order.sort((a, b) => times[a]! - times[b]! || a - b);
  const { interval } = choices;
  const keyOf = (row: number) =>
    interval === undefined || interval === 'step' ? times[row]! : timeToOrdinal(times[row]!, interval);
  const groups: number[][] = [];
  for (const row of order) {
    const last = groups.at(-1);
    if (last && keyOf(last[0]!) === keyOf(row)) last.push(row);
    else groups.push([row]);
  }
  const several = groups.filter((group) => group.filter((row) => !Number.isNaN(values[row]!)).length > 1);
  let method = choices.duplicates;
  if (several.length > 0 && method === undefined) method = findMethod(several, { times, values, lines }, choices);
  if (several.length > 0) notices.push(duplicateNotice(several, { times, values, lines }, method ?? 'mean', interval));
  return {
    times: groups.map((group) => times[group[0]!]!),
    values: groups.map((group) => combine(group, values, method ?? 'mean')),
    rows: groups.map((group) => group[0]!),
    duplicates: several.length > 0 ? method : undefined,
  };
}

function combine(group: readonly number[], values: readonly number[], method: DuplicateMethod): number {
  const present = group.map((row) => values[row]!).filter((value) => !Number.isNaN(value));
  if (present.length <= 1) return present[0] ?? NaN;
  if (method === 'first') return present[0]!;
  if (method === 'last') return present.at(-1)!;
  const sum = present.reduce((total, value) => total + value, 0);
  return method === 'sum' ? sum : sum / present.length;
}

/** Whether the repeated dates are the hours that a clock shows twice when daylight saving time ends. */
function areClockChanges(several: readonly (readonly number[])[], times: readonly number[]): boolean {
  const days = new Set<string>();
  for (const group of several) {
    const date = new Date(times[group[0]!]!);
    const month = date.getUTCMonth();
    const isEnd = group.length === 2 && [9, 10, 2, 3].includes(month) && date.getUTCHours() <= 3;
    if (!isEnd) return false;
    days.add(date.toISOString().slice(0, 13));
  }
  // One hour a year.
  const years = new Set([...days].map((day) => day.slice(0, 4)));
  return days.size <= years.size;
}

function findMethod(
  several: readonly (readonly number[])[],
  { times, values, lines }: SeriesRows & { readonly times: readonly number[] },
  { interval }: SeriesChoices,
): DuplicateMethod {
  if (interval !== undefined && interval !== 'step') return 'mean';
  if (several.every((group) => group.every((row) => values[row] === values[group[0]!]))) return 'first';
  if (areClockChanges(several, times)) return 'mean';
  const [first = [], ...others] = several;
  const [earlier = 0, again = 0] = first;
  throw new InputError(
    `line ${lines[again]} has the date of line ${lines[earlier]} again` +
      (others.length > 0
        ? `, and ${others.length} other ${others.length === 1 ? 'date occurs' : 'dates occur'} more than once`
        : '') +
      '; a series has one value a date',
    'Choose one series by the column that tells several series apart, or say what becomes of the values of one date: ' +
      'first, last, mean or sum.',
  );
}

const METHOD_WORDS: Readonly<Record<DuplicateMethod, string>> = {
  first: 'the first value is used',
  last: 'the last value is used',
  mean: 'their mean is used',
  sum: 'their sum is used',
};

function duplicateNotice(
  several: readonly (readonly number[])[],
  { times, lines, values }: SeriesRows & { readonly times: readonly number[] },
  method: DuplicateMethod,
  interval: Interval | undefined,
): string {
  const first = several[0]!;
  if (interval !== undefined && interval !== 'step' && several.length > times.length / 20) {
    return `Each ${interval} has up to ${Math.max(...several.map(({ length }) => length))} values; ${METHOD_WORDS[method]}.`;
  }
  const where = `lines ${lines[first[0]!]} and ${lines[first[1]!]}`;
  const when = dateText(times[first[0]!]!);
  if (areClockChanges(several, times)) {
    const count =
      several.length === 1 ? `The time ${when} occurs twice` : `${several.length} times occur twice, ${when} first`;
    return `${count} (${where}), as clocks show it when daylight saving time ends; ${METHOD_WORDS[method]}.`;
  }
  const equal = several.every((group) => group.every((row) => values[row] === values[group[0]!]));
  const count = several.length === 1 ? 'One date occurs' : `${several.length.toLocaleString('en')} dates occur`;
  return `${count} more than once${equal ? ', with equal values' : ''}: first ${when} (${where}); ${METHOD_WORDS[method]}.`;
}

interface Steps {
  readonly interval: Interval;
  readonly period?: number;
  readonly ordinals: ArrayLike<number>;
}

function stepsOf({ times, values }: OneValue, chosen: Interval | undefined): Steps {
  const dated = times.every((time) => time !== null) ? times : undefined;
  const interval = dated ? (chosen ?? inferInterval(dated)) : 'step';
  if (interval !== 'step') {
    return { interval, ordinals: times.map((time) => timeToOrdinal(time!, interval)) };
  }
  const period = dated && chosen === undefined ? inferPeriod(dated) : undefined;
  if (period === undefined) return { interval, ordinals: Array.from(values.keys()) };
  return { interval, period, ordinals: periodOrdinals(dated!, period) };
}

interface ChosenGaps {
  readonly interval: Interval;
  readonly period?: number;
  readonly gaps: GapMethod;
  readonly window: number;
}

/** What becomes of the gaps, so that there are windows to train and to validate. */
function chooseGaps(one: OneValue, steps: Steps, choices: SeriesChoices, notices: string[]): ChosenGaps {
  const { interval, period } = steps;
  const named = { interval, ...(period === undefined ? {} : { period }) };
  const present = datedValues(one, steps);
  const longest = firstWindow(present.length, interval);
  const all = countWindows(unbroken(present.length), 'skip', longest);
  const gaps = gapsOf(present);
  if (gaps.count === 0) {
    return { ...named, gaps: choices.gaps ?? 'skip', window: largestWindow(present, 'skip', longest) };
  }
  const told = gapWords(gaps, steps);
  const skipped = countWindows(present, 'skip', longest);
  const share = Math.min(skipped.train / Math.max(1, all.train), skipped.validation / Math.max(1, all.validation));
  const remain =
    `${skipped.train.toLocaleString('en')} of ${all.train.toLocaleString('en')} windows of ${longest} to train and ` +
    `${skipped.validation.toLocaleString('en')} of ${all.validation.toLocaleString('en')} to validate`;
  const filledShare = gaps.missing / (gaps.missing + present.length);
  const decide = (): GapMethod | 'step' => {
    if (choices.gaps !== undefined) return choices.gaps;
    if (share >= ENOUGH_WINDOWS) return 'skip';
    if (filledShare <= MOST_FILLED && gaps.longest <= Math.max(3, longest)) return 'interpolate';
    const canStep = choices.interval === undefined && (interval !== 'step' || period !== undefined);
    return canStep && one.times[0] !== null ? 'step' : 'skip';
  };
  const decided = decide();
  if (decided === 'step') {
    notices.push(
      `${told}. No window of ${longest} is unbroken (${remain} are left), so each row counts as one step, ` +
        'whatever time lies between it and the row before.',
    );
    const rows: Steps = { interval: 'step', ordinals: Array.from(one.values.keys()) };
    const inRows = datedValues(one, rows);
    return {
      interval: 'step',
      gaps: 'skip',
      window: largestWindow(inRows, 'skip', firstWindow(inRows.length, 'step')),
    };
  }
  if (decided === 'skip') {
    const window = largestWindow(present, 'skip', longest);
    notices.push(`${told}. No window reaches over them: ${remain} are left.`);
    return { ...named, gaps: 'skip', window };
  }
  const how =
    decided === 'carry' ? 'each gap has the value before it (carried forward)' : 'they are filled in by straight lines';
  const why = choices.gaps === undefined ? `Skipping them would leave ${remain}; instead ` : 'As chosen, ';
  notices.push(`${told}. ${why}${how}. What is filled in is never forecast.`);
  return { ...named, gaps: decided, window: largestWindow(present, decided, longest) };
}

function firstWindow(size: number, interval: Interval): number {
  return Math.max(1, Math.min(Math.floor(size / 8), FIRST_WINDOWS[interval]));
}

function datedValues({ values }: OneValue, { ordinals }: Steps): readonly DatedValue[] {
  return values.flatMap((value, i) => (Number.isNaN(value) ? [] : [{ ordinal: ordinals[i]!, value }]));
}

function unbroken(count: number): readonly DatedValue[] {
  return Array.from({ length: count }, (_, ordinal) => ({ ordinal, value: 0 }));
}

interface Gaps {
  readonly count: number;
  /** Steps without a value, in all and in the longest gap. */
  readonly missing: number;
  readonly longest: number;
  /** The value before the first gap. */
  readonly first: DatedValue | undefined;
  readonly behind: DatedValue | undefined;
}

function gapsOf(values: readonly DatedValue[]): Gaps {
  let count = 0;
  let missing = 0;
  let longest = 0;
  let first: DatedValue | undefined;
  let behind: DatedValue | undefined;
  for (let i = 1; i < values.length; i++) {
    const steps = values[i]!.ordinal - values[i - 1]!.ordinal - 1;
    if (steps <= 0) continue;
    count++;
    missing += steps;
    longest = Math.max(longest, steps);
    first ??= values[i - 1];
    behind ??= values[i];
  }
  return { count, missing, longest, first, behind };
}

function gapWords({ count, missing, longest, first, behind }: Gaps, { interval, period }: Steps): string {
  const gaps = count === 1 ? 'one gap' : `${count.toLocaleString('en')} gaps`;
  const unit = interval === 'step' ? (period === undefined ? 'value' : 'reading') : interval;
  const size = `${missing.toLocaleString('en')} missing ${plural(missing, unit)}, at most ${longest} in a row`;
  if (!first || !behind || interval === 'step') return `The series has ${gaps} (${size})`;
  const [from, to] = [first, behind].map(({ ordinal }) => ordinalToDate(ordinal, interval));
  return `The series has ${gaps} (${size}), ${count === 1 ? '' : 'first '}between ${from} and ${to}`;
}

/** Windows with a forecast of one value on either side of the division. */
function countWindows(values: readonly DatedValue[], gaps: GapMethod, window: number) {
  const points = gaps === 'skip' ? undefined : seriesPoints(values, 'step', gaps);
  const ordinals = points ? points.map(({ date }) => Number(date)) : values.map(({ ordinal }) => ordinal);
  const starts = forecastStarts(ordinals, (i) => points?.[i]?.filled === true, {
    before: window + DIFFERENCE,
    horizon: 1,
    gaps,
  });
  const boundary = ordinals.length - Math.max(1, Math.round(ordinals.length * VALIDATION_SHARE));
  const train = starts.filter((start) => start + 1 <= boundary).length;
  return { train, validation: starts.length - train };
}

/** The largest window, up to `longest`, that leaves examples on both sides; 0 where none does. */
function largestWindow(values: readonly DatedValue[], gaps: GapMethod, longest: number): number {
  for (let window = longest; window >= 1; window = Math.floor(window * 0.75)) {
    const { train, validation } = countWindows(values, gaps, window);
    if (train > 0 && validation > 0) return window;
  }
  return 0;
}

function dateText(time: number): string {
  return new Date(time).toISOString().slice(0, 16).replace('T00:00', '').replace('T', ' ');
}

function of(count: number, all: number, what: string): string {
  return `${count.toLocaleString('en')} of ${all.toLocaleString('en')} ${what}s ${count === 1 ? 'is' : 'are'}`;
}

/** "lines 152 to 171 and 302" */
export function places(lines: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const line of lines.toSorted((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last && line === last[1] + 1) last[1] = line;
    else ranges.push([line, line]);
  }
  const told = ranges.slice(0, MOST_PLACES).map(([from, to]) => (from === to ? String(from) : `${from} to ${to}`));
  const rest = ranges.length - told.length;
  const last = rest > 0 ? `${rest} more ${rest === 1 ? 'place' : 'places'}` : told.pop();
  const list = told.length === 0 ? last : `${told.join(', ')} and ${last}`;
  return `${lines.length === 1 ? 'line' : 'lines'} ${list}`;
}

function plural(count: number, noun: string): string {
  return count === 1 ? noun : `${noun}s`;
}
