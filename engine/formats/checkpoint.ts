/**
 * A checkpoint is a safetensors file. Its tensors are `model.<PyTorch name>`, `optimizer.<slot>.<PyTorch name>` and
 * `state.<name>` (recurrent state carried between windows), all F32; everything else is JSON in `__metadata__`, whose
 * first field is a CRC-32C of the whole file with the checksum's own digits taken as zeros:
 *
 *     8 bytes | {"__metadata__":{"checksum":"crc32c:xxxxxxxx", ... | data
 *                                                   ^ byte 8 + PREFIX.length
 */
import * as v from 'valibot';
import { FormatError, InputError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { numberFrom, section, text, wholeNumber } from '../experiment/fields.ts';
import { experimentToJson, parseExperiment } from '../experiment/schema.ts';
import type { JsonValue } from '../json.ts';
import type { TaskState } from '../tasks/task.ts';
import type { BatchPosition } from '../training/batches.ts';
import type { DivergenceState } from '../training/divergence.ts';
import type { EarlyStoppingState } from '../training/early-stopping.ts';
import { crc32c } from './checksum.ts';
import { parseJson } from './json.ts';
import { readSafetensors, writeSafetensors } from './safetensors.ts';
import type { Tensor } from './safetensors.ts';

export type FloatTensors = ReadonlyMap<string, Tensor<Float32Array>>;

/** Where a run stands between two updates. */
export interface Progress {
  /** Updates done. */
  readonly update: number;
  /** The next batch. */
  readonly position: BatchPosition;
  readonly earlyStopping: EarlyStoppingState;
  readonly divergence: DivergenceState;
}

/** What computed it: resuming gives the same bits only with the same. */
export interface BuildInfo {
  /** The core's build. */
  readonly core: string;
  readonly threads: number;
}

/** A run at one moment, enough to go on bit for bit. */
export interface Checkpoint {
  readonly experiment: Experiment;
  readonly taskState: TaskState;
  readonly progress: Progress;
  readonly build: BuildInfo;
  /** By PyTorch name. */
  readonly model: FloatTensors;
  /** By slot ("m", "v"), then by PyTorch name. */
  readonly optimizer: ReadonlyMap<string, FloatTensors>;
  readonly state: FloatTensors;
}

const FORMAT = 'unrolled-checkpoint';
const VERSION = '1';
const PREFIX = '{"__metadata__":{"checksum":"crc32c:';
const DIGITS_START = 8 + PREFIX.length;
const NO_DIGITS = '00000000';
const DIGITS_END = DIGITS_START + NO_DIGITS.length;

const count = wholeNumber(0, Number.MAX_SAFE_INTEGER);
const finite = numberFrom(-Number.MAX_VALUE, Number.MAX_VALUE);

const progressSchema: v.GenericSchema<unknown, Progress> = section({
  update: count,
  position: section({ epoch: count, batch: count }),
  earlyStopping: section({
    best: v.nullable(section({ value: finite, update: count })),
    reference: v.nullable(finite),
    waited: count,
  }),
  divergence: section({ firstLoss: v.nullable(finite), exploded: count }),
});

const buildSchema: v.GenericSchema<unknown, BuildInfo> = section({ core: text(100), threads: wholeNumber(1, 1024) });

/** The bytes of a checkpoint's file; equal checkpoints give equal bytes. */
export function writeCheckpoint(checkpoint: Checkpoint): Uint8Array<ArrayBuffer> {
  const tensors = new Map<string, Tensor>();
  addAll(tensors, 'model.', checkpoint.model);
  addAll(tensors, 'state.', checkpoint.state);
  for (const [slot, slotTensors] of checkpoint.optimizer) {
    addAll(tensors, `optimizer.${slot}.`, slotTensors);
  }
  const bytes = writeSafetensors(tensors, {
    checksum: `crc32c:${NO_DIGITS}`,
    format: FORMAT,
    version: VERSION,
    experiment: JSON.stringify(experimentToJson(checkpoint.experiment)),
    taskState: JSON.stringify(checkpoint.taskState),
    progress: JSON.stringify(checkpoint.progress),
    build: JSON.stringify(checkpoint.build),
  });
  bytes.set(ascii(digitsOf(crc32c(bytes))), DIGITS_START);
  return bytes;
}

/** Throws FormatError, beginning with `sourceName`, where the bytes are anything but a whole, undamaged checkpoint. */
export function readCheckpoint(bytes: Uint8Array, sourceName: string): Checkpoint {
  checkIntegrity(bytes, sourceName);
  const { tensors, metadata } = readSafetensors(bytes, sourceName);
  if (metadata['format'] !== FORMAT || metadata['version'] !== VERSION) {
    throw new FormatError(
      `${sourceName} has format ${String(metadata['format'])}, version ${String(metadata['version'])}; ` +
        `this program reads ${FORMAT}, version ${VERSION}`,
    );
  }
  const field = (name: string) => readField(metadata[name], `${sourceName} (${name})`);
  return {
    experiment: readExperiment(field('experiment'), `${sourceName} (experiment)`),
    taskState: readTaskState(field('taskState'), `${sourceName} (taskState)`),
    progress: validated(progressSchema, field('progress'), `${sourceName} (progress)`),
    build: validated(buildSchema, field('build'), `${sourceName} (build)`),
    ...sortTensors(tensors, sourceName),
  };
}

/** Throws FormatError where the tensors are not those, by name and shape, that a model has. */
export function checkTensors(
  found: FloatTensors,
  expected: ReadonlyMap<string, readonly number[]>,
  sourceName: string,
): void {
  const ofAnother = `${sourceName} belongs to a model of another architecture:`;
  for (const [name, shape] of expected) {
    const tensor = found.get(name);
    if (tensor === undefined) {
      throw new FormatError(`${ofAnother} it has no tensor "${name}", which this model has with shape ${sizes(shape)}`);
    }
    if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
      throw new FormatError(
        `${ofAnother} its tensor "${name}" has shape ${sizes(tensor.shape)}, this model's has ${sizes(shape)}`,
      );
    }
  }
  for (const [name, { shape }] of found) {
    if (!expected.has(name)) {
      throw new FormatError(`${ofAnother} this model has no tensor "${name}", it has one of shape ${sizes(shape)}`);
    }
  }
}

