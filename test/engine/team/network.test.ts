import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareOf } from '../../../engine/team/network.ts';

test('a batch is shared out without gap or overlap, in sizes that differ by one at most, larger ones first', () => {
  fc.assert(
    fc.property(fc.nat(300), fc.integer({ min: 1, max: 64 }), (batchSize, threads) => {
      const shares = Array.from({ length: threads }, (_, thread) => shareOf(batchSize, threads, thread));
      let next = 0;
      shares.forEach(({ thread, threads: of, batch, offset }, index) => {
        expect([thread, of, offset]).toEqual([index, threads, next]);
        next += batch;
      });
      expect(next).toBe(batchSize);
      const sizes = shares.map(({ batch }) => batch);
      expect(sizes).toEqual([...sizes].sort((a, b) => b - a));
      expect(sizes[0]! - sizes.at(-1)!).toBeLessThanOrEqual(1);
    }),
  );
});

test('a batch of five on three threads', () => {
  expect([0, 1, 2].map((thread) => shareOf(5, 3, thread))).toEqual([
    { thread: 0, threads: 3, batch: 2, offset: 0 },
    { thread: 1, threads: 3, batch: 2, offset: 2 },
    { thread: 2, threads: 3, batch: 1, offset: 4 },
  ]);
});
