/** What of a model's attention is looked at, as the inspector's quantity in an address: "live/attention/0/5". */
export const PARTS = ['live', 'self', 'bottleneck'] as const;
export type Part = (typeof PARTS)[number];

export interface LookedAt {
  readonly part: Part;
  /** Of the attention, as traces begin; empty: the first there is. */
  readonly name: string;
  /** null: the mean over all heads. */
  readonly head: number | null;
  /** The key's position, from 0; null: the one that is looked at most. */
  readonly position: number | null;
}

export function parseLookedAt(text: string | null, first: Part): LookedAt {
  const [part, name = '', head, position] = (text ?? '').split('/');
  return {
    part: PARTS.find((known) => known === part) ?? first,
    name: /^[a-z0-9_.]*$/u.test(name) ? name : '',
    head: wholeOf(head),
    position: wholeOf(position),
  };
}

export function formatLookedAt({ part, name, head, position }: LookedAt): string {
  const all = [part, name, head ?? '', position ?? ''];
  return all.join('/').replace(/\/+$/u, '');
}

function wholeOf(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,4}$/u.test(text) ? Number(text) : null;
}
