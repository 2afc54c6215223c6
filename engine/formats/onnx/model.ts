/**
 * ONNX files (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto): the messages that a computation graph needs, IR
 * version 8, operator set 17. Field numbers are those of onnx.proto.
 */
import { bytes, float, integer, message, nested, string, toBytes } from '../protobuf.ts';
import type { Message } from '../protobuf.ts';

const IR_VERSION = 8;
export const OPSET = 17;

/** TensorProto.DataType. */
const ELEMENT_TYPES = { float: 1, int32: 6, int64: 7, bool: 9, double: 11 } as const;
export type ElementType = keyof typeof ELEMENT_TYPES;

/** AttributeProto.AttributeType. */
const ATTRIBUTE = { float: 1, integer: 2, string: 3, integers: 7, strings: 8 } as const;

/** Whole numbers become int64; numbers that are to be float32 are written { float }. */
export type Attribute = number | string | readonly number[] | readonly string[] | { readonly float: number };

/** One name and shape of what goes into a graph or comes out of it; names stand for sizes that may vary. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
  /** What it is, one phrase. */
  readonly what: string;
}

export interface OnnxNode {
  readonly op: string;
  /** Empty where an optional input is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

export interface OnnxTensor {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array | Int32Array | BigInt64Array;
}

export interface OnnxGraph {
  readonly name: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  /** Each after those whose outputs it takes. */
  readonly nodes: readonly OnnxNode[];
  readonly constants: readonly OnnxTensor[];
}

export interface OnnxAbout {
  readonly producer: string;
  readonly version: string;
  readonly description: string;
  readonly metadata: Readonly<Record<string, string>>;
}

/** The bytes of a file; the same graph gives the same bytes. */
export function encodeOnnx(graph: OnnxGraph, about: OnnxAbout): Uint8Array<ArrayBuffer> {
  return toBytes(
    message(
      integer(1, IR_VERSION),
      string(2, about.producer),
      string(3, about.version),
      string(6, about.description),
      nested(7, encodeGraph(graph)),
      nested(8, message(string(1, ''), integer(2, OPSET))),
      ...Object.entries(about.metadata).map(([key, value]) => nested(14, message(string(1, key), string(2, value)))),
    ),
  );
}

function encodeGraph({ name, inputs, outputs, nodes, constants }: OnnxGraph): Message {
  return message(
    ...nodes.map((node, at) => nested(1, encodeNode(node, at))),
    string(2, name),
    ...constants.map((tensor) => nested(5, encodeTensor(tensor))),
    ...inputs.map((port) => nested(11, encodePort(port))),
    ...outputs.map((port) => nested(12, encodePort(port))),
  );
}

function encodeNode({ op, inputs, outputs, attributes }: OnnxNode, at: number): Message {
  return message(
    ...inputs.map((name) => string(1, name)),
    ...outputs.map((name) => string(2, name)),
    string(3, `${at}_${op}`),
    string(4, op),
    ...Object.entries(attributes).map(([name, value]) => nested(5, encodeAttribute(name, value))),
  );
}

function encodeAttribute(name: string, value: Attribute): Message {
  if (typeof value === 'number') {
    return message(string(1, name), integer(3, value), integer(20, ATTRIBUTE.integer));
  }
  if (typeof value === 'string') {
    return message(string(1, name), string(4, value), integer(20, ATTRIBUTE.string));
  }
  if ('float' in value) {
    return message(string(1, name), float(2, value.float), integer(20, ATTRIBUTE.float));
  }
  const [first] = value;
  const members = value.map((member) => (typeof member === 'number' ? integer(8, member) : string(9, member)));
  const type = typeof first === 'string' ? ATTRIBUTE.strings : ATTRIBUTE.integers;
  return message(string(1, name), ...members, integer(20, type));
}

function encodeTensor({ name, shape, data }: OnnxTensor): Message {
  const type = elementTypeOf(data);
  return message(
    ...shape.map((size) => integer(1, size)),
    integer(2, ELEMENT_TYPES[type]),
    string(8, name),
    bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  );
}

function elementTypeOf(data: OnnxTensor['data']): ElementType {
  if (data instanceof Float32Array) return 'float';
  if (data instanceof Float64Array) return 'double';
  return data instanceof Int32Array ? 'int32' : 'int64';
}

function encodePort({ name, type, shape, what }: Port): Message {
  const dimensions = shape.map((size) => nested(1, typeof size === 'number' ? integer(1, size) : string(2, size)));
  const tensor = message(integer(1, ELEMENT_TYPES[type]), nested(2, message(...dimensions)));
  return message(string(1, name), nested(2, message(nested(1, tensor))), string(3, what));
}
