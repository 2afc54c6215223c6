/** Records of a JSON Lines file: an object or a list a line. */
import { InputError } from '../../../engine/errors.ts';
import type { Complaints } from './complaints.ts';
import { LONGEST_RECORD, type Row, type RowParser } from './delimited.ts';

/** Columns that a file may have. */
export const MOST_COLUMNS = 4096;

/**
 * Members of objects are columns, in the order in which they first occur; of lists, the places. What is no text is
 * written as JSON, null as nothing. Lines that are no JSON are complained about and left out.
 */
export class JsonLinesParser implements RowParser {
  readonly #columns: string[] = [];
  readonly #places = new Map<string, number>();
  readonly #source: string;
  readonly #complaints: Complaints;
  readonly #scalars: boolean;
  /** Lines with halves of characters. */
  readonly mended = new Set<number>();
  #text = '';
  #line = 1;

  /** `scalars`: whether a record may be a single text or number. */
  constructor(source: string, complaints: Complaints, scalars = false) {
    this.#source = source;
    this.#complaints = complaints;
    this.#scalars = scalars;
  }

  /** Names so far; rows that came before a column has been seen lack it. */
  get columns(): readonly string[] {
    return this.#columns;
  }

  push(text: string): readonly Row[] {
    this.#text += text;
    const rows: Row[] = [];
    let at = 0;
    for (let end = this.#text.indexOf('\n'); end >= 0; end = this.#text.indexOf('\n', at)) {
      this.#read(this.#text.slice(at, end), rows);
      at = end + 1;
    }
    this.#text = this.#text.slice(at);
    if (this.#text.length > LONGEST_RECORD) {
      throw new InputError(
        `${this.#source}, line ${this.#line} is longer than ${LONGEST_RECORD.toLocaleString('en')} characters; ` +
          `JSON Lines have one record a line`,
      );
    }
    return rows;
  }

  end(): readonly Row[] {
    const rows: Row[] = [];
    this.#read(this.#text, rows);
    this.#text = '';
    return rows;
  }

  #read(text: string, rows: Row[]): void {
    const line = this.#line++;
    if (text.trim() !== '') rows.push(...this.record(text, line));
  }

  /** The row that one record makes; none where it is no record. */
  record(text: string, line: number): readonly Row[] {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#complaints.add(line, undefined, 'is not JSON; it is left out');
      return [];
    }
    // A list of plain values is a table of one column.
    if (this.#scalars && (typeof value === 'string' || typeof value === 'number')) value = { value };
    if (typeof value !== 'object' || value === null) {
      this.#complaints.add(line, undefined, 'is neither an object nor a list; it is left out');
      return [];
    }
    const members = Array.isArray(value)
      ? value.map((member: unknown, n) => [`column ${n + 1}`, member] as const)
      : Object.entries(value as Readonly<Record<string, unknown>>);
    const fields: string[] = new Array<string>(this.#columns.length).fill('');
    for (const [name, member] of members)
      fields[this.#place(name.toWellFormed(), line)] = this.#wellFormed(name, member, line);
    return [{ line, fields }];
  }

  /** A member as text. Half of a surrogate pair is no character: U+FFFD stands for it. */
  #wellFormed(name: string, member: unknown, line: number): string {
    const text = written(member);
    if (text.isWellFormed()) return text;
    this.mended.add(line);
    this.#complaints.add(line, name.toWellFormed(), `has half of a character (a lone surrogate); \uFFFD stands for it`);
    return text.toWellFormed();
  }

  #place(name: string, line: number): number {
    const known = this.#places.get(name);
    if (known !== undefined) return known;
    if (this.#columns.length === MOST_COLUMNS) {
      throw new InputError(`${this.#source}, line ${line}: there are more than ${MOST_COLUMNS} different members`);
    }
    this.#places.set(name, this.#columns.length);
    return this.#columns.push(name) - 1;
  }
}

function written(value: unknown): string {
  if (value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
