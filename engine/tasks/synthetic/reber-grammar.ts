/**
 * The embedded Reber grammar (Reber 1967; Cleeremans, Servan-Schreiber & McClelland 1989; Hochreiter & Schmidhuber
 * 1997, experiment 1): B, then T or P, then a string of the Reber grammar, then the same T or P again, then E.
 */
import type { Random } from '../../random.ts';

export const REBER_SYMBOLS = ['B', 'T', 'P', 'S', 'X', 'V', 'E'] as const;

type ReberSymbol = (typeof REBER_SYMBOLS)[number];
type Transitions = readonly (readonly [symbol: ReberSymbol, state: number])[];

/** The Reber grammar: what leads from states 0 to 6 to which state; state 7 is the end of a string. */
const REBER: readonly Transitions[] = [
  [['B', 1]],
  [
    ['T', 2],
    ['P', 3],
  ],
  [
    ['S', 2],
    ['X', 4],
  ],
  [
    ['T', 3],
    ['V', 5],
  ],
  [
    ['X', 3],
    ['S', 6],
  ],
  [
    ['P', 4],
    ['V', 6],
  ],
  [['E', 7]],
];

/** States 2 to 9 are the Reber grammar's 0 to 7 after T, 10 to 17 the same after P; 18 follows the repeated T or P. */
const AFTER_T = 2;
const AFTER_P = 10;
const REPEATED = 18;
const FINISHED = 19;

const EMBEDDED: readonly Transitions[] = [
  [['B', 1]],
  [
    ['T', AFTER_T],
    ['P', AFTER_P],
  ],
  ...moved(AFTER_T),
  [['T', REPEATED]],
  ...moved(AFTER_P),
  [['P', REPEATED]],
  [['E', FINISHED]],
  [],
];

function moved(by: number): readonly Transitions[] {
  return REBER.map((transitions) => transitions.map(([symbol, state]) => [symbol, state + by] as const));
}

/** Numbers (in REBER_SYMBOLS) of a random string; each branch is equally likely. */
export function drawReber(random: Random): Int32Array {
  const symbols: number[] = [];
  for (let state = 0; state !== FINISHED;) {
    const transitions = EMBEDDED[state]!;
    const [symbol, next] = transitions[random.below(transitions.length)]!;
    symbols.push(REBER_SYMBOLS.indexOf(symbol));
    state = next;
  }
  return Int32Array.from(symbols);
}

/** Walks along a string and tells which symbols may come next. */
export class ReberReader {
  #state = 0;

  /** Takes a symbol's number. Throws RangeError where the grammar does not allow it. */
  read(symbol: number): void {
    const found = EMBEDDED[this.#state]!.find(([legal]) => legal === REBER_SYMBOLS[symbol]);
    if (found === undefined) {
      throw new RangeError(
        `${REBER_SYMBOLS[symbol]} cannot come in state ${this.#state} of the embedded Reber grammar`,
      );
    }
    this.#state = found[1];
  }

  /** Whether this symbol may come next. */
  allows(symbol: number): boolean {
    return EMBEDDED[this.#state]!.some(([legal]) => legal === REBER_SYMBOLS[symbol]);
  }
}
