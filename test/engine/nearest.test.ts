import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../engine/nearest.ts';

test.each([
  ['', '', 0],
  ['abc', '', 3],
  ['kitten', 'sitting', 3],
  ['ab', 'ba', 1],
  ['ca', 'abc', 3],
  ['hidden', 'hiden', 1],
])('editDistance(%j, %j) is %i', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test.each([
  ['batchsize', 'batchSize'],
  ['epoch', 'epochs'],
  ['lrs', undefined],
  ['stpes', 'steps'],
  ['zzzzzzz', undefined],
])('nearest to %j is %j', (word, expected) => {
  expect(nearest(word, ['batchSize', 'epochs', 'steps', 'learningRate'])).toBe(expected);
});
