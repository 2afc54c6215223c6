/** Holds put into force in a model's memory. */
import { ROW_BYTES, columnOffsets } from '../core/arena.ts';
import { heldParts } from '../layers/cells.ts';
import type { RecurrentModel } from '../models/recurrent-model.ts';
import type { RecurrentSpec } from '../models/spec.ts';
import type { Hold } from './holds.ts';

/**
 * From the next pass on, these and no others. The model is one item wide and was planned with `holding`; this must be
 * called once before its first pass, with no holds at least. Throws RangeError where a hold is not of this model.
 */
export function applyHolds(
  f32: Float32Array,
  model: RecurrentModel,
  spec: RecurrentSpec,
  holds: readonly Hold[],
): void {
  const { directions } = model.recurrent;
  for (const { held } of directions) {
    if (!held) throw new RangeError('The model was not planned for holding.');
    f32.fill(NaN, held.at / 4, (held.at + held.panels * held.stride) / 4);
  }
  const { hiddenSize, cell, bidirectional, steps } = spec;
  for (const hold of holds) {
    const held = directions[bidirectional ? hold.layer * 2 + Number(hold.reverse) : hold.layer]?.held;
    const part = heldParts(cell).indexOf(hold.part);
    if (!held || part < 0) throw new RangeError(`This model has no ${hold.part} in layer ${hold.layer + 1}.`);
    const columns = columnOffsets(held).subarray(part * hiddenSize, (part + 1) * hiddenSize);
    const units = hold.units ?? { from: 0, to: hiddenSize - 1 };
    const stretch = hold.steps ?? { from: 0, to: steps - 1 };
    for (let step = stretch.from; step <= Math.min(stretch.to, steps - 1); step++) {
      const row = held.at + step * ROW_BYTES;
      for (let unit = units.from; unit <= Math.min(units.to, hiddenSize - 1); unit++) {
        f32[(row + columns[unit]!) / 4] = hold.value;
      }
    }
  }
}
