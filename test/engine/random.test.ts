import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { philox4x32, Random } from '../../engine/random.ts';

function block(counter: readonly number[], key: readonly [number, number]): string {
  const out = new Uint32Array(4);
  philox4x32(Uint32Array.from(counter), key[0], key[1], out);
  return [...out].map((word) => word.toString(16).padStart(8, '0')).join(' ');
}

/** The same function in exact integers. */
function blockInBigInts(counter: readonly number[], key: readonly [number, number]): string {
  const mask = 0xffffffffn;
  let [c0, c1, c2, c3] = counter.map(BigInt) as [bigint, bigint, bigint, bigint];
  let [k0, k1] = key.map(BigInt) as [bigint, bigint];
  for (let round = 0; round < 10; round++) {
    const p0 = 0xd2511f53n * c0;
    const p1 = 0xcd9e8d57n * c2;
    [c0, c1, c2, c3] = [(p1 >> 32n) ^ c1 ^ k0, p1 & mask, (p0 >> 32n) ^ c3 ^ k1, p0 & mask];
    k0 = (k0 + 0x9e3779b9n) & mask;
    k1 = (k1 + 0xbb67ae85n) & mask;
  }
  return [c0, c1, c2, c3].map((word) => word.toString(16).padStart(8, '0')).join(' ');
}

const ONES = 0xffffffff;
const word = fc.integer({ min: 0, max: ONES });

describe('philox4x32', () => {
  test('gives the published answers', () => {
    expect(block([0, 0, 0, 0], [0, 0])).toBe('6627e8d5 e169c58d bc57ac4c 9b00dbd8');
    expect(block([ONES, ONES, ONES, ONES], [ONES, ONES])).toBe('408f276d 41c83b0e a20bc7c6 6d5451fd');
    expect(block([0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0])).toBe(
      'd16cfe09 94fdcceb 5001e420 24126ea1',
    );
  });

  test('equals the same rounds in exact integers', () => {
    fc.assert(
      fc.property(fc.tuple(word, word, word, word), fc.tuple(word, word), (counter, key) => {
        expect(block(counter, key)).toBe(blockInBigInts(counter, key));
      }),
    );
  });
});

describe('Random', () => {
  test('takes its words from the blocks of seed, stream and item', () => {
    const seed = 3 * 2 ** 32 + 7;
    const item = 5 * 2 ** 32 + 11;
    const random = new Random(seed, 13, item);
    const words = Array.from({ length: 8 }, () => random.uint32().toString(16).padStart(8, '0'));
    expect(words.slice(0, 4).join(' ')).toBe(block([0, 11, 13, 5], [7, 3]));
    expect(words.slice(4).join(' ')).toBe(block([1, 11, 13, 5], [7, 3]));
  });

  test('equal seed, stream and item give equal numbers, others do not', () => {
    const draw = (seed: number, stream: number, item: number) => {
      const random = new Random(seed, stream, item);
      return Array.from({ length: 10 }, () => random.uint32());
    };
    expect(draw(1, 2, 3)).toEqual(draw(1, 2, 3));
    expect(draw(1, 2, 3)).not.toEqual(draw(2, 2, 3));
    expect(draw(1, 2, 3)).not.toEqual(draw(1, 3, 3));
    expect(draw(1, 2, 3)).not.toEqual(draw(1, 2, 4));
  });

  test('a jump to any position goes on as if all before had been drawn', () => {
    const straight = new Random(9, 1);
    const words = Array.from({ length: 40 }, () => straight.uint32());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 39 }), (position) => {
        const jumped = new Random(9, 1);
        jumped.position = position;
        expect(jumped.uint32()).toBe(words[position]);
        expect(jumped.position).toBe(position + 1);
      }),
    );
  });

  test('a sequence ends instead of repeating itself', () => {
    const random = new Random(0, 0);
    random.position = 2 ** 34 - 1;
    random.uint32();
    expect(() => random.uint32()).toThrow('2^34');
  });

  test('unit numbers lie in [0, 1), fit float32 and fill ten bins evenly', () => {
    const random = new Random(4, 0);
    const bins = new Array<number>(10).fill(0);
    for (let i = 0; i < 100_000; i++) {
      const unit = random.unit();
      expect(Math.fround(unit)).toBe(unit);
      bins[Math.floor(unit * 10)]!++;
    }
    // Chi-squared with 9 degrees of freedom: 27.9 has a chance of 0.001.
    expect(bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0)).toBeLessThan(27.9);
  });

  test('below(n) is even where n does not divide 2^32', () => {
    const n = 3 * 2 ** 30;
    const random = new Random(8, 0);
    let lowThird = 0;
    for (let i = 0; i < 30_000; i++) {
      const value = random.below(n);
      expect(value).toBeLessThan(n);
      if (value < n / 3) {
        lowThird++;
      }
    }
    // 10,000 expected with a deviation of 82; a remainder of a 32-bit word would give 15,000.
    expect(Math.abs(lowThird - 10_000)).toBeLessThan(330);
  });

  test('a permutation holds every number once, and each order of three is equally likely', () => {
    fc.assert(
      fc.property(word, fc.integer({ min: 0, max: 200 }), (seed, n) => {
        const order = new Random(seed, 0).permutation(n);
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      }),
    );
    const counts = new Map<string, number>();
    for (let item = 0; item < 6000; item++) {
      const order = new Random(1, 0, item).permutation(3).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // Chi-squared with 5 degrees of freedom: 20.5 has a chance of 0.001.
    expect([...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)).toBeLessThan(20.5);
  });

  test.each([
    () => new Random(-1, 0),
    () => new Random(0.5, 0),
    () => new Random(0, 2 ** 32),
    () => new Random(0, 0, -1),
    () => new Random(0, 0).below(0),
    () => new Random(0, 0).below(2 ** 32 + 1),
  ])('refuses numbers out of range (%#)', (use) => {
    expect(use).toThrow(RangeError);
  });
});
