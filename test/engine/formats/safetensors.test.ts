import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { FormatError } from '../../../engine/errors.ts';
import { readSafetensors, writeSafetensors } from '../../../engine/formats/safetensors.ts';
import type { Tensor } from '../../../engine/formats/safetensors.ts';

/** A file from a header as text and a number of data bytes, whatever they say of each other. */
function file(header: string, dataBytes: number, headerBytes = header.length): Uint8Array {
  const bytes = new Uint8Array(8 + header.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(headerBytes), true);
  bytes.set(new TextEncoder().encode(header), 8);
  return bytes;
}

function f32(begin: number, end: number, shape = `[${(end - begin) / 4}]`): string {
  return `{"dtype":"F32","shape":${shape},"data_offsets":[${begin},${end}]}`;
}

const data = fc.oneof(
  fc.float32Array({ noNaN: true, maxLength: 12 }),
  fc.float64Array({ noNaN: true, maxLength: 12 }),
  fc.int32Array({ maxLength: 12 }),
  fc.bigInt64Array({ maxLength: 12 }),
  fc.uint8Array({ maxLength: 12 }),
);
const tensors = fc
  .dictionary(
    fc.string({ minLength: 1 }).filter((name) => name !== '__metadata__'),
    data.map((values): Tensor => ({ shape: [1, values.length], data: values })),
  )
  .map((named) => new Map(Object.entries(named)));

