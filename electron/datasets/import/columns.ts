/** What is found out about a column while its fields pass by. */
import type { Complaints } from './complaints.ts';
import { datesOf, LAYOUTS, type DateLayout } from './dates.ts';
import { isMissing, readNumber, type Notation } from './numbers.ts';

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
}

/** Different values that are counted. */
const MOST_DISTINCT = 10_000;
/** Different values that a category may have, and their share of all. */
const MOST_CATEGORIES = 200;
const CATEGORY_SHARE = 0.5;
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
  minimum = Infinity;
  maximum = -Infinity;
  mean = 0;

  noteNumber(number: number, line: number, value: string): void {
    const is = !Number.isNaN(number);
    this.note(is, line, value);
    if (!is) return;
    this.minimum = Math.min(this.minimum, number);
    this.maximum = Math.max(this.maximum, number);
    this.mean += (number - this.mean) / this.count;
  }
}

/** Fields that are dates in one layout, and how often one was before the one above it. */
class Dates {
  count = 0;
  disorder = 0;
  #last = -Infinity;

  note(time: number): void {
    this.count++;
    if (time < this.#last) this.disorder++;
    this.#last = time;
  }
}

export class ColumnStatistics {
  readonly #name: string;
  readonly #distinct = new Set<string>();
  readonly #examples: string[] = [];
  readonly #numbers: Readonly<Record<Notation, Numbers>> = { point: new Numbers(), comma: new Numbers() };
  readonly #dates = new Map<DateLayout, Dates>();
  readonly #dated = new Kind();
  #filled = 0;
  #missing = 0;
  #characters = 0;

  constructor(name: string) {
    this.#name = name;
  }

  add(field: string, line: number): void {
    if (field === '') return;
    const value = field.trim();
    if (value === '') return;
    this.#filled++;
    this.#characters += value.length;
    if (this.#distinct.size <= MOST_DISTINCT) this.#noteDistinct(value);
    if (isMissing(value)) {
      this.#missing++;
      return;
    }
    this.#numbers.point.noteNumber(readNumber(value, 'point'), line, value);
    this.#numbers.comma.noteNumber(readNumber(value, 'comma'), line, value);
    // Once far too many are no dates, none is looked for.
    if (this.#dated.others.length < MOST_PLACES || this.#dated.count > 0) this.#noteDate(value, line);
  }

  /** `decimalComma`: where both notations fit alike, numbers have a comma. Complains about fields of another type. */
  summary(complaints: Complaints, decimalComma: boolean): Column {
    const { point, comma } = this.#numbers;
    const preferComma = comma.count > point.count || (comma.count === point.count && decimalComma);
    const numbers = preferComma ? comma : point;
    const type = this.#type(numbers.count);
    const layout = this.#layout();
    if (type === 'number') this.#complain(complaints, numbers, 'a number');
    if (type === 'date') {
      this.#complain(complaints, this.#dated, 'a date');
      this.#complainAmbiguity(complaints, layout);
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
    };
  }

  #noteDistinct(value: string): void {
    const key = value.length <= EXAMPLE_LENGTH ? value : digest(value);
    if (this.#distinct.has(key)) return;
    this.#distinct.add(detached(key));
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

  #type(numbers: number): ColumnType {
    const values = this.#filled - this.#missing;
    if (values <= 0) return this.#filled === 0 ? 'empty' : 'category';
    const layout = this.#layout();
    const years = layout === 'y';
    if (layout !== undefined && !years && (this.#dates.get(layout)?.count ?? 0) >= MOSTLY * values) return 'date';
    if (numbers >= MOSTLY * values) return 'number';
    const distinct = this.#distinct.size;
    return distinct <= MOST_CATEGORIES && distinct <= CATEGORY_SHARE * this.#filled ? 'category' : 'text';
  }

  /** The layout that most dates have; the one that puts them in order where several do. */
  #layout(): DateLayout | undefined {
    return [...this.#dates].sort(([, a], [, b]) => b.count - a.count || a.disorder - b.disorder)[0]?.[0];
  }

  #complain(complaints: Complaints, kind: Kind, what: string): void {
    const others = this.#filled - this.#missing - kind.count;
    for (const { line, value } of kind.others.slice(0, others)) {
      complaints.add(line, this.#name, `is ${JSON.stringify(value)}, not ${what} as most of the column`);
    }
    complaints.addUnseen(Math.max(0, others - kind.others.length));
  }

  #complainAmbiguity(complaints: Complaints, layout: DateLayout | undefined): void {
    const dmy = this.#dates.get('dmy');
    const mdy = this.#dates.get('mdy');
    if (!dmy || !mdy || dmy.count !== mdy.count || dmy.disorder !== mdy.disorder) return;
    complaints.add(
      1,
      this.#name,
      `can be read as day, month, year and as month, day, year; it is read as ${layout === 'mdy' ? 'month, day' : 'day, month'}, year`,
    );
  }
}

/** A copy that does not keep alive the text that it was cut from. */
export function detached(text: string): string {
  return Buffer.from(text, 'utf16le').toString('utf16le');
}

/** At most 200 characters, for people to see. */
export function shortened(text: string): string {
  return detached(text.length <= EXAMPLE_LENGTH ? text : `${text.slice(0, EXAMPLE_LENGTH - 1)}…`);
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
