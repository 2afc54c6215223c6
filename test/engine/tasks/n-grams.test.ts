import { expect, test } from 'vitest';
import { nGramLosses } from '../../../engine/tasks/n-grams.ts';

test('a vocabulary too large for a table of pairs gives the same losses as a small one', () => {
  const train = [Int32Array.of(0, 1, 2, 1, 2, 0, 1), Int32Array.of(2, 1)];
  const validation = [Int32Array.of(1, 2, 0, 0)];
  const small = nGramLosses(train, validation, 2048);
  const large = nGramLosses(train, validation, 2049);
  // One more symbol that never occurs takes next to nothing from the others.
  expect(large.bigram).toBeCloseTo(small.bigram, 2);
  expect(large.unigram).toBeCloseTo(small.unigram, 2);
  expect(large.bigram).not.toBe(large.unigram);
});
