import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { decodeFrame, encodeFrame, FrameError } from '../../../electron/api/frame.ts';

/** A frame of a header's text and what follows it. */
function frameOf(header: string | Uint8Array, rest: readonly number[] = []): Uint8Array<ArrayBuffer> {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const frame = new Uint8Array(4 + text.length + rest.length);
  new DataView(frame.buffer).setUint32(0, text.length, true);
  frame.set(text, 4);
  frame.set(rest, 4 + text.length);
  return frame;
}

const typedArray: fc.Arbitrary<unknown> = fc.oneof(
  fc.uint8Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
);

const { plain } = fc.letrec((tie) => ({
  plain: fc.oneof(
    { maxDepth: 5 },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => (Object.is(x, -0) ? 0 : x)),
    fc.string({ unit: 'binary' }),
    typedArray,
    fc.array(tie('plain'), { maxLength: 5 }),
    fc.dictionary(
      fc.string().filter((key) => key !== '__proto__'),
      tie('plain'),
      { maxKeys: 5, noNullPrototype: true },
    ),
  ),
}));

property.prop([plain, fc.integer({ min: 0, max: 15 })])(
  'a message comes back, wherever its frame lies',
  (message, offset) => {
    const frame = encodeFrame(message);
    const elsewhere = new Uint8Array(frame.length + offset).subarray(offset);
    elsewhere.set(frame);
    expect(decodeFrame(elsewhere)).toEqual(message);
  },
);

test('arrays of an aligned frame are views of it', () => {
  const frame = encodeFrame({ a: Float64Array.of(1, 2), b: Uint8Array.of(3) });
  const message = decodeFrame(frame) as { a: Float64Array; b: Uint8Array };
  expect(message.a.buffer).toBe(frame.buffer);
  expect(message.a.byteOffset % 8).toBe(0);
  expect(message.b).toEqual(Uint8Array.of(3));
});

describe('what is no frame is refused with the reason', () => {
  /** A frame that announces one array, and ends where an empty one would. */
  function announcing(fields: object): Uint8Array<ArrayBuffer> {
    const array = { path: ['a'], kind: 'u8', length: 0, ...fields };
    const text = JSON.stringify({ message: { a: null, b: 1, c: {} }, arrays: [array] });
    return frameOf(text, Array<number>((8 - ((4 + text.length) % 8)) % 8).fill(0));
  }

  test('but what these are made of is one', () => {
    expect(decodeFrame(announcing({}))).toEqual({ a: new Uint8Array(0), b: 1, c: {} });
  });

  test.each<[string, Uint8Array<ArrayBuffer>, RegExp]>([
    ['too short', Uint8Array.of(1, 0, 0), /at least 4 bytes, not 3/],
    ['longer header than frame', Uint8Array.of(255, 255, 255, 255, 1), /header of 4294967295 bytes/],
    ['no JSON', frameOf('{'), /not JSON/],
    ['no UTF-8', frameOf(Uint8Array.of(34, 0xff, 34)), /not JSON in UTF-8/],
    ['no header', frameOf('[]'), /not of the form/],
    ['unknown field', frameOf('{"message":1,"arrays":[],"more":1}'), /not of the form/],
    ['no list of arrays', frameOf('{"message":1}'), /not of the form/],
    ['unknown kind', announcing({ kind: 'f16' }), /not of the form/],
    ['negative length', announcing({ length: -1 }), /not of the form/],
    ['fractional length', announcing({ length: 0.5 }), /not of the form/],
    ['array beyond the end', announcing({ length: 2 ** 50 }), /ends within an array/],
    ['path to what is not null', announcing({ path: ['b'] }), /not lead to null/],
    ['path to nowhere', announcing({ path: ['z'] }), /not lead to null/],
    ['path through nowhere', announcing({ path: ['z', 'z'] }), /leads nowhere/],
    ['path through a prototype', announcing({ path: ['c', '__proto__', 'x'] }), /leads nowhere/],
    ['bytes behind the end', frameOf('{"message":1,"arrays":[]}', [0]), /1 bytes follow/],
  ])('%s', (_name, frame, reason) => {
    expect(() => decodeFrame(frame)).toThrow(FrameError);
    expect(() => decodeFrame(frame)).toThrow(reason);
  });

  test('two arrays at one place', () => {
    const one = { path: ['a'], kind: 'u8', length: 0 };
    const text = JSON.stringify({ message: { a: null }, arrays: [one, one] });
    const padding = Array<number>((8 - ((4 + text.length) % 8)) % 8).fill(0);
    expect(() => decodeFrame(frameOf(text, padding))).toThrow(/not lead to null/);
  });
});

property.prop([fc.uint8Array({ maxLength: 200 })])('random bytes give a FrameError or nothing', (bytes) => {
  try {
    decodeFrame(new Uint8Array(bytes));
  } catch (error) {
    expect(error).toBeInstanceOf(FrameError);
  }
});

property.prop([plain, fc.nat(), fc.integer({ min: 0, max: 255 })])(
  'a frame with one byte changed gives a FrameError or a message',
  (message, position, byte) => {
    const frame = encodeFrame(message);
    frame[position % frame.length] = byte;
    try {
      decodeFrame(frame);
    } catch (error) {
      expect(error).toBeInstanceOf(FrameError);
    }
  },
);
