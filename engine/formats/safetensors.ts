/**
 * safetensors (https://github.com/huggingface/safetensors#format):
 *
 *     8 bytes             n, unsigned, little-endian
 *     n bytes             JSON: {"__metadata__": {text: text}, name: {"dtype", "shape", "data_offsets": [begin, end]}},
 *                         padded with spaces
 *     the rest            elements, row-major, little-endian; offsets count from here; no gaps, no overlaps
 *
 * Typed arrays stand for little-endian bytes here, as in the memory of WebAssembly on the machines this runs on.
 */
import { FormatError } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import { widenBF16, widenF16 } from './half.ts';
import { parseJson } from './json.ts';

/** F16 and BF16 are widened to float32, which holds all of their values exactly. */
export type TensorData = Float32Array | Float64Array | Int32Array | BigInt64Array | Uint8Array;

/** The type of its elements is that of `data`; the product of `shape` is the length of `data`. */
export interface Tensor<D extends TensorData = TensorData> {
  readonly shape: readonly number[];
  readonly data: D;
}

export type Metadata = Readonly<Record<string, string>>;

export interface SafetensorsFile {
  /** In the order of their data. */
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** Types of the elements in the file, by the tensors' names. */
  readonly dtypes: ReadonlyMap<string, Dtype>;
  readonly metadata: Metadata;
}

export type Dtype = 'F16' | 'BF16' | 'F32' | 'F64' | 'I32' | 'I64' | 'U8';

interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** Bytes from the start of the data. */
  readonly begin: number;
  readonly end: number;
}

const METADATA = '__metadata__';
const ELEMENT_BYTES: Readonly<Record<Dtype, number>> = {
  F16: 2,
  BF16: 2,
  F32: 4,
  F64: 8,
  I32: 4,
  I64: 8,
  U8: 1,
};
/** As the format's own reader. */
const MAX_HEADER_BYTES = 100_000_000;

/** The bytes of a file; the same tensors and metadata give the same bytes, whatever the tensors' order. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  metadata: Metadata = {},
): Uint8Array<ArrayBuffer> {
  // Wide elements first, so that every tensor is aligned to its elements.
  const ordered = [...tensors].sort(
    ([a, { data: x }], [b, { data: y }]) => y.BYTES_PER_ELEMENT - x.BYTES_PER_ELEMENT || (a < b ? -1 : 1),
  );
  const header = new Map<string, unknown>();
  if (Object.keys(metadata).length > 0) {
    header.set(METADATA, metadata);
  }
  let offset = 0;
  for (const [name, { shape, data }] of ordered) {
    if (name === METADATA || data.length !== elementsOf(shape)) {
      throw new RangeError(`tensor "${name}" has ${data.length} elements and the shape [${shape.join(', ')}]`);
    }
    header.set(name, { dtype: dtypeOf(data), shape, data_offsets: [offset, offset + data.byteLength] });
    offset += data.byteLength;
  }
  const members = [...header].map(([name, member]) => `${JSON.stringify(name)}:${JSON.stringify(member)}`);
  const json = new TextEncoder().encode(`{${members.join(',')}}`);
  const headerBytes = Math.ceil(json.length / 8) * 8;
  const bytes = new Uint8Array(8 + headerBytes + offset);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.fill(0x20, 8, 8 + headerBytes);
  bytes.set(json, 8);
  offset = 8 + headerBytes;
  for (const [, { data }] of ordered) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), offset);
    offset += data.byteLength;
  }
  return bytes;
}

/** Tensors (copies) and metadata of a file. Throws FormatError, beginning with `sourceName`, on any fault. */
export function readSafetensors(bytes: Uint8Array, sourceName: string): SafetensorsFile {
  const { json, dataStart } = readHeader(bytes, sourceName);
  const entries: Entry[] = [];
  let metadata: Metadata = {};
  for (const [name, member] of Object.entries(json)) {
    if (name === METADATA) {
      metadata = parseMetadata(member, sourceName);
    } else {
      entries.push(parseEntry(name, member, `${sourceName}: tensor ${JSON.stringify(name)}`));
    }
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, bytes.length - dataStart, sourceName);
  // Not bytes.subarray: of a Node Buffer that is a Buffer, whose slice copies nothing.
  const data = new Uint8Array(bytes.buffer, bytes.byteOffset + dataStart, bytes.length - dataStart);
  return {
    tensors: new Map(
      entries.map(({ name, dtype, shape, begin, end }) => [
        name,
        { shape, data: elements(dtype, data.slice(begin, end)) },
      ]),
    ),
    dtypes: new Map(entries.map(({ name, dtype }) => [name, dtype])),
    metadata,
  };
}

