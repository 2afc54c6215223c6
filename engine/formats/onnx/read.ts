/** Reads what encodeOnnx writes, and as much of others' ONNX files as is needed to say what they are. */
import { FormatError } from '../../errors.ts';
import { readFields } from '../protobuf-reader.ts';

export interface ReadTensor {
  /** TensorProto.DataType. */
  readonly type: number;
  readonly shape: readonly number[];
  /** Elements in little-endian bytes; undefined where they are kept in another way. */
  readonly bytes: Uint8Array | undefined;
}

export interface ReadNode {
  /** The operator. */
  readonly op: string;
  readonly name: string;
  /** The whole message. */
  readonly bytes: Uint8Array;
}

export interface ReadOnnx {
  readonly producer: string;
  readonly metadata: ReadonlyMap<string, string>;
  readonly nodes: readonly ReadNode[];
  readonly tensors: ReadonlyMap<string, ReadTensor>;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

const MAX_NODES = 100_000;
const MAX_DIMENSIONS = 16;

/** Throws FormatError, beginning with `sourceName`, where the bytes are no ONNX model. */
export function readOnnx(bytes: Uint8Array, sourceName: string): ReadOnnx {
  const metadata = new Map<string, string>();
  let producer = '';
  let graph: Uint8Array | undefined;
  for (const { number, value } of readFields(bytes, sourceName)) {
    if (!(value instanceof Uint8Array)) continue;
    if (number === 2) producer = text(value, sourceName);
    if (number === 7) graph = value;
    if (number === 14) {
      const [key = '', content = ''] = texts(value, [1, 2], sourceName);
      metadata.set(key, content);
    }
  }
  if (graph === undefined) throw new FormatError(`${sourceName} is no ONNX model: it has no graph`);
  const nodes: ReadNode[] = [];
  const tensors = new Map<string, ReadTensor>();
  const inputs: string[] = [];
  const outputs: string[] = [];
  for (const { number, value } of readFields(graph, sourceName)) {
    if (!(value instanceof Uint8Array)) continue;
    if (number === 1) {
      if (nodes.length >= MAX_NODES) throw new FormatError(`${sourceName} has more than ${MAX_NODES} operators`);
      const [name = '', op = ''] = texts(value, [3, 4], sourceName);
      nodes.push({ op, name, bytes: value });
    } else if (number === 5) {
      const [name, tensor] = readTensor(value, sourceName);
      tensors.set(name, tensor);
    } else if (number === 11 || number === 12) {
      const [name = ''] = texts(value, [1], sourceName);
      (number === 11 ? inputs : outputs).push(name);
    }
  }
  return { producer, metadata, nodes, tensors, inputs, outputs };
}

function readTensor(bytes: Uint8Array, sourceName: string): readonly [string, ReadTensor] {
  const shape: number[] = [];
  let type = 0;
  let name = '';
  let raw: Uint8Array | undefined;
  for (const { number, value } of readFields(bytes, sourceName)) {
    if (number === 1 && typeof value === 'bigint') shape.push(Number(value));
    if (number === 1 && value instanceof Uint8Array) for (const size of packed(value, sourceName)) shape.push(size);
    if (number === 2 && typeof value === 'bigint') type = Number(value);
    if (number === 8 && value instanceof Uint8Array) name = text(value, sourceName);
    if (number === 9 && value instanceof Uint8Array) raw = value;
  }
  if (shape.length > MAX_DIMENSIONS || !shape.every((size) => Number.isSafeInteger(size))) {
    throw new FormatError(`${sourceName}: the tensor ${JSON.stringify(name.slice(0, 80))} has no shape that can be`);
  }
  return [name, { type, shape, bytes: raw }];
}

/** Numbers one after the other. */
function* packed(bytes: Uint8Array, sourceName: string): Generator<number> {
  let value = 0;
  let factor = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * factor;
    factor *= 128;
    if (factor > 2 ** 63) throw new FormatError(`${sourceName} is damaged: a size in it is too large`);
    if (byte >= 0x80) continue;
    yield value;
    value = 0;
    factor = 1;
  }
}

function texts(bytes: Uint8Array, numbers: readonly number[], sourceName: string): readonly (string | undefined)[] {
  const found = new Map<number, string>();
  for (const { number, value } of readFields(bytes, sourceName)) {
    if (numbers.includes(number) && value instanceof Uint8Array) found.set(number, text(value, sourceName));
  }
  return numbers.map((number) => found.get(number));
}

function text(bytes: Uint8Array, sourceName: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new FormatError(`${sourceName} is damaged: a text in it is not UTF-8`);
  }
}
