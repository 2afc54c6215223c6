import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { drawSymbol, type SamplingOptions } from '../../../engine/models/sampling.ts';
import { Random } from '../../../engine/random.ts';

const PROBABILITIES = Float32Array.of(0.1, 0.4, 0.05, 0.25, 0.2);
const DRAWS = 20_000;

/** How often each symbol was drawn, as a share. */
function frequencies(options: SamplingOptions, probabilities = PROBABILITIES): number[] {
  const random = new Random(1, 2);
  const counts = new Array<number>(probabilities.length).fill(0);
  for (let i = 0; i < DRAWS; i++) counts[drawSymbol(probabilities, options, random)]!++;
  return counts.map((count) => count / DRAWS);
}

/** Each share within five standard deviations of what it should be. */
function expectShares(shares: readonly number[], weights: readonly number[]): void {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  shares.forEach((share, index) => {
    const p = weights[index]! / total;
    expect(Math.abs(share - p), `symbol ${index}`).toBeLessThanOrEqual(5 * Math.sqrt((p * (1 - p)) / DRAWS));
  });
}

describe('a symbol', () => {
  test("is drawn with the model's probabilities at temperature 1", () => {
    expectShares(frequencies({ temperature: 1, topK: 0 }), [...PROBABILITIES]);
  });

  test.each([0.5, 2])('is drawn in proportion to p^(1 / temperature): %d', (temperature) => {
    const weights = Array.from(PROBABILITIES, (p) => p ** (1 / temperature));
    expectShares(frequencies({ temperature, topK: 0 }), weights);
  });

  test('is always the most probable at temperature 0, the first of equals', () => {
    expect(frequencies({ temperature: 0, topK: 0 })).toEqual([0, 1, 0, 0, 0]);
    expect(frequencies({ temperature: 0, topK: 0 }, Float32Array.of(0.2, 0.4, 0.4))).toEqual([0, 1, 0]);
  });

  test('is the most probable at a temperature so small that powers underflow', () => {
    expect(frequencies({ temperature: 1e-4, topK: 0 })).toEqual([0, 1, 0, 0, 0]);
  });

  test('is one of the k most probable', () => {
    expectShares(frequencies({ temperature: 1, topK: 3 }), [0, 0.4, 0, 0.25, 0.2]);
    expect(frequencies({ temperature: 1, topK: 1 })).toEqual([0, 1, 0, 0, 0]);
    expectShares(frequencies({ temperature: 1, topK: 9 }), [...PROBABILITIES]);
  });

  test('is one of the fewest most probable that come to the share together', () => {
    // In order: 0.4, 0.25, 0.2, 0.1, 0.05.
    expectShares(frequencies({ temperature: 1, topK: 0, topP: 0.39 }), [0, 1, 0, 0, 0]);
    expectShares(frequencies({ temperature: 1, topK: 0, topP: 0.6 }), [0, 0.4, 0, 0.25, 0]);
    expectShares(frequencies({ temperature: 1, topK: 0, topP: 0.7 }), [0, 0.4, 0, 0.25, 0.2]);
    expectShares(frequencies({ temperature: 1, topK: 0, topP: 1 }), [...PROBABILITIES]);
    // The temperature comes first: 0.16, 0.0625, 0.04 and so on are flat no more, and two come to 80 % of them.
    expectShares(frequencies({ temperature: 0.5, topK: 0, topP: 0.8 }), [0, 0.4 ** 2, 0, 0.25 ** 2, 0]);
    expectShares(frequencies({ temperature: 1, topK: 2, topP: 0.6 }), [0, 1, 0, 0, 0]);
  });

  test('is none of those excluded, which do not count among the k either', () => {
    const excluded = new Set([1, 4]);
    expectShares(frequencies({ temperature: 1, topK: 0, excluded }), [0.1, 0, 0.05, 0.25, 0]);
    expectShares(frequencies({ temperature: 1, topK: 2, excluded }), [0.1, 0, 0, 0.25, 0]);
    expect(frequencies({ temperature: 0, topK: 0, excluded })).toEqual([0, 0, 0, 1, 0]);
    expect(() =>
      drawSymbol(PROBABILITIES, { temperature: 1, topK: 0, excluded: new Set([0, 1, 2, 3, 4]) }, new Random(1, 2)),
    ).toThrow('There is no symbol to draw.');
  });

  test('follows from the random numbers, and never has probability zero', () => {
    const lists = fc.array(fc.integer({ min: 0, max: 100 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(lists, fc.nat(), fc.double({ min: 0.1, max: 5, noNaN: true }), (weights, seed, temperature) => {
        fc.pre(weights.some((weight) => weight > 0));
        const probabilities = Float32Array.from(weights);
        const options = { temperature, topK: 0 };
        const drawn = drawSymbol(probabilities, options, new Random(seed, 0));
        expect(drawSymbol(probabilities, options, new Random(seed, 0))).toBe(drawn);
        expect(probabilities[drawn]).toBeGreaterThan(0);
      }),
    );
  });
});