/** Whether the bytes are those of a checkpoint of whatever version, by its checksum. */
export function isIntact(bytes: Uint8Array): boolean {
  try {
    checkIntegrity(bytes, 'the checkpoint');
    return true;
  } catch (error) {
    if (error instanceof FormatError) {
      return false;
    }
    throw error;
  }
}

function checkIntegrity(bytes: Uint8Array, sourceName: string): void {
  const prefix = ascii(PREFIX);
  if (!prefix.every((byte, i) => bytes[8 + i] === byte)) {
    throw new FormatError(`${sourceName} is not a checkpoint of Unrolled, or its beginning is damaged`);
  }
  const recorded = String.fromCharCode(...bytes.subarray(DIGITS_START, DIGITS_END));
  const before = crc32c(bytes.subarray(0, DIGITS_START));
  const computed = digitsOf(crc32c(bytes.subarray(DIGITS_END), crc32c(ascii(NO_DIGITS), before)));
  if (recorded !== computed) {
    throw new FormatError(
      `${sourceName} is damaged or truncated: the checksum of its ${bytes.length} bytes is ${computed}, ` +
        `not the recorded ${JSON.stringify(recorded)}`,
    );
  }
}

function readField(value: string | undefined, place: string): JsonValue {
  if (value === undefined) {
    throw new FormatError(`${place} is missing`);
  }
  return parseJson(value, place, { error: FormatError });
}

function readExperiment(json: JsonValue, place: string): Experiment {
  try {
    return parseExperiment(json, place);
  } catch (error) {
    throw error instanceof InputError ? new FormatError(error.message) : error;
  }
}

function readTaskState(json: JsonValue, place: string): TaskState {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new FormatError(`${place} must be an object`);
  }
  return json as TaskState;
}

function validated<T>(schema: v.GenericSchema<unknown, T>, json: JsonValue, place: string): T {
  const result = v.safeParse(schema, json);
  if (!result.success) {
    const issue = result.issues[0];
    throw new FormatError(`${place}: ${v.getDotPath(issue) ?? 'the value'} ${issue.message}`);
  }
  return result.output;
}

function sortTensors(
  tensors: ReadonlyMap<string, Tensor>,
  sourceName: string,
): Pick<Checkpoint, 'model' | 'optimizer' | 'state'> {
  const model = new Map<string, Tensor<Float32Array>>();
  const state = new Map<string, Tensor<Float32Array>>();
  const optimizer = new Map<string, Map<string, Tensor<Float32Array>>>();
  for (const [name, { shape, data }] of tensors) {
    const [, group, rest = ''] = /^(model|state|optimizer)\.(.+)$/.exec(name) ?? [];
    const [, slot = '', slotName = ''] = /^([^.]+)\.(.+)$/.exec(rest) ?? [];
    if (group === undefined || (group === 'optimizer' && slot === '') || !(data instanceof Float32Array)) {
      throw new FormatError(`${sourceName}: tensor "${name}" has no place in a checkpoint`);
    }
    const tensor = { shape, data };
    if (group === 'model') {
      model.set(rest, tensor);
    } else if (group === 'state') {
      state.set(rest, tensor);
    } else {
      const ofSlot = optimizer.get(slot) ?? new Map<string, Tensor<Float32Array>>();
      optimizer.set(slot, ofSlot.set(slotName, tensor));
    }
  }
  return { model, optimizer, state };
}

function addAll(target: Map<string, Tensor>, prefix: string, tensors: FloatTensors): void {
  for (const [name, tensor] of tensors) {
    target.set(prefix + name, tensor);
  }
}

function ascii(characters: string): Uint8Array {
  return new TextEncoder().encode(characters);
}

function digitsOf(checksum: number): string {
  return checksum.toString(16).padStart(8, '0');
}

function sizes(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}
