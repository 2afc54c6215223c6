/** Records of a JSON document: the members of its list, wherever in the document the list begins. */
import { InputError } from '../../../engine/errors.ts';
import { LONGEST_RECORD, type Row, type RowParser } from './delimited.ts';
import type { JsonLinesParser } from './json-lines.ts';

/**
 * Cuts a document into the members of its first list of records, `[...]` or `{"data": [...]}`, without having it whole
 * in memory.
 */
export class JsonArrayParser implements RowParser {
  readonly #records: JsonLinesParser;
  readonly #source: string;
  /** Lists and objects that are open. */
  #depth = 0;
  /** The depth at which the members stand; 0 before the list has begun. */
  #level = 0;
  #inString = false;
  #escaped = false;
  #line = 1;
  #memberLine = 1;
  #member = '';
  #ended = false;

  constructor(records: JsonLinesParser, source: string) {
    this.#records = records;
    this.#source = source;
  }

  get columns(): readonly string[] {
    return this.#records.columns;
  }

  push(text: string): readonly Row[] {
    const rows: Row[] = [];
    let from = 0;
    for (let at = 0; at < text.length && !this.#ended; at++) {
      const character = text[at]!;
      if (character === '\n') this.#line++;
      if (this.#inString) {
        if (this.#escaped) this.#escaped = false;
        else if (character === '\\') this.#escaped = true;
        else if (character === '"') this.#inString = false;
        continue;
      }
      if (character === '"') this.#inString = true;
      else if (character === '[' || character === '{') {
        this.#depth++;
        // A list of its own, or the first one that a member of the document's object is.
        if (this.#level === 0 && character === '[' && this.#depth <= 2) {
          this.#level = this.#depth;
          this.#memberLine = this.#line;
          from = at + 1;
        }
      } else if (character === ',' && this.#depth === this.#level) {
        this.#finish(text.slice(from, at), rows);
        from = at + 1;
      } else if (character === ']' || character === '}') {
        if (this.#depth === this.#level && this.#level > 0) {
          this.#finish(text.slice(from, at), rows);
          this.#ended = true;
        }
        this.#depth--;
      }
    }
    if (this.#level > 0 && !this.#ended) this.#member += text.slice(from);
    if (this.#member.length > LONGEST_RECORD) {
      throw new InputError(`${this.#source}, line ${this.#memberLine}: a record is longer than 16 million characters`);
    }
    return rows;
  }

  end(): readonly Row[] {
    if (!this.#ended) {
      throw new InputError(
        this.#level === 0
          ? `${this.#source} holds no list of records; a JSON document must be a list, or an object with one`
          : `${this.#source} ends within its list, at line ${this.#line}; the file is cut off`,
      );
    }
    return [];
  }

  #finish(rest: string, rows: Row[]): void {
    const text = (this.#member + rest).trim();
    if (text !== '') rows.push(...this.#records.record(text, this.#memberLine));
    this.#member = '';
    this.#memberLine = this.#line;
  }
}
