import { InputError } from '../errors.ts';
import { Random } from '../random.ts';
import { Stream } from './streams.ts';

export interface SplitOptions {
  /** Share of the groups that are held out, above 0 and below 1. */
  readonly validationShare: number;
  /** Number of the random division. */
  readonly split: number;
}

/** Numbers of the items on either side, ascending. */
export interface SplitIndices {
  readonly train: readonly number[];
  readonly validation: readonly number[];
}

/**
 * Divides items at random so that items of one group stay together. The division depends on the set of groups, not on
 * the order of the items. `what`: how messages call a group, "name" or "word".
 */
export function splitByGroup(groups: readonly string[], options: SplitOptions, what: string): SplitIndices {
  const distinct = [...new Set(groups)].sort();
  if (distinct.length < 2) {
    throw new InputError(
      `the data have ${distinct.length} different ${what}s; a training and a validation part need 2`,
    );
  }
  const heldOut = Math.min(distinct.length - 1, Math.max(1, Math.round(distinct.length * options.validationShare)));
  const order = new Random(options.split, Stream.split).permutation(distinct.length);
  const validationGroups = new Set(Array.from(order.subarray(0, heldOut), (group) => distinct[group]!));
  const train: number[] = [];
  const validation: number[] = [];
  groups.forEach((group, item) => (validationGroups.has(group) ? validation : train).push(item));
  return { train, validation };
}
