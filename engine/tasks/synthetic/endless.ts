/** Sequences made on demand: item i comes from (seed, side, i) alone. */
import { Random } from '../../random.ts';
import { tokenSet } from '../items.ts';
import type { TokenItem, TokenSource } from '../items.ts';
import { Stream } from '../streams.ts';
import type { SequenceSet } from '../task.ts';

/** One in this many sequences belongs to the validation side. */
const VALIDATION_ONE_IN = 8;

/** Both parts of a benchmark, and the validation part's items for its baselines. */
export interface EndlessSets {
  readonly train: SequenceSet;
  readonly validation: SequenceSet;
  readonly heldOut: () => readonly TokenItem[];
}

/**
 * Endless training items and `validationItems` others. Which side a sequence belongs to follows from its symbols, so
 * that none is ever on both; a draw of the other side is drawn again.
 */
export function endlessTokens(
  seed: number,
  validationItems: number,
  draw: (random: Random) => TokenItem,
  rest: Pick<TokenSource, 'per' | 'maxSteps' | 'fixedLength' | 'describe'>,
): EndlessSets {
  const symbols = ({ tokens }: TokenItem) => tokens;
  const validationItem = drawSide(seed, 'validation', draw, symbols);
  return {
    train: tokenSet({ ...rest, count: Infinity, item: drawSide(seed, 'train', draw, symbols) }),
    validation: tokenSet({ ...rest, count: validationItems, item: validationItem }),
    heldOut: () => Array.from({ length: validationItems }, (_, index) => validationItem(index)),
  };
}

/** Item `index` of a side, by its number. */
export function drawSide<Item>(
  seed: number,
  side: 'train' | 'validation',
  draw: (random: Random, index: number) => Item,
  symbolsOf: (item: Item) => Int32Array,
): (index: number) => Item {
  const held = side === 'validation';
  return (index) => {
    const random = new Random(seed, Stream[side], index);
    for (;;) {
      const item = draw(random, index);
      if (isHeldOut(symbolsOf(item)) === held) return item;
    }
  };
}

function isHeldOut(tokens: Int32Array): boolean {
  return hash(tokens) % VALIDATION_ONE_IN === 0;
}

/** FNV-1a over the symbols, its bits mixed once more (the finaliser of MurmurHash3, Appleby 2011). */
function hash(tokens: Int32Array): number {
  let h = 0x811c9dc5;
  for (const token of tokens) {
    h = Math.imul(h ^ token, 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}
