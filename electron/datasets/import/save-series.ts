/** A series on its way from the rows of a table into a dataset. */
import { InputError } from '../../../engine/errors.ts';
import { show } from '../../../engine/experiment/fields.ts';
import { ordinalToDate, timeToOrdinal } from '../../../engine/tasks/calendar.ts';
import type { Interval } from '../../../engine/tasks/data.ts';
import type { Mapping } from '../../api/data.ts';
import { Samples } from '../samples.ts';
import type { Column } from './columns.ts';
import { readDate } from './dates.ts';
import { isMissing, readQuantity, scaleOf } from './numbers.ts';
import { eachRow, type FileReader } from './reader.ts';
import type { Written } from './save.ts';
import type { Pass } from './scan.ts';
import { planSeries, type SeriesPlan, type SeriesRows } from './series-plan.ts';
import type { TextWriter } from './writer.ts';

/** Values that a series may have. */
const MOST_POINTS = 5_000_000;

export type SeriesMapping = Extract<Mapping, { readonly form: 'series' }>;

/** The columns that a series is made of. */
export interface SeriesColumns {
  readonly value: Column;
  readonly date: Column | undefined;
  /** Tells several series of one file apart. */
  readonly id: Column | undefined;
}

export function seriesColumns(columns: readonly Column[], mapping: SeriesMapping): SeriesColumns {
  const find = (name: string | undefined) => columns.find((column) => column.name === name);
  return { value: find(mapping.value)!, date: find(mapping.date), id: find(mapping.id) };
}

export interface SeriesFound {
  readonly rows: SeriesRows;
  /** Rows without a date, without a value where there are no dates to show the gap, or of no series. */
  readonly leftOut: number;
}

/** Gathers the rows of one series. */
export class SeriesGatherer {
  readonly #source: string;
  readonly #columns: SeriesColumns;
  readonly #series: string | undefined;
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  readonly #lines: number[] = [];
  #leftOut = 0;

  /** `series`: the value of the id column whose rows are taken. */
  constructor(source: string, columns: SeriesColumns, series: string | undefined) {
    const { value, date } = columns;
    this.#source = source;
    this.#columns = columns;
    this.#series = series;
    if (date && date.layout === undefined) {
      throw new InputError(
        `${source}: the column ${show(date.name)} holds no dates; its first value is ${show(date.examples[0] ?? '')}`,
      );
    }
    if (date?.name === value.name) {
      throw new InputError(`${source}: the column ${show(value.name)} cannot be both the date and what is forecast`);
    }
  }

  /** Names of the columns whose fields `take` is given. */
  get columns(): readonly Column[] {
    const { value, date, id } = this.#columns;
    return [value, date, id].filter((column) => column !== undefined);
  }

  take(fields: readonly string[], line: number): void {
    const { value, date, id } = this.#columns;
    const [field = '', ...others] = fields;
    const dateField = date ? (others.shift() ?? '') : '';
    if (id && this.#series !== undefined && (others[0] ?? '').trim() !== this.#series) return;
    const time = date?.layout ? readDate(dateField, date.layout) : 0;
    if (Number.isNaN(time)) {
      this.#leftOut++;
      return;
    }
    const reading = isMissing(field) ? undefined : readQuantity(field, value.notation);
    if (this.#values.length === MOST_POINTS) {
      throw new InputError(
        `${this.#source} has more than ${MOST_POINTS.toLocaleString('en')} values; a series may have that many`,
        'Choose a longer interval, or keep a part of the file.',
      );
    }
    this.#times.push(time);
    this.#values.push(reading ? reading.value * (value.scaled === true ? scaleOf(reading.unit) : 1) : NaN);
    this.#lines.push(line);
  }

  /** What has been gathered. Throws InputError where it is too little. */
  finish(): SeriesFound {
    const values = this.#values;
    // Before the first value and behind the last, nothing is missing.
    let start = 0;
    let end = values.length;
    if (!this.#columns.date) {
      while (start < end && Number.isNaN(values[start]!)) start++;
      while (end > start && Number.isNaN(values[end - 1]!)) end--;
    }
    const size = values.filter((value) => !Number.isNaN(value)).length;
    if (size < 2) {
      const { value, date } = this.#columns;
      const of = this.#series === undefined ? '' : ` of ${show(this.#series)}`;
      throw new InputError(
        `${this.#source}: the column ${show(value.name)} has ${size} ${size === 1 ? 'number' : 'numbers'}${of}` +
          `${date ? ' with a date' : ''}; at least 2 are needed`,
      );
    }
    const rows = {
      times: this.#columns.date ? this.#times.slice(start, end) : undefined,
      values: values.slice(start, end),
      lines: this.#lines.slice(start, end),
    };
    return { rows, leftOut: this.#leftOut };
  }
}

/** The series that a mapping makes of a file. Throws InputError where it makes none. */
export async function readSeriesPlan(
  reader: FileReader,
  columns: readonly Column[],
  mapping: SeriesMapping,
  pass: Pass,
): Promise<{ readonly plan: SeriesPlan; readonly leftOut: number }> {
  const { name } = reader.source;
  const gatherer = new SeriesGatherer(name, seriesColumns(columns, mapping), mapping.series);
  await eachRow(reader, gatherer.columns, pass, (fields, line) => {
    gatherer.take(fields, line);
  });
  const { rows, leftOut } = gatherer.finish();
  try {
    return { plan: planSeries(rows, mapping), leftOut };
  } catch (error) {
    throw error instanceof InputError ? new InputError(`${name}, ${error.message}`, error.hint) : error;
  }
}

/** Writes the values in order of time, however the file has them; in the order of the rows where there are no dates. */
export async function writeSeries(
  reader: FileReader,
  writer: TextWriter,
  columns: readonly Column[],
  mapping: SeriesMapping,
  pass: Pass,
): Promise<Written> {
  const { plan, leftOut } = await readSeriesPlan(reader, columns, mapping, pass);
  const { value } = seriesColumns(columns, mapping);
  const { times, values, interval, period, gaps, size, window } = plan;
  const samples = new Samples();
  for (const [step, number] of values.entries()) {
    const time = times[step] ?? null;
    const isThere = !Number.isNaN(number);
    if (isThere) {
      samples.offer(() => ({
        input: time === null ? `${step + 1}` : dateText(time, interval),
        target: String(number),
      }));
    }
    await writer.write(`${JSON.stringify([time, isThere ? number : null])}\n`);
  }
  const quantity = mapping.series === undefined ? value.name : `${value.name} (${mapping.series})`;
  return {
    size,
    samples: samples.kept.toSorted((a, b) =>
      times[0] === null ? Number(a.input) - Number(b.input) : a.input < b.input ? -1 : 1,
    ),
    leftOut,
    notices: plan.notices,
    ...(values.length === size ? {} : { rows: values.length }),
    series: {
      quantity: quantity.slice(0, 100),
      interval,
      ...(value.unit === undefined ? {} : { unit: value.unit.slice(0, 20) }),
      ...(period === undefined ? {} : { period }),
      ...(gaps === 'skip' ? {} : { gaps }),
      ...(window > 0 ? { window } : {}),
    },
  };
}

function dateText(time: number, interval: Interval): string {
  return interval === 'step'
    ? new Date(time)
        .toISOString()
        .replace(/(?::00)?\.000Z$|Z$/, '')
        .replace('T00:00', '')
    : ordinalToDate(timeToOrdinal(time, interval), interval);
}
