/** A file's rows or text, decoded, in pieces that follow one another; memory does not grow with the file. */
import { InputError } from '../../../engine/errors.ts';
import type { Complaints } from './complaints.ts';
import { ConllParser } from './conll.ts';
import { DelimitedParser, type Row } from './delimited.ts';
import { ENCODINGS } from '../../api/import-options.ts';
import {
  byteOrderMark,
  refuseBinary,
  REPLACEMENT,
  sampleEncoding,
  StreamDecoder,
  type TextEncoding,
} from './encoding.ts';
import {
  columnNames,
  detectFormat,
  stripComment,
  unnamed,
  type FormatFindings,
  type Reading,
  type ReadingAs,
} from './format.ts';
import { JsonArrayParser } from './json-array.ts';
import { JsonLinesParser, MOST_COLUMNS } from './json-lines.ts';
import { loadMonthNames } from './month-names.ts';
import type { ImportSource } from './source.ts';

/** Bytes by which the encoding is found, and characters by which the format is. */
const BEGINNING = 1 << 16;

interface Opened {
  readonly source: ImportSource;
  readonly complaints: Complaints;
  readonly pieces: AsyncIterator<string>;
  readonly decoder: StreamDecoder;
  readonly format: FormatFindings;
  readonly detected: TextEncoding | undefined;
  readonly counter: Counter;
  readonly beginning: string;
}

/** What of a file's text was changed or had to be judged while it was read. */
interface ReadFindings {
  /** Fields, or lines of a text, whose letters with diacritics were composed. */
  composed: number;
  /** Quotation marks that were taken for plain characters. */
  strayQuotes: number;
  /** Rows of several lines, and the first of them. */
  joined: number;
  firstJoined: number;
}

export class FileReader {
  readonly source: ImportSource;
  /** The encoding that the file looks like; undefined where all of it is ASCII. */
  readonly detected: TextEncoding | undefined;
  readonly found: ReadFindings = { composed: 0, strayQuotes: 0, joined: 0, firstJoined: 0 };
  readonly #complaints: Complaints;
  readonly #pieces: AsyncIterator<string>;
  readonly #decoder: StreamDecoder;
  readonly #reading: Omit<Reading, 'encoding'>;
  readonly #format: FormatFindings;
  readonly #counter: Counter;
  #beginning: string;
  #columns: readonly string[] = [];

  private constructor({ source, complaints, pieces, decoder, format, detected, counter, beginning }: Opened) {
    this.source = source;
    this.detected = detected;
    this.#complaints = complaints;
    this.#pieces = pieces;
    this.#decoder = decoder;
    this.#reading = format.reading;
    this.#format = format;
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
    await loadMonthNames();
    const counter: Counter = { bytes: 0 };
    const detected = await sampleEncoding(source.read(signal));
    const encoding = as.encoding ?? detected;
    const bytes = counted(source.read(signal), counter, signal);
    const head = await takeBytes(bytes, BEGINNING);
    if (head.length === 0) throw new InputError(`${source.name} is empty; there is nothing to import`);
    refuseBinary(head, encoding ?? 'utf-8', source.name);
    const whole = head.length < BEGINNING;
    const decoder = new StreamDecoder(encoding);
    const text = decoder.write(head.subarray(byteOrderMark(head, encoding ?? 'utf-8'))) + (whole ? decoder.end() : '');
    const beginning = text.slice(0, BEGINNING);
    const format = detectFormat({ name: source.name, text: beginning, whole: whole && beginning === text }, as);
    const rest = whole ? noMore() : decoded(bytes, decoder, source.name);
    return new FileReader({ source, complaints, pieces: rest, decoder, format, detected, counter, beginning: text });
  }

  /** Whether the first row was taken for names of columns, or not, without anything that told. */
  get headerUnsure(): boolean {
    return this.#format.headerUnsure;
  }

  /** Whether the first line names the delimiter. */
  get namesDelimiter(): boolean {
    return this.#format.namesDelimiter;
  }

