import type { BatchBuffers, SequenceSet } from './task.ts';

/** One example of a translation, in numbers. */
export interface PairItem {
  /** [S] numbers of the source's symbols. */
  readonly source: Int32Array;
  /** [T + 1] numbers of the target's labels: START, the target, END at the end; T is what a decoder is fed and asked. */
  readonly target: Int32Array;
}

export interface PairSource {
  readonly count: number;
  /** S and T of the longest items. */
  readonly maxSourceSteps: number;
  readonly maxSteps: number;
  item(index: number): PairItem;
  describe(item: PairItem, index: number): { readonly input: string; readonly target: string };
}

/** A set that writes sources with their lengths, decoder inputs and targets. */
export function pairSet(source: PairSource): SequenceSet {
  let kept: { readonly index: number; readonly item: PairItem } | undefined;
  const item = (index: number): PairItem => {
    if (!Number.isInteger(index) || index < 0 || index >= source.count) {
      throw new RangeError(`item ${index} of a set of ${source.count}`);
    }
    kept = kept?.index === index ? kept : { index, item: source.item(index) };
    return kept.item;
  };
  return {
    form: 'set',
    count: source.count,
    maxSteps: source.maxSteps,
    maxSourceSteps: source.maxSourceSteps,
    fixedLength: false,
    stepsOf: (index) => item(index).target.length - 1,
    sourceStepsOf: (index) => item(index).source.length,
    write(index, buffers, b) {
      writePair(item(index), buffers, b);
    },
    describe: (index) => source.describe(item(index), index),
  };
}

/** A pair set of items that are all in memory. */
export function listedPairs(items: readonly PairItem[], describe: PairSource['describe']): SequenceSet {
  let maxSourceSteps = 0;
  let maxSteps = 0;
  for (const { source, target } of items) {
    maxSourceSteps = Math.max(maxSourceSteps, source.length);
    maxSteps = Math.max(maxSteps, target.length - 1);
  }
  return pairSet({ count: items.length, maxSourceSteps, maxSteps, item: (index) => items[index]!, describe });
}

function writePair({ source, target }: PairItem, buffers: BatchBuffers, b: number): void {
  const { batchSize, maxSteps, maxSourceSteps = 0, sourceTokens, sourceLengths, tokens, targetLabels } = buffers;
  const steps = target.length - 1;
  if (b < 0 || b >= batchSize || steps > maxSteps || source.length > maxSourceSteps) {
    throw new RangeError(
      `${source.length} source steps and ${steps} steps in column ${b} of a batch of ${batchSize} columns, ` +
        `${maxSourceSteps} source steps and ${maxSteps} steps`,
    );
  }
  if (!sourceTokens || !sourceLengths || !tokens || !targetLabels) {
    throw new TypeError('the batch has no place for sources, tokens or labels');
  }
  for (let s = 0; s < source.length; s++) {
    sourceTokens[s * batchSize + b] = source[s]!;
  }
  for (let t = 0; t < steps; t++) {
    tokens[t * batchSize + b] = target[t]!;
    targetLabels[t * batchSize + b] = target[t + 1]!;
  }
  sourceLengths[b] = source.length;
  buffers.lengths[b] = steps;
}
