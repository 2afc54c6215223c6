/** What may be changed of a run while it is paused, and what stands now. */
import type { RunInfo } from '../../../electron/api/runs.ts';

export const ADJUSTABLE = ['learningRate', 'clipNorm', 'dropout'] as const;
export type Adjustable = (typeof ADJUSTABLE)[number];

const PATHS = {
  learningRate: 'training.optimizer.learningRate',
  clipNorm: 'training.clipNorm',
  dropout: 'model.dropout',
} as const satisfies Record<Adjustable, string>;

/** The newest value of each: of the last change, or the experiment's own. `read`: the experiment's member at a path. */
export function standing(
  changes: RunInfo['changes'],
  read: (path: string) => unknown,
): Readonly<Partial<Record<Adjustable, number>>> {
  const found: Partial<Record<Adjustable, number>> = {};
  for (const field of ADJUSTABLE) {
    const change = changes.findLast((made) => made.field === field || made.field === PATHS[field]);
    const value = change === undefined ? read(PATHS[field]) : change.to;
    if (typeof value === 'number') found[field] = value;
  }
  return found;
}
