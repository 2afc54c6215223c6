import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { crc32c } from '../../../engine/formats/checksum.ts';

/** Bit by bit, as the definition has it. */
function naiveCrc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    for (let bit = 0; bit < 8; bit++) {
      const out = (crc ^ (byte >>> bit)) & 1;
      crc = (crc >>> 1) ^ (out ? 0x82f63b78 : 0);
    }
  }
  return ~crc >>> 0;
}

describe('crc32c', () => {
  // RFC 3720, appendix B.4, and the check value of the Castagnoli polynomial.
  test.each([
    ['nothing', new Uint8Array(0), 0],
    ['"123456789"', new TextEncoder().encode('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 times 0xff', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
  ])('of %s', (_, bytes, checksum) => {
    expect(crc32c(bytes)).toBe(checksum);
  });

  test.prop([fc.uint8Array({ maxLength: 70 })])('equals the definition', (bytes) => {
    expect(crc32c(bytes)).toBe(naiveCrc32c(bytes));
  });

  test.prop([fc.uint8Array({ maxLength: 70 }), fc.nat({ max: 70 })])('can be taken in parts', (bytes, cut) => {
    expect(crc32c(bytes.subarray(cut), crc32c(bytes.subarray(0, cut)))).toBe(crc32c(bytes));
  });
});
