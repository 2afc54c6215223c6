/** Batches of a set of separate items: which items each has, and how they get into the buffers. */
import { Random } from '../random.ts';
import type { BatchBuffers, SequenceSet } from '../tasks/task.ts';
import type { Batch, BatchPosition } from './batches.ts';
import { SHUFFLE_BATCHES, SHUFFLE_ITEMS } from './streams.ts';

/** Items are sorted by length within this many batches, so that little is computed on padding. */
const BATCHES_SORTED_TOGETHER = 50;

interface Order {
  readonly batchesPerEpoch: number;
  /** The items of a batch, at most B. */
  items(position: BatchPosition): readonly number[];
}

/** Items as they come, for sets that make them on demand. */
export class EndlessOrder implements Order {
  readonly batchesPerEpoch = Infinity;
  readonly #batchSize: number;

  constructor(batchSize: number) {
    this.#batchSize = batchSize;
  }

  items({ batch }: BatchPosition): readonly number[] {
    return Array.from({ length: this.#batchSize }, (_, b) => batch * this.#batchSize + b);
  }
}

/** Each item once, the short ones first. */
export class SortedOrder implements Order {
  readonly batchesPerEpoch: number;
  readonly #batchSize: number;
  readonly #items: Uint32Array;

  constructor(set: SequenceSet, batchSize: number) {
    this.#batchSize = batchSize;
    this.batchesPerEpoch = Math.ceil(set.count / batchSize);
    this.#items = Uint32Array.from({ length: set.count }, (_, item) => item);
    if (!set.fixedLength) {
      sortByLength(set, this.#items);
    }
  }

  items({ batch }: BatchPosition): readonly number[] {
    return Array.from(this.#items.subarray(batch * this.#batchSize, (batch + 1) * this.#batchSize));
  }
}

/**
 * Each item once an epoch, in an order that follows from (seed, epoch): a permutation of the items, sorted by length
 * within runs of 50 batches where lengths differ, then a permutation of the batches.
 */
export class ShuffledOrder implements Order {
  readonly batchesPerEpoch: number;
  readonly #set: SequenceSet;
  readonly #batchSize: number;
  readonly #seed: number;
  #epoch = -1;
  #items = new Uint32Array(0);
  #batches = new Uint32Array(0);

  constructor(set: SequenceSet, batchSize: number, seed: number) {
    this.batchesPerEpoch = Math.ceil(set.count / batchSize);
    this.#set = set;
    this.#batchSize = batchSize;
    this.#seed = seed;
  }

  items({ epoch, batch }: BatchPosition): readonly number[] {
    if (epoch !== this.#epoch) {
      this.#shuffle(epoch);
    }
    const start = this.#batches[batch]! * this.#batchSize;
    return Array.from(this.#items.subarray(start, start + this.#batchSize));
  }

  #shuffle(epoch: number): void {
    this.#items = new Random(this.#seed, SHUFFLE_ITEMS, epoch).permutation(this.#set.count);
    this.#batches = new Random(this.#seed, SHUFFLE_BATCHES, epoch).permutation(this.batchesPerEpoch);
    if (!this.#set.fixedLength) {
      const run = BATCHES_SORTED_TOGETHER * this.#batchSize;
      for (let start = 0; start < this.#items.length; start += run) {
        sortByLength(this.#set, this.#items.subarray(start, start + run));
      }
    }
    this.#epoch = epoch;
  }
}

/** Writes the items into the first columns of cleared buffers. */
export function writeItems(set: SequenceSet, items: readonly number[], buffers: BatchBuffers): Omit<Batch, 'position'> {
  let steps = 0;
  let sourceSteps = 0;
  let tokens = 0;
  for (const [b, item] of items.entries()) {
    set.write(item, buffers, b);
    const length = set.stepsOf(item);
    const sourceLength = set.sourceStepsOf?.(item) ?? 0;
    steps = Math.max(steps, length);
    sourceSteps = Math.max(sourceSteps, sourceLength);
    tokens += length + sourceLength;
  }
  return { steps, sourceSteps, columns: items.length, items, tokens, continues: false };
}

/** In place, translations by length of the source first; items of equal length stay in order. */
function sortByLength(set: SequenceSet, items: Uint32Array): void {
  const lengthOf = (item: number) => (set.sourceStepsOf?.(item) ?? 0) * (set.maxSteps + 1) + set.stepsOf(item);
  const length = new Map(Array.from(items, (item) => [item, lengthOf(item)]));
  items.sort((a, b) => length.get(a)! - length.get(b)!);
}
