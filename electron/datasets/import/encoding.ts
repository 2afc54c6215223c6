/** From a file's bytes to text, piece by piece. */
import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { analyse } from 'chardet';
import { InputError } from '../../../engine/errors.ts';
import { ENCODINGS, type TextEncoding } from '../../api/import-options.ts';

export type { TextEncoding };

/** Stands in a decoded text for bytes that the encoding does not have. */
export const REPLACEMENT = '\uFFFD';

/** What windows-1252 has in place of the control characters 0x80 to 0x9f of Latin-1. */
const WINDOWS_1252 = '€\uFFFD‚ƒ„…†‡ˆ‰Š‹Œ\uFFFDŽ\uFFFD' + '\uFFFD‘’“”•–—˜™š›œ\uFFFDžŸ';

const BYTE_ORDER_MARKS: readonly (readonly [TextEncoding, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** First bytes of files that people take for tables or texts. */
const OTHER_KINDS: readonly (readonly [string, readonly number[], string])[] = [
  ['a ZIP archive (as Excel and LibreOffice documents are)', [0x50, 0x4b, 0x03, 0x04], 'Save the table as CSV first.'],
  ['an old Office document', [0xd0, 0xcf, 0x11, 0xe0], 'Save the table as CSV first.'],
  ['a PDF', [0x25, 0x50, 0x44, 0x46], 'Save its text first.'],
  ['a gzip archive', [0x1f, 0x8b], 'Unpack it first.'],
  ['a PNG picture', [0x89, 0x50, 0x4e, 0x47], ''],
  ['a JPEG picture', [0xff, 0xd8, 0xff], ''],
  ['an SQLite database', [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65, 0x20, 0x66], 'Export a table as CSV first.'],
  ['a Parquet table', [0x50, 0x41, 0x52, 0x31], 'Save the table as CSV first.'],
  ['a text in UTF-32', [0xff, 0xfe, 0, 0], 'Save it in UTF-8 first.'],
  ['a text in UTF-32', [0, 0, 0xfe, 0xff], 'Save it in UTF-8 first.'],
];

/** Share of control characters above which bytes are no text. */
const MOST_CONTROL = 0.02;

/** Throws InputError where the first bytes of a file cannot be a text's. `encoding`: what they are to be read as. */
export function refuseBinary(head: Uint8Array, encoding: TextEncoding, source: string): void {
  const kind = OTHER_KINDS.find(([, bytes]) => startsWith(head, bytes));
  if (kind) {
    const [what, , hint] = kind;
    throw new InputError(`${source} is ${what}, not a text or a table as text`, hint === '' ? undefined : hint);
  }
  if (encoding === 'utf-16le' || encoding === 'utf-16be') return;
  const control = head.reduce((count, byte) => count + (isControl(byte) ? 1 : 0), 0);
  if (head.includes(0) || control > head.length * MOST_CONTROL) {
    throw new InputError(`${source} holds bytes that no text has; it must be a text or a table as text`);
  }
}

function isControl(byte: number): boolean {
  // Tab to carriage return and escape occur in texts.
  return (byte < 0x20 && (byte < 0x09 || byte > 0x0d) && byte !== 0x1b) || byte === 0x7f;
}

/**
 * The encoding of a file by its first bytes; undefined where they are all ASCII, so that it does not show. UTF-16 shows
 * without a byte order mark by the zeros of its ASCII characters.
 */
export function detectEncoding(head: Uint8Array): TextEncoding | undefined {
  const marked = BYTE_ORDER_MARKS.find(([, bytes]) => startsWith(head, bytes));
  if (marked) return marked[0];
  const zeros = [0, 0];
  head.forEach((byte, at) => {
    if (byte === 0) zeros[at % 2]!++;
  });
  const [even = 0, odd = 0] = zeros;
  const many = head.length * 0.2;
  if (odd > many && even < odd / 10) return 'utf-16le';
  if (even > many && odd < even / 10) return 'utf-16be';
  const judged = judgeBytes(head);
  return judged === undefined || judged === 'utf-8' ? judged : likelyEncoding(head);
}

/** Bytes that are read for finding the encoding, and bytes beyond ASCII that are enough for it. */
const MOST_SAMPLED = 1 << 23;
const ENOUGH = 1 << 13;
/** Bytes of the beginning that are judged as they are. */
const LEAST_JUDGED = 1 << 14;
/** Bytes on each side of one that is not ASCII. */
const AROUND = 64;

/** The encoding of a whole file, by its beginning and by the first places that are not ASCII; undefined where none is. */
export async function sampleEncoding(pieces: AsyncIterable<Uint8Array>): Promise<TextEncoding | undefined> {
  const sample: Uint8Array[] = [];
  let read = 0;
  let kept = 0;
  // A character that the end of a piece may cut in two goes with the next piece.
  let waiting: Uint8Array = new Uint8Array(0);
  const take = (bytes: Uint8Array) => {
    if (isAscii(bytes)) return;
    const part = foreignParts(bytes, ENOUGH);
    sample.push(part);
    kept += part.length;
  };
  for await (const piece of pieces) {
    const bytes = waiting.length === 0 ? piece : Buffer.concat([waiting, piece]);
    if (read < LEAST_JUDGED && read + piece.length < LEAST_JUDGED) {
      waiting = bytes;
      read += piece.length;
      continue;
    }
    if (read < LEAST_JUDGED) {
      const first = detectEncoding(bytes.subarray(0, LEAST_JUDGED));
      if (first?.startsWith('utf-16')) return first;
    }
    read += piece.length;
    const end = bytes.findLastIndex((byte) => byte < 0x80) + 1;
    take(bytes.subarray(0, end));
    waiting = bytes.slice(end);
    if (read >= MOST_SAMPLED || kept >= ENOUGH) break;
  }
  if (read < LEAST_JUDGED) return detectEncoding(waiting);
  take(waiting);
  return sample.length === 0 ? undefined : detectEncoding(Buffer.concat(sample));
}

/** The places of a piece that are not ASCII, each with what is around it, whole characters apart. */
function foreignParts(piece: Uint8Array, most: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let length = 0;
  for (let at = piece.findIndex((byte) => byte >= 0x80); at >= 0 && length < most;) {
    let end = at;
    for (let last = at; end < piece.length && end - last < AROUND; end++) if (piece[end]! >= 0x80) last = end;
    const part = piece.subarray(Math.max(0, at - AROUND), end);
    parts.push(part, Buffer.from('\n'));
    length += part.length;
    const next = piece.subarray(end).findIndex((byte) => byte >= 0x80);
    at = next < 0 ? -1 : end + next;
  }
  return Buffer.concat(parts);
}

/** What chardet calls some of them. */
const DETECTED: Readonly<Record<string, TextEncoding>> = {
  'ISO-8859-1': 'windows-1252',
  'ISO-8859-9': 'windows-1254',
  GB18030: 'gb18030',
  Big5: 'big5',
};
/** Guesses below it, and guesses by fewer bytes, are not believed. */
const LEAST_CONFIDENCE = 10;
const LEAST_BYTES = 8;
const LEAST_DIFFERENT = 4;

/** The most likely encoding of bytes that are neither ASCII nor UTF-8, by the letters of the words that are not ASCII. */
function likelyEncoding(head: Uint8Array): TextEncoding {
  // Plain English around a few foreign words would decide otherwise.
  const words = latin1(head).match(/[A-Za-z\x80-\xff]*[\x80-\xff][A-Za-z\x80-\xff]*/g) ?? [];
  const bytes = Buffer.from(words.join(' '), 'latin1');
  const guesses = analyse(bytes)
    .filter(({ name, confidence }) => confidence >= LEAST_CONFIDENCE && name !== 'UTF-8')
    .map(({ name }) => DETECTED[name] ?? (name.toLowerCase() as TextEncoding));
  // The statistics do not know the encoding of DOS, in which Cyrillic letters stand at 0x80 to 0xaf and 0xe0 to 0xef.
  const dos = words.length > 0 && bytes.every((byte) => byte < 0x80 || byte <= 0xaf || (byte >= 0xe0 && byte <= 0xf1));
  const lower = bytes.filter((byte) => byte >= 0xa0 && byte <= 0xaf).length;
  const high = bytes.filter((byte) => byte >= 0x80).length;
  const different = new Set(bytes.filter((byte) => byte >= 0x80)).size;
  if (high < LEAST_BYTES || different < LEAST_DIFFERENT) return 'windows-1252';
  if (dos && lower > high * 0.3) return 'ibm866';
  const guess = guesses.find((one) => Object.hasOwn(ENCODINGS, one) && fits(bytes, one));
  if (guess !== undefined && CYRILLIC.includes(guess)) return mostLowerCase(bytes, guess);
  if (guess !== undefined && !LATIN.some(({ encoding }) => encoding === guess)) return guess;
  const [best] = LATIN.map((latin) => ({ encoding: latin.encoding, share: alphabetShare(bytes, latin) })).sort(
    (one, other) => other.share - one.share || Number(other.encoding === guess) - Number(one.encoding === guess),
  );
  if (best && best.share >= LEAST_SHARE) return best.encoding;
  return isChinese(bytes) ? 'big5' : (guess ?? 'windows-1252');
}

const CYRILLIC: readonly TextEncoding[] = ['windows-1251', 'koi8-r', 'koi8-u', 'iso-8859-5', 'ibm866'];

/** Of the encodings of Cyrillic, which give each other's letters, the one whose words are in lower case. */
function mostLowerCase(bytes: Uint8Array, guess: TextEncoding): TextEncoding {
  const lower = (encoding: TextEncoding) =>
    (new TextDecoder(encoding).decode(bytes).match(/[а-яёіїєґў]/g) ?? []).length + (encoding === guess ? 0.5 : 0);
  return CYRILLIC.reduce((best, one) => (lower(one) > lower(best) ? one : best), guess);
}

interface LatinEncoding {
  readonly encoding: TextEncoding;
  /** Of each language, the letters beyond ASCII. */
  readonly alphabets: readonly string[];
}

const WESTERN = ['äöüß', 'àâæçéèêëîïôœùûüÿ', 'áéíñóúüªº', 'ãáâàçéêíóôõú', 'àèéìòù', 'åäöé', 'æøåé', 'áðéíóúýþæö'];
const CENTRAL = ['ąćęłńóśźż', 'áčďéěíňóřšťúůýž', 'áäčďéíĺľňóôŕšťúýž', 'áéíóöőúüű', 'čćđšž', 'ăâîşţ'];

/** Encodings of Latin letters, the most common first. */
const LATIN: readonly LatinEncoding[] = [
  { encoding: 'windows-1252', alphabets: WESTERN },
  { encoding: 'windows-1250', alphabets: CENTRAL },
  { encoding: 'windows-1254', alphabets: ['çğıiöşüâî'] },
  { encoding: 'windows-1257', alphabets: ['ąčęėįšųūž', 'āčēģīķļņšūž', 'äõöüšž'] },
  { encoding: 'iso-8859-2', alphabets: CENTRAL },
  { encoding: 'macintosh', alphabets: WESTERN },
];
/** Share of the letters beyond ASCII that must belong to one language. */
const LEAST_SHARE = 0.8;

/** The largest share of the letters beyond ASCII that one of the languages has. */
function alphabetShare(bytes: Uint8Array, { encoding, alphabets }: LatinEncoding): number {
  const letters = Array.from(new TextDecoder(encoding).decode(bytes).toLowerCase()).filter((one) => one > '\u007f');
  const shares = alphabets.map((alphabet) => letters.filter((one) => alphabet.includes(one)).length / letters.length);
  return Math.max(...shares);
}

/** Whether the bytes are Chinese characters of Big5 and little else: short texts have too few for statistics. */
function isChinese(bytes: Uint8Array): boolean {
  const text = Array.from(new TextDecoder('big5').decode(bytes)).filter((one) => one > '\u007f');
  return (
    text.filter((one) => /[\p{Script=Han}\u3000-\u303f\uff00-\uffef]/u.test(one)).length >= LEAST_SHARE * text.length
  );
}

/** Whether the bytes are all characters of the encoding. */
function fits(bytes: Uint8Array, encoding: TextEncoding): boolean {
  return !/[\ufffd\x80-\x9f]/.test(new TextDecoder(encoding).decode(bytes).slice(0, -1));
}

function latin1(bytes: Uint8Array): string {
  return asBuffer(bytes).toString('latin1');
}

/** Bytes of the byte order mark that a file begins with. */
export function byteOrderMark(head: Uint8Array, encoding: TextEncoding): number {
  const mark = BYTE_ORDER_MARKS.find(([name]) => name === encoding)?.[1] ?? [];
  return startsWith(head, mark) ? mark.length : 0;
}

/** UTF-8 where most that is not ASCII is UTF-8; a sequence that the end cuts off tells nothing. */
function judgeBytes(bytes: Uint8Array): 'utf-8' | 'windows-1252' | undefined {
  let right = 0;
  let wrong = 0;
  for (let at = 0; at < bytes.length;) {
    const length = sequenceLength(bytes[at]!);
    if (length === 1) {
      at++;
      continue;
    }
    let found = 1;
    while (found < length && at + found < bytes.length && (bytes[at + found]! & 0xc0) === 0x80) found++;
    if (length === 0) {
      wrong++;
      at++;
    } else if (found === length) {
      right++;
      at += length;
    } else if (at + found === bytes.length) {
      break;
    } else {
      wrong++;
      at += found;
    }
  }
  if (right === 0 && wrong === 0) return undefined;
  return right > 10 * wrong ? 'utf-8' : 'windows-1252';
}

/** Bytes of the UTF-8 sequence that begins with this one; 0 where none does. */
function sequenceLength(byte: number): 0 | 1 | 2 | 3 | 4 {
  if (byte < 0x80) return 1;
  if (byte < 0xc2) return 0;
  if (byte < 0xe0) return 2;
  if (byte < 0xf0) return 3;
  return byte < 0xf5 ? 4 : 0;
}

function startsWith(bytes: Uint8Array, start: readonly number[]): boolean {
  return start.length > 0 && start.every((byte, at) => bytes[at] === byte);
}

/**
 * A decoder of bytes that come in pieces. Where no encoding is given the first bytes that are not ASCII decide between
 * UTF-8 and windows-1252.
 */
export class StreamDecoder {
  #encoding: TextEncoding | undefined;
  #decoder: TextDecoder | undefined;
  #pending: Uint8Array = new Uint8Array(0);

  constructor(encoding: TextEncoding | undefined) {
    this.#encoding = encoding;
  }

  /** UTF-8 where it has not shown: all bytes were ASCII. */
  get encoding(): TextEncoding {
    return this.#encoding ?? 'utf-8';
  }

  write(bytes: Uint8Array): string {
    const all = this.#withPending(bytes);
    if (this.#encoding === undefined && isAscii(all)) return asBuffer(all).toString('latin1');
    this.#encoding ??= judgeBytes(all);
    switch (this.#encoding) {
      case undefined: {
        const ascii = all.findLastIndex((byte) => byte < 0x80) + 1;
        this.#pending = all.slice(ascii);
        return asBuffer(all.subarray(0, ascii)).toString('latin1');
      }
      case 'windows-1252':
        return decodeWindows1252(all);
      case 'utf-16be': {
        const even = all.length - (all.length % 2);
        this.#pending = all.slice(even);
        return this.#decode('utf-16le', asBuffer(all.slice(0, even)).swap16());
      }
      default:
        return this.#decode(this.#encoding, all);
    }
  }

  /** What is left when the file ends. */
  end(): string {
    const left = this.#pending;
    this.#pending = new Uint8Array(0);
    if (this.#encoding === undefined && left.length > 0) {
      this.#encoding = 'windows-1252';
      return decodeWindows1252(left);
    }
    return (this.#decoder?.decode() ?? '') + (left.length > 0 ? REPLACEMENT : '');
  }

  #withPending(bytes: Uint8Array): Uint8Array {
    if (this.#pending.length === 0) return bytes;
    const all = new Uint8Array(this.#pending.length + bytes.length);
    all.set(this.#pending);
    all.set(bytes, this.#pending.length);
    this.#pending = new Uint8Array(0);
    return all;
  }

  #decode(encoding: TextEncoding, bytes: Uint8Array): string {
    this.#decoder ??= new TextDecoder(encoding, { ignoreBOM: true });
    return this.#decoder.decode(bytes, { stream: true });
  }
}

function decodeWindows1252(bytes: Uint8Array): string {
  return asBuffer(bytes)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (control) => WINDOWS_1252[control.charCodeAt(0) - 0x80]!);
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
