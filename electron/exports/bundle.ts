/**
 * A run in one file, "NAME.unrolled", for another person's lab: a zip of
 *
 *     bundle.json                          what it is (below), with the checksum of every other file
 *     history                              as in a run's folder (electron/runs/history-file.ts)
 *     health.jsonl                         as in a run's folder (electron/runs/health-file.ts)
 *     evaluations.json, samples.json       what was found at evaluations
 *     checkpoints/UPDATE.safetensors       those that were chosen; each holds experiment, task state and weights
 *     CARD.md                              for people
 *
 * The dataset does not go along: the bundle says which it was and what its checksum is.
 */
import * as v from 'valibot';
import { FormatError } from '../../engine/errors.ts';
import { readCheckpoint, type Checkpoint } from '../../engine/formats/checkpoint.ts';
import { crc32c } from '../../engine/formats/checksum.ts';
import { parseJson } from '../../engine/formats/json.ts';
import { readZip, writeZip } from '../../engine/formats/zip.ts';
import type { HealthRecord } from '../../engine/gradients/health-record.ts';
import { runInfo } from '../api/runs.ts';
import { sample } from '../api/samples.ts';
import { count, metric, origin, time } from '../api/values.ts';
import { decodeHealthFile, encodeHealthFile, HEALTH } from '../runs/health-file.ts';
import { describeIssue } from '../transport/issues.ts';

const FORMAT = 'unrolled-bundle';
const VERSION = 1;
const MANIFEST = 'bundle.json';
export const CARD = 'CARD.md';
/** Of everything in a bundle, unpacked. */
const MOST_BYTES = 2_000_000_000;
const CHECKPOINT = /^checkpoints\/([0-9]{10})\.safetensors$/u;
const PLAIN = ['history', HEALTH, 'evaluations.json', 'samples.json', CARD] as const;

const { name, note, state, failure, created, task, experiment, progress, best, threads, build, changes } =
  runInfo.entries;

const evaluation = v.strictObject({ update: count, metrics: v.array(metric) });
export type BundledEvaluation = v.InferOutput<typeof evaluation>;

const datasetReference = v.strictObject({
  /** Of the bundled dataset, or in the workspace that it came from. */
  id: v.string(),
  origin,
  /** SHA-256 of its data, hexadecimal. */
  checksum: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/u)),
});
export type DatasetReference = v.InferOutput<typeof datasetReference>;

const manifest = v.strictObject({
  format: v.literal(FORMAT),
  version: v.literal(VERSION),
  /** Of the program that wrote it. */
  program: v.string(),
  run: v.strictObject({
    name,
    note,
    state,
    failure,
    created,
    task,
    experiment,
    progress,
    metric: runInfo.entries.metric,
    best,
    threads,
    build,
    changes,
  }),
  /** null: the task makes its own data, or they were not there. */
  dataset: v.nullable(datasetReference),
  checkpoints: v.array(v.strictObject({ update: count, saved: time, pinned: v.boolean() })),
  files: v.array(v.strictObject({ name: v.string(), bytes: count, crc32c: count })),
});
type Manifest = v.InferOutput<typeof manifest>;

export type BundledRun = Manifest['run'];

export interface BundleContents {
  readonly program: string;
  readonly run: BundledRun;
  readonly dataset: DatasetReference | null;
  /** The file's bytes; null: the run has none. */
  readonly history: Uint8Array | null;
  /** In the order of updates; empty where the run has not looked at it. */
  readonly health: readonly HealthRecord[];
  readonly evaluations: readonly BundledEvaluation[];
  readonly samples: readonly v.InferOutput<typeof sample>[];
  /** The earliest first. */
  readonly checkpoints: readonly BundledCheckpoint[];
  /** Markdown. */
  readonly card: string;
}

export interface BundledCheckpoint {
  readonly update: number;
  readonly saved: number;
  readonly pinned: boolean;
  /** The file. */
  readonly bytes: Uint8Array;
}