describe('safetensors', () => {
  test.prop([tensors, fc.dictionary(fc.string(), fc.string())])('reads what it writes', (written, metadata) => {
    const bytes = writeSafetensors(written, metadata);
    const read = readSafetensors(bytes, 'a.safetensors');
    expect(new Map([...read.tensors].sort())).toEqual(new Map([...written].sort()));
    expect(read.metadata).toEqual({ ...metadata });
    expect(writeSafetensors(new Map([...written].reverse()), metadata)).toEqual(bytes);
  });

  test('lays a file out as the format says', () => {
    const bytes = writeSafetensors(
      new Map<string, Tensor>([
        ['id', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
        ['w', { shape: [1, 2], data: Float32Array.of(1, -2) }],
      ]),
      { a: 'b' },
    );
    const header =
      '{"__metadata__":{"a":"b"},"w":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},' +
      '"id":{"dtype":"U8","shape":[3],"data_offsets":[8,11]}}';
    const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
    expect([...bytes.subarray(0, 8)]).toEqual([padded.length, 0, 0, 0, 0, 0, 0, 0]);
    expect(new TextDecoder().decode(bytes.subarray(8, 8 + padded.length))).toBe(padded);
    expect([...bytes.subarray(8 + padded.length)]).toEqual([0, 0, 128, 63, 0, 0, 0, 192, 1, 2, 3]);
  });

  test('reads from the middle of a larger buffer', () => {
    const bytes = writeSafetensors(new Map([['w', { shape: [2], data: Float32Array.of(1, 2) }]]));
    const larger = new Uint8Array(bytes.length + 3);
    larger.set(bytes, 3);
    expect(readSafetensors(larger.subarray(3), 'a').tensors.get('w')?.data).toEqual(Float32Array.of(1, 2));
  });

  test('refuses to write a tensor whose shape is not that of its data', () => {
    expect(() => writeSafetensors(new Map([['w', { shape: [2, 2], data: Float32Array.of(1) }]]))).toThrow(RangeError);
  });

  test.each<[string, Uint8Array, string | RegExp]>([
    ['nothing', new Uint8Array(0), 'a is truncated: it has 0 bytes, and its first field alone has 8'],
    [
      'a header too long',
      file('{}', 0, 100_000_001),
      /does not begin with the length of a header of at most 100000000 bytes/,
    ],
    ['a header past the end', file('{}', 0, 3), /header ends at byte 11, the file at 10$/],
    ['an empty header', file('', 0), 'a (header) must begin with "{"'],
    ['leading space', file(' {}', 0), 'a (header) must begin with "{"'],
    ['bad JSON', file('{"w":}', 0), 'a (header), line 1, column 6: a value was expected, not "}"'],
    ['a name twice', file(`{"w":${f32(0, 4)},"w":${f32(4, 8)}}`, 8), /the name "w" occurs twice in one object$/],
    ['metadata that are no texts', file('{"__metadata__":{"a":1}}', 0), 'a: __metadata__ field "a" must be a text'],
    ['metadata that are no object', file('{"__metadata__":[]}', 0), 'a: __metadata__ must be an object of texts'],
    ['an entry that is no object', file('{"w":3}', 0), 'a: tensor "w" must be described by an object'],
    [
      'an unknown dtype',
      file('{"w":{"dtype":"F8_E5M2","shape":[],"data_offsets":[0,1]}}', 1),
      /has dtype "F8_E5M2"; F16, BF16, F32/,
    ],
    ['a missing dtype', file('{"w":{"shape":[],"data_offsets":[0,2]}}', 2), /has dtype missing; F16, BF16, F32/],
    ['an unknown field', file('{"w":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}', 0), /unknown field "x"$/],
    ['a negative size', file(`{"w":${f32(0, 4, '[-1]')}}`, 4), /has shape \[-1\]; a list of sizes >= 0 is needed$/],
    ['a broken size', file(`{"w":${f32(0, 4, '[0.5]')}}`, 4), /has shape \[0.5\]/],
    [
      'one offset',
      file('{"w":{"dtype":"U8","shape":[1],"data_offsets":[0]}}', 1),
      /has data_offsets \[0\]; \[begin, end\]/,
    ],
    ['a negative offset', file(`{"w":${f32(-4, 0)}}`, 4), /has data_offsets \[-4,0\]/],
    [
      'a shape of other size',
      file(`{"w":${f32(0, 8, '[3]')}}`, 8),
      /8 bytes of data, but F32 of shape \[3\] takes 12$/,
    ],
    ['end before begin', file(`{"w":${f32(4, 0, '[1]')}}`, 4), /has -4 bytes of data, but F32 of shape \[1\] takes 4$/],
    ['an enormous shape', file(`{"w":${f32(0, 4, '[4294967296,4294967296]')}}`, 4), /takes 73786976294838210000$/],
    [
      'a gap',
      file(`{"w":${f32(4, 8)}}`, 8),
      'a: tensor "w" leaves a gap before it: it begins at data byte 4, the data before it end at 0',
    ],
    [
      'an overlap',
      file(`{"v":${f32(0, 8)},"w":${f32(4, 12)}}`, 12),
      /tensor "w" overlaps the one before it: it begins at data byte 4/,
    ],
    ['the same place twice', file(`{"v":${f32(0, 8)},"w":${f32(0, 8)}}`, 8), /tensor "w" overlaps the one before it/],
    ['missing data', file(`{"w":${f32(0, 8)}}`, 7), 'a is truncated: its tensors take 8 bytes of data, it has 7'],
    ['extra data', file(`{"w":${f32(0, 8)}}`, 9), 'a has 1 bytes of data that belong to no tensor'],
  ])('refuses %s', (_, bytes, message) => {
    const read = () => readSafetensors(bytes, 'a');
    expect(read).toThrow(FormatError);
    expect(read).toThrow(typeof message === 'string' ? new FormatError(message) : message);
  });

  test('refuses a header that is not UTF-8', () => {
    const bytes = file('{"ab":1}', 0);
    bytes[10] = 0xff;
    expect(() => readSafetensors(bytes, 'a')).toThrow('a (header) is not UTF-8 text');
  });

  test.prop([fc.uint8Array({ maxLength: 60 })])('never fails otherwise than with a FormatError', (bytes) => {
    const noise = file(new TextDecoder('latin1').decode(bytes).replace(/[^ -~]/g, '{'), 8);
    try {
      readSafetensors(noise, 'a');
    } catch (error) {
      expect(error).toBeInstanceOf(FormatError);
    }
  });
});
