/**
 * Messages in the wire format of Protocol Buffers (https://protobuf.dev/programming-guides/encoding): fields one after
 * the other, each a tag (number << 3 | wire type) and its value. Parts are kept apart until the end, so that what is
 * large is copied once.
 */

/** An encoded message, or a part of one. */
export interface Message {
  /** Bytes of all parts. */
  readonly length: number;
  readonly parts: readonly Uint8Array[];
}

/** Wire types. */
const VARINT = 0;
const BYTES = 2;
const FIXED32 = 5;

/** Fields in a row. */
export function message(...fields: readonly Message[]): Message {
  return {
    length: fields.reduce((sum, { length }) => sum + length, 0),
    parts: fields.flatMap(({ parts }) => parts),
  };
}

/** A whole number from -2^53 to 2^53; negative ones take ten bytes, as int64. */
export function integer(field: number, value: number): Message {
  return part(varint((field << 3) | VARINT), varint(value));
}

/** A float32. */
export function float(field: number, value: number): Message {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return part(varint((field << 3) | FIXED32), bytes);
}

export function bytes(field: number, value: Uint8Array): Message {
  return part(varint((field << 3) | BYTES), varint(value.length), value);
}

export function string(field: number, value: string): Message {
  return bytes(field, new TextEncoder().encode(value));
}

/** A message as a field of another. */
export function nested(field: number, inner: Message): Message {
  const head = part(varint((field << 3) | BYTES), varint(inner.length));
  return { length: head.length + inner.length, parts: [...head.parts, ...inner.parts] };
}

/** All of a message in one piece. */
export function toBytes({ length, parts }: Message): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const piece of parts) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

function part(...parts: readonly Uint8Array[]): Message {
  return { length: parts.reduce((sum, { length }) => sum + length, 0), parts };
}

function varint(value: number): Uint8Array {
  const digits: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  while (rest > 0x7fn) {
    digits.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  digits.push(Number(rest));
  return Uint8Array.from(digits);
}
