/** The first pass over a file: what it is, what its columns hold, what is wrong with it. */
import { InputError } from '../../../engine/errors.ts';
import { Random } from '../../../engine/random.ts';
import type { ImportPreview, Mapping } from '../../api/data.ts';
import { ENCODINGS } from '../../api/import-options.ts';
import { ColumnStatistics, detached, shortened, type Column } from './columns.ts';
import { Complaints } from './complaints.ts';
import { REPLACEMENT } from './encoding.ts';
import type { Reading, ReadingAs } from './format.ts';
import { FileReader, replacementMessage } from './reader.ts';
import type { ImportSource } from './source.ts';
import { suggestMappings } from './suggest.ts';

export interface Scan {
  readonly reading: Reading;
  /** Of a text, lines. */
  readonly rows: number;
  /** Of a text, none. */
  readonly columns: readonly Column[];
  readonly head: readonly (readonly string[])[];
  /** Rows from all of the table, in their order; all of them where there are few. */
  readonly sample: readonly (readonly string[])[];
  /** Fields that composing changes, or lines of a text. */
  readonly composed: number;
  readonly complaints: Complaints;
  /** Mappings that fit, best first. */
  readonly suggestions: readonly Mapping[];
}

/** How a pass is followed and ended. */
export interface Pass {
  readonly signal: AbortSignal;
  /** Called after every piece of the file. */
  progress(bytes: number, rows: number): void;
}

const HEAD = 50;
/** Rows of the sample. */
const SAMPLED = 5000;
/** Characters that a line of a text may have. */
const LONGEST_LINE = 1 << 27;

/** Throws InputError where the file is empty, no text, or not what it is said to be. */
export async function scanFile(source: ImportSource, as: ReadingAs, pass: Pass): Promise<Scan> {
  const complaints = new Complaints();
  const reader = await FileReader.open(source, as, complaints, pass.signal);
  const isText = reader.reading.format === 'text';
  const found = isText ? await scanText(reader, complaints, pass) : await scanTable(reader, complaints, pass);
  const { composed } = reader.found;
  const reading = { ...reader.reading, nfc: as.nfc ?? composed > 0 };
  noticeReading(reader, as, found, complaints);
  const suggestions = await suggestMappings(source, { ...found, reading }, complaints, pass);
  return { ...found, reading, composed, complaints, suggestions };
}

/** Says how the file was read wherever that was not sure, or is not what its maker meant. */
function noticeReading(reader: FileReader, as: ReadingAs, { rows, head }: Found, complaints: Complaints): void {
  const { reading, found, detected } = reader;
  const { encoding, skip, comment, header, format } = reading;
  if (as.encoding === undefined && !encoding.startsWith('utf-')) {
    complaints.notice(
      `The file is not in UTF-8. It is read as ${ENCODINGS[encoding]}, which is most likely; ` +
        'choose another encoding if letters look wrong.',
    );
  } else if (as.encoding !== undefined && detected !== undefined && detected !== as.encoding) {
    complaints.notice(`The file looks like ${ENCODINGS[detected]}, but is read as ${ENCODINGS[as.encoding]}.`);
  }
  if (skip > 0 && !(skip === 1 && reader.namesDelimiter)) {
    const lines = skip === 1 ? 'The first line is' : `The first ${skip} lines are`;
    complaints.notice(`${lines} not part of the table and left out.`);
  }
  if (comment !== null)
    complaints.notice(`Lines that begin with ${JSON.stringify(comment)} are comments and left out.`);
  const isTable = format === 'csv' || format === 'tsv';
  if (isTable && reader.headerUnsure) {
    complaints.notice(
      `Nothing tells whether the first row names the columns; it is taken for ${header ? 'their names' : 'data'}.`,
    );
  } else if (isTable && !header && as.header === undefined && rows > 1 && head.length > 0) {
    complaints.notice('The first row is data; the columns have numbers for names.');
  }
  if (found.strayQuotes > 0) {
    const marks =
      found.strayQuotes === 1
        ? 'One quotation mark ends'
        : `${found.strayQuotes.toLocaleString('en')} quotation marks end`;
    complaints.notice(
      `${marks} nowhere, so that rows would be joined; ${found.strayQuotes === 1 ? 'it is a plain character' : 'they are plain characters'} here.`,
    );
  }
  if (found.joined > 0) {
    complaints.notice(
      `${found.joined.toLocaleString('en')} ${found.joined === 1 ? 'row goes' : 'rows go'} over several lines, first at line ${found.firstJoined}, ` +
        'because fields in quotation marks have line breaks.',
    );
  }
  if (found.composed > 0) {
    const what = format === 'text' ? 'line' : 'field';
    complaints.notice(
      `${found.composed.toLocaleString('en')} ${found.composed === 1 ? `${what} has` : `${what}s have`} letters and their marks as separate characters ` +
        '(Unicode NFD). They are composed (NFC), and so will be what the model is asked.',
    );
  }
}

