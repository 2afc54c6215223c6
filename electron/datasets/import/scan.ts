/** The first pass over a file: what it is, what its columns hold, what is wrong with it. */
import { InputError } from '../../../engine/errors.ts';
import type { ImportPreview } from '../../api/data.ts';
import { ColumnStatistics, shortened, type Column } from './columns.ts';
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
  readonly complaints: Complaints;
}

/** How a pass is followed and ended. */
export interface Pass {
  readonly signal: AbortSignal;
  /** Called after every piece of the file. */
  progress(bytes: number, rows: number): void;
}

const HEAD = 50;
/** Characters that a line of a text may have. */
const LONGEST_LINE = 1 << 27;

/** Throws InputError where the file is empty, no text, or not what it is said to be. */
export async function scanFile(source: ImportSource, as: ReadingAs, pass: Pass): Promise<Scan> {
  const complaints = new Complaints();
  const reader = await FileReader.open(source, as, complaints, pass.signal);
  const found =
    reader.reading.format === 'text'
      ? await scanText(reader, complaints, pass)
      : await scanTable(reader, complaints, pass);
  return { ...found, reading: reader.reading, complaints };
}

/** What a person is shown of it. `id`: of the import. */
export function previewOf(id: string, source: ImportSource, scan: Scan): ImportPreview {
  const { reading, rows, columns, head, complaints } = scan;
  const { format, encoding, delimiter, header } = reading;
  return {
    import: id,
    name: source.name.replace(/\.[A-Za-z0-9]{1,6}$/, '').slice(0, 200) || 'dataset',
    format,
    encoding,
    delimiter,
    header,
    rows,
    columns: columns.map(({ name, type, filled, distinct, examples, minimum, maximum, mean }) => ({
      name,
      type,
      filled,
      distinct,
      examples: [...examples],
      ...(minimum === undefined ? {} : { minimum }),
      ...(maximum === undefined ? {} : { maximum }),
      ...(mean === undefined ? {} : { mean }),
    })),
    head: head.map((row) => [...row]),
    complaints: [...complaints.list()],
    complaintsInAll: complaints.count,
    suggestions: [...suggestMappings(format, columns, rows)],
  };
}

type Found = Pick<Scan, 'rows' | 'columns' | 'head'>;

async function scanTable(reader: FileReader, complaints: Complaints, pass: Pass): Promise<Found> {
  const statistics: ColumnStatistics[] = [];
  const head: (readonly string[])[] = [];
  let rows = 0;
  for await (const batch of reader.rows()) {
    for (const { line, fields } of batch) {
      for (let n = 0; n < fields.length; n++) {
        statistics[n] ??= new ColumnStatistics(reader.columns[n]!);
        statistics[n]!.add(fields[n]!, line);
      }
      if (head.length < HEAD) head.push(fields.map(shortened));
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
  return { rows, columns, head: head.map((fields) => columns.map((_, n) => fields[n] ?? '')) };
}

async function scanText(reader: FileReader, complaints: Complaints, pass: Pass): Promise<Found> {
  const lines = new LineScan(reader, complaints);
  for await (const text of reader.texts()) {
    lines.push(text);
    pass.progress(reader.bytes, lines.count);
  }
  return { rows: lines.end(), columns: [], head: lines.head.map((line) => [line]) };
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
