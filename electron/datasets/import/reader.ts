/** A file's rows or text, decoded, in pieces that follow one another; memory does not grow with the file. */
import { InputError } from '../../../engine/errors.ts';
import type { Complaints } from './complaints.ts';
import { DelimitedParser, type Row, type RowParser } from './delimited.ts';
import { byteOrderMark, detectEncoding, refuseBinary, REPLACEMENT, StreamDecoder } from './encoding.ts';
import { columnNames, detectFormat, unnamed, type Reading, type ReadingAs } from './format.ts';
import { JsonLinesParser, MOST_COLUMNS } from './json-lines.ts';
import type { ImportSource } from './source.ts';

/** Bytes by which the encoding is found, and characters by which the format is. */
const BEGINNING = 1 << 16;

export class FileReader {
  readonly source: ImportSource;
  readonly #complaints: Complaints;
  readonly #pieces: AsyncIterator<string>;
  readonly #decoder: StreamDecoder;
  readonly #reading: Omit<Reading, 'encoding'>;
  readonly #counter: Counter;
  #beginning: string;
  #columns: readonly string[] = [];

  private constructor(
    source: ImportSource,
    complaints: Complaints,
    pieces: AsyncIterator<string>,
    decoder: StreamDecoder,
    reading: Omit<Reading, 'encoding'>,
    counter: Counter,
    beginning: string,
  ) {
    this.source = source;
    this.#complaints = complaints;
    this.#pieces = pieces;
    this.#decoder = decoder;
    this.#reading = reading;
    this.#counter = counter;
    this.#beginning = beginning;
  }

  /** Reads the beginning. Throws InputError where the file is empty or not a text. */
  static async open(
    source: ImportSource,
    as: ReadingAs,
    complaints: Complaints,
    signal: AbortSignal,
  ): Promise<FileReader> {
    const counter: Counter = { bytes: 0 };
    const bytes = counted(source.read(signal), counter, signal);
    const head = await takeBytes(bytes, BEGINNING);
    if (head.length === 0) throw new InputError(`${source.name} is empty; there is nothing to import`);
    const encoding = as.encoding ?? detectEncoding(head);
    refuseBinary(head, encoding ?? 'utf-8', source.name);
    const whole = head.length < BEGINNING;
    const decoder = new StreamDecoder(encoding);
    const text = decoder.write(head.subarray(byteOrderMark(head, encoding ?? 'utf-8'))) + (whole ? decoder.end() : '');
    const beginning = text.slice(0, BEGINNING);
    const reading = detectFormat({ name: source.name, text: beginning, whole: whole && beginning === text }, as);
    const rest = whole ? noMore() : decoded(bytes, decoder, source.name);
    return new FileReader(source, complaints, rest, decoder, reading, counter, text);
  }

