import { describe, expect, test } from 'vitest';
import { FormatError } from '../../../engine/errors.ts';
import { crc32c } from '../../../engine/formats/checksum.ts';
import { checkTensors, readCheckpoint, writeCheckpoint } from '../../../engine/formats/checkpoint.ts';
import { readSafetensors, writeSafetensors } from '../../../engine/formats/safetensors.ts';
import { smallCheckpoint } from './checkpoints.ts';

const NAME = 'run/checkpoint.safetensors';

/** The file with its metadata changed and its checksum made right again. */
function withMetadata(change: Readonly<Record<string, string>>): Uint8Array {
  const { tensors, metadata } = readSafetensors(writeCheckpoint(smallCheckpoint()), NAME);
  const bytes = writeSafetensors(tensors, { ...metadata, checksum: 'crc32c:00000000', ...change });
  const digits = crc32c(bytes).toString(16).padStart(8, '0');
  bytes.set(new TextEncoder().encode(digits), 8 + '{"__metadata__":{"checksum":"crc32c:'.length);
  return bytes;
}

describe('checkpoint', () => {
  test('reads what it writes', () => {
    const checkpoint = smallCheckpoint();
    const bytes = writeCheckpoint(checkpoint);
    expect(readCheckpoint(bytes, NAME)).toEqual(checkpoint);
    expect(writeCheckpoint(readCheckpoint(bytes, NAME))).toEqual(bytes);
  });

  test('is a safetensors file with the names that the format promises', () => {
    const { tensors } = readSafetensors(writeCheckpoint(smallCheckpoint()), NAME);
    expect([...tensors.keys()].sort()).toEqual([
      'model.head.bias',
      'model.rnn.weight_hh_l0',
      'optimizer.exp_avg.rnn.weight_hh_l0',
      'optimizer.exp_avg_sq.rnn.weight_hh_l0',
      'state.h0',
    ]);
  });

  test('detects every flipped byte', () => {
    const bytes = writeCheckpoint(smallCheckpoint());
    for (let i = 0; i < bytes.length; i++) {
      for (const mask of [0xff, 0x01, 0x20, 0x80]) {
        const damaged = bytes.slice();
        damaged[i]! ^= mask;
        expect(() => readCheckpoint(damaged, NAME), `byte ${i} ^ ${mask}`).toThrow(FormatError);
      }
    }
    expect(() => readCheckpoint(bytes, NAME)).not.toThrow();
  });

  test('detects truncation at every length, and bytes too many', () => {
    const bytes = writeCheckpoint(smallCheckpoint());
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readCheckpoint(bytes.subarray(0, length), NAME), `${length} bytes`).toThrow(FormatError);
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(() => readCheckpoint(longer, NAME)).toThrow(FormatError);
  });

  test('says what is wrong with a damaged file', () => {
    const bytes = writeCheckpoint(smallCheckpoint());
    bytes[bytes.length - 1]! ^= 1;
    expect(() => readCheckpoint(bytes, NAME)).toThrow(
      /^run\/checkpoint.safetensors is damaged or truncated: the checksum of its \d+ bytes is [0-9a-f]{8}, not the recorded "[0-9a-f]{8}"$/,
    );
    expect(() => readCheckpoint(writeSafetensors(new Map()), NAME)).toThrow(
      'run/checkpoint.safetensors is not a checkpoint of Unrolled, or its beginning is damaged',
    );
  });

  test.each([
    [{ version: '2' }, 'has format unrolled-checkpoint, version 2; this program reads unrolled-checkpoint, version 1'],
    [{ experiment: '{}' }, '(experiment): format is missing; an experiment has "format": "unrolled-experiment"'],
    [{ taskState: '[]' }, '(taskState) must be an object'],
    [{ taskState: '{"a": }' }, '(taskState), line 1, column 7: a value was expected, not "}"'],
    [{ progress: '{}' }, '(progress): update is missing'],
    [{ build: '{"core":"baseline","threads":0}' }, '(build): threads is 0; it must be a whole number from 1 to 1024'],
  ])('refuses metadata %j in a file that is whole', (change, message) => {
    const bytes = withMetadata(change);
    expect(() => readCheckpoint(bytes, NAME)).toThrow(new FormatError(`${NAME} ${message}`));
  });

  test('keeps accepting a file whose metadata are changed back and forth', () => {
    expect(readCheckpoint(withMetadata({}), NAME)).toEqual(smallCheckpoint());
  });
});

describe('checkTensors', () => {
  const found = smallCheckpoint().model;
  const expected = new Map([
    ['rnn.weight_hh_l0', [1, 3]],
    ['head.bias', [1, 3]],
  ]);

  test('accepts the same names and shapes in any order', () => {
    expect(() => checkTensors(found, expected, NAME)).not.toThrow();
    expect(() => checkTensors(found, new Map([...expected].reverse()), NAME)).not.toThrow();
  });

  test.each([
    [
      new Map([...expected, ['head.weight', [2, 4]]]),
      'it has no tensor "head.weight", which this model has with shape [2, 4]',
    ],
    [new Map([...expected, ['head.bias', [3]]]), `its tensor "head.bias" has shape [1, 3], this model's has [3]`],
    [new Map([['head.bias', [1, 3]]]), 'this model has no tensor "rnn.weight_hh_l0", it has one of shape [1, 3]'],
  ])('names the first difference', (other, message) => {
    expect(() => checkTensors(found, other, NAME)).toThrow(
      new FormatError(`${NAME} belongs to a model of another architecture: ${message}`),
    );
  });
});
