/** What kind of table or text a file is, by its name and its beginning. */
import { DELIMITERS, type FORMATS } from '../../api/import-options.ts';
import type { Complaints } from './complaints.ts';
import { looksLikeConll } from './conll.ts';
import { datesOf, NUMERIC_LAYOUTS, type DateOrder } from './dates.ts';
import { DelimitedParser, type QuoteMode, type Row } from './delimited.ts';
import type { TextEncoding } from './encoding.ts';
import { isMissing, readNumber } from './numbers.ts';

export type ImportFormat = (typeof FORMATS)[number];
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
  /** Of csv and tsv: what quotation marks are. */
  readonly quotes: QuoteMode;
  /** Of csv and tsv: lines before the table. */
  readonly skip: number;
  /** Of csv and tsv: what lines that are comments begin with. */
  readonly comment: string | null;
  /** The order of dates made of numbers; undefined: the one that the column's dates have. */
  readonly dateOrder?: DateOrder | undefined;
  /** Whether letters with diacritics are composed (Unicode's NFC); undefined: where that changes anything. */
  readonly nfc?: boolean | undefined;
}

/** What a person says of it, in place of what is found. */
export type ReadingAs = {
  readonly [
    Key in 'format' | 'encoding' | 'delimiter' | 'header' | 'quotes' | 'skip' | 'comment' | 'dateOrder' | 'nfc'
  ]?: Reading[Key] | undefined;
};

/** What is found of a file's format. */
export interface FormatFindings {
  readonly reading: Omit<Reading, 'encoding'>;
  /** Fields of most rows. */
  readonly width: number | undefined;
  /** Whether the first row could as well be data. */
  readonly headerUnsure: boolean;
  /** Whether the first line names the delimiter: "sep=;". */
  readonly namesDelimiter: boolean;
}

/** The beginning of a file. */
export interface Beginning {
  readonly name: string;
  readonly text: string;
  /** The text is all that there is. */
  readonly whole: boolean;
}

/** The less a character occurs in texts and numbers, the surer it is that it delimits. */
const RAREST_FIRST: readonly Delimiter[] = ['\t', '|', ';', ','];
const COMMENTS = ['#', '%', '//', '!'];

/** Share of the rows that must have as many fields as most have, and rows it takes to believe in a table. */
const AGREEING = 0.9;
const ROWS_TO_BELIEVE = 3;
/** Rows below which the form of the first row tells nothing: most small tables have names. */
const ROWS_TO_TELL = 8;
/** Share of a column's fields that are values where the column is of values. */
const MOSTLY = 0.9;
/** Lines before a table. */
const MOST_SKIPPED = 100;
/** Rows by which a table is judged. */
const JUDGED = 1000;

export function detectFormat(beginning: Beginning, as: ReadingAs): FormatFindings {
  const newline = !beginning.text.includes('\n') && beginning.text.includes('\r') ? '\r' : '\n';
  const separator = /^sep=(.)\r?(?:\n|$)/i.exec(beginning.text)?.[1];
  const named = DELIMITERS.find((delimiter) => delimiter === separator);
  const format = as.format ?? (as.delimiter || named ? 'csv' : guessFormat(beginning, newline));
  const { dateOrder, nfc } = as;
  const others = { newline, dateOrder, nfc } as const;
  if (format === 'text' || format === 'jsonl' || format === 'json' || format === 'conll') {
    const reading = {
      ...others,
      format,
      delimiter: null,
      header: false,
      quotes: 'none',
      skip: 0,
      comment: null,
    } as const;
    return { reading, width: undefined, headerUnsure: false, namesDelimiter: false };
  }
  const quotes = as.quotes ?? 'auto';
  const firstLine = separator === undefined ? 0 : 1;
  const comment = as.comment === undefined ? commentOf(beginning.text) : as.comment;
  const sample: Sampling = { beginning, newline, quotes, comment, skip: as.skip ?? firstLine };
  const best = bestDelimiter(sample);
  const delimiter = as.delimiter ?? named ?? (format === 'tsv' ? tabOr(best) : (best?.delimiter ?? ','));
  const rows = sampleRows(sample, delimiter);
  const width = commonWidth(rows);
  const values = valueColumns(rows, width);
  const skip = as.skip ?? Math.max(firstLine, linesAbove(sample, rows, width, values, delimiter));
  const table = rows.filter(({ line }) => line > skip);
  const nameRow = commentHeader(beginning.text, newline, skip, comment, delimiter, width);
  const judged = judgeHeader(nameRow ? [nameRow, ...table.filter(({ line }) => line > nameRow.line)] : table, values);
  const header = as.header ?? judged.header;
  const reading = { ...others, format, delimiter, header, quotes, skip, comment } as const;
  return {
    reading,
    width: width > 1 ? width : undefined,
    headerUnsure: as.header === undefined && judged.unsure,
    namesDelimiter: separator !== undefined,
  };
}

