import { fc, test } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { IGNORED } from '../../../engine/tasks/task.ts';
import type { BatchBuffers, SequenceSet, TokenStream } from '../../../engine/tasks/task.ts';
import { TrainingBatches, evaluationBatches, stepsNeeded } from '../../../engine/training/batches.ts';
import type { Batch, BatchPosition } from '../../../engine/training/batches.ts';

/** Item i has `lengths[i]` steps of token i + 1, each with target i; without end, the lengths come round again. */
function setOf(lengths: readonly number[], count = lengths.length, fixedLength = false): SequenceSet {
  const stepsOf = (item: number): number => lengths[item % lengths.length] ?? 0;
  return {
    form: 'set',
    count,
    maxSteps: Math.max(0, ...lengths),
    fixedLength,
    stepsOf,
    write(item, buffers, b) {
      buffers.lengths[b] = stepsOf(item);
      for (let t = 0; t < stepsOf(item); t++) {
        buffers.tokens![t * buffers.batchSize + b] = item + 1;
        buffers.targetLabels![t * buffers.batchSize + b] = item;
      }
    },
    describe: (item) => ({ input: String(item), target: String(item) }),
  };
}

/** The symbols 0 to n - 1, each its own position. */
function streamOf(n: number): TokenStream {
  return { form: 'stream', tokens: Int32Array.from({ length: n }, (_, i) => i) };
}

/** Buffers full of what an earlier batch might have left. */
function dirtyBuffers(
  maxSteps: number,
  batchSize: number,
): Required<Pick<BatchBuffers, 'tokens' | 'targetLabels'>> & BatchBuffers {
  return {
    maxSteps,
    batchSize,
    tokens: new Int32Array(maxSteps * batchSize).fill(99),
    lengths: new Int32Array(batchSize).fill(99),
    targetLabels: new Int32Array(maxSteps * batchSize).fill(99),
  };
}

interface Seen {
  readonly batch: Batch;
  readonly tokens: readonly number[];
  readonly targets: readonly number[];
  readonly lengths: readonly number[];
}

function seen(batch: Batch, buffers: ReturnType<typeof dirtyBuffers>): Seen {
  return {
    batch,
    tokens: [...buffers.tokens],
    targets: [...buffers.targetLabels],
    lengths: [...buffers.lengths],
  };
}

function take(batches: TrainingBatches, maxSteps: number, batchSize: number, n: number): Seen[] {
  return Array.from({ length: n }, () => {
    const buffers = dirtyBuffers(maxSteps, batchSize);
    return seen(batches.next(buffers), buffers);
  });
}

function countedTargets(batches: readonly Seen[]): number[] {
  return batches.flatMap(({ targets }) => targets.filter((target) => target !== IGNORED)).sort((a, b) => a - b);
}

function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, i) => i);
}

const lengths = fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 40 });
const batchSize = fc.integer({ min: 1, max: 9 });
const steps = fc.integer({ min: 1, max: 7 });
const seed = fc.integer({ min: 0, max: 0xffff_ffff });

