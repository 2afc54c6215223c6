/** Protocol buffers (https://protobuf.dev/programming-guides/encoding/), read field by field within bounds. */
import { FormatError } from '../errors.ts';

export interface Field {
  readonly number: number;
  /** A whole number (wire type 0), or the bytes of everything else. */
  readonly value: bigint | Uint8Array;
}

/** All fields of a message in their order. Throws FormatError, beginning with `sourceName`, where it is cut off or none. */
export function* readFields(bytes: Uint8Array, sourceName: string): Generator<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) break;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asUintN(64, value);
    }
    throw new FormatError(`${sourceName} is damaged: a number in it does not end`);
  };
  while (at < bytes.length) {
    const tag = varint();
    const number = Number(tag >> 3n);
    const type = Number(tag & 7n);
    if (type === 0) {
      yield { number, value: varint() };
      continue;
    }
    const length = type === 2 ? varint() : type === 5 ? 4n : type === 1 ? 8n : -1n;
    if (number === 0 || length < 0n || length > BigInt(bytes.length - at)) {
      throw new FormatError(`${sourceName} is damaged or cut off: field ${number} does not fit into it`);
    }
    yield { number, value: bytes.subarray(at, at + Number(length)) };
    at += Number(length);
  }
}