  /** How it is read. The encoding is final once all has been read. */
  get reading(): Reading {
    return { ...this.#reading, encoding: this.#decoder.encoding };
  }

  /** Names of the columns; of JSON, those seen so far. */
  get columns(): readonly string[] {
    return this.#columns;
  }

  /** Bytes read so far. */
  get bytes(): number {
    return this.#counter.bytes;
  }

  /** The text itself, line breaks as '\n'. */
  async *texts(): AsyncGenerator<string, void> {
    const { newline, nfc } = this.#reading;
    let carriageReturn = false;
    // What may go on with a mark that belongs to its last letter waits for the next piece.
    let waiting = '';
    for await (const piece of this.#all()) {
      let text: string;
      if (newline === '\r') {
        text = piece.replaceAll('\r', '\n');
      } else {
        // A '\r' at the end of a piece may belong to a '\n' at the start of the next.
        const all: string = (carriageReturn ? '\r' : '') + piece;
        carriageReturn = all.endsWith('\r');
        text = (carriageReturn ? all.slice(0, -1) : all).replaceAll('\r\n', '\n');
      }
      if (nfc === false) {
        yield text;
        continue;
      }
      const joined = waiting + text;
      const cut = Math.max(joined.lastIndexOf('\n') + 1, joined.length > LONGEST_WAITING ? lastStart(joined) : 0);
      waiting = joined.slice(cut);
      if (cut > 0) yield this.#composeLines(joined.slice(0, cut));
    }
    const end = waiting + (carriageReturn ? '\r' : '');
    if (end !== '') yield nfc === false ? end : this.#composeLines(end);
  }

  /** The rows of a table: each as many fields as there are columns, or, of JSON, at most as many. */
  async *rows(): AsyncGenerator<readonly Row[], void> {
    const parser = this.#parser();
    const checks = parser instanceof DelimitedParser;
    const { nfc } = this.#reading;
    let rows: Row[] = [];
    const take = (parsed: readonly Row[]) => {
      for (const row of parsed) {
        const checked = checks ? this.#checked(row) : row;
        if (!checked) continue;
        const composed = nfc === false ? checked : this.#composeFields(checked);
        // Of these the parser has told already.
        const isTold = parser instanceof JsonLinesParser && parser.mended.has(row.line);
        rows.push(isTold ? composed : this.#noteReplacements(composed));
      }
      if (!(parser instanceof DelimitedParser)) this.#columns = parser.columns;
    };
    for await (const piece of this.#all()) {
      take(parser.push(piece));
      yield rows;
      rows = [];
    }
    take(parser.end());
    yield rows;
  }

  #composeFields(row: Row): Row {
    let changed: string[] | undefined;
    for (let n = 0; n < row.fields.length; n++) {
      const field = row.fields[n]!;
      const composed = composedField(field);
      if (composed === field) continue;
      changed ??= [...row.fields];
      changed[n] = composed;
      this.found.composed++;
    }
    return changed === undefined ? row : { line: row.line, fields: changed };
  }

  #composeLines(text: string): string {
    const composed = composedField(text);
    if (composed === text) return text;
    const before = text.split('\n');
    this.found.composed += composed.split('\n').filter((line, n) => line !== before[n]).length;
    return composed;
  }

  async *#all(): AsyncGenerator<string, void> {
    yield this.#beginning;
    this.#beginning = '';
    yield* { [Symbol.asyncIterator]: () => this.#pieces };
  }

  #parser(): DelimitedParser | JsonLinesParser | JsonArrayParser | ConllParser {
    const { format, delimiter, newline, quotes, skip, comment } = this.#reading;
    const { name } = this.source;
    switch (format) {
      case 'conll':
        return new ConllParser();
      case 'json':
        return new JsonArrayParser(new JsonLinesParser(name, this.#complaints, true), name);
      case 'jsonl':
      case 'text':
        return new JsonLinesParser(name, this.#complaints);
      case 'csv':
      case 'tsv': {
        const form = { delimiter: delimiter ?? ',', newline, quotes, skip, comment, width: this.#format.width };
        return new DelimitedParser(form, name, {
          stray: (line) => {
            this.found.strayQuotes++;
            this.#complaints.add(
              line,
              undefined,
              'has a quotation mark that ends nowhere; it is a plain character here',
            );
          },
          joined: (line, lines) => {
            if (this.found.joined++ === 0) this.found.firstJoined = line;
            if (lines > MANY_LINES) {
              this.#complaints.add(
                line,
                undefined,
                `goes on for ${lines} lines, because one of its fields is in quotation marks`,
              );
            }
          },
        });
      }
    }
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
        const [first = '', ...others] = fields;
        const names = [stripComment(first, this.#reading.comment), ...others];
        this.#columns = columnNames(names, line, this.#complaints);
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
  return `has bytes that are not ${ENCODINGS[encoding].replace(/ \(.*/, '')}; ${REPLACEMENT} stands for them`;
}

/** Characters of a text without a line break that are kept back for the next piece. */
const LONGEST_WAITING = 1 << 16;
/** Lines of one row that are worth a word. */
const MANY_LINES = 20;
const ASCII = /^[\x00-\x7f]*$/;

/** Where the last character begins to which no mark of another belongs. */
function lastStart(text: string): number {
  let at = text.length - 1;
  while (at > 0 && /^[\p{M}\udc00-\udfff]/u.test(text[at]!)) at--;
  return at;
}

function composedField(text: string): string {
  return ASCII.test(text) ? text : text.normalize('NFC');
}

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
