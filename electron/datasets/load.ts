/** From the id of a dataset to its data. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { FormatError, InputError } from '../../engine/errors.ts';
import { show } from '../../engine/experiment/fields.ts';
import { ordinalToDate, timeToOrdinal } from '../../engine/tasks/calendar.ts';
import type { Interval, LabelledText, SeriesPoint, SourceAndTarget, TaskData } from '../../engine/tasks/data.ts';
import type { DataNeed } from '../../engine/tasks/definition.ts';
import { firstCharacters } from '../../engine/tasks/language.ts';
import { fileError } from '../runs/files.ts';
import { bundledDatasets, loadBundledDataset } from './bundled.ts';
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
  const about = { name: manifest.name, origin: manifest.origin };
  switch (manifest.form) {
    case 'text':
      return { form: 'text', about, text: await readText(path, most) };
    case 'labelled':
      return { form: 'labelled', about, items: await readItems(path, manifest, most) };
    case 'series':
      return readSeries(path, manifest, most);
    case 'pairs':
      return { form: 'pairs', about, pairs: await readPairs(path, manifest, most) };
  }
}

async function readText(path: string, most: number): Promise<string> {
  const pieces: string[] = [];
  let length = 0;
  // A character takes at most two units of a string.
  for await (const piece of readPieces(path)) {
    pieces.push(piece);
    length += piece.length;
    if (length >= 2 * most) break;
  }
  return firstCharacters(pieces.join(''), most);
}

async function readItems(path: string, { size }: Manifest, most: number): Promise<readonly LabelledText[]> {
  const items: LabelledText[] = [];
  // One string for each label, however often it occurs.
  const labels = new Map<string, string>();
  await readRows(path, Math.min(size, most), ([text, label], place) => {
    if (typeof text !== 'string' || typeof label !== 'string') throw wrongRow(place, 'a text and its label');
    const known = labels.get(label) ?? label;
    labels.set(label, known);
    items.push({ text, label: known });
  });
  return items;
}

async function readPairs(path: string, { size }: Manifest, most: number): Promise<readonly SourceAndTarget[]> {
  const pairs: SourceAndTarget[] = [];
  await readRows(path, Math.min(size, most), ([source, target], place) => {
    if (typeof source !== 'string' || typeof target !== 'string') throw wrongRow(place, 'a source and its target');
    pairs.push({ source, target });
  });
  return pairs;
}

async function readSeries(path: string, manifest: Manifest, most: number): Promise<TaskData> {
  const { name, origin, size, series } = manifest;
  if (!series) throw new FormatError(`${path}: the dataset's description does not say what the values are of`);
  const points: SeriesPoint[] = [];
  const dateOf = dateBy(series.interval);
  await readRows(path, Math.min(size, most), ([time, value], place) => {
    if ((typeof time !== 'number' && time !== null) || typeof value !== 'number') {
      throw wrongRow(place, 'a time and a number');
    }
    points.push({ date: dateOf(time ?? 0, points.length + 1), value });
  });
  return { form: 'series', about: { name, origin }, ...series, points };
}

function dateBy(interval: Interval): (time: number, step: number) => string {
  return interval === 'step'
    ? (_time, step) => String(step)
    : (time) => ordinalToDate(timeToOrdinal(time, interval), interval);
}

/** Calls back with the first `count` rows. Throws FormatError where there are fewer. */
async function readRows(
  path: string,
  count: number,
  take: (row: readonly unknown[], place: string) => void,
): Promise<void> {
  let line = 0;
  let rest = '';
  for await (const piece of readPieces(path)) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop()!;
    for (const text of lines) {
      line++;
      const place = `${path}, line ${line}`;
      take(parseRow(text, place), place);
      if (line === count) return;
    }
  }
  throw new FormatError(`${path} ends after ${line} rows where ${count} belong; the file is cut off`);
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