  /** How it is read. The encoding is final once all has been read. */
  get reading(): Reading {
    return { ...this.#reading, encoding: this.#decoder.encoding };
  }

  /** Names of the columns; of JSON Lines, those seen so far. */
  get columns(): readonly string[] {
    return this.#columns;
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#counter.bytes;
  }

  /** The text itself, line breaks as '\n'. */
  async *texts(): AsyncGenerator<string, void> {
    const { newline } = this.#reading;
    let carriageReturn = false;
    for await (const piece of this.#all()) {
      if (newline === '\r') {
        yield piece.replaceAll('\r', '\n');
        continue;
      }
      // A '\r' at the end of a piece may belong to a '\n' at the start of the next.
      const text: string = (carriageReturn ? '\r' : '') + piece;
      carriageReturn = text.endsWith('\r');
      yield (carriageReturn ? text.slice(0, -1) : text).replaceAll('\r\n', '\n');
    }
    if (carriageReturn) yield '\r';
  }

  /** The rows of a table: each as many fields as there are columns, or, of JSON Lines, at most as many. */
  async *rows(): AsyncGenerator<readonly Row[], void> {
    const parser = this.#parser();
    let rows: Row[] = [];
    const take = (parsed: readonly Row[]) => {
      for (const row of parsed) {
        const checked = parser instanceof JsonLinesParser ? row : this.#checked(row);
        if (checked) rows.push(this.#noteReplacements(checked));
      }
      if (parser instanceof JsonLinesParser) this.#columns = parser.columns;
    };
    for await (const piece of this.#all()) {
      take(parser.push(piece));
      yield rows;
      rows = [];
    }
    take(parser.end());
    yield rows;
  }

  async *#all(): AsyncGenerator<string, void> {
    yield this.#beginning;
    this.#beginning = '';
    yield* { [Symbol.asyncIterator]: () => this.#pieces };
  }

  #parser(): RowParser {
    const { delimiter, newline } = this.#reading;
    return delimiter === null
      ? new JsonLinesParser(this.source.name, this.#complaints)
      : new DelimitedParser({ delimiter, newline }, this.source.name);
  }

  /** The row with one field a column; undefined for the header. */
  #checked(row: Row): Row | undefined {
    const { line, fields } = row;
    if (this.#columns.length === 0) {
      if (fields.length > MOST_COLUMNS) {
        throw new InputError(
          `${this.source.name}, line ${line} has ${fields.length} columns; a table may have ${MOST_COLUMNS}`,
        );
      }
      if (this.#reading.header) {
        this.#columns = columnNames(fields, line, this.#complaints);
        return undefined;
      }
      this.#columns = fields.map((_, n) => unnamed(n));
    }
    const width = this.#columns.length;
    if (fields.length === width) return row;
    const missing = fields.length < width;
    this.#complaints.add(
      line,
      undefined,
      `has ${fields.length} ${fields.length === 1 ? 'field' : 'fields'} where ${width} belong; ` +
        (missing ? 'the others are taken to be empty' : 'what is beyond them is left out'),
    );
    return { line, fields: this.#columns.map((_, n) => fields[n] ?? '') };
  }

  #noteReplacements(row: Row): Row {
    row.fields.forEach((field, n) => {
      if (field.includes(REPLACEMENT)) {
        this.#complaints.add(row.line, this.#columns[n] ?? unnamed(n), replacementMessage(this.reading));
      }
    });
    return row;
  }
}

/** What a line or field with REPLACEMENT in it is told of. */
export function replacementMessage({ encoding }: Pick<Reading, 'encoding'>): string {
  return `has bytes that are not ${ENCODING_NAMES[encoding]}; ${REPLACEMENT} stands for them`;
}

const ENCODING_NAMES = {
  'utf-8': 'UTF-8',
  'utf-16le': 'UTF-16',
  'utf-16be': 'UTF-16',
  'windows-1252': 'Windows-1252',
} as const;

/** Calls back with the fields of these columns, row after row. */
export async function eachRow(
  reader: FileReader,
  columns: readonly { readonly name: string }[],
  pass: { progress(bytes: number, rows: number): void },
  take: (fields: readonly string[], line: number) => void | Promise<void>,
): Promise<void> {
  let rows = 0;
  for await (const batch of reader.rows()) {
    const places = columns.map(({ name }) => reader.columns.indexOf(name));
    for (const { line, fields } of batch) {
      const taken = take(
        places.map((place) => fields[place] ?? ''),
        line,
      );
      if (taken) await taken;
    }
    rows += batch.length;
    pass.progress(reader.bytes, rows);
  }
}

interface Counter {
  bytes: number;
}

async function* counted(
  pieces: AsyncIterable<Uint8Array>,
  counter: Counter,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void> {
  for await (const piece of pieces) {
    signal.throwIfAborted();
    counter.bytes += piece.length;
    yield piece;
  }
}

/** At least `count` bytes, unless there are no more. */
async function takeBytes(pieces: AsyncIterator<Uint8Array>, count: number): Promise<Uint8Array> {
  const taken: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < count) {
    const next = await pieces.next();
    if (next.done) break;
    taken.push(next.value);
    bytes += next.value.length;
  }
  return Buffer.concat(taken);
}

async function* decoded(
  bytes: AsyncIterable<Uint8Array>,
  decoder: StreamDecoder,
  name: string,
): AsyncGenerator<string, void> {
  for await (const piece of bytes) {
    const text = decoder.write(piece);
    if (text.includes('\0')) {
      throw new InputError(`${name} holds bytes that no text has; it must be a text or a table as text`);
    }
    yield text;
  }
  yield decoder.end();
}

async function* noMore(): AsyncGenerator<string, void> {
  // The beginning was all.
}
