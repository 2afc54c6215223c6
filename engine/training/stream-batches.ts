import { InputError } from '../errors.ts';
import { Random } from '../random.ts';
import type { BatchBuffers, TokenStream } from '../tasks/task.ts';
import type { Batch, BatchPosition, BatchSettings } from './batches.ts';
import { SHUFFLE_BATCHES } from './streams.ts';

/**
 * A stream of N symbols has N - 1 targets: at each symbol but the last, the next one. They are cut into B lanes that
 * lie next to each other in the stream and differ in length by at most one; batch w is the window of steps
 * [w T, (w + 1) T) of every lane. The last window is as long as what is left of the longest lane.
 *
 *     B = 3, T = 2, N - 1 = 10     window  0     1
 *     lane 0: targets 0 1 2 3              0 1 | 2 3
 *     lane 1: targets 4 5 6                4 5 | 6 .     a lane that has ended is padded
 *     lane 2: targets 7 8 9                7 8 | 9 .
 */
export class Lanes {
  readonly batchesPerEpoch: number;
  readonly #tokens: Int32Array;
  readonly #batchSize: number;
  readonly #steps: number;
  readonly #stateful: boolean;
  readonly #shuffleSeed: number | null;
  #epoch = -1;
  #windows = new Uint32Array(0);

  /** shuffleSeed null: windows in order; otherwise in an order that follows from (shuffleSeed, epoch). */
  constructor({ tokens }: TokenStream, { batchSize, steps, stateful }: BatchSettings, shuffleSeed: number | null) {
    if (tokens.length < 2) {
      throw new InputError(`the text has ${tokens.length} symbols; at least 2 are needed to predict one from another`);
    }
    this.#tokens = tokens;
    this.#batchSize = batchSize;
    this.#steps = steps;
    this.#stateful = stateful;
    this.#shuffleSeed = shuffleSeed;
    this.batchesPerEpoch = Math.ceil(Math.ceil((tokens.length - 1) / batchSize) / steps);
  }

  write(position: BatchPosition, buffers: BatchBuffers): Omit<Batch, 'position'> {
    const { tokens, targetLabels, lengths } = buffers;
    if (tokens === undefined || targetLabels === undefined) {
      throw new RangeError('a stream needs buffers for tokens and for target labels');
    }
    const targets = this.#tokens.length - 1;
    const shortLane = Math.floor(targets / this.#batchSize);
    const longLanes = targets % this.#batchSize;
    const from = this.#window(position) * this.#steps;
    let steps = 0;
    let counted = 0;
    for (let b = 0; b < this.#batchSize; b++) {
      const laneStart = b * shortLane + Math.min(b, longLanes);
      const laneLength = shortLane + (b < longLanes ? 1 : 0);
      const length = Math.max(0, Math.min(this.#steps, laneLength - from));
      for (let t = 0; t < length; t++) {
        const at = laneStart + from + t;
        tokens[t * this.#batchSize + b] = this.#tokens[at]!;
        targetLabels[t * this.#batchSize + b] = this.#tokens[at + 1]!;
      }
      lengths[b] = length;
      steps = Math.max(steps, length);
      counted += length;
    }
    return {
      steps,
      sourceSteps: 0,
      columns: this.#batchSize,
      items: [],
      tokens: counted,
      continues: this.#stateful && position.batch > 0,
    };
  }

  #window({ epoch, batch }: BatchPosition): number {
    if (this.#shuffleSeed === null) {
      return batch;
    }
    if (epoch !== this.#epoch) {
      this.#windows = new Random(this.#shuffleSeed, SHUFFLE_BATCHES, epoch).permutation(this.batchesPerEpoch);
      this.#epoch = epoch;
    }
    return this.#windows[batch]!;
  }
}
