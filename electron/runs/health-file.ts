/**
 * How a run's training has fared (engine/gradients/health.ts): `health.jsonl` in its folder, one record a line, at some
 * updates. It is worth having, but nothing follows from it: what cannot be read is left out.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { FormatError } from '../../engine/errors.ts';
import { parseJson } from '../../engine/formats/json.ts';
import { healthRecord, type HealthRecord } from '../../engine/gradients/health-record.ts';
import { describeIssue } from '../transport/issues.ts';
import { fileError, replaceFile } from './files.ts';

/** The file's name, in a bundle too. */
export const HEALTH = 'health.jsonl';
/** Of a file from elsewhere; a run makes some hundreds of records of some kilobytes. */
const MOST_BYTES = 64 * 1024 * 1024;
const MOST_RECORDS = 10_000;

function healthPath(folder: string): string {
  return join(folder, HEALTH);
}

export function appendHealth(folder: string, record: HealthRecord): void {
  const path = healthPath(folder);
  try {
    appendFileSync(path, `${JSON.stringify(record)}\n`);
  } catch (error) {
    throw fileError(error, 'written', path);
  }
}

/** In the order of updates; none where none is kept. */
export function readHealth(folder: string): readonly HealthRecord[] {
  let before = -1;
  return readLines(folder).flatMap((line) => {
    const record = parseLine(line);
    if (record === undefined || record.update <= before) return [];
    before = record.update;
    return [record];
  });
}

/** The newest record; null where none is kept. */
export function readLatestHealth(folder: string): HealthRecord | null {
  const lines = readLines(folder);
  for (let i = lines.length - 1; i >= 0; i--) {
    const record = parseLine(lines[i]!);
    if (record !== undefined) return record;
  }
  return null;
}

function readLines(folder: string): readonly string[] {
  const path = healthPath(folder);
  if (!existsSync(path)) return [];
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

/** Of a run that goes on after `update`: what is told of later ones will be done again. */
export function cutHealth(folder: string, update: number): void {
  if (!existsSync(healthPath(folder))) return;
  replaceHealth(
    folder,
    readHealth(folder).filter((record) => record.update <= update),
  );
}

/** Of a run that has none yet: all of it. */
export function writeHealth(folder: string, records: readonly HealthRecord[]): void {
  if (records.length > 0) replaceHealth(folder, records);
}

/** A whole file. */
export function encodeHealthFile(records: readonly HealthRecord[]): Uint8Array {
  return new TextEncoder().encode(records.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

/** The records of a file from elsewhere. Throws FormatError, beginning with `sourceName`, where a line is none. */
export function decodeHealthFile(bytes: Uint8Array, sourceName: string): readonly HealthRecord[] {
  if (bytes.length > MOST_BYTES) {
    throw new FormatError(`${sourceName} has ${bytes.length} bytes; at most ${MOST_BYTES} are read`);
  }
  const lines = new TextDecoder().decode(bytes).split('\n');
  if (lines.at(-1) === '') lines.pop();
  if (lines.length > MOST_RECORDS) {
    throw new FormatError(`${sourceName} has ${lines.length} records; at most ${MOST_RECORDS} are read`);
  }
  let before = -1;
  return lines.map((line, i) => {
    const place = `${sourceName} (record ${i + 1})`;
    const result = v.safeParse(healthRecord, parseJson(line, place, { error: FormatError }), { abortEarly: true });
    if (!result.success) throw new FormatError(`${place}: ${describeIssue(result.issues[0])}`);
    const { update } = result.output;
    if (update <= before) throw new FormatError(`${place} is of update ${update}, after one of update ${before}`);
    before = update;
    return result.output;
  });
}

function replaceHealth(folder: string, records: readonly HealthRecord[]): void {
  replaceFile(healthPath(folder), encodeHealthFile(records));
}

function parseLine(line: string): HealthRecord | undefined {
  try {
    const result = v.safeParse(healthRecord, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
