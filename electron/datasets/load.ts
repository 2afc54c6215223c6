/** From the id of a dataset to its data. */
import { createReadStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { FormatError, InputError } from '../../engine/errors.ts';
import { show } from '../../engine/experiment/fields.ts';
import { Random } from '../../engine/random.ts';
import { timeToOrdinal } from '../../engine/tasks/calendar.ts';
import type {
  Interval,
  LabelledText,
  SeriesData,
  SourceAndTarget,
  TaggedSentence,
  TaskData,
} from '../../engine/tasks/data.ts';
import type { DataNeed } from '../../engine/tasks/definition.ts';
import { seriesPoints } from '../../engine/tasks/gaps.ts';
import { firstCharacters } from '../../engine/tasks/language.ts';
import { fileError } from '../runs/files.ts';
import { bundledDatasets, loadBundledDataset } from './bundled.ts';
import { periodOrdinals } from './import/interval.ts';
import { dataPath, readManifest, type Manifest } from './stored.ts';

/**
 * A bundled dataset, or as much as is needed of one of a person's own. `folder`: of a workspace's datasets, where there
 * is one. Throws InputError where it is not there, FormatError where a file is not what it has to be.
 */
export async function loadDataset({ dataset, most }: DataNeed, folder?: string): Promise<TaskData> {
  if (bundledDatasets.some((id) => id === dataset)) return loadBundledDataset(dataset);
  if (folder === undefined) {
    throw new InputError(
      `the dataset ${show(dataset)} does not come with the program, and no workspace is open that could have it`,
    );
  }
  return loadStored(join(folder, dataset), dataset, most);
}

/** `folder`: the dataset's own; `most`: characters of a text or rows. */
export async function loadStored(folder: string, id: string, most: number): Promise<TaskData> {
  const manifest = readManifest(folder, id);
  const path = dataPath(folder, manifest.form);
  const described = {
    about: { name: manifest.name, origin: manifest.origin },
    total: manifest.size,
    ...(manifest.normalization ? { normalization: manifest.normalization } : {}),
  };
  switch (manifest.form) {
    case 'text':
      return { form: 'text', ...described, text: await readText(path, manifest, most) };
    case 'labelled':
      return { form: 'labelled', ...described, items: await readItems(path, manifest, most) };
    case 'series':
      return { ...(await readSeries(path, manifest, most)), ...described };
    case 'pairs':
      return { form: 'pairs', ...described, pairs: await readPairs(path, manifest, most) };
    case 'tagged':
      return { form: 'tagged', ...described, sentences: await readSentences(path, manifest, most) };
  }
}

/** Pieces that a part of a long text is made of, and characters that each has at least. */
const MOST_PIECES = 64;
const LEAST_PIECE = 1000;

async function readText(path: string, { size }: Manifest, most: number): Promise<string> {
  if (most < size) return readTextPieces(path, size, most);
  const pieces: string[] = [];
  for await (const piece of readPieces(path)) pieces.push(piece);
  return pieces.join('');
}

/** About `most` characters in pieces that are spread evenly over the whole text; each begins with a line where it can. */
async function readTextPieces(path: string, size: number, most: number): Promise<string> {
  const count = Math.min(MOST_PIECES, Math.max(2, Math.floor(most / LEAST_PIECE)));
  const characters = Math.max(1, Math.floor((most - count) / count));
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { size: bytes } = await file.stat();
    // Lines that are cut off at the start, and characters of more bytes than most.
    const length = Math.min(bytes, Math.ceil((characters * bytes) / size) * 2 + 4096);
    const texts: string[] = [];
    for (let n = 0; n < count; n++) {
      const from = Math.floor((n * Math.max(0, bytes - length)) / (count - 1));
      const buffer = Buffer.alloc(length);
      const { bytesRead } = await file.read(buffer, 0, length, from);
      texts.push(firstCharacters(fromLineStart(buffer.subarray(0, bytesRead), from === 0), characters));
    }
    return texts.join('\n');
  } catch (error) {
    throw fileError(error, 'read', path);
  } finally {
    await file?.close();
  }
}

function fromLineStart(bytes: Buffer, isStart: boolean): string {
  if (isStart) return bytes.toString();
  const lineBreak = bytes.indexOf('\n');
  if (lineBreak >= 0 && lineBreak < bytes.length / 4) return bytes.subarray(lineBreak + 1).toString();
  // Within a character, bytes are 0x80 to 0xbf.
  return bytes.subarray(bytes.findIndex((byte) => (byte & 0xc0) !== 0x80)).toString();
}

