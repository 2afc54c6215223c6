/**
 * The course of a run in figures, one record for one update or for several averaged. Little-endian, as all machines
 * are that this runs on:
 *
 *     header   16 bytes "unrolled-history" | u32 version | u32 bytes of a record
 *     record   u32 update | u32 epoch | f32 loss | f32 gradientNorm | f32 learningRate | f32 tokensPerSecond |
 *              f64 seconds
 *
 * Seconds that are not known are NaN. Records of version 1 end before them; a history of that version goes on in it.
 *
 * Updates grow from record to record. Records are only ever appended, and flushed before the checkpoint of their
 * update is: after a crash everything up to the last checkpoint is whole, and what follows is done again.
 */
import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { FormatError } from '../../engine/errors.ts';
import type { HistoryRecord } from '../../engine/training/history.ts';
import { fileError } from './files.ts';

const MAGIC = 'unrolled-history';
const VERSION = 2;
type Version = 1 | typeof VERSION;
const RECORD_BYTES: Readonly<Record<Version, number>> = { 1: 24, 2: 32 };
const HEADER_BYTES = 24;
/** Of a record, in a version that has them. */
const SECONDS_AT = 24;
const READ_AT_ONCE = 65_536;

export type Figures = Pick<
  HistoryRecord,
  'update' | 'epoch' | 'loss' | 'gradientNorm' | 'learningRate' | 'tokensPerSecond' | 'seconds'
>;
export type FigureName = keyof Figures;

/** Words of a record. */
const PLACES: Readonly<Record<Exclude<FigureName, 'seconds'>, number>> = {
  update: 0,
  epoch: 1,
  loss: 2,
  gradientNorm: 3,
  learningRate: 4,
  tokensPerSecond: 5,
};

/** The records of a history, in memory. */
export class HistoryRecords {
  readonly count: number;
  readonly #words: number;
  readonly #whole: Uint32Array;
  readonly #real: Float32Array;
  /** Of a version that has none: undefined. */
  readonly #long: Float64Array | undefined;

  /** `buffer`: records one after the other; what follows the last whole one, or no longer grows, is left out. */
  constructor(buffer: ArrayBuffer, version: Version = VERSION) {
    const bytes = RECORD_BYTES[version];
    const records = Math.floor(buffer.byteLength / bytes);
    this.#words = bytes / 4;
    this.#whole = new Uint32Array(buffer, 0, records * this.#words);
    this.#real = new Float32Array(buffer, 0, records * this.#words);
    if (version > 1) this.#long = new Float64Array(buffer, 0, (records * this.#words) / 2);
    this.count = this.#countGrowing(records);
  }

  /** Seconds that are not known are NaN. */
  at(record: number, figure: FigureName): number {
    const start = record * this.#words;
    if (figure === 'seconds') return this.#long?.[(start + SECONDS_AT / 4) / 2] ?? NaN;
    return (PLACES[figure] < 2 ? this.#whole : this.#real)[start + PLACES[figure]]!;
  }

  /** null: not known. */
  secondsAt(record: number): number | null {
    const seconds = this.at(record, 'seconds');
    return Number.isNaN(seconds) ? null : seconds;
  }

  /** How many records are of `update` or earlier ones. */
  countUntil(update: number): number {
    let [low, high] = [0, this.count];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.at(middle, 'update') <= update) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  #countGrowing(records: number): number {
    let before = -1;
    for (let record = 0; record < records; record++) {
      const update = this.at(record, 'update');
      if (update <= before) {
        return record;
      }
      before = update;
    }
    return records;
  }
}

