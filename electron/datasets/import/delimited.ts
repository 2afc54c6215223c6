/** Records of a table as text (RFC 4180, and what programs make of it), from pieces of the text. */
import { InputError } from '../../../engine/errors.ts';

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

export interface DelimitedForm {
  readonly delimiter: string;
  /** '\n' stands for '\r\n' too. */
  readonly newline: '\n' | '\r';
}

const QUOTE = '"';

/**
 * Fields may be in quotation marks, in which delimiters, line breaks and doubled quotation marks are part of the field.
 * Empty lines are left out. Memory is bounded by the longest record.
 */
export class DelimitedParser implements RowParser {
  readonly #form: DelimitedForm;
  readonly #source: string;
  #text = '';
  #line = 1;

  constructor(form: DelimitedForm, source: string) {
    this.#form = form;
    this.#source = source;
  }

  push(text: string): readonly Row[] {
    this.#text += text;
    return this.#parse(false);
  }

  end(): readonly Row[] {
    return this.#parse(true);
  }

  #parse(atEnd: boolean): readonly Row[] {
    const { delimiter, newline } = this.#form;
    const text = this.#text;
    const rows: Row[] = [];
    let at = 0;
    while (at < text.length) {
      const newlineAt = text.indexOf(newline, at);
      if (newlineAt < 0 && !atEnd) break;
      const end = newlineAt < 0 ? text.length : newlineAt;
      const line = text.slice(at, text[end - 1] === '\r' && newline === '\n' && end > at ? end - 1 : end);
      if (!line.includes(QUOTE)) {
        if (line !== '') rows.push({ line: this.#line, fields: line.split(delimiter) });
        this.#line++;
        at = end + 1;
        continue;
      }
      const record = this.#quoted(at, atEnd);
      if (record === null) break;
      rows.push({ line: this.#line, fields: record.fields });
      this.#line += record.lines;
      at = record.end;
    }
    this.#text = text.slice(at);
    this.#refuse(atEnd);
    return rows;
  }

  /** A record that has quotation marks; null where its end has not come yet. */
  #quoted(start: number, atEnd: boolean): { fields: string[]; end: number; lines: number } | null {
    const { delimiter, newline } = this.#form;
    const text = this.#text;
    const fields: string[] = [];
    let lines = 1;
    let at = start;
    for (;;) {
      let field = '';
      if (text[at] === QUOTE) {
        const close = closingQuote(text, at + 1);
        if (close < 0 || (close + 1 === text.length && !atEnd)) return null;
        field = text.slice(at + 1, close).replaceAll('""', QUOTE);
        lines += field.split(newline).length - 1;
        at = close + 1;
      }
      let end = at;
      while (end < text.length && text[end] !== delimiter && text[end] !== newline) end++;
      if (end === text.length && !atEnd) return null;
      const isLast = text[end] !== delimiter;
      const lineEnd = isLast && newline === '\n' && end > at && text[end - 1] === '\r' ? end - 1 : end;
      fields.push(field + text.slice(at, lineEnd));
      at = end + 1;
      if (isLast) return { fields, end: at, lines };
    }
  }

  /** Whatever is left belongs to one record. */
  #refuse(atEnd: boolean): void {
    if (this.#text.length <= LONGEST_RECORD && !(atEnd && this.#text !== '')) return;
    const place = `${this.#source}, line ${this.#line}`;
    const firstBreak = this.#text.indexOf(this.#form.newline);
    if (firstBreak >= 0 || atEnd) {
      throw new InputError(`${place}: a quotation mark opens a field that is never closed`);
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
