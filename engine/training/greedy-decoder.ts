import { IGNORED, type BatchBuffers, type Boundaries, type SequenceSet } from '../tasks/task.ts';
import { choose } from '../tasks/translation-evaluation.ts';
import { clearBuffers, type Batch } from './batches.ts';
import { writeItems } from './set-batches.ts';

export interface GreedyOptions {
  readonly boundaries: Boundaries;
  /** Labels that are never chosen. */
  readonly excluded: ReadonlySet<number>;
  /** T, the most symbols of a decoding, its end included. */
  readonly steps: number;
  /** V. */
  readonly labels: number;
}

/**
 * Translates the sources of a set, a batch at a time, taking the most probable symbol at each step: a whole forward pass
 * over what has been written so far gives the next symbol of every column, which any model can do that can be trained.
 */
export class GreedyDecoder {
  readonly #set: SequenceSet;
  readonly #buffers: BatchBuffers;
  readonly #options: GreedyOptions;
  #step = 0;
  #columns = 0;
  /** By column: written so far, without start and end. */
  #written: number[][] = [];
  #ended: boolean[] = [];

  constructor(set: SequenceSet, buffers: BatchBuffers, options: GreedyOptions) {
    this.#set = set;
    this.#buffers = buffers;
    this.#options = options;
  }

  /** The items in batches whose sources are of about the same length. */
  *batches(items: readonly number[]): Generator<readonly number[], void> {
    const { batchSize } = this.#buffers;
    const lengthOf = new Map(items.map((item) => [item, this.#set.sourceStepsOf?.(item) ?? 0]));
    const sorted = [...items].sort((a, b) => lengthOf.get(a)! - lengthOf.get(b)! || a - b);
    for (let from = 0; from < sorted.length; from += batchSize) yield sorted.slice(from, from + batchSize);
  }

  /** The passes that are to be run, each followed by `take`, until every column has ended or is as long as can be. */
  *decode(items: readonly number[]): Generator<Batch, void> {
    const { tokens, targetLabels, lengths, batchSize } = this.#buffers;
    clearBuffers(this.#buffers);
    const { sourceSteps } = writeItems(this.#set, items, this.#buffers);
    tokens?.fill(0);
    targetLabels?.fill(IGNORED);
    this.#columns = items.length;
    this.#written = items.map(() => []);
    this.#ended = items.map(() => false);
    for (this.#step = 0; this.#step < this.#options.steps && this.#ended.includes(false); this.#step++) {
      const steps = this.#step + 1;
      lengths.fill(steps, 0, items.length);
      items.forEach((_, b) => {
        const before = this.#step === 0 ? this.#options.boundaries.start : this.#written[b]?.[this.#step - 1];
        if (tokens) tokens[this.#step * batchSize + b] = before ?? this.#options.boundaries.end;
      });
      const position = { epoch: 0, batch: 0 };
      yield { position, steps, sourceSteps, columns: items.length, items, tokens: 0, continues: false };
    }
  }

  /** `outputs`: [step + 1, B, V] of the last pass. */
  take(outputs: Float32Array): void {
    const { boundaries, excluded, labels } = this.#options;
    const { batchSize } = this.#buffers;
    for (let b = 0; b < this.#columns; b++) {
      if (this.#ended[b] === true) continue;
      const label = choose(outputs, (this.#step * batchSize + b) * labels, labels, excluded);
      if (label === boundaries.end) this.#ended[b] = true;
      else this.#written[b]?.push(label);
    }
  }

  /** Of column b, without start and end. */
  decoded(b: number): Int32Array {
    return Int32Array.from(this.#written[b] ?? []);
  }
}
