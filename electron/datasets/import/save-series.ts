/** A series on its way from the rows of a table into a dataset. */
import { InputError } from '../../../engine/errors.ts';
import { show } from '../../../engine/experiment/fields.ts';
import { ordinalToDate, timeToOrdinal } from '../../../engine/tasks/calendar.ts';
import type { Interval } from '../../../engine/tasks/data.ts';
import { Samples } from '../samples.ts';
import type { Column } from './columns.ts';
import { readDate } from './dates.ts';
import { inferInterval } from './interval.ts';
import { isMissing, readNumber } from './numbers.ts';
import { eachRow, type FileReader } from './reader.ts';
import type { Written } from './save.ts';
import type { Pass } from './scan.ts';
import type { TextWriter } from './writer.ts';

/** Values that a series may have. */
const MOST_POINTS = 5_000_000;

/** Values in order of time, however the file has them; in the order of the rows where there are no dates. */
export class SeriesWriter {
  readonly #source: string;
  readonly #value: Column;
  readonly #date: Column | undefined;
  readonly #times: number[] = [];
  readonly #values: number[] = [];
  readonly #lines: number[] = [];
  #leftOut = 0;

  constructor(source: string, value: Column, date: Column | undefined) {
    this.#source = source;
    this.#value = value;
    this.#date = date;
    if (date && date.layout === undefined) {
      throw new InputError(
        `${source}: the column ${show(date.name)} holds no dates; its first value is ${show(date.examples[0] ?? '')}`,
      );
    }
  }

  async write(reader: FileReader, writer: TextWriter, pass: Pass): Promise<Written> {
    const columns = this.#date ? [this.#value, this.#date] : [this.#value];
    await eachRow(reader, columns, pass, ([value = '', date = ''], line) => {
      this.#take(value, date, line);
    });
    const size = this.#values.length;
    if (size < 2) {
      throw new InputError(
        `${this.#source}: the column ${show(this.#value.name)} has ${size} numbers${this.#date ? ' with a date' : ''}; ` +
          'at least 2 are needed',
      );
    }
    const order = this.#order();
    const interval = this.#date ? inferInterval(order.map((i) => this.#times[i]!)) : 'step';
    const samples = new Samples();
    for (const [step, i] of order.entries()) {
      const time = this.#date ? this.#times[i]! : null;
      const value = this.#values[i]!;
      samples.offer(() => ({
        input: time === null ? `${step + 1}` : dateText(time, interval),
        target: String(value),
      }));
      await writer.write(`${JSON.stringify([time, value])}\n`);
    }
    return {
      size,
      samples: samples.kept.toSorted((a, b) =>
        this.#date ? (a.input < b.input ? -1 : 1) : Number(a.input) - Number(b.input),
      ),
      leftOut: this.#leftOut,
      series: { quantity: this.#value.name.slice(0, 100), interval },
    };
  }

  #take(value: string, date: string, line: number): void {
    const number = isMissing(value) ? NaN : readNumber(value.trim(), this.#value.notation);
    const time = this.#date?.layout ? readDate(date, this.#date.layout) : 0;
    if (Number.isNaN(number) || Number.isNaN(time)) {
      this.#leftOut++;
      return;
    }
    if (this.#values.length === MOST_POINTS) {
      throw new InputError(
        `${this.#source} has more than ${MOST_POINTS.toLocaleString('en')} values; a series may have that many`,
        'Keep a part of it, or every tenth value.',
      );
    }
    this.#times.push(time);
    this.#values.push(number);
    this.#lines.push(line);
  }

  /** Places by time. Throws InputError where two values have one date. */
  #order(): readonly number[] {
    const order = Array.from(this.#values.keys());
    if (!this.#date) return order;
    const times = this.#times;
    order.sort((a, b) => times[a]! - times[b]! || a - b);
    const again = order.findIndex((i, n) => n > 0 && times[i] === times[order[n - 1]!]);
    if (again > 0) {
      const line = this.#lines[order[again]!]!;
      const earlier = this.#lines[order[again - 1]!]!;
      throw new InputError(
        `${this.#source}, line ${line}: the column ${show(this.#date.name)} has the date of line ${earlier} again; ` +
          'a series has one value a date',
        'Where the file holds several series, keep the rows of one.',
      );
    }
    return order;
  }
}

function dateText(time: number, interval: Interval): string {
  return interval === 'step'
    ? new Date(time).toISOString().slice(0, 16).replace('T00:00', '')
    : ordinalToDate(timeToOrdinal(time, interval), interval);
}
