import { IGNORED } from '../tasks/task.ts';
import type { BatchBuffers, Split } from '../tasks/task.ts';
import { EndlessOrder, ShuffledOrder, SortedOrder, writeItems } from './set-batches.ts';
import { Lanes } from './stream-batches.ts';

/** The next batch of a run. A batch is a function of the position, so a run resumes where it stood. */
export interface BatchPosition {
  readonly epoch: number;
  /** Batches of the epoch that came before. */
  readonly batch: number;
}

/** What was written into the buffers. */
export interface Batch {
  readonly position: BatchPosition;
  /** Steps in use, those of the longest item; at most T. */
  readonly steps: number;
  /** Of a translation: steps in use of the sources, at most S. Otherwise 0. */
  readonly sourceSteps: number;
  /** Columns in use, the first of B. */
  readonly columns: number;
  /** The item in each of these columns; empty for a stream. */
  readonly items: readonly number[];
  /** Sum of the lengths; of a translation: of sources and targets. */
  readonly tokens: number;
  /** Whether the columns go on where those of the batch before ended, so that the state is to be carried over. */
  readonly continues: boolean;
}

export interface BatchSettings {
  /** B. */
  readonly batchSize: number;
  /** T of a stream's windows. */
  readonly steps: number;
  /** For streams: windows in order, state carried; otherwise windows in random order, each from a zero state. */
  readonly stateful: boolean;
}

/** Steps that the buffers need: the longest item of a set, the window of a stream. */
export function stepsNeeded(split: Split, settings: BatchSettings): number {
  return split.form === 'set' ? split.maxSteps : settings.steps;
}

/** Steps that sources need; 0 where there are none. */
export function sourceStepsNeeded(split: Split): number {
  return split.form === 'set' ? (split.maxSourceSteps ?? 0) : 0;
}

/** How one epoch of a split falls into batches. */
interface Epochs {
  /** Infinity where there is only one, without end. */
  readonly batchesPerEpoch: number;
  write(position: BatchPosition, buffers: BatchBuffers): Omit<Batch, 'position'>;
}

/**
 * Training's batches, epoch after epoch: every item, or every target of a stream, once an epoch. Sets are shuffled by
 * (seed, epoch); sets without end come in order, and their first epoch never ends.
 */
export class TrainingBatches {
  /** Infinity for a set without end. */
  readonly batchesPerEpoch: number;
  readonly #epochs: Epochs;
  #position: BatchPosition;

  constructor(split: Split, settings: BatchSettings, seed: number, position: BatchPosition = { epoch: 0, batch: 0 }) {
    this.#epochs = trainingEpochs(split, settings, seed);
    this.batchesPerEpoch = this.#epochs.batchesPerEpoch;
    if (position.batch >= this.batchesPerEpoch) {
      throw new RangeError(`batch ${position.batch} of an epoch of ${this.batchesPerEpoch}`);
    }
    this.#position = position;
  }

  /** Of the batch that `next` writes. */
  get position(): BatchPosition {
    return this.#position;
  }

  /** Clears the buffers, writes the next batch into them and moves on. */
  next(buffers: BatchBuffers): Batch {
    const position = this.#position;
    clearBuffers(buffers);
    const batch = { position, ...this.#epochs.write(position, buffers) };
    this.#position =
      position.batch + 1 < this.batchesPerEpoch
        ? { epoch: position.epoch, batch: position.batch + 1 }
        : { epoch: position.epoch + 1, batch: 0 };
    return batch;
  }
}

/** One pass in a fixed order over every item, or every target of a stream, once; `buffers` hold each batch in turn. */
export function* evaluationBatches(
  split: Split,
  settings: BatchSettings,
  buffers: BatchBuffers,
): Generator<Batch, void> {
  const epochs = evaluationEpochs(split, settings);
  for (let batch = 0; batch < epochs.batchesPerEpoch; batch++) {
    const position = { epoch: 0, batch };
    clearBuffers(buffers);
    yield { position, ...epochs.write(position, buffers) };
  }
}

/** Zeros everywhere, IGNORED targets, lengths 0. */
export function clearBuffers(buffers: BatchBuffers): void {
  buffers.sourceTokens?.fill(0);
  buffers.sourceLengths?.fill(0);
  buffers.tokens?.fill(0);
  buffers.values?.fill(0);
  buffers.lengths.fill(0);
  buffers.conditions?.fill(0);
  buffers.targetLabels?.fill(IGNORED);
  buffers.targetValues?.fill(0);
}

function trainingEpochs(split: Split, settings: BatchSettings, seed: number): Epochs {
  if (split.form === 'stream') {
    return new Lanes(split, settings, settings.stateful ? null : seed);
  }
  const order =
    split.count === Infinity
      ? new EndlessOrder(settings.batchSize)
      : new ShuffledOrder(split, settings.batchSize, seed);
  return {
    batchesPerEpoch: order.batchesPerEpoch,
    write: (position, buffers) => writeItems(split, order.items(position), buffers),
  };
}

function evaluationEpochs(split: Split, settings: BatchSettings): Epochs {
  if (split.form === 'stream') {
    return new Lanes(split, settings, null);
  }
  if (split.count === Infinity) {
    throw new RangeError('a set without end cannot be evaluated as a whole');
  }
  const order = new SortedOrder(split, settings.batchSize);
  return {
    batchesPerEpoch: order.batchesPerEpoch,
    write: (position, buffers) => writeItems(split, order.items(position), buffers),
  };
}
