import type { Cell } from '../../../engine/experiment/experiment.ts';
import type { PartName } from './geometry.ts';

interface Place {
  readonly step: number;
  readonly unit: number;
  readonly reverse: boolean;
}

/** What the engine calls what a part of the diagram shows (engine/explain/cell-quantities.ts). */
export function quantityKey(part: PartName, cell: Cell, { step, unit, reverse }: Place): string {
  const before = step + (reverse ? 1 : -1);
  switch (part) {
    case 'hiddenBefore':
      return `hidden@${before}:${unit}`;
    case 'cellBefore':
      return `cell@${before}:${unit}`;
    // What the input does to the gate that is read first.
    case 'x':
      return `input.${cell === 'lstm' ? 'forget' : cell === 'gru' ? 'update' : 'preactivation'}@${step}:${unit}`;
    default:
      return `${part}@${step}:${unit}`;
  }
}
