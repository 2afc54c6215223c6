/**
 * A message as one frame of bytes, little-endian. Everything but typed arrays is JSON; the arrays follow as they lie in
 * memory, each at a multiple of 8 bytes:
 *
 *     0        4          4 + N
 *     | u32 N  | JSON, N  | zeros | array 0 | zeros | array 1 | ... |
 *
 *     JSON: {"message": ..., "arrays": [{"path": ["args", "bytes"], "kind": "u8", "length": 3}, ...]}
 *
 * `length` counts elements. At its place in `message`, which `path` leads to, an array leaves null.
 */
import * as v from 'valibot';
import { TYPED_ARRAYS, typedArrayKind, type TypedArray, type TypedArrayKind } from './plain.ts';

const PREFIX_BYTES = 4;
const ALIGNMENT = 8;

/** Of one message. */
export const MAXIMUM_ARRAYS = 4096;
/** Above what a plain message can have (plain.ts), so that a call that is a little too deep is answered. */
const MAXIMUM_HEADER_DEPTH = 100;

/** The bytes are not a frame. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
}

const header = v.strictObject({
  message: v.unknown(),
  arrays: v.pipe(
    v.array(
      v.strictObject({
        path: v.array(v.union([v.string(), v.number()])),
        kind: v.picklist(Object.keys(TYPED_ARRAYS) as TypedArrayKind[]),
        length: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
      }),
    ),
    v.maxLength(MAXIMUM_ARRAYS),
  ),
});

type Path = readonly (string | number)[];

/** `message` is plain (plain.ts). */
export function encodeFrame(message: unknown): Uint8Array<ArrayBuffer> {
  const found: { path: Path; kind: TypedArrayKind; array: TypedArray }[] = [];
  // Long lists mostly hold no arrays: looking for one is quick, keeping the way to each place is not.
  if (holdsArray(message)) {
    collectArrays(message, [], (path, kind, array) => found.push({ path, kind, array }));
  }
  const arrays = found.map(({ path, kind, array }) => ({ path, kind, length: array.length }));
  const text = new TextEncoder().encode(
    // A replacer is slow on long lists.
    JSON.stringify({ message, arrays }, arrays.length === 0 ? undefined : arraysAsNull),
  );

  let end = PREFIX_BYTES + text.length;
  const begins = found.map(({ array }) => {
    const begin = aligned(end);
    end = begin + array.byteLength;
    return begin;
  });
  const frame = new Uint8Array(end);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, PREFIX_BYTES);
  found.forEach(({ array }, i) => {
    frame.set(new Uint8Array(array.buffer, array.byteOffset, array.byteLength), begins[i]);
  });
  return frame;
}

/** The message of a frame; its arrays are views of `frame` where that is aligned. Throws FrameError. */
export function decodeFrame(frame: Uint8Array<ArrayBuffer>): unknown {
  // Views of 8-byte elements need their buffer's offset to be a multiple of 8; a new array has its own buffer.
  const bytes = frame.byteOffset % ALIGNMENT === 0 ? frame : new Uint8Array(frame);
  if (bytes.length < PREFIX_BYTES) {
    throw new FrameError(`a frame has at least ${PREFIX_BYTES} bytes, not ${bytes.length}`);
  }
  const textLength = new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
  let end = PREFIX_BYTES + textLength;
  if (end > bytes.length) {
    throw new FrameError(`a header of ${textLength} bytes does not fit into a frame of ${bytes.length}`);
  }
  const { message, arrays } = parseHeader(bytes.subarray(PREFIX_BYTES, end));
  const root = { message };
  for (const { path, kind, length } of arrays) {
    const begin = aligned(end);
    const ArrayOfKind = TYPED_ARRAYS[kind];
    end = begin + length * ArrayOfKind.BYTES_PER_ELEMENT;
    if (end > bytes.length) {
      throw new FrameError(`the frame ends within an array of ${length} elements`);
    }
    place(root, path, new ArrayOfKind(bytes.buffer, bytes.byteOffset + begin, length));
  }
  if (end !== bytes.length) {
    throw new FrameError(`${bytes.length - end} bytes follow the end of the frame`);
  }
  return root.message;
}

function parseHeader(text: Uint8Array): v.InferOutput<typeof header> {
  if (isDeep(text)) {
    throw new FrameError(`the header holds more than ${MAXIMUM_HEADER_DEPTH} lists and objects within each other`);
  }
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(text));
  } catch {
    throw new FrameError('the header is not JSON in UTF-8');
  }
  const parsed = v.safeParse(header, json);
  if (!parsed.success) {
    throw new FrameError('the header is not of the form of a header');
  }
  return parsed.output;
}

const [QUOTE, BACKSLASH, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = Array.from('"\\[]{}', (sign) =>
  sign.charCodeAt(0),
);

/** Whether JSON is deeper than may be. Parsing millions of lists within each other would take many seconds. */
function isDeep(text: Uint8Array): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const byte = text[i];
    if (inString) {
      if (byte === BACKSLASH) i++;
      else if (byte === QUOTE) inString = false;
    } else if (byte === QUOTE) {
      inString = true;
    } else if (byte === OPEN_LIST || byte === OPEN_OBJECT) {
      if (++depth > MAXIMUM_HEADER_DEPTH) return true;
    } else if (byte === CLOSE_LIST || byte === CLOSE_OBJECT) {
      depth--;
    }
  }
  return false;
}

/** Puts an array where the message has null. */
function place(root: { message: unknown }, path: Path, array: TypedArray): void {
  let holder: object = root;
  let key: string | number = 'message';
  for (const next of path) {
    const inner = ownMember(holder, key);
    if (typeof inner !== 'object' || inner === null || ArrayBuffer.isView(inner)) {
      throw new FrameError('the path of an array leads nowhere');
    }
    holder = inner;
    key = next;
  }
  if (ownMember(holder, key) !== null) {
    throw new FrameError('the path of an array does not lead to null');
  }
  Object.defineProperty(holder, key, { value: array, enumerable: true, writable: true, configurable: true });
}

/** undefined also for what is inherited. */
function ownMember(holder: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(holder, key)?.value as unknown;
}

function holdsArray(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) {
    return false;
  }
  if (Array.isArray(value)) {
    return value.some(holdsArray);
  }
  if (ArrayBuffer.isView(value)) {
    return true;
  }
  const members = value as Readonly<Record<string, unknown>>;
  for (const key in members) {
    const member = members[key];
    if (typeof member === 'object' && holdsArray(member)) {
      return true;
    }
  }
  return false;
}

function collectArrays(
  value: unknown,
  path: Path,
  found: (path: Path, kind: TypedArrayKind, array: TypedArray) => void,
): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const kind = typedArrayKind(value);
  if (kind !== undefined) {
    found(path, kind, value as TypedArray);
  } else if (Array.isArray(value)) {
    value.forEach((item: unknown, i) => {
      if (typeof item === 'object') {
        collectArrays(item, [...path, i], found);
      }
    });
  } else {
    for (const [key, member] of Object.entries(value)) {
      if (typeof member === 'object') {
        collectArrays(member, [...path, key], found);
      }
    }
  }
}

function arraysAsNull(_key: string, value: unknown): unknown {
  return ArrayBuffer.isView(value) ? null : value;
}

function aligned(offset: number): number {
  return Math.ceil(offset / ALIGNMENT) * ALIGNMENT;
}
