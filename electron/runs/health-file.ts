/**
 * How a run's training has fared (engine/gradients/health.ts): `health.jsonl` in its folder, one record a line, at some
 * updates. It is worth having, but nothing follows from it: what cannot be read is left out.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { healthRecord, type HealthRecord } from '../../engine/gradients/health-record.ts';
import { fileError, replaceFile } from './files.ts';

function healthPath(folder: string): string {
  return join(folder, 'health.jsonl');
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
  const path = healthPath(folder);
  if (!existsSync(path)) return [];
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  let before = -1;
  return text.split('\n').flatMap((line) => {
    const record = parseLine(line);
    if (record === undefined || record.update <= before) return [];
    before = record.update;
    return [record];
  });
}

/** Of a run that goes on after `update`: what is told of later ones will be done again. */
export function cutHealth(folder: string, update: number): void {
  const path = healthPath(folder);
  if (!existsSync(path)) return;
  const kept = readHealth(folder).filter((record) => record.update <= update);
  replaceFile(path, kept.map((record) => `${JSON.stringify(record)}\n`).join(''));
}

function parseLine(line: string): HealthRecord | undefined {
  try {
    const result = v.safeParse(healthRecord, JSON.parse(line));
    return result.success ? result.output : undefined;
  } catch {
    return undefined;
  }
}
