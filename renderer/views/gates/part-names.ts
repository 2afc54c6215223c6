/** What the parts of a cell are called, and the letters they have in formulas. */
import type { Cell } from '../../../engine/experiment/experiment.ts';
import { t, type MessageKey } from '../../messages/messages.ts';
import type { PartName } from './geometry.ts';

export function partName(part: PartName, cell: Cell): string {
  const ofCell = `gates.part.${cell}.${part}`;
  return t((OF_ONE_CELL.has(ofCell) ? ofCell : `gates.part.${part}`) as MessageKey);
}

/** Parts whose name depends on the cell. */
const OF_ONE_CELL: ReadonlySet<string> = new Set(['gates.part.gru.written', 'gates.part.gru.kept']);

const LETTERS: Readonly<Record<PartName, string>> = {
  forget: 'f',
  input: 'i',
  candidate: 'g',
  output: 'o',
  reset: 'r',
  update: 'z',
  recurrent: 'Uh',
  preactivation: 's',
  kept: 'f\u00b7c',
  written: 'i\u00b7g',
  cell: 'c',
  squashed: 'tanh c',
  hidden: 'h',
  cellBefore: 'c',
  hiddenBefore: 'h',
  resetRecurrent: 'r\u00b7Uh',
  complement: '1\u2212z',
  x: 'x',
};
const OF_GRU: Readonly<Partial<Record<PartName, string>>> = {
  candidate: 'n',
  kept: 'z\u00b7h',
  written: '(1\u2212z)\u00b7n',
};
/** Products are read beside the letters they are made of: no step is written behind them. */
const PLAIN: ReadonlySet<PartName> = new Set([
  'kept',
  'written',
  'squashed',
  'resetRecurrent',
  'complement',
  'recurrent',
]);

/** "f", or with its step (from 1) "f(3)". */
export function symbolOf(part: PartName, cell: Cell, step?: number): string {
  const letter = (cell === 'gru' ? OF_GRU[part] : undefined) ?? LETTERS[part];
  return step === undefined || PLAIN.has(part) ? letter : `${letter}(${step})`;
}
