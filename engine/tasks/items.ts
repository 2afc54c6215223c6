import type { BatchBuffers, Description, SequenceSet } from './task.ts';

/** One example of symbols. */
export interface TokenItem {
  /** [T] */
  readonly tokens: Int32Array;
  /** [T] where the set's targets are per step, [1] where they are per sequence. */
  readonly targets: Int32Array;
  /** The label that a generated sequence grows from. */
  readonly condition?: number;
}

/** One example of numbers. */
export interface ValueItem {
  /** [T, I] */
  readonly values: Float32Array;
  /** [K] */
  readonly targets: Float32Array;
}

interface Source<Item> {
  readonly count: number;
  readonly maxSteps: number;
  readonly fixedLength: boolean;
  item(index: number): Item;
  describe(item: Item, index: number): Description;
}

export type TokenSource = Source<TokenItem> & { readonly per: 'step' | 'sequence' };
/** All items have maxSteps steps of `width` numbers. */
export type ValueSource = Omit<Source<ValueItem>, 'fixedLength'> & { readonly width: number };

/** A set that writes tokens, lengths, targets and conditions. */
export function tokenSet(source: TokenSource): SequenceSet {
  const item = checked(source);
  return {
    form: 'set',
    count: source.count,
    maxSteps: source.maxSteps,
    fixedLength: source.fixedLength,
    stepsOf: (index) => (source.fixedLength ? source.maxSteps : item(index).tokens.length),
    write: (index, buffers, b) => writeTokens(item(index), source.per, buffers, b),
    describe: (index) => source.describe(item(index), index),
  };
}

/** A token set of items that are all in memory. */
export function listedTokens(items: readonly TokenItem[], rest: Pick<TokenSource, 'per' | 'describe'>): SequenceSet {
  let maxSteps = 0;
  let minSteps = Infinity;
  for (const { tokens } of items) {
    maxSteps = Math.max(maxSteps, tokens.length);
    minSteps = Math.min(minSteps, tokens.length);
  }
  const fixedLength = minSteps === maxSteps;
  return tokenSet({ count: items.length, maxSteps, fixedLength, item: (index) => items[index]!, ...rest });
}

/** A set that writes values, lengths and target values. */
export function valueSet(source: ValueSource): SequenceSet {
  const item = checked(source);
  return {
    form: 'set',
    count: source.count,
    maxSteps: source.maxSteps,
    fixedLength: true,
    stepsOf: () => source.maxSteps,
    write: (index, buffers, b) => writeValues(item(index), source.width, buffers, b),
    describe: (index) => source.describe(item(index), index),
  };
}

/** The item last asked for is kept: stepsOf, write and describe of one item follow each other. */
function checked<Item>(source: Pick<Source<Item>, 'count' | 'item'>): (index: number) => Item {
  let kept: { readonly index: number; readonly item: Item } | undefined;
  return (index) => {
    if (!Number.isInteger(index) || index < 0 || index >= source.count) {
      throw new RangeError(`item ${index} of a set of ${source.count}`);
    }
    kept = kept?.index === index ? kept : { index, item: source.item(index) };
    return kept.item;
  };
}

function writeTokens(item: TokenItem, per: 'step' | 'sequence', buffers: BatchBuffers, b: number): void {
  const { batchSize, tokens, targetLabels, conditions } = buffers;
  const steps = item.tokens.length;
  requirePlace(buffers, b, steps);
  if (tokens === undefined || targetLabels === undefined || (item.condition !== undefined && !conditions)) {
    throw new TypeError('the batch has no place for tokens, labels or conditions');
  }
  for (let t = 0; t < steps; t++) {
    tokens[t * batchSize + b] = item.tokens[t]!;
  }
  for (let t = 0; t < (per === 'step' ? steps : 1); t++) {
    targetLabels[t * batchSize + b] = item.targets[t]!;
  }
  if (item.condition !== undefined && conditions !== undefined) {
    conditions[b] = item.condition;
  }
  buffers.lengths[b] = steps;
}

function writeValues(item: ValueItem, width: number, buffers: BatchBuffers, b: number): void {
  const { batchSize, values, targetValues } = buffers;
  const steps = item.values.length / width;
  requirePlace(buffers, b, steps);
  if (values === undefined || targetValues === undefined) {
    throw new TypeError('the batch has no place for numbers');
  }
  for (let t = 0; t < steps; t++) {
    values.set(item.values.subarray(t * width, (t + 1) * width), (t * batchSize + b) * width);
  }
  targetValues.set(item.targets, b * item.targets.length);
  buffers.lengths[b] = steps;
}

function requirePlace(buffers: BatchBuffers, b: number, steps: number): void {
  if (b < 0 || b >= buffers.batchSize || steps > buffers.maxSteps) {
    throw new RangeError(
      `${steps} steps in column ${b} of a batch of ${buffers.batchSize} columns and ${buffers.maxSteps} steps`,
    );
  }
}