/** The records that are in the file by now; none where there is no file yet. */
export async function readHistoryFile(path: string): Promise<HistoryRecords> {
  if (!existsSync(path)) {
    return new HistoryRecords(new ArrayBuffer(0));
  }
  try {
    const file = await open(path, 'r');
    try {
      const { size } = await file.stat();
      const bytes = new Uint8Array(new ArrayBuffer(size));
      let filled = 0;
      for (let read = -1; read !== 0 && filled < size; filled += read) {
        read = (await file.read(bytes, filled, size - filled, filled)).bytesRead;
      }
      const version = versionOf(bytes, path);
      return new HistoryRecords(bytes.buffer.slice(HEADER_BYTES, filled), version);
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

/** A whole history's file. */
export function encodeHistoryFile(figures: readonly Figures[]): Uint8Array {
  const records = encode(figures, VERSION);
  const bytes = new Uint8Array(HEADER_BYTES + records.length);
  bytes.set(header());
  bytes.set(records, HEADER_BYTES);
  return bytes;
}

/** The records of a history's file. Throws FormatError, beginning with `sourceName`, where it is none. */
export function decodeHistoryFile(bytes: Uint8Array, sourceName: string): HistoryRecords {
  if (bytes.length < HEADER_BYTES) throw new FormatError(`${sourceName} is not a history: it is too short`);
  const version = versionOf(bytes, sourceName);
  return new HistoryRecords(bytes.slice(HEADER_BYTES).buffer, version);
}

/** Appends to a history. One process writes at a time. */
export class HistoryWriter {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #version: Version;
  /** What its last record tells of when it is opened; null: nothing. */
  readonly seconds: number | null;
  #pending: Figures[] = [];
  #end: number;

  /**
   * Opens the history of a run that stands at `update`, made where there is none. What tells of later updates, or was
   * not written to its end, is dropped. Throws InputError where the file cannot be written.
   */
  static open(path: string, update: number): HistoryWriter {
    try {
      const descriptor = openSync(path, existsSync(path) ? 'r+' : 'w+');
      try {
        return new HistoryWriter(path, descriptor, update);
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
    } catch (error) {
      throw fileError(error, 'written', path);
    }
  }

  private constructor(path: string, descriptor: number, update: number) {
    this.#path = path;
    this.#descriptor = descriptor;
    const { size } = fstatSync(descriptor);
    const found = size < HEADER_BYTES ? EMPTY : findRecords(descriptor, path, update);
    this.seconds = found.seconds;
    // One of an older version that has no records yet lacks nothing.
    this.#version = found.count === 0 ? VERSION : found.version;
    this.#end = HEADER_BYTES + found.count * RECORD_BYTES[this.#version];
    if (size > this.#end) {
      ftruncateSync(descriptor, this.#end);
    }
    if (found.count === 0) writeAll(descriptor, header(), 0);
  }

  append(figures: readonly Figures[]): void {
    for (const figure of figures) {
      this.#pending.push(figure);
    }
  }

  /** Hands what was appended to the system: readers see it, and it survives the end of this process. */
  flush(): void {
    if (this.#pending.length === 0) {
      return;
    }
    const bytes = encode(this.#pending, this.#version);
    try {
      writeAll(this.#descriptor, bytes, this.#end);
    } catch (error) {
      throw fileError(error, 'written', this.#path);
    }
    this.#end += bytes.length;
    this.#pending = [];
  }

  /** As flush; what was appended also survives the end of the system. */
  sync(): void {
    this.flush();
    try {
      fsyncSync(this.#descriptor);
    } catch (error) {
      throw fileError(error, 'written', this.#path);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

function header(version: Version = VERSION): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC));
  new Uint32Array(bytes.buffer, MAGIC.length).set([version, RECORD_BYTES[version]]);
  return bytes;
}

/** Of a header that was cut off: the first version that it can be. Throws FormatError, beginning with `sourceName`. */
function versionOf(bytes: Uint8Array, sourceName: string): Version {
  const isOf = (version: Version) => header(version).every((byte, i) => i >= bytes.length || bytes[i] === byte);
  const version = ([VERSION, 1] as const).find(isOf);
  if (version === undefined) {
    throw new FormatError(`${sourceName} is not a history of a run of version ${VERSION} or an older one`);
  }
  return version;
}

interface Found {
  readonly version: Version;
  readonly count: number;
  /** Of the last one. */
  readonly seconds: number | null;
}

const EMPTY: Found = { version: VERSION, count: 0, seconds: null };

/** The records up to `update` that follow each other from the file's beginning. */
function findRecords(descriptor: number, path: string, update: number): Found {
  const first = new Uint8Array(HEADER_BYTES);
  readSync(descriptor, first, 0, HEADER_BYTES, 0);
  const version = versionOf(first, path);
  const block = new ArrayBuffer(READ_AT_ONCE * RECORD_BYTES[version]);
  const bytes = new Uint8Array(block);
  let found: Found = { ...EMPTY, version };
  let before = -1;
  for (;;) {
    const read = readSync(descriptor, bytes, 0, bytes.length, HEADER_BYTES + found.count * RECORD_BYTES[version]);
    const records = new HistoryRecords(block.slice(0, read), version);
    const wanted = records.count > 0 && records.at(0, 'update') > before ? records.countUntil(update) : 0;
    if (wanted > 0) {
      before = records.at(wanted - 1, 'update');
      found = { version, count: found.count + wanted, seconds: records.secondsAt(wanted - 1) };
    }
    if (wanted < READ_AT_ONCE) return found;
  }
}

function encode(figures: readonly Figures[], version: Version): Uint8Array {
  const words = RECORD_BYTES[version] / 4;
  const whole = new Uint32Array(figures.length * words);
  const real = new Float32Array(whole.buffer);
  const long = version > 1 ? new Float64Array(whole.buffer) : undefined;
  for (const [record, figure] of figures.entries()) {
    const at = record * words;
    whole[at + PLACES.update] = figure.update;
    whole[at + PLACES.epoch] = figure.epoch;
    real[at + PLACES.loss] = figure.loss;
    real[at + PLACES.gradientNorm] = figure.gradientNorm;
    real[at + PLACES.learningRate] = figure.learningRate;
    real[at + PLACES.tokensPerSecond] = figure.tokensPerSecond;
    if (long) long[(at + SECONDS_AT / 4) / 2] = figure.seconds ?? NaN;
  }
  return new Uint8Array(whole.buffer);
}

function writeAll(descriptor: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, at + written);
  }
}
