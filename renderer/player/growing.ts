/** Growing a text piece by piece, so that the page stays alive meanwhile. */
import { Random } from '../../engine/random.ts';
import { SAMPLING } from '../../engine/models/generate.ts';
import type { JsonValue } from '../../engine/json.ts';
import type { PageModel } from './model.ts';

/** Milliseconds of growing between two looks at the page. */
const SPELL = 12;

export interface GrowRequest {
  readonly input: JsonValue;
  readonly length: number;
  readonly temperature: number;
  /** Whole, 0 to 2^32 - 1. */
  readonly seed: number;
}

/** Tells what has grown so far, each time that the page may draw. `isWanted`: whether to go on. */
export async function growText(
  model: PageModel,
  { input, length, temperature, seed }: GrowRequest,
  tell: (grown: string) => void,
  isWanted: () => boolean,
): Promise<void> {
  const random = new Random(seed, SAMPLING, 0);
  const symbols = await model.grow(input, { length, temperature, topK: 0, random });
  let grown = '';
  let since = performance.now();
  for (const symbol of symbols) {
    grown += symbol;
    if (performance.now() - since > SPELL) {
      tell(grown);
      await new Promise((resolve) => setTimeout(resolve));
      if (!isWanted()) return;
      since = performance.now();
    }
  }
  tell(grown);
}

export function freshSeed(): number {
  return Math.floor(Math.random() * 2 ** 32);
}
