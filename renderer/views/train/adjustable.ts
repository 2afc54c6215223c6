/** What may be changed of a run while it is paused, and what stands now. */
import type { RunInfo } from '../../../electron/api/runs.ts';
import { t } from '../../messages/messages.ts';

export const ADJUSTABLE = ['learningRate', 'clipNorm', 'dropout'] as const;
export type Adjustable = (typeof ADJUSTABLE)[number];

const PATHS = {
  learningRate: 'training.optimizer.learningRate',
  clipNorm: 'training.clipNorm',
  dropout: 'model.dropout',
} as const satisfies Record<Adjustable, string>;

/** As the contract has it, and the experiment's own schema. */
const LIMITS = {
  learningRate: { above: 0, most: 100 },
  clipNorm: { least: 0, most: 1e6 },
  dropout: { least: 0, most: 0.95 },
} as const satisfies Record<Adjustable, object>;

/** Why a run cannot go on with this value; undefined where it can. null: it is no number. */
export function problemOf(field: Adjustable, value: number | null): string | undefined {
  const limits: { readonly above?: number; readonly least?: number; readonly most: number } = LIMITS[field];
  const { above = -Infinity, least = -Infinity, most } = limits;
  if (value !== null && value > above && value >= least && value <= most) return undefined;
  return limits.above === undefined ? t('adjust.between', { least, most }) : t('adjust.above', { above, most });
}

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