function readHeader(bytes: Uint8Array, sourceName: string): { readonly json: JsonObject; readonly dataStart: number } {
  if (bytes.length < 8) {
    throw new FormatError(`${sourceName} is truncated: it has ${bytes.length} bytes, and its first field alone has 8`);
  }
  const headerBytes = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getBigUint64(0, true);
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new FormatError(
      `${sourceName} is not a safetensors file: it does not begin with the length of a header of ` +
        `at most ${MAX_HEADER_BYTES} bytes`,
    );
  }
  const dataStart = 8 + Number(headerBytes);
  if (dataStart > bytes.length) {
    throw new FormatError(
      `${sourceName} is truncated or no safetensors file: its header ends at byte ${dataStart}, ` +
        `the file at ${bytes.length}`,
    );
  }
  const headerName = `${sourceName} (header)`;
  if (bytes[8] !== 0x7b) {
    throw new FormatError(`${headerName} must begin with "{"`);
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, dataStart));
  } catch {
    throw new FormatError(`${headerName} is not UTF-8 text`);
  }
  return {
    json: parseJson(text, headerName, { maxLength: MAX_HEADER_BYTES, error: FormatError }) as JsonObject,
    dataStart,
  };
}

type JsonObject = Readonly<Record<string, JsonValue>>;

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseMetadata(value: JsonValue, sourceName: string): Metadata {
  if (!isObject(value)) {
    throw new FormatError(`${sourceName}: ${METADATA} must be an object of texts`);
  }
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== 'string') {
      throw new FormatError(`${sourceName}: ${METADATA} field ${JSON.stringify(name)} must be a text`);
    }
  }
  return value as Metadata;
}

function parseEntry(name: string, value: JsonValue, place: string): Entry {
  if (!isObject(value)) {
    throw new FormatError(`${place} must be described by an object`);
  }
  const { dtype, shape, data_offsets: offsets, ...others } = value;
  const unknown = Object.keys(others)[0];
  if (unknown !== undefined) {
    throw new FormatError(`${place} has an unknown field ${JSON.stringify(unknown)}`);
  }
  if (!isDtype(dtype)) {
    throw new FormatError(`${place} has dtype ${shown(dtype)}; ${Object.keys(ELEMENT_BYTES).join(', ')} can be read`);
  }
  if (!isSizes(shape)) {
    throw new FormatError(`${place} has shape ${shown(shape)}; a list of sizes >= 0 is needed`);
  }
  if (!isSizes(offsets) || offsets.length !== 2) {
    throw new FormatError(`${place} has data_offsets ${shown(offsets)}; [begin, end] is needed`);
  }
  const [begin = 0, end = 0] = offsets;
  const needed = elementsOf(shape) * ELEMENT_BYTES[dtype];
  if (end - begin !== needed) {
    throw new FormatError(
      `${place} has ${end - begin} bytes of data, but ${dtype} of shape [${shape.join(', ')}] takes ${needed}`,
    );
  }
  return { name, dtype, shape, begin, end };
}

function checkCoverage(entries: readonly Entry[], dataBytes: number, sourceName: string): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      const fault = begin < covered ? 'overlaps the one before it' : 'leaves a gap before it';
      throw new FormatError(
        `${sourceName}: tensor ${JSON.stringify(name)} ${fault}: it begins at data byte ${begin}, ` +
          `the data before it end at ${covered}`,
      );
    }
    covered = end;
  }
  if (covered > dataBytes) {
    throw new FormatError(`${sourceName} is truncated: its tensors take ${covered} bytes of data, it has ${dataBytes}`);
  }
  if (covered < dataBytes) {
    throw new FormatError(`${sourceName} has ${dataBytes - covered} bytes of data that belong to no tensor`);
  }
}

function isDtype(value: JsonValue | undefined): value is Dtype {
  return typeof value === 'string' && Object.hasOwn(ELEMENT_BYTES, value);
}

function isSizes(value: JsonValue | undefined): value is readonly number[] {
  return Array.isArray(value) && value.every((size) => Number.isSafeInteger(size) && (size as number) >= 0);
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? 'missing' : JSON.stringify(value);
}

/** The number of elements of a shape; the one element of [] included. */
export function elementsOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function dtypeOf(data: TensorData): Dtype {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Float64Array) return 'F64';
  if (data instanceof Int32Array) return 'I32';
  if (data instanceof BigInt64Array) return 'I64';
  return 'U8';
}

/** `bytes` begin their buffer and fill it. */
function elements(dtype: Dtype, bytes: Uint8Array): TensorData {
  switch (dtype) {
    case 'F16':
      return widenF16(new Uint16Array(bytes.buffer));
    case 'BF16':
      return widenBF16(new Uint16Array(bytes.buffer));
    case 'F32':
      return new Float32Array(bytes.buffer);
    case 'F64':
      return new Float64Array(bytes.buffer);
    case 'I32':
      return new Int32Array(bytes.buffer);
    case 'I64':
      return new BigInt64Array(bytes.buffer);
    case 'U8':
      return bytes;
  }
}
