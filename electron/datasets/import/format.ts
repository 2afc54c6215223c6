/** What kind of table or text a file is, by its name and its beginning. */
import type { Complaints } from './complaints.ts';
import { DelimitedParser, type Row } from './delimited.ts';
import { datesOf } from './dates.ts';
import { readNumber } from './numbers.ts';
import type { TextEncoding } from './encoding.ts';

export type ImportFormat = 'csv' | 'tsv' | 'text' | 'jsonl';
export type Delimiter = (typeof DELIMITERS)[number];

/** How a file is to be read. */
export interface Reading {
  readonly format: ImportFormat;
  readonly encoding: TextEncoding;
  /** Of csv and tsv; null for the others. */
  readonly delimiter: Delimiter | null;
  /** Whether the first row names the columns. */
  readonly header: boolean;
  /** '\n' stands for '\r\n' too. */
  readonly newline: '\n' | '\r';
}

/** What a person says of it, in place of what is found. */
export type ReadingAs = { readonly [Key in 'format' | 'encoding' | 'delimiter' | 'header']?: Reading[Key] | undefined };

/** The beginning of a file. */
export interface Beginning {
  readonly name: string;
  readonly text: string;
  /** The text is all that there is. */
  readonly whole: boolean;
}

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** Share of the rows that must have as many fields as most have, and rows it takes to believe in a table. */
const AGREEING = 0.9;
const ROWS_TO_BELIEVE = 3;

export function detectFormat(beginning: Beginning, as: ReadingAs): Omit<Reading, 'encoding'> {
  const newline = !beginning.text.includes('\n') && beginning.text.includes('\r') ? '\r' : '\n';
  const format = as.format ?? (as.delimiter ? 'csv' : guessFormat(beginning, newline));
  if (format === 'text' || format === 'jsonl') return { format, delimiter: null, header: false, newline };
  const delimiter = as.delimiter ?? (format === 'tsv' ? '\t' : (bestDelimiter(beginning, newline)?.delimiter ?? ','));
  const header = as.header ?? looksLikeHeader(sampleRows(beginning, delimiter, newline));
  return { format, delimiter, header, newline };
}

function guessFormat(beginning: Beginning, newline: Reading['newline']): ImportFormat {
  const extension = /\.([a-z]+)$/.exec(beginning.name.toLowerCase())?.[1] ?? '';
  if (extension === 'jsonl' || extension === 'ndjson') return 'jsonl';
  if (extension === 'tsv' || extension === 'tab') return 'tsv';
  if (extension === 'csv') return 'csv';
  if (looksLikeJsonLines(beginning, newline)) return 'jsonl';
  const best = bestDelimiter(beginning, newline);
  // Commas and semicolons occur in prose as well: there, only many rows that agree without exception make a table.
  if (!best || best.share < AGREEING) return 'text';
  if (best.delimiter !== '\t' && (best.share < 1 || best.rows < ROWS_TO_BELIEVE)) return 'text';
  return best.delimiter === '\t' ? 'tsv' : 'csv';
}

function looksLikeJsonLines({ text, whole }: Beginning, newline: string): boolean {
  const lines = text.split(newline).slice(0, whole ? 20 : -1);
  const filled = lines.slice(0, 20).filter((line) => line.trim() !== '');
  return filled.length > 0 && filled.every(isJsonRecord);
}

function isJsonRecord(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

interface Fit {
  readonly delimiter: Delimiter;
  readonly rows: number;
  /** Of the rows that have as many fields as most rows. */
  readonly share: number;
  readonly fields: number;
}

/** The delimiter by which the rows agree best on a number of fields above 1; the most fields where several do. */
function bestDelimiter(beginning: Beginning, newline: Reading['newline']): Fit | undefined {
  const fits = DELIMITERS.map((delimiter): Fit => {
    const rows = sampleRows(beginning, delimiter, newline);
    const counts = new Map<number, number>();
    for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
    const [fields = 1, agreeing = 0] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? [];
    return { delimiter, rows: rows.length, share: agreeing / rows.length, fields };
  });
  return fits.filter(({ fields }) => fields > 1).sort((a, b) => b.share - a.share || b.fields - a.fields)[0];
}

function sampleRows({ text, whole }: Beginning, delimiter: string, newline: Reading['newline']): readonly Row[] {
  const parser = new DelimitedParser({ delimiter, newline }, 'the beginning');
  try {
    return [...parser.push(text), ...(whole ? parser.end() : [])];
  } catch {
    // With this delimiter, a quotation mark is never closed.
    return [];
  }
}

/** Names of columns are filled, differ, are no numbers or dates, and do not come back in the rows below. */
function looksLikeHeader(rows: readonly Row[]): boolean {
  const [first, ...others] = rows;
  if (!first || others.length === 0) return false;
  const names = first.fields.map((field) => field.trim());
  if (new Set(names).size < names.length && names.every((name) => name !== '')) {
    // Twice the same name is a header only where the rows below are of another kind.
    return others[0]!.fields.some(isValue) && !names.some(isValue);
  }
  if (names.some((name) => name === '' || isValue(name)))
    return names.every((name) => !isValue(name)) && names[0] === '';
  return !others.some(({ fields }) => fields.some((field, n) => field.trim() === names[n]));
}

function isValue(field: string): boolean {
  return (
    !Number.isNaN(readNumber(field, 'point')) || !Number.isNaN(readNumber(field, 'comma')) || datesOf(field).length > 0
  );
}

/** Names of columns by the first row: trimmed, filled, each once. */
export function columnNames(fields: readonly string[], line: number, complaints: Complaints): readonly string[] {
  const taken = new Set(fields.map((field) => field.trim()));
  const seen = new Set<string>();
  return fields.map((field, n) => {
    const given = field.trim() === '' ? unnamed(n) : field.trim();
    if (!seen.has(given)) {
      seen.add(given);
      return given;
    }
    let name = given;
    for (let count = 2; seen.has(name) || taken.has(name); count++) name = `${given} (${count})`;
    complaints.add(line, given, `is the name of an earlier column too; this one is called "${name}"`);
    seen.add(name);
    return name;
  });
}

/** `n` counts from 0. */
export function unnamed(n: number): string {
  return `column ${n + 1}`;
}
