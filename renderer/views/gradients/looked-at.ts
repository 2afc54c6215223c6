/** What of the gradients is looked at, as the inspector's quantity in an address: "unrolled.w.3.1", "flow", "race.vanish". */
import { PARAMETERS, type ParameterName } from '../../../engine/gradients/unrolled-network.ts';

export const PARTS = ['flow', 'unrolled', 'untrained', 'depth', 'race'] as const;
export type Part = (typeof PARTS)[number];

export interface LookedAt {
  readonly part: Part;
  readonly parameter: ParameterName;
  /** The loss and the use, from 1; 0: the farthest that there is. */
  readonly t: number;
  readonly k: number;
}

export function parseLookedAt(text: string | null, first: Part): LookedAt {
  const [part, parameter, t, k] = (text ?? '').split('.');
  return {
    part: PARTS.find((known) => known === part) ?? first,
    parameter: PARAMETERS.find((known) => known === parameter) ?? 'u',
    t: wholeOf(t),
    k: wholeOf(k),
  };
}

export function formatLookedAt({ part, parameter, t, k }: LookedAt): string {
  return part === 'unrolled' ? [part, parameter, t, k].join('.') : part;
}

function wholeOf(text: string | undefined): number {
  return text !== undefined && /^\d{1,3}$/u.test(text) ? Number(text) : 0;
}