describe('batches of a set', () => {
  test.prop([lengths, batchSize, seed, fc.boolean()])(
    'show every item once an epoch',
    (lengths, batchSize, seed, fixed) => {
      const set = setOf(lengths, lengths.length, fixed);
      const batches = new TrainingBatches(set, { batchSize, steps: 1, stateful: true }, seed);
      for (const epoch of [0, 1]) {
        const all = take(batches, set.maxSteps, batchSize, batches.batchesPerEpoch);
        expect(all.flatMap(({ batch }) => batch.items).sort((a, b) => a - b)).toEqual(upTo(lengths.length));
        expect(all.map(({ batch }) => batch.position)).toEqual(
          upTo(batches.batchesPerEpoch).map((batch) => ({ epoch, batch })),
        );
        expect(countedTargets(all)).toHaveLength(lengths.reduce((sum, length) => sum + length, 0));
      }
    },
  );

  test.prop([lengths, batchSize, seed])('describe what they hold', (lengths, batchSize, seed) => {
    const set = setOf(lengths);
    const batches = new TrainingBatches(set, { batchSize, steps: 1, stateful: true }, seed);
    for (const { batch, ...buffers } of take(batches, set.maxSteps, batchSize, batches.batchesPerEpoch)) {
      const held = upTo(batchSize).map((b) => (b < batch.columns ? set.stepsOf(batch.items[b] ?? -1) : 0));
      expect(batch.items).toHaveLength(batch.columns);
      expect(batch.continues).toBe(false);
      expect(buffers.lengths).toEqual(held);
      expect(batch.steps).toBe(Math.max(...held));
      expect(batch.tokens).toBe(held.reduce((sum, length) => sum + length, 0));
      for (const [i, token] of buffers.tokens.entries()) {
        const inside = Math.floor(i / batchSize) < (held[i % batchSize] ?? 0);
        const item = batch.items[i % batchSize] ?? NaN;
        expect(token).toBe(inside ? item + 1 : 0);
        expect(buffers.targets[i]).toBe(inside ? item : IGNORED);
      }
    }
  });

  test.prop([lengths, batchSize, seed, fc.nat({ max: 30 })])(
    'go on from anywhere as if uninterrupted',
    (lengths, batchSize, seed, done) => {
      const set = setOf(lengths);
      const settings = { batchSize, steps: 1, stateful: true };
      const whole = new TrainingBatches(set, settings, seed);
      take(whole, set.maxSteps, batchSize, done);
      const resumed = new TrainingBatches(set, settings, seed, whole.position);
      expect(take(resumed, set.maxSteps, batchSize, 12)).toEqual(take(whole, set.maxSteps, batchSize, 12));
    },
  );

  test.prop([lengths, batchSize])('cover every item once in an evaluation', (lengths, batchSize) => {
    const set = setOf(lengths);
    const buffers = dirtyBuffers(set.maxSteps, batchSize);
    const all = [];
    for (const batch of evaluationBatches(set, { batchSize, steps: 1, stateful: true }, buffers)) {
      all.push(seen(batch, buffers));
    }
    expect(all).toHaveLength(Math.ceil(lengths.length / batchSize));
    expect(all.flatMap(({ batch }) => batch.items).sort((a, b) => a - b)).toEqual(upTo(lengths.length));
    expect(countedTargets(all)).toHaveLength(lengths.reduce((sum, length) => sum + length, 0));
  });

  test('differ in order from epoch to epoch and from seed to seed', () => {
    const set = setOf(upTo(200).map(() => 1));
    const order = (seed: number, position: BatchPosition): readonly number[] =>
      new TrainingBatches(set, { batchSize: 100, steps: 1, stateful: true }, seed, position).next(dirtyBuffers(1, 100))
        .items;
    const first = order(1, { epoch: 0, batch: 0 });
    expect(order(1, { epoch: 0, batch: 0 })).toEqual(first);
    expect(order(1, { epoch: 1, batch: 0 })).not.toEqual(first);
    expect(order(2, { epoch: 0, batch: 0 })).not.toEqual(first);
  });

  test('put items of similar length together, the batches in random order', () => {
    const set = setOf(upTo(1600).map((i) => 1 + (i % 16)));
    const batches = new TrainingBatches(set, { batchSize: 16, steps: 1, stateful: true }, 5);
    const longest = take(batches, 16, 16, 100).map(({ batch }) => batch.steps);
    const computed = longest.reduce((sum, steps) => sum + steps * 16, 0);
    expect(computed).toBeLessThan(1.1 * 1600 * 8.5);
    expect(longest).not.toEqual([...longest].sort((a, b) => a - b));
  });

  test('without end come in order', () => {
    const set = setOf([2, 3], Infinity);
    const batches = new TrainingBatches(set, { batchSize: 4, steps: 1, stateful: true }, 1);
    expect(batches.batchesPerEpoch).toBe(Infinity);
    expect(take(batches, 3, 4, 3).flatMap(({ batch }) => batch.items)).toEqual(upTo(12));
    expect(batches.position).toEqual({ epoch: 0, batch: 3 });
    expect(() => [...evaluationBatches(set, { batchSize: 4, steps: 1, stateful: true }, dirtyBuffers(3, 4))]).toThrow(
      RangeError,
    );
  });
});

