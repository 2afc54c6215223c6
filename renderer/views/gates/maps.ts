import type { Colour } from '../../charts/figure.ts';
import type { Cell } from '../../../engine/experiment/experiment.ts';
import type { PartName } from './geometry.ts';

/** One heatmap: of a gate (0 to 1) or of a state (-1 to 1). */
export interface GateMap {
  readonly part: PartName;
  readonly role: Colour;
  readonly gate: boolean;
}

const map = (part: PartName, role: Colour, gate: boolean): GateMap => ({ part, role, gate });

const MAPS: Readonly<Record<Cell, readonly GateMap[]>> = {
  lstm: [
    map('forget', 'forget', true),
    map('input', 'input', true),
    map('candidate', 'candidate', false),
    map('output', 'output', true),
    map('cell', 'cell', false),
    map('hidden', 'hidden', false),
  ],
  gru: [
    map('update', 'forget', true),
    map('reset', 'input', true),
    map('candidate', 'candidate', false),
    map('hidden', 'hidden', false),
  ],
  rnn: [map('hidden', 'hidden', false)],
};

/** What is shown over time, from top to bottom. */
export function mapsOf(cell: Cell): readonly GateMap[] {
  return MAPS[cell];
}
