import { describe, expect, test } from 'vitest';
import { widenBF16, widenF16 } from '../../../engine/formats/half.ts';

describe('16-bit numbers become float32 exactly', () => {
  test.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x0001, 2 ** -24],
    [0x03ff, 1023 * 2 ** -24],
    [0x0400, 2 ** -14],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x7c00, Infinity],
    [0xfc00, -Infinity],
    [0x7e00, NaN],
  ])('F16 %i', (bits, value) => {
    expect(widenF16(Uint16Array.of(bits))).toEqual(Float32Array.of(value));
    expect(Object.is(widenF16(Uint16Array.of(bits))[0], value)).toBe(true);
  });

  test.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3f80, 1],
    [0xc000, -2],
    [0x0001, 2 ** -133],
    [0x7f80, Infinity],
    [0x7fc0, NaN],
  ])('BF16 %i', (bits, value) => {
    expect(Object.is(widenBF16(Uint16Array.of(bits))[0], value)).toBe(true);
  });

  test('every F16 has its own float32', () => {
    const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter((bits) => (bits & 0x7c00) !== 0x7c00);
    const values = widenF16(all);
    // In the order of the bits, magnitudes grow.
    for (let i = 1; i < 0x7c00; i++) expect(values[i]! > values[i - 1]!).toBe(true);
    expect(values.every(Number.isFinite)).toBe(true);
  });
});
