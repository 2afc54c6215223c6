/** What of the gradients is looked at, as the inspector's quantity in an address: "unrolled.w.3.1", "flow", "race.vanish". */
import { PARAMETERS, type ParameterName } from '../../../engine/gradients/unrolled-network.ts';

export const PARTS = ['flow', 'unrolled', 'untrained', 'depth', 'race'] as const;
export type Part = (typeof PARTS)[number];

const SMALL = 'small';

export interface LookedAt {
  readonly part: Part;
  readonly parameter: ParameterName;
  /** The loss and the use, from 1; 0: the farthest that there is. */
  readonly t: number;
  readonly k: number;
  /** Of the terms: those of a small network by hand, though a run is open. */
  readonly small: boolean;
}

export function parseLookedAt(text: string | null, first: Part): LookedAt {
  const [part, parameter, t, k, subject] = (text ?? '').split('.');
  return {
    part: PARTS.find((known) => known === part) ?? first,
    parameter: PARAMETERS.find((known) => known === parameter) ?? 'u',
    t: wholeOf(t),
    k: wholeOf(k),
    small: subject === SMALL,
  };
}

export function formatLookedAt({ part, parameter, t, k, small }: LookedAt): string {
  if (part !== 'unrolled') return part;
  return [part, parameter, t, k, ...(small ? [SMALL] : [])].join('.');
}

function wholeOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,3}$/u.test(text) ? Number(text) : 0;
}
