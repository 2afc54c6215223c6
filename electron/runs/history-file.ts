/**
 * The course of a run in figures, one record for one update or for several averaged. Little-endian, as all machines
 * are that this runs on:
 *
 *     header   16 bytes "unrolled-history" | u32 version | u32 bytes of a record
 *     record   u32 update | u32 epoch | f32 loss | f32 gradientNorm | f32 learningRate | f32 tokensPerSecond
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
const VERSION = 1;
const RECORD_BYTES = 24;
const HEADER_BYTES = RECORD_BYTES;
const WORDS = RECORD_BYTES / 4;
const READ_AT_ONCE = 65_536;

export type Figures = Pick<
  HistoryRecord,
  'update' | 'epoch' | 'loss' | 'gradientNorm' | 'learningRate' | 'tokensPerSecond'
>;
export type FigureName = keyof Figures;

const PLACES: Readonly<Record<FigureName, number>> = {
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
  readonly #whole: Uint32Array;
  readonly #real: Float32Array;

  /** `buffer`: records one after the other; what follows the last whole one, or no longer grows, is left out. */
  constructor(buffer: ArrayBuffer) {
    const records = Math.floor(buffer.byteLength / RECORD_BYTES);
    this.#whole = new Uint32Array(buffer, 0, records * WORDS);
    this.#real = new Float32Array(buffer, 0, records * WORDS);
    this.count = countGrowing(this.#whole, records);
  }

  at(record: number, figure: FigureName): number {
    const place = record * WORDS + PLACES[figure];
    return (PLACES[figure] < 2 ? this.#whole : this.#real)[place]!;
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
}

function countGrowing(whole: Uint32Array, records: number): number {
  let before = -1;
  for (let record = 0; record < records; record++) {
    const update = whole[record * WORDS]!;
    if (update <= before) {
      return record;
    }
    before = update;
  }
  return records;
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
      checkHeader(bytes, path);
      return new HistoryRecords(bytes.buffer.slice(HEADER_BYTES, filled));
    } finally {
      await file.close();
    }
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

/** A whole history's file. */
export function encodeHistoryFile(figures: readonly Figures[]): Uint8Array {
  const records = encode(figures);
  const bytes = new Uint8Array(HEADER_BYTES + records.length);
  bytes.set(header());
  bytes.set(records, HEADER_BYTES);
  return bytes;
}

/** The records of a history's file. Throws FormatError, beginning with `sourceName`, where it is none. */
export function decodeHistoryFile(bytes: Uint8Array, sourceName: string): HistoryRecords {
  if (bytes.length < HEADER_BYTES) throw new FormatError(`${sourceName} is not a history: it is too short`);
  checkHeader(bytes, sourceName);
  return new HistoryRecords(bytes.slice(HEADER_BYTES).buffer);
}

/** Appends to a history. One process writes at a time. */
export class HistoryWriter {
  readonly #path: string;
  readonly #descriptor: number;
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
    if (size < HEADER_BYTES) {
      writeAll(descriptor, header(), 0);
      this.#end = HEADER_BYTES;
    } else {
      this.#end = HEADER_BYTES + countRecords(descriptor, path, update) * RECORD_BYTES;
    }
    if (size > this.#end) {
      ftruncateSync(descriptor, this.#end);
    }
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
    const bytes = encode(this.#pending);
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

function header(): Uint8Array {
  const bytes = new Uint8Array(HEADER_BYTES);
  bytes.set(new TextEncoder().encode(MAGIC));
  new Uint32Array(bytes.buffer, MAGIC.length).set([VERSION, RECORD_BYTES]);
  return bytes;
}

function checkHeader(bytes: Uint8Array, path: string): void {
  const whole = header().subarray(0, bytes.length);
  if (!whole.every((byte, i) => bytes[i] === byte)) {
    throw new FormatError(`${path} is not a history of a run of version ${VERSION}`);
  }
}

/** The records up to `update` that follow each other from the file's beginning. */
function countRecords(descriptor: number, path: string, update: number): number {
  const first = new Uint8Array(HEADER_BYTES);
  readSync(descriptor, first, 0, HEADER_BYTES, 0);
  checkHeader(first, path);
  const block = new ArrayBuffer(READ_AT_ONCE * RECORD_BYTES);
  const bytes = new Uint8Array(block);
  let count = 0;
  let before = -1;
  for (;;) {
    const read = readSync(descriptor, bytes, 0, bytes.length, HEADER_BYTES + count * RECORD_BYTES);
    const records = new HistoryRecords(block.slice(0, read));
    const wanted = records.count > 0 && records.at(0, 'update') > before ? records.countUntil(update) : 0;
    count += wanted;
    if (wanted < READ_AT_ONCE) {
      return count;
    }
    before = records.at(wanted - 1, 'update');
  }
}

function encode(figures: readonly Figures[]): Uint8Array {
  const whole = new Uint32Array(figures.length * WORDS);
  const real = new Float32Array(whole.buffer);
  for (const [record, figure] of figures.entries()) {
    const at = record * WORDS;
    whole[at + PLACES.update] = figure.update;
    whole[at + PLACES.epoch] = figure.epoch;
    real[at + PLACES.loss] = figure.loss;
    real[at + PLACES.gradientNorm] = figure.gradientNorm;
    real[at + PLACES.learningRate] = figure.learningRate;
    real[at + PLACES.tokensPerSecond] = figure.tokensPerSecond;
  }
  return new Uint8Array(whole.buffer);
}

function writeAll(descriptor: number, bytes: Uint8Array, at: number): void {
  for (let written = 0; written < bytes.length;) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, at + written);
  }
}
