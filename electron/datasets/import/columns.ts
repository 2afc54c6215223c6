/** What is found out about a column while its fields pass by. */
import type { Complaints } from './complaints.ts';
import { datesOf, LAYOUTS, NUMERIC_LAYOUTS, orderOf, type DateLayout, type DateOrder } from './dates.ts';
import { isMissing, readQuantity, scaleOf, unitsOf, type Notation } from './numbers.ts';

export type ColumnType = 'number' | 'date' | 'category' | 'text' | 'empty';

export interface Column {
  readonly name: string;
  readonly type: ColumnType;
  /** Fields that are not empty. */
  readonly filled: number;
  /** Different values; null where there are more than are counted. */
  readonly distinct: number | null;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly mean?: number;
  /** The first different values. */
  readonly examples: readonly string[];
  /** Mean characters of a field that is not empty. */
  readonly length: number;
  /** How its numbers are written. */
  readonly notation: Notation;
  /** How its dates are written; undefined where it has none. */
  readonly layout?: DateLayout;
  /** What stands behind or before all of its numbers, "%" or "€". */
  readonly unit?: string;
  /** Its numbers have prefixes such as "k" and "M", which scale them. */
  readonly scaled?: boolean;
  /** Fields that say that there is no value. */
  readonly missing: number;
  /** Whole numbers, none below the one above it, that change by 1 at most: a running number. */
  readonly counts: boolean;
  /** The values of a category, the most frequent first. */
  readonly values?: readonly string[];
}

/** Different values that are counted. */
const MOST_DISTINCT = 10_000;
/** Different values that a category may have, and their share of all. */
const MOST_CATEGORIES = 200;
const CATEGORY_SHARE = 0.5;
/** Mean words of a field from which on it is a text, however often the same ones come back. */
const WORDS_OF_TEXT = 3.5;
/** Different units that are remembered. */
const MOST_UNITS = 20;
/** Share of the values that are numbers, or dates, where the column is one of them. */
const MOSTLY = 0.9;
const EXAMPLES = 5;
const EXAMPLE_LENGTH = 200;
/** Dates after which only the layouts that they have had are tried first. */
const DATES_TO_BELIEVE = 1000;
/** Places of each kind that are remembered for complaints. */
const MOST_PLACES = 20;

interface Place {
  readonly line: number;
  readonly value: string;
}

/** Fields of one kind among all, and where the others are. */
class Kind {
  count = 0;
  readonly others: Place[] = [];

  note(is: boolean, line: number, value: string): void {
    if (is) this.count++;
    else if (this.others.length < MOST_PLACES) this.others.push({ line, value: shortened(value) });
  }
}

class Numbers extends Kind {
  readonly units = new Map<string, number>();
  minimum = Infinity;
  maximum = -Infinity;
  mean = 0;

  noteNumber(reading: ReturnType<typeof readQuantity>, line: number, value: string): void {
    this.note(reading !== undefined, line, value);
    if (!reading) return;
    const { unit } = reading;
    const number = reading.value * (unit === '' ? 1 : scaleOf(unit));
    if (this.units.size < MOST_UNITS || this.units.has(unit)) this.units.set(unit, (this.units.get(unit) ?? 0) + 1);
    this.minimum = Math.min(this.minimum, number);
    this.maximum = Math.max(this.maximum, number);
    this.mean += (number - this.mean) / this.count;
  }
}

/** Two steps from date to date that differ by less than this share are alike: months have 28 to 31 days. */
const ALIKE = 0.15;

/** Fields that are dates in one layout: how often one was before the one above it, and how often the step changed. */
class Dates {
  count = 0;
  disorder = 0;
  changes = 0;
  #last = NaN;
  #step = NaN;