describe('batches of a stream', () => {
  const symbols = fc.integer({ min: 2, max: 120 });

  test.prop([symbols, batchSize, steps, seed, fc.boolean()])(
    'show every target once an epoch, each after its symbol',
    (symbols, batchSize, steps, seed, stateful) => {
      const batches = new TrainingBatches(streamOf(symbols), { batchSize, steps, stateful }, seed);
      for (const epoch of [0, 1]) {
        const all = take(batches, steps, batchSize, batches.batchesPerEpoch);
        expect(countedTargets(all)).toEqual(upTo(symbols).slice(1));
        expect(all.every(({ batch }) => batch.position.epoch === epoch)).toBe(true);
        for (const { batch, tokens, targets, lengths } of all) {
          expect(batch.tokens).toBe(targets.filter((target) => target !== IGNORED).length);
          expect(batch.steps).toBe(Math.max(...lengths));
          for (const [i, target] of targets.entries()) {
            const inside = Math.floor(i / batchSize) < (lengths[i % batchSize] ?? 0);
            expect(target).toBe(inside ? (tokens[i] ?? NaN) + 1 : IGNORED);
          }
        }
      }
    },
  );

  test.prop([symbols, batchSize, steps])('continue each lane where it was left', (symbols, batchSize, steps) => {
    const batches = new TrainingBatches(streamOf(symbols), { batchSize, steps, stateful: true }, 0);
    let expected: readonly (number | undefined)[] = [];
    for (const { batch, tokens, lengths } of take(batches, steps, batchSize, 2 * batches.batchesPerEpoch)) {
      expect(batch.continues).toBe(batch.position.batch > 0);
      if (batch.continues) {
        for (const [b, next] of expected.entries()) {
          expect(lengths[b] === 0 ? undefined : tokens[b]).toBe(lengths[b] === 0 ? undefined : next);
        }
      }
      expected = lengths.map((length, b) =>
        length === 0 ? undefined : (tokens[(length - 1) * batchSize + b] ?? 0) + 1,
      );
    }
  });

  test.prop([symbols, batchSize, steps, seed, fc.nat({ max: 30 }), fc.boolean()])(
    'go on from anywhere as if uninterrupted',
    (symbols, batchSize, steps, seed, done, stateful) => {
      const settings = { batchSize, steps, stateful };
      const whole = new TrainingBatches(streamOf(symbols), settings, seed);
      take(whole, steps, batchSize, done);
      const resumed = new TrainingBatches(streamOf(symbols), settings, seed, whole.position);
      expect(take(resumed, steps, batchSize, 9)).toEqual(take(whole, steps, batchSize, 9));
    },
  );

  test.prop([symbols, batchSize, steps, fc.boolean()])(
    'cover every target once in an evaluation, the stream shorter than the batch included',
    (symbols, batchSize, steps, stateful) => {
      const buffers = dirtyBuffers(steps, batchSize);
      const all = [];
      for (const batch of evaluationBatches(streamOf(symbols), { batchSize, steps, stateful }, buffers)) {
        all.push(seen(batch, buffers));
      }
      expect(countedTargets(all)).toEqual(upTo(symbols).slice(1));
      expect(all.map(({ batch }) => batch.continues)).toEqual(all.map((_, i) => stateful && i > 0));
    },
  );

  test('lie as the drawing has them', () => {
    const batches = new TrainingBatches(streamOf(11), { batchSize: 3, steps: 2, stateful: true }, 0);
    expect(take(batches, 2, 3, 2).map(({ tokens, targets, lengths }) => ({ tokens, targets, lengths }))).toEqual([
      { tokens: [0, 4, 7, 1, 5, 8], targets: [1, 5, 8, 2, 6, 9], lengths: [2, 2, 2] },
      { tokens: [2, 6, 9, 3, 0, 0], targets: [3, 7, 10, 4, IGNORED, IGNORED], lengths: [2, 1, 1] },
    ]);
  });

  test('need two symbols', () => {
    expect(() => new TrainingBatches(streamOf(1), { batchSize: 3, steps: 2, stateful: true }, 0)).toThrow(
      new InputError('the text has 1 symbols; at least 2 are needed to predict one from another'),
    );
  });
});

test('stepsNeeded is the longest item or the window', () => {
  expect(stepsNeeded(setOf([2, 5, 3]), { batchSize: 1, steps: 64, stateful: true })).toBe(5);
  expect(stepsNeeded(streamOf(10), { batchSize: 1, steps: 64, stateful: true })).toBe(64);
});

test('a position beyond the epoch is refused', () => {
  const settings = { batchSize: 2, steps: 1, stateful: true };
  expect(() => new TrainingBatches(setOf([1, 1, 1]), settings, 0, { epoch: 0, batch: 2 })).toThrow(RangeError);
});
