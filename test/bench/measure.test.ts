import { describe, expect, test } from 'vitest';
import { ROUNDS, fastestGflops, interleave, median, medianRatio, sameLosses, speedOf } from './measure.ts';
import type { Round } from './protocol.ts';
import { CASES, operationsPerToken, targets, denseInputs } from './workload.ts';
import { caseNamed } from './flags.ts';

describe('interleave', () => {
  /** A contestant whose every round takes as long as it says. */
  function contestant(name: string, milliseconds: number, log: string[]) {
    return {
      round: (): Promise<Round> => {
        log.push(name);
        return Promise.resolve({ steps: 1, milliseconds, fastest: milliseconds });
      },
    };
  }

  test('takes the contestants in turn', async () => {
    const log: string[] = [];
    const rounds = await interleave([contestant('a', 1000, log), contestant('b', 1000, log)], 1);
    expect(log.join('')).toBe('ab'.repeat(ROUNDS));
    expect(rounds.map((own) => own.length)).toEqual([ROUNDS, ROUNDS]);
  });

  test('lets one go that has had twice the time of all its rounds', async () => {
    const log: string[] = [];
    const rounds = await interleave([contestant('a', 1000, log), contestant('s', 6000, log)], 1);
    expect(log.join('')).toBe('asasaaa');
    expect(rounds.map((own) => own.length)).toEqual([5, 2]);
  });
});

test('the median of an even number of values is the mean of the middle two', () => {
  expect(median([5, 1, 3])).toBe(3);
  expect(median([4, 1, 10, 2])).toBe(3);
  expect(median([])).toBeNaN();
});

test('speed follows from the median time of a step', () => {
  const rounds = [10, 30, 20].map((milliseconds) => ({ steps: 10, milliseconds, fastest: milliseconds / 20 }));
  const speed = speedOf(caseNamed('b16-t32-h32'), 'dense', rounds);
  expect(speed.msPerStep).toBe(2);
  expect(speed.tokensPerSecond).toBe(256_000);
  // 24 H^2 + 16 H I + 6 H V at H = 32, I = V = 64.
  expect(speed.gflops).toBeCloseTo((256_000 * (24_576 + 32_768 + 12_288)) / 1e9, 9);
  // The fastest step took half a millisecond.
  const fastest = fastestGflops(caseNamed('b16-t32-h32'), 'dense', rounds);
  expect(fastest).toBeCloseTo((1_024_000 * (24_576 + 32_768 + 12_288)) / 1e9, 9);
});

test('looking inputs up saves their products', () => {
  for (const benchCase of CASES) {
    const saved = operationsPerToken(benchCase, 'dense') - operationsPerToken(benchCase, 'one-hot');
    expect(saved).toBe(16 * benchCase.hidden * 64);
  }
});

test('the ratio is the median over the rounds that both took part in', () => {
  const ours = [1, 2, 1, 1, 1].map((milliseconds) => ({ steps: 1, milliseconds, fastest: milliseconds }));
  const theirs = [3, 10, 4].map((milliseconds) => ({ steps: 1, milliseconds, fastest: milliseconds }));
  expect(medianRatio(ours, theirs)).toBe(4);
});

test('losses are the same to a thousandth', () => {
  expect(sameLosses([4, 3.9], [4.003, 3.9])).toBe(true);
  expect(sameLosses([4, 3.9], [4, 3.89])).toBe(false);
  expect(sameLosses([4, 3.9], [4])).toBe(false);
  expect(sameLosses([4, 3.9], [4, NaN])).toBe(false);
});

test('inputs and targets fill their ranges evenly', () => {
  const benchCase = caseNamed('b32-t64-h128');
  const x = denseInputs(benchCase);
  expect(x.length).toBe(64 * 32 * 64);
  // A uniform variable on [-1, 1): mean 0, variance 1/3; 131,072 draws.
  const mean = x.reduce((sum, value) => sum + value, 0) / x.length;
  const variance = x.reduce((sum, value) => sum + value * value, 0) / x.length;
  expect(Math.abs(mean)).toBeLessThan(0.01);
  expect(Math.abs(variance - 1 / 3)).toBeLessThan(0.01);
  expect(new Set(targets(benchCase)).size).toBe(64);
});
