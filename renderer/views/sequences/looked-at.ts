/** What of the sequences is looked at, as the inspector's quantity in an address: "shapes.aligned", "ladder.attention". */
import { RUNGS, SHAPES } from '../../../engine/sequences/trials.ts';

export const SHAPE_CHOICES = [...SHAPES, 'misfit'] as const;
export type ShapeChoice = (typeof SHAPE_CHOICES)[number];
export const PARTS = ['shapes', 'ladder'] as const;
export type Part = (typeof PARTS)[number];

export interface LookedAt {
  readonly part: Part;
  readonly shape: ShapeChoice;
  readonly rung: (typeof RUNGS)[number];
}

export function parseLookedAt(text: string | null): LookedAt {
  const [part, choice] = (text ?? '').split('.');
  return {
    part: PARTS.find((known) => known === part) ?? 'shapes',
    shape: SHAPE_CHOICES.find((known) => known === choice) ?? 'one-to-one',
    rung: RUNGS.find((known) => known === choice) ?? 'aligned',
  };
}