async function readItems(path: string, manifest: Manifest, most: number): Promise<readonly LabelledText[]> {
  const items: LabelledText[] = [];
  // One string for each label, however often it occurs.
  const labels = new Map<string, string>();
  await readRows(path, manifest, most, ([text, label, group], place) => {
    if (typeof text !== 'string' || typeof label !== 'string') throw wrongRow(place, 'a text and its label');
    const known = labels.get(label) ?? label;
    labels.set(label, known);
    items.push({ text, label: known, ...(typeof group === 'string' ? { group } : {}) });
  });
  return items;
}

async function readPairs(path: string, manifest: Manifest, most: number): Promise<readonly SourceAndTarget[]> {
  const pairs: SourceAndTarget[] = [];
  await readRows(path, manifest, most, ([source, target, group], place) => {
    if (typeof source !== 'string' || typeof target !== 'string') throw wrongRow(place, 'a source and its target');
    pairs.push({ source, target, ...(typeof group === 'string' ? { group } : {}) });
  });
  return pairs;
}

async function readSentences(path: string, manifest: Manifest, most: number): Promise<readonly TaggedSentence[]> {
  const sentences: TaggedSentence[] = [];
  await readRows(path, manifest, most, ([tokens, tags], place) => {
    if (!isTexts(tokens) || !isTexts(tags) || tokens.length !== tags.length)
      throw wrongRow(place, 'tokens and their tags');
    sentences.push({ tokens, tags });
  });
  return sentences;
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string');
}

/** The latest values of a series, `most` of them, its gaps filled. */
async function readSeries(path: string, manifest: Manifest, most: number): Promise<SeriesData> {
  const { size, rows = size, series } = manifest;
  if (!series) throw new FormatError(`${path}: the dataset's description does not say what the values are of`);
  const { interval, period, gaps = 'skip', window, quantity, unit } = series;
  const times: number[] = [];
  const values: number[] = [];
  let row = 0;
  await readRows(path, { size: rows }, Infinity, ([time, value], place) => {
    if ((typeof time !== 'number' && time !== null) || (typeof value !== 'number' && value !== null)) {
      throw wrongRow(place, 'a time and a number');
    }
    if (row++ < rows - most) return;
    times.push(time ?? 0);
    values.push(value ?? NaN);
  });
  const ordinals = ordinalsOf(times, interval, period);
  const present = values.flatMap((value, i) => (Number.isNaN(value) ? [] : [{ ordinal: ordinals[i]!, value }]));
  return {
    form: 'series',
    quantity,
    interval,
    points: seriesPoints(present, interval, gaps),
    ...(gaps === 'skip' ? {} : { gaps }),
    ...(unit === undefined ? {} : { unit }),
    ...(window === undefined ? {} : { window }),
  };
}

/** Steps count from 1. */
function ordinalsOf(times: readonly number[], interval: Interval, period: number | undefined): ArrayLike<number> {
  if (interval !== 'step') return times.map((time) => timeToOrdinal(time, interval));
  return period === undefined
    ? times.map((_, i) => i + 1)
    : periodOrdinals(times, period).map((ordinal) => ordinal + 1);
}

/**
 * Calls back with every row, or with `most` of them that are drawn from all, the same ones each time, in their order
 * (selection sampling, Knuth 1969, algorithm S). Throws FormatError where there are fewer rows than `size`.
 */
async function readRows(
  path: string,
  { size }: Pick<Manifest, 'size'>,
  most: number,
  take: (row: readonly unknown[], place: string) => void,
): Promise<void> {
  const random = new Random(0, 0);
  let wanted = Math.min(size, most);
  let line = 0;
  let rest = '';
  for await (const piece of readPieces(path)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      const isDrawn = most >= size || random.below(size - line) < wanted;
      line++;
      if (isDrawn) {
        const place = `${path}, line ${line}`;
        take(parseRow(text, place), place);
        wanted--;
      }
      if (wanted === 0) return;
    }
  }
  throw new FormatError(`${path} ends after ${line} rows where ${size} belong; the file is cut off`);
}

function parseRow(text: string, place: string): readonly unknown[] {
  let row: unknown;
  try {
    row = JSON.parse(text);
  } catch {
    throw new FormatError(`${place} is not JSON; the file is damaged`);
  }
  if (!Array.isArray(row)) throw wrongRow(place, 'a list');
  return row;
}

function wrongRow(place: string, what: string): FormatError {
  return new FormatError(`${place} is not ${what}; the file is damaged`);
}

async function* readPieces(path: string): AsyncGenerator<string, void> {
  const decoder = new StringDecoder('utf8');
  try {
    for await (const bytes of createReadStream(path, { highWaterMark: 1 << 20 })) yield decoder.write(bytes as Buffer);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  yield decoder.end();
}
