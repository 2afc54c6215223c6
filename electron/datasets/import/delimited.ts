/** Records of a table as text (RFC 4180, and what programs and people make of it), from pieces of the text. */
import { InputError } from '../../../engine/errors.ts';
import type { QUOTE_MODES } from '../../api/import-options.ts';

export interface Row {
  /** Where it begins; counts from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

/** Whatever makes rows from pieces of a text. */
export interface RowParser {
  /** The rows that this piece completes. */
  push(text: string): readonly Row[];
  /** The last row, where no line break ends it. */
  end(): readonly Row[];
}

/** Characters that a record may have. */
export const LONGEST_RECORD = 1 << 24;

export type QuoteMode = (typeof QUOTE_MODES)[number];

export interface DelimitedForm {
  readonly delimiter: string;
  /** '\n' stands for '\r\n' too. */
  readonly newline: '\n' | '\r';
  /** 'strict' where it is missing. */
  readonly quotes?: QuoteMode | undefined;
  /** Lines before the table. */
  readonly skip?: number | undefined;
  /** What lines that are comments begin with. */
  readonly comment?: string | null | undefined;
  /** Fields of a row, where it is known. */
  readonly width?: number | undefined;
}

/** What a parser finds odd about quotation marks. */
export interface QuoteFindings {
  /** A quotation mark opens a field that ends nowhere, or that would swallow whole rows. */
  stray(line: number): void;
  /** A field with line breaks: the record is on these lines. */
  joined(line: number, lines: number): void;
}

const QUOTE = '"';
/** Characters after which a field that is not closed is not waited for. */
const LONGEST_OPEN = 1 << 22;
/** Lines after which it is not, in a table of one column, where every line could be a row. */
const MOST_OPEN_LINES = 200;

interface Record {
  readonly fields: string[];
  readonly end: number;
  readonly lines: number;
}

/**
 * Fields may be in quotation marks, in which delimiters, line breaks and doubled quotation marks are part of the field.
 * Empty lines are left out; between the rows of a table with one column, they are empty fields. Memory is bounded by the
 * longest record.
 */
export class DelimitedParser implements RowParser {
  readonly #form: DelimitedForm;
  readonly #quotes: QuoteMode;
  readonly #source: string;
  readonly #findings: QuoteFindings | undefined;
  #text = '';
  #line = 1;
  #width: number | undefined;
  /** Lines of empty rows that wait for a row after them. */
  #blank: number[] = [];

  constructor(form: DelimitedForm, source: string, findings?: QuoteFindings) {
    this.#form = form;
    this.#quotes = form.quotes ?? 'strict';
    this.#source = source;
    this.#findings = findings;
    this.#width = form.width;
  }

  push(text: string): readonly Row[] {
    this.#text += text;
    return this.#parse(false);
  }

  end(): readonly Row[] {
    return this.#parse(true);
  }

  #parse(atEnd: boolean): readonly Row[] {
    const { delimiter, newline, skip = 0 } = this.#form;
    const text = this.#text;
    const rows: Row[] = [];
    let at = 0;
    while (at < text.length) {
      const newlineAt = text.indexOf(newline, at);
      if (newlineAt < 0 && !atEnd) break;
      const end = newlineAt < 0 ? text.length : newlineAt;
      const line = text.slice(at, text[end - 1] === '\r' && newline === '\n' && end > at ? end - 1 : end);
      if (this.#line <= skip || this.#isComment(line)) {
        this.#line++;
        at = end + 1;
      } else if (this.#quotes === 'none' || !line.includes(QUOTE)) {
        if (line === '') this.#blank.push(this.#line);
        else this.#add(rows, { line: this.#line, fields: line.split(delimiter) });
        this.#line++;
        at = end + 1;
      } else {
        const record = this.#quoted(at, atEnd);
        if (record === null) break;
        this.#add(rows, { line: this.#line, fields: record.fields });
        if (record.lines > 1) this.#findings?.joined(this.#line, record.lines);
        this.#line += record.lines;
        at = record.end;
      }
    }
    this.#text = text.slice(at);
    this.#refuse(atEnd);
    return rows;
  }

  #add(rows: Row[], row: Row): void {
    if (this.#width === 1) for (const line of this.#blank) rows.push({ line, fields: [''] });
    this.#blank = [];
    this.#width ??= row.fields.length;
    rows.push(row);
  }