  note(time: number): void {
    this.count++;
    const step = time - this.#last;
    if (step < 0) this.disorder++;
    if (step !== 0 && Math.abs(step - this.#step) > ALIKE * Math.abs(this.#step)) this.changes++;
    if (step !== 0) this.#step = step;
    this.#last = time;
  }
}

export class ColumnStatistics {
  readonly #name: string;
  readonly #distinct = new Map<string, number>();
  readonly #examples: string[] = [];
  readonly #numbers: Readonly<Record<Notation, Numbers>> = { point: new Numbers(), comma: new Numbers() };
  readonly #dates = new Map<DateLayout, Dates>();
  readonly #dated = new Kind();
  readonly #order: DateOrder | undefined;
  #filled = 0;
  #missing = 0;
  #characters = 0;
  #words = 0;
  #lastCount = NaN;
  #counts = true;

  /** `order`: of dates made of numbers, where a person has said it. */
  constructor(name: string, order?: DateOrder) {
    this.#name = name;
    this.#order = order;
  }

  add(field: string, line: number): void {
    if (field === '') return;
    const value = field.trim();
    if (value === '') return;
    this.#filled++;
    this.#characters += value.length;
    this.#words += countWords(value);
    this.#noteDistinct(value);
    if (isMissing(value)) {
      this.#missing++;
      return;
    }
    const point = readQuantity(value, 'point');
    this.#numbers.point.noteNumber(point, line, value);
    this.#numbers.comma.noteNumber(readQuantity(value, 'comma'), line, value);
    if (this.#counts) this.#noteCount(point?.value ?? NaN);
    // Once far too many are no dates, none is looked for.
    if (this.#dated.others.length < MOST_PLACES || this.#dated.count > 0) this.#noteDate(value, line);
  }

  /** `decimalComma`: where both notations fit alike, numbers have a comma. Complains about fields of another type. */
  summary(complaints: Complaints, decimalComma: boolean): Column {
    const { point, comma } = this.#numbers;
    const preferComma = comma.count > point.count || (comma.count === point.count && decimalComma);
    const numbers = preferComma ? comma : point;
    const units = unitsOf(numbers.units.keys());
    const layout = this.#layout();
    const type = this.#type(units === 'mixed' ? 0 : numbers.count, layout);
    if (type === 'number') this.#complain(complaints, numbers, 'a number');
    if (type === 'date') {
      this.#complain(complaints, this.#dated, 'a date');
      this.#noticeOrder(complaints, layout);
    }
    return {
      name: this.#name,
      type,
      filled: this.#filled,
      distinct: this.#distinct.size > MOST_DISTINCT ? null : this.#distinct.size,
      ...(type === 'number' ? { minimum: numbers.minimum, maximum: numbers.maximum, mean: numbers.mean } : {}),
      examples: this.#examples,
      length: this.#filled === 0 ? 0 : this.#characters / this.#filled,
      notation: preferComma ? 'comma' : 'point',
      ...(layout ? { layout } : {}),
      ...(type === 'number' && typeof units === 'object' && units.unit !== '' ? { unit: units.unit } : {}),
      ...(type === 'number' && units === 'scales' ? { scaled: true } : {}),
      missing: this.#missing,
      counts: type === 'number' && this.#counts && this.#filled - this.#missing > 2,
      ...(this.#distinct.size <= MOST_CATEGORIES ? { values: this.#values() } : {}),
    };
  }

  #values(): readonly string[] {
    return [...this.#distinct].sort((a, b) => b[1] - a[1]).map(([value]) => value);
  }

  #noteCount(value: number): void {
    const step = value - this.#lastCount;
    this.#counts = Number.isInteger(value) && (Number.isNaN(this.#lastCount) || step === 0 || step === 1);
    this.#lastCount = value;
  }

  #noteDistinct(value: string): void {
    const key = value.length <= EXAMPLE_LENGTH ? value : digest(value);
    const known = this.#distinct.get(key);
    if (known !== undefined) {
      this.#distinct.set(key, known + 1);
      return;
    }
    if (this.#distinct.size > MOST_DISTINCT) return;
    this.#distinct.set(detached(key), 1);
    if (this.#examples.length < EXAMPLES) this.#examples.push(shortened(value));
  }

  #noteDate(value: string, line: number): void {
    const known = this.#dated.count < DATES_TO_BELIEVE ? [] : datesOf(value, [...this.#dates.keys()]);
    const readings = known.length > 0 ? known : datesOf(value, LAYOUTS);
    this.#dated.note(readings.length > 0, line, value);
    for (const { layout, time } of readings) {
      const dates = this.#dates.get(layout) ?? new Dates();
      this.#dates.set(layout, dates);
      dates.note(time);
    }
  }

  #type(numbers: number, layout: DateLayout | undefined): ColumnType {
    const values = this.#filled - this.#missing;
    if (values <= 0) return this.#filled === 0 ? 'empty' : 'category';
    if (layout !== undefined && this.#areDates(layout, values)) return 'date';
    if (numbers >= MOSTLY * values) return 'number';
    const distinct = this.#distinct.size;
    const isText = this.#words >= WORDS_OF_TEXT * this.#filled && distinct > 2;
    return distinct <= MOST_CATEGORIES && distinct <= CATEGORY_SHARE * this.#filled && !isText ? 'category' : 'text';
  }

  #areDates(layout: DateLayout, values: number): boolean {
    const dates = this.#dates.get(layout);
    if (layout === 'y' || !dates || dates.count < MOSTLY * values) return false;
    if (!NUMERIC_LAYOUTS.has(layout)) return true;
    // Numbers that could be dates are some where they are called so, or go up from row to row.
    return (
      dates.count === values &&
      (TIME_NAME.test(this.#name) || (values > 2 && dates.disorder === 0 && this.#distinct.size === this.#filled))
    );
  }

  /** The layout that most dates have; the one that puts them in order, at equal steps, where several do. */
  #layout(): DateLayout | undefined {
    const fitting = [...this.#dates].filter(([layout]) => {
      const order = orderOf(layout);
      return this.#order === undefined || order === undefined || order === this.#order;
    });
    return fitting.sort(
      ([, a], [, b]) => b.count - a.count || a.disorder - b.disorder || a.changes - b.changes,
    )[0]?.[0];
  }

  #complain(complaints: Complaints, kind: Kind, what: string): void {
    const others = this.#filled - this.#missing - kind.count;
    for (const { line, value } of kind.others.slice(0, others)) {
      complaints.add(line, this.#name, `is ${JSON.stringify(value)}, not ${what} as most of the column`);
    }
    complaints.addUnseen(Math.max(0, others - kind.others.length));
  }

  /** Days and months that could be the other way round as well. */
  #noticeOrder(complaints: Complaints, layout: DateLayout | undefined): void {
    const order = layout === undefined ? undefined : orderOf(layout);
    const chosen = layout === undefined ? undefined : this.#dates.get(layout);
    if (this.#order !== undefined || order === undefined || !chosen) return;
    const others = [...this.#dates].filter(([other, { count }]) => {
      return orderOf(other) !== undefined && orderOf(other) !== order && count === chosen.count;
    });
    if (others.length === 0) return;
    const isTie = others.some(([, { disorder, changes }]) => {
      return disorder === chosen.disorder && changes === chosen.changes;
    });
    const reason = isTie ? 'nothing in the column decides' : 'so that they are in order at equal steps';
    complaints.notice(
      `The dates in the column "${this.#name}" are read as ${ORDER_WORDS[order]} (${reason}); ` +
        `they could be ${others.map(([other]) => ORDER_WORDS[orderOf(other)!]).join(' or ')} as well.`,
    );
  }
}

const ORDER_WORDS: Readonly<Record<DateOrder, string>> = {
  ymd: 'year, month, day',
  dmy: 'day, month, year',
  mdy: 'month, day, year',
};

/** What columns of dates are called. */
const TIME_NAME =
  /date|time|stamp|epoch|unix|month|period|^(?:ts|t|day|dt|when|ym|yyyymm)$|_(?:at|ts|dt)$|datum|zeit|fecha|hora/i;

/** A copy that does not keep alive the text that it was cut from. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** At most 200 characters, for people to see. */
export function shortened(text: string): string {
  return detached(text.length <= EXAMPLE_LENGTH ? text : `${wholeCharacters(text, EXAMPLE_LENGTH - 1)}…`);
}

/** The beginning of a text, without half a surrogate pair at its end. */
export function wholeCharacters(text: string, length: number): string {
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}

function countWords(text: string): number {
  let count = 1;
  for (let at = text.indexOf(' '); at >= 0; at = text.indexOf(' ', at + 1)) count++;
  return count;
}

/** Stands for a long value where different values are counted: its length, and FNV-1a hashes of it from both ends. */
function digest(text: string): string {
  let forward = 0x811c9dc5;
  let backward = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    forward = Math.imul(forward ^ text.charCodeAt(i), 0x01000193);
    backward = Math.imul(backward ^ text.charCodeAt(text.length - 1 - i), 0x01000193);
  }
  return `${text.length} ${forward} ${backward}`;
}
