import { describe, expect, test } from 'vitest';
import { listedTokens, tokenSet, valueSet } from '../../../engine/tasks/items.ts';
import type { BatchBuffers } from '../../../engine/tasks/task.ts';

const describeItem = () => ({ input: '', target: '' });

function tokenBuffers(
  maxSteps: number,
  batchSize: number,
): Required<Pick<BatchBuffers, 'tokens' | 'targetLabels' | 'conditions'>> & BatchBuffers {
  return {
    maxSteps,
    batchSize,
    lengths: new Int32Array(batchSize),
    tokens: new Int32Array(maxSteps * batchSize),
    targetLabels: new Int32Array(maxSteps * batchSize).fill(-1),
    conditions: new Int32Array(batchSize),
  };
}

describe('a set of tokens', () => {
  const items = [
    { tokens: Int32Array.of(1, 2, 3), targets: Int32Array.of(4, 5, 6), condition: 1 },
    { tokens: Int32Array.of(7), targets: Int32Array.of(8), condition: 2 },
  ];
  const set = listedTokens(items, { per: 'step', describe: describeItem });

  test('writes time-major columns and leaves the others alone', () => {
    const buffers = tokenBuffers(4, 2);
    set.write(1, buffers, 0);
    set.write(0, buffers, 1);
    expect([...buffers.tokens]).toEqual([7, 1, 0, 2, 0, 3, 0, 0]);
    expect([...buffers.targetLabels]).toEqual([8, 4, -1, 5, -1, 6, -1, -1]);
    expect([...buffers.lengths]).toEqual([1, 3]);
    expect([...buffers.conditions]).toEqual([2, 1]);
  });

  test('knows its lengths', () => {
    expect([set.count, set.maxSteps, set.fixedLength, set.stepsOf(0), set.stepsOf(1)]).toEqual([2, 3, false, 3, 1]);
    expect(listedTokens(items.slice(0, 1), { per: 'step', describe: describeItem }).fixedLength).toBe(true);
  });

  test('writes one target for a sequence where the set says so', () => {
    const perSequence = tokenSet({
      per: 'sequence',
      count: 1,
      maxSteps: 2,
      fixedLength: true,
      item: () => ({ tokens: Int32Array.of(3, 4), targets: Int32Array.of(5) }),
      describe: describeItem,
    });
    const buffers = tokenBuffers(2, 2);
    perSequence.write(0, buffers, 1);
    expect([...buffers.targetLabels]).toEqual([-1, 5, -1, -1]);
  });

  test('refuses items, columns and lengths that are not there', () => {
    expect(() => set.write(2, tokenBuffers(4, 2), 0)).toThrow('item 2 of a set of 2');
    expect(() => set.stepsOf(-1)).toThrow(RangeError);
    expect(() => set.write(0, tokenBuffers(4, 2), 2)).toThrow('3 steps in column 2 of a batch of 2 columns');
    expect(() => set.write(0, tokenBuffers(2, 2), 0)).toThrow(RangeError);
    expect(() => set.write(0, { maxSteps: 4, batchSize: 1, lengths: new Int32Array(1) }, 0)).toThrow(TypeError);
  });
});

test('a set of values writes time-major rows of its width', () => {
  const set = valueSet({
    count: Infinity,
    maxSteps: 2,
    width: 2,
    item: (index) => ({ values: Float32Array.of(index, 1, 2, 3), targets: Float32Array.of(index * 10, 7, 8) }),
    describe: describeItem,
  });
  const buffers = {
    maxSteps: 3,
    batchSize: 2,
    lengths: new Int32Array(2),
    values: new Float32Array(12),
    targetValues: new Float32Array(6),
  };
  set.write(5, buffers, 1);
  set.write(1_000_000, buffers, 0);
  expect([...buffers.values]).toEqual([1_000_000, 1, 5, 1, 2, 3, 2, 3, 0, 0, 0, 0]);
  expect([...buffers.targetValues]).toEqual([10_000_000, 7, 8, 50, 7, 8]);
  expect([...buffers.lengths]).toEqual([2, 2]);
});