function tabOr(best: Fit | undefined): Delimiter {
  return best === undefined || best.share < AGREEING || best.delimiter === '\t' ? '\t' : best.delimiter;
}

function guessFormat(beginning: Beginning, newline: Reading['newline']): ImportFormat {
  const { name, text } = beginning;
  const extension = /\.([a-z0-9]+)$/.exec(name.toLowerCase())?.[1] ?? '';
  if (extension === 'jsonl' || extension === 'ndjson') return 'jsonl';
  if (CONLL_EXTENSIONS.has(extension) && looksLikeConll(text, true)) return 'conll';
  if (looksLikeJsonLines(beginning, newline)) return 'jsonl';
  if (/^\s*(?:\[\s*[[{"\d]|\{\s*")/.test(text) && (extension === 'json' || looksLikeJson(beginning))) return 'json';
  if (extension !== 'csv' && looksLikeConll(text.replaceAll('\r\n', '\n'), false)) return 'conll';
  if (extension === 'tsv' || extension === 'tab') return 'tsv';
  if (extension === 'csv') return 'csv';
  const sample: Sampling = { beginning, newline, quotes: 'auto', comment: commentOf(text), skip: 0 };
  const best = bestDelimiter(sample);
  // Commas and semicolons occur in prose as well: there, only many rows that agree without exception make a table.
  if (!best || best.share < AGREEING) return 'text';
  if (best.delimiter !== '\t' && (best.share < 1 || best.rows < ROWS_TO_BELIEVE)) return 'text';
  return best.delimiter === '\t' ? 'tsv' : 'csv';
}

const CONLL_EXTENSIONS: ReadonlySet<string> = new Set(['conll', 'conllu', 'conll03', 'iob', 'iob2', 'bio', 'bioes']);

function looksLikeJsonLines({ text, whole }: Beginning, newline: string): boolean {
  const lines = text.split(newline).slice(0, whole ? 20 : -1);
  const filled = lines.slice(0, 20).filter((line) => line.trim() !== '');
  // A single line that is a list of records is a JSON document.
  if (filled.length === 1 && /^\s*\[\s*[[{]/.test(filled[0]!)) return false;
  if (filled.length === 1 && /^\s*\{\s*"[^"]*"\s*:\s*\[\s*[{[]/.test(filled[0]!)) return false;
  return filled.length > 0 && filled.every(isJsonRecord);
}

function looksLikeJson({ text, whole }: Beginning): boolean {
  if (!whole) return /^\s*(?:\[\s*[[{]|\{\s*"[^"]*"\s*:)/.test(text);
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function isJsonRecord(line: string): boolean {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null;
  } catch {
    return false;
  }
}

/** What lines of the file that are comments begin with, where it begins with some. */
function commentOf(text: string): string | null {
  const first = /^\s*(\S.*)/.exec(text)?.[1] ?? '';
  return COMMENTS.find((prefix) => first.startsWith(prefix) && !/^#\w+,/.test(first)) ?? null;
}

interface Sampling {
  readonly beginning: Beginning;
  readonly newline: Reading['newline'];
  readonly quotes: QuoteMode;
  readonly comment: string | null;
  readonly skip: number;
}

interface Fit {
  readonly delimiter: Delimiter;
  readonly rows: number;
  /** Of the rows that have as many fields as most rows, from the first such row on. */
  readonly share: number;
  /** As `share`, but of all rows. */
  readonly shareOfAll: number;
  readonly fields: number;
  /** Share of the columns that hold values alone. */
  readonly values: number;
}

/** The delimiter by which the rows agree best on a number of fields above 1, and by which most columns hold values. */
function bestDelimiter(sample: Sampling): Fit | undefined {
  const fits = DELIMITERS.map((delimiter): Fit => {
    const rows = sampleRows(sample, delimiter);
    const fields = commonWidth(rows);
    const first = Math.max(
      0,
      rows.findIndex((row) => row.fields.length === fields),
    );
    const agreeing = rows.filter((row) => row.fields.length === fields).length;
    const values = [...valueColumns(rows, fields)].length / fields;
    return {
      delimiter,
      rows: rows.length - first,
      share: agreeing / (rows.length - Math.min(first, MOST_SKIPPED)),
      shareOfAll: agreeing / rows.length,
      fields,
      values,
    };
  });
  const rarity = ({ delimiter }: Fit) => RAREST_FIRST.indexOf(delimiter);
  return fits
    .filter(({ fields }) => fields > 1)
    .sort(
      (a, b) =>
        Math.round(20 * (b.shareOfAll - a.shareOfAll)) ||
        b.values - a.values ||
        b.fields - a.fields ||
        rarity(a) - rarity(b),
    )[0];
}

function sampleRows({ beginning, newline, quotes, comment, skip }: Sampling, delimiter: string): readonly Row[] {
  const parser = new DelimitedParser({ delimiter, newline, quotes, comment, skip }, 'the beginning');
  const { text, whole } = beginning;
  try {
    return [...parser.push(text), ...(whole ? parser.end() : [])].slice(0, JUDGED);
  } catch {
    // With this delimiter, a quotation mark is never closed.
    return [];
  }
}

/** Fields that most rows have. */
function commonWidth(rows: readonly Row[]): number {
  const counts = new Map<number, number>();
  for (const { fields } of rows) counts.set(fields.length, (counts.get(fields.length) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || b[0] - a[0])[0]?.[0] ?? 1;
}

/** Places of the columns that hold numbers or dates, and little else. */
function valueColumns(rows: readonly Row[], width: number): ReadonlySet<number> {
  const whole = rows.filter(({ fields }) => fields.length === width).slice(-200);
  const places = new Set<number>();
  for (let n = 0; n < width; n++) {
    const fields = whole.map((row) => row.fields[n]!.trim()).filter((field) => !isMissing(field));
    const values = fields.filter(isValue).length;
    // The first may be a name.
    if (values > 0 && values >= MOSTLY * (fields.length - 1)) places.add(n);
  }
  return places;
}

/** Lines before the table: titles, notes, and rows that are nearly empty. */
function linesAbove(
  { beginning, newline, comment }: Sampling,
  rows: readonly Row[],
  width: number,
  values: ReadonlySet<number>,
  delimiter: string,
): number {
  if (width < 2) return titleAboveColumn(rows, values);
  const start = rows.findIndex(({ fields }) => fields.length === width && !isNearlyEmpty(fields));
  if (start < 0 || start > MOST_SKIPPED) return 0;
  let first = start;
  // Where values show which row is the first of the data, the names of the columns are directly above it.
  const data = rows.findIndex((row) => row.fields.length === width && hasValues(row.fields, values));
  if (values.size > 0 && data > start + 1 && data <= MOST_SKIPPED && rows[data - 1]!.fields.length === width) {
    const names = rows[start]!.fields.map((field) => field.trim());
    const areNames = new Set(names).size === names.length && !names.some((name) => name === '' || isValue(name));
    if (start > 0 || !areNames) first = data - 1;
  }
  const line = rows[first]!.line;
  if (comment !== null && (data === first || (data < 0 && first === start))) {
    // The names may be in the last comment.
    const lines = beginning.text.split(newline);
    const above = lines[line - 2]?.trim() ?? '';
    const cells = above.slice(comment.length).split(delimiter);
    if (above.startsWith(comment) && cells.length === width && !cells.some((cell) => isValue(cell.trim())))
      return line - 2;
  }
  return first === 0 && line === 1 ? 0 : first === 0 && comment === null ? 0 : line - 1;
}

/** Of a table with one column of values: lines of text before it, but for one, which is its name. */
function titleAboveColumn(rows: readonly Row[], values: ReadonlySet<number>): number {
  if (values.size === 0) return 0;
  const data = rows.findIndex(({ fields }) => isValue(fields[0]!.trim()));
  // Missing values may stand between the name and the first value.
  const texts = rows.slice(0, Math.max(0, data)).filter(({ fields }) => !isMissing(fields[0]!));
  return texts.length > 1 && data <= MOST_SKIPPED ? texts.at(-1)!.line - 1 : 0;
}

/** The names of the columns where they are in a comment: the first line of the table. */
function commentHeader(
  text: string,
  newline: string,
  skip: number,
  comment: string | null,
  delimiter: string,
  width: number,
): Row | undefined {
  const line = text.split(newline, skip + 1)[skip]?.trim() ?? '';
  if (comment === null || !line.startsWith(comment)) return undefined;
  const fields = stripComment(line, comment).split(delimiter);
  return fields.length === width ? { line: skip + 1, fields } : undefined;
}

export function stripComment(field: string, comment: string | null): string {
  return comment !== null && field.startsWith(comment) ? field.slice(comment.length).trim() : field;
}

function isNearlyEmpty(fields: readonly string[]): boolean {
  return fields.filter((field) => field.trim() !== '').length * 2 <= fields.length;
}

function hasValues(fields: readonly string[], values: ReadonlySet<number>): boolean {
  const filled = [...values].filter((n) => !isMissing((fields[n] ?? '').trim()));
  return filled.length > 0 && filled.every((n) => isValue(fields[n]!.trim()));
}

/** What columns are often called. */
const HEADER_WORDS = new RegExp(
  '^(?:texts?|sentences?|messages?|content|body|reviews?|tweets?|comments?|titles?|names?|first ?name|last ?name|words?|tokens?|tags?|' +
    'pos|lemma|labels?|class(?:es)?|category|categories|target|source|src|tgt|input|output|question|answer|sentiment|mood|' +
    'intent|topic|genre|language|lang|sex|gender|id|user(?:name)?|author|date|time|datetime|timestamp|day|month|year|week|quarter|' +
    'value|amount|price|count|number|score|rating|stars|place|city|country|en|de|fr|es|it|pt|ru|zh|ja|english|german|deutsch|french|' +
    'français|spanish|español|item|description|subject|summary|document|speaker|key|type|group|y|x|spam|email|sms|split|idx|index)$',
  'i',
);

/** Whether the first row names the columns; `unsure` where nothing tells. */
function judgeHeader(
  rows: readonly Row[],
  values: ReadonlySet<number>,
): { readonly header: boolean; readonly unsure: boolean } {
  const sure = (header: boolean) => ({ header, unsure: false });
  const [first, ...others] = rows;
  if (!first || others.length === 0) return sure(false);
  const names = first.fields.map((field) => field.trim());
  if (new Set(names).size < names.length && names.every((name) => name !== '')) {
    // Twice the same name is a header only where the rows below are of another kind.
    return sure(others[0]!.fields.some(isValue) && !names.some(isValue));
  }
  if (names.some((name) => name === '' || isValue(name))) {
    return sure(names.every((name) => !isValue(name)) && names[0] === '');
  }
  if (names.every((name) => HEADER_WORDS.test(name.replaceAll(/[_-]/g, ' ')))) return sure(true);
  if (others.some(({ fields }) => fields.some((field, n) => field.trim() === names[n]))) return sure(false);
  if ([...values].some((n) => names[n] !== undefined)) return sure(true);
  if (names.some((name) => HEADER_WORDS.test(name.replaceAll(/[_-]/g, ' ')))) return sure(true);
  return judgeTexts(names, others);
}

/** Of a table without a single column of values: by the form of the first row's fields among those below. */
function judgeTexts(names: readonly string[], rows: readonly Row[]) {
  if (names.some((name) => wordsOf(name) >= 4 || name.length > 40 || /[.!?…]$/.test(name))) {
    return { header: false, unsure: false };
  }
  const columns = names.map((_, n) =>
    rows.map(({ fields }) => (fields[n] ?? '').trim()).filter((field) => field !== ''),
  );
  const isName = columns.some((fields, n) => {
    const name = names[n]!;
    const words = fields.map(wordsOf);
    const different = new Set(fields).size;
    // Classes come back, a name does not; texts have more words and characters than their name.
    if (fields.length >= 8 && different * 2 <= fields.length) return true;
    return Math.min(...words) > wordsOf(name) || mean(fields.map(({ length }) => length)) > 2.5 * name.length;
  });
  if (isName) return { header: true, unsure: false };
  const code = names.some((name) => /[_]|^[a-z]+[A-Z]/.test(name));
  return { header: code || rows.length < ROWS_TO_TELL, unsure: true };
}

function wordsOf(text: string): number {
  return text.split(/\s+/).length;
}

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0) / Math.max(1, numbers.length);
}

function isValue(field: string): boolean {
  return (
    !Number.isNaN(readNumber(field, 'point')) ||
    !Number.isNaN(readNumber(field, 'comma')) ||
    datesOf(field).some(({ layout }) => !NUMERIC_LAYOUTS.has(layout))
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