/** What a person is shown of it. `id`: of the import. */
export function previewOf(id: string, source: ImportSource, scan: Scan): ImportPreview {
  const { reading, rows, columns, head, composed, complaints, suggestions } = scan;
  const { format, encoding, delimiter, header, quotes, skip, comment, dateOrder = null, nfc = false } = reading;
  return {
    import: id,
    name: source.name.replace(/\.[A-Za-z0-9]{1,6}$/, '').slice(0, 200) || 'dataset',
    format,
    encoding,
    delimiter,
    header,
    quotes,
    skip,
    comment,
    dateOrder,
    nfc,
    composed,
    rows,
    columns: columns.map(({ name, type, filled, distinct, examples, minimum, maximum, mean, values }) => ({
      name,
      type,
      filled,
      distinct,
      examples: [...examples],
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...(mean === undefined ? {} : { mean }),
      ...(values && isChoice(type, values.length, rows) ? { values: [...values] } : {}),
    })),
    head: head.map((row) => [...row]),
    complaints: [...complaints.list()],
    complaintsInAll: complaints.count,
    notices: [...complaints.notices],
    suggestions: [...suggestions],
  };
}

/** Whether a column's values could be chosen from: the classes of a category, the numbers of some shops. */
function isChoice(type: Column['type'], distinct: number, rows: number): boolean {
  return type === 'category' || (type === 'number' && distinct * 4 <= rows);
}

type Found = Pick<Scan, 'rows' | 'columns' | 'head' | 'sample'>;

async function scanTable(reader: FileReader, complaints: Complaints, pass: Pass): Promise<Found> {
  const statistics: ColumnStatistics[] = [];
  const head: (readonly string[])[] = [];
  const sample = new RowSample();
  let rows = 0;
  for await (const batch of reader.rows()) {
    for (const { line, fields } of batch) {
      for (let n = 0; n < fields.length; n++) {
        statistics[n] ??= new ColumnStatistics(reader.columns[n]!, reader.reading.dateOrder);
        statistics[n]!.add(fields[n]!, line);
      }
      if (head.length < HEAD) head.push(fields.map(shortened));
      sample.offer(fields);
    }
    rows += batch.length;
    pass.progress(reader.bytes, rows);
  }
  const { name } = reader.source;
  if (rows === 0) {
    throw new InputError(
      reader.columns.length > 0
        ? `${name} has names of columns and no row below them`
        : `${name} has no row that can be read${firstComplaint(complaints)}`,
    );
  }
  const decimalComma = reader.reading.delimiter === ';';
  const columns = reader.columns.map((column, n) =>
    (statistics[n] ?? new ColumnStatistics(column)).summary(complaints, decimalComma),
  );
  return {
    rows,
    columns,
    head: head.map((fields) => columns.map((_, n) => fields[n] ?? '')),
    sample: sample.rows,
  };
}

/** Rows of which each is as likely as any other (Vitter 1985, algorithm R), in their order; the same at every run. */
class RowSample {
  readonly #random = new Random(0, 0);
  readonly #kept: { readonly at: number; readonly fields: readonly string[] }[] = [];
  #offered = 0;

  offer(fields: readonly string[]): void {
    const at = this.#offered++;
    const place = at < SAMPLED ? at : this.#random.below(at + 1);
    if (place < SAMPLED) this.#kept[place] = { at, fields: at < SAMPLED ? fields : fields.map(detached) };
  }

  get rows(): readonly (readonly string[])[] {
    return this.#kept.toSorted((a, b) => a.at - b.at).map(({ fields }) => fields);
  }
}

async function scanText(reader: FileReader, complaints: Complaints, pass: Pass): Promise<Found> {
  const lines = new LineScan(reader, complaints);
  for await (const text of reader.texts()) {
    lines.push(text);
    pass.progress(reader.bytes, lines.count);
  }
  return { rows: lines.end(), columns: [], head: lines.head.map((line) => [line]), sample: [] };
}

/** Counts lines and keeps the first of them; of long ones, their beginning. */
class LineScan {
  readonly head: string[] = [];
  readonly #reader: FileReader;
  readonly #complaints: Complaints;
  #count = 0;
  #length = 0;
  #line = '';
  #replaced = false;

  constructor(reader: FileReader, complaints: Complaints) {
    this.#reader = reader;
    this.#complaints = complaints;
  }

  /** Lines that have ended. */
  get count(): number {
    return this.#count;
  }

  push(text: string): void {
    let at = 0;
    let replaced = text.indexOf(REPLACEMENT);
    const extend = (to: number): void => {
      this.#extend(text, at, to);
      if (replaced < 0 || replaced >= to) return;
      this.#replaced = true;
      replaced = text.indexOf(REPLACEMENT, to);
    };
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', at)) {
      extend(end);
      this.#finish();
      at = end + 1;
    }
    extend(text.length);
  }

  end(): number {
    if (this.#length > 0) this.#finish();
    return this.#count;
  }

  #extend(text: string, from: number, to: number): void {
    this.#length += to - from;
    if (this.head.length < HEAD && this.#line.length < 1000) this.#line += text.slice(from, Math.min(to, from + 1000));
    if (this.#length > LONGEST_LINE) {
      throw new InputError(
        `${this.#reader.source.name}, line ${this.#count + 1} is longer than ${LONGEST_LINE.toLocaleString('en')} characters; ` +
          'a text has lines',
        'Break it into lines first.',
      );
    }
  }

  #finish(): void {
    this.#count++;
    if (this.head.length < HEAD) this.head.push(shortened(this.#line));
    if (this.#replaced) this.#complaints.add(this.#count, undefined, replacementMessage(this.#reader.reading));
    this.#line = '';
    this.#length = 0;
    this.#replaced = false;
  }
}

function firstComplaint(complaints: Complaints): string {
  const [first] = complaints.list();
  return first ? `: line ${first.line} ${first.message}` : '';
}