  /** A line that begins like a comment and has not as many fields as a row. */
  #isComment(line: string): boolean {
    const { comment } = this.#form;
    if (comment === null || comment === undefined || !line.startsWith(comment)) return false;
    return this.#width === undefined || this.#count(line) !== this.#width;
  }

  /** Fields of a line, quotation marks taken for plain characters. */
  #count(line: string): number {
    let count = 1;
    for (let at = line.indexOf(this.#form.delimiter); at >= 0; at = line.indexOf(this.#form.delimiter, at + 1)) count++;
    return count;
  }

  /** A record that has quotation marks; null where its end has not come yet. */
  #quoted(start: number, atEnd: boolean): Record | null {
    const { delimiter, newline } = this.#form;
    const text = this.#text;
    const fields: string[] = [];
    let lines = 1;
    let at = start;
    for (;;) {
      let field = '';
      if (text[at] === QUOTE) {
        const closed = this.#quotes === 'strict' ? this.#close(at, atEnd) : this.#lenientClose(start, at, atEnd);
        if (closed === 'more') return null;
        if (closed === 'stray') {
          this.#findings?.stray(this.#line + lines - 1);
          // A plain character; so that the search for the field's end begins behind it:
          field = QUOTE;
          at++;
        } else {
          field = closed.field;
          lines += field.split(newline).length - 1;
          at = closed.end;
        }
      }
      let end = at;
      while (end < text.length && text[end] !== delimiter && text[end] !== newline) end++;
      if (end === text.length && !atEnd) return null;
      const isLast = text[end] !== delimiter;
      const lineEnd = isLast && newline === '\n' && end > at && text[end - 1] === '\r' ? end - 1 : end;
      const rest = text.slice(at, lineEnd);
      fields.push(field + (this.#quotes !== 'strict' && field !== QUOTE && rest.trim() === '' ? '' : rest));
      at = end + 1;
      if (isLast) return { fields, end: at, lines };
    }
  }

  /** The field whose quotation mark opens at `at`, as RFC 4180 has it. */
  #close(at: number, atEnd: boolean): { readonly field: string; readonly end: number } | 'more' {
    const text = this.#text;
    const close = closingQuote(text, at + 1);
    if (close < 0 || (close + 1 === text.length && !atEnd)) return 'more';
    return { field: text.slice(at + 1, close).replaceAll('""', QUOTE), end: close + 1 };
  }

  /** As #close, but for a quotation mark that is no more than a character. `start`: of the record. */
  #lenientClose(
    start: number,
    at: number,
    atEnd: boolean,
  ): { readonly field: string; readonly end: number } | 'more' | 'stray' {
    const { newline } = this.#form;
    const text = this.#text;
    const found = this.#fieldEnd(at + 1, atEnd);
    const lineEnd = text.indexOf(newline, at);
    if (found.kind === 'found' && (lineEnd < 0 || found.at < lineEnd)) return this.#field(at, found.at);
    // Quotation marks within the line, around a word of the field.
    const inLine = closingQuote(text, at + 1);
    if (lineEnd >= 0 && inLine >= 0 && inLine < lineEnd) return 'stray';
    // Whether it goes on in the next lines, or they are rows of their own.
    const until = found.kind === 'found' ? found.at : text.length;
    if (lineEnd >= 0 && this.#swallowsRows(start, lineEnd, until, found.kind === 'found')) return 'stray';
    if (found.kind === 'found') return this.#field(at, found.at);
    if (atEnd || text.length - at > LONGEST_OPEN) return 'stray';
    return 'more';
  }

  #field(at: number, close: number): { readonly field: string; readonly end: number } {
    const inner = this.#text.slice(at + 1, close);
    // Doubled, or, as some databases write it, behind a backslash.
    const field = inner.replace(/\\?""|\\"/g, (mark) => (mark.startsWith('\\""') ? '\\"' : QUOTE));
    return { field, end: close + 1 };
  }

  /** The next quotation mark that is not doubled and stands at the end of a field. */
  #fieldEnd(from: number, atEnd: boolean): { readonly kind: 'found'; readonly at: number } | { readonly kind: 'none' } {
    const { delimiter, newline } = this.#form;
    const text = this.#text;
    for (let close = closingQuote(text, from); close >= 0; close = closingQuote(text, close + 1)) {
      let after = close + 1;
      while (after < text.length && (text[after] === ' ' || text[after] === '\r')) after++;
      if (after === text.length ? atEnd : text[after] === delimiter || text[after] === newline) {
        return { kind: 'found', at: close };
      }
      if (after === text.length) break;
    }
    return { kind: 'none' };
  }

  /** Whether the lines that a quoted field would take in are rows of the table by themselves. */
  #swallowsRows(start: number, firstEnd: number, until: number, closed: boolean): boolean {
    const { delimiter, newline } = this.#form;
    const text = this.#text;
    const width = this.#width ?? 0;
    const within = text.slice(firstEnd + 1, until).split(newline);
    // The last piece is cut off by the quotation mark, or by the end of what has come.
    const last = within.pop() ?? '';
    if (width <= 1) return within.length > MOST_OPEN_LINES;
    if (this.#count(text.slice(start, firstEnd)) !== width) return false;
    const rowLike = within.filter((line) => this.#count(line) === width).length;
    if (delimiter === '\t') {
      if (within.length === 0) return closed && this.#count(last) === width;
      return rowLike > 0 && rowLike * 2 >= within.length;
    }
    if (within.length < 2 || rowLike < within.length * 0.9) return false;
    return closed || within.length >= 5;
  }

  /** Whatever is left belongs to one record. */
  #refuse(atEnd: boolean): void {
    if (this.#text.length <= LONGEST_RECORD && !(atEnd && this.#text !== '')) return;
    const place = `${this.#source}, line ${this.#line}`;
    const firstBreak = this.#text.indexOf(this.#form.newline);
    if (firstBreak >= 0 || atEnd) {
      throw new InputError(
        `${place}: a quotation mark opens a field that is never closed`,
        'Take quotation marks for plain characters if the file does not use them around fields.',
      );
    }
    throw new InputError(
      `${place} is longer than ${LONGEST_RECORD.toLocaleString('en')} characters; no row of a table is that long`,
    );
  }
}

/** Where the quotation mark is that is not doubled; -1 where there is none. */
function closingQuote(text: string, from: number): number {
  let at = text.indexOf(QUOTE, from);
  while (at >= 0 && text[at + 1] === QUOTE) at = text.indexOf(QUOTE, at + 2);
  return at;
}
