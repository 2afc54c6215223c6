/**
 * What the gates view looks at, as the address has it: the part of the cell, "forget", and where its operands were
 * followed also its step and unit from 0 and their keys, "forget@2:3 sum.forget@2:3 input.forget@2:3".
 */
import type { Cell } from '../../../engine/experiment/experiment.ts';
import { LAYOUTS, type PartName } from './geometry.ts';
import { mapsOf } from './maps.ts';

export interface LookedAt {
  readonly part: PartName;
  /** Keys of quantities, each an operand of the one before, the first of them one of the part's own. */
  readonly followed: readonly string[];
}

interface Moment {
  readonly step: number;
  readonly unit: number;
}

const FIRST: Readonly<Record<Cell, PartName>> = { lstm: 'forget', gru: 'update', rnn: 'hidden' };

/** What was followed from another step or unit is left out; so is what the cell does not have. */
export function parseLookedAt(text: string | null, cell: Cell, { step, unit }: Moment): LookedAt {
  const [root = '', ...followed] = text?.split(' ') ?? [];
  const [name, moment] = root.split('@');
  const part = partsOf(cell).find((known) => known === name);
  if (part === undefined) return { part: FIRST[cell], followed: [] };
  return { part, followed: moment === `${step}:${unit}` ? followed : [] };
}

/** What can be chosen in the diagram or the maps of a cell. */
function partsOf(cell: Cell): readonly PartName[] {
  const { gates, operations, wires } = LAYOUTS[cell];
  return ['x', ...[...gates, ...operations, ...wires, ...mapsOf(cell)].map(({ part }) => part)];
}

export function formatLookedAt({ part, followed }: LookedAt, { step, unit }: Moment): string {
  return followed.length === 0 ? part : [`${part}@${step}:${unit}`, ...followed].join(' ');
}