export function writeBundle(contents: BundleContents): Uint8Array<ArrayBuffer> {
  const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const files = [
    ...(contents.history === null ? [] : [{ name: 'history', bytes: contents.history }]),
    ...(contents.health.length === 0 ? [] : [{ name: HEALTH, bytes: encodeHealthFile(contents.health) }]),
    { name: 'evaluations.json', bytes: encode(contents.evaluations) },
    { name: 'samples.json', bytes: encode(contents.samples) },
    { name: CARD, bytes: new TextEncoder().encode(contents.card) },
    ...contents.checkpoints.map(({ update, bytes }) => ({ name: checkpointName(update), bytes, stored: true })),
  ];
  const json: Manifest = {
    format: FORMAT,
    version: VERSION,
    program: contents.program,
    run: contents.run,
    dataset: contents.dataset,
    checkpoints: contents.checkpoints.map(({ update, saved, pinned }) => ({ update, saved, pinned })),
    files: files.map(({ name: file, bytes }) => ({ name: file, bytes: bytes.length, crc32c: crc32c(bytes) })),
  };
  return writeZip([{ name: MANIFEST, bytes: encode(json) }, ...files]);
}

/** A bundle that was read and checked, with its checkpoints. */
export interface ReadBundle extends BundleContents {
  readonly read: readonly Checkpoint[];
}

/** Throws FormatError, beginning with `sourceName`, where the bytes are anything but a whole bundle. */
export function readBundle(bytes: Uint8Array, sourceName: string): ReadBundle {
  const files = readZip(bytes, sourceName, {
    accepts: (file) => file === MANIFEST || PLAIN.some((plain) => plain === file) || CHECKPOINT.test(file),
    mostBytes: MOST_BYTES,
  });
  const json = jsonOf(files, MANIFEST, manifest, sourceName);
  const told = new Map(json.files.map((file) => [file.name, file]));
  for (const [file, content] of files) {
    if (file === MANIFEST) continue;
    const { bytes: length, crc32c: sum } = told.get(file) ?? { bytes: -1, crc32c: -1 };
    if (length !== content.length || sum !== crc32c(content)) {
      throw new FormatError(`${sourceName}: ${file} is damaged, or not the one that belongs there`);
    }
  }
  const checkpoints = json.checkpoints.map(({ update, saved, pinned }) => {
    const content = files.get(checkpointName(update));
    if (content === undefined) throw new FormatError(`${sourceName}: the checkpoint of update ${update} is missing`);
    return { update, saved, pinned, bytes: content };
  });
  if (checkpoints.length === 0) throw new FormatError(`${sourceName} has no checkpoint`);
  const read = checkpoints.map(({ update, bytes: content }) => {
    const place = `${sourceName} (checkpoint ${update})`;
    const checkpoint = readCheckpoint(content, place);
    if (checkpoint.progress.update !== update) {
      throw new FormatError(`${place} is of update ${checkpoint.progress.update}`);
    }
    return checkpoint;
  });
  return {
    program: json.program,
    run: json.run,
    dataset: json.dataset,
    history: files.get('history') ?? null,
    health: decodeHealthFile(files.get(HEALTH) ?? new Uint8Array(), `${sourceName}: ${HEALTH}`),
    evaluations: jsonOf(files, 'evaluations.json', v.array(evaluation), sourceName),
    samples: jsonOf(files, 'samples.json', v.array(sample), sourceName),
    checkpoints,
    card: new TextDecoder().decode(files.get(CARD) ?? new Uint8Array()),
    read,
  };
}

/** Whether a zip's bytes are those of a bundle: its manifest comes first. */
export function isBundle(bytes: Uint8Array): boolean {
  return new TextDecoder('latin1').decode(bytes.subarray(30, 30 + MANIFEST.length)) === MANIFEST;
}

function checkpointName(update: number): string {
  return `checkpoints/${String(update).padStart(10, '0')}.safetensors`;
}

function jsonOf<S extends v.GenericSchema>(
  files: ReadonlyMap<string, Uint8Array>,
  file: string,
  schema: S,
  sourceName: string,
): v.InferOutput<S> {
  const place = `${sourceName} (${file})`;
  const content = files.get(file);
  if (content === undefined) throw new FormatError(`${place} is missing`);
  const result = v.safeParse(schema, parseJson(new TextDecoder().decode(content), place, { error: FormatError }), {
    abortEarly: true,
  });
  if (!result.success) throw new FormatError(`${place}: ${describeIssue(result.issues[0])}`);
  return result.output;
}
