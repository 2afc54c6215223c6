import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editDistance } from '../../../engine/tasks/edit-distance.ts';

const letters = fc.array(fc.integer({ min: 0, max: 2 }), { maxLength: 6 });

/** By its definition: the best of every way to begin. */
function twin(a: readonly number[], b: readonly number[]): number {
  if (a.length === 0 || b.length === 0) return a.length + b.length;
  const [x, ...restA] = a;
  const [y, ...restB] = b;
  return Math.min(twin(restA, restB) + (x === y ? 0 : 1), twin(restA, b) + 1, twin(a, restB) + 1);
}

describe('editDistance', () => {
  test('counts what has to be inserted, deleted and replaced', () => {
    expect(editDistance(Array.from('kitten', code), Array.from('sitting', code))).toBe(3);
    expect(editDistance([], [1, 2])).toBe(2);
    expect(editDistance([1, 2], [])).toBe(2);
  });

  test('is that of the definition', () => {
    fc.assert(fc.property(letters, letters, (a, b) => editDistance(a, b) === twin(a, b)));
  });
});

function code(letter: string): number {
  return letter.charCodeAt(0);
}
