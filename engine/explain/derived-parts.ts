/**
 * What gates and states make on the way from one step to the next, as cell-quantities.ts defines it, for all units and
 * steps at once: [T, H], time-major, by the names of the quantities.
 */
import type { CellKind } from '../layers/cells.ts';
import type { CellReading } from './cell-quantities.ts';

/** What they follow from. */
export type DerivedFrom = Pick<CellReading, 'cell' | 'traces' | 'units' | 'reverse' | 'start'>;

export function derivedParts({ cell, traces, units, reverse, start }: DerivedFrom): Record<string, Float32Array> {
  const of = (name: string): Float32Array => traces[name] ?? new Float32Array();
  const hiddenBefore = shifted(of('hidden'), units, reverse, start?.hidden);
  const made: Readonly<Record<CellKind, () => Record<string, Float32Array>>> = {
    rnn: () => ({}),
    lstm: () => {
      const cellBefore = shifted(of('cell'), units, reverse, start?.cell);
      return {
        cellBefore,
        kept: times(of('forget'), cellBefore),
        written: times(of('input'), of('candidate')),
        squashed: of('cell').map(Math.tanh),
      };
    },
    gru: () => {
      const complement = of('update').map((z) => 1 - z);
      return {
        complement,
        kept: times(of('update'), hiddenBefore),
        written: times(complement, of('candidate')),
        resetRecurrent: times(of('reset'), of('recurrent')),
      };
    },
  };
  return { hiddenBefore, ...made[cell]() };
}

function times(a: Float32Array, b: Float32Array): Float32Array {
  return a.map((value, i) => value * b[i]!);
}

/** Each step's value at the step after it, and `first` at the beginning: zeros where it is not given. */
function shifted(values: Float32Array, units: number, reverse: boolean, first?: Float32Array): Float32Array {
  const moved = new Float32Array(values.length);
  if (reverse) moved.set(values.subarray(units));
  else moved.set(values.subarray(0, values.length - units), units);
  if (first !== undefined) moved.set(first, reverse ? values.length - units : 0);
  return moved;
}
