/**
 * The quantities of a vector between two sources' contexts: element i at `share` of the way is (1 - share) a_i + share b_i.
 * Keys count from 0: `mixed:5`, `first:5`, `second:5`.
 */
import { UnrolledError } from '../errors.ts';
import { evaluate, keysOf, type Expression, type Operand, type Quantity } from './quantity.ts';

export interface ContextReading {
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** 0: the first source's; 1: the second's. */
  readonly share: number;
}

/** The vector at `share` of the way. */
export function mixContexts({ first, second, share }: ContextReading): Float32Array {
  return first.map((value, i) => (1 - share) * value + share * (second[i] ?? NaN));
}

/** Throws UnrolledError where there is no quantity of that key. */
export function contextQuantity(reading: ContextReading, key: string): Quantity {
  const operand = operandOf(reading, key);
  const [kind, place] = key.split(':');
  const { first, second, share } = reading;
  if (kind !== 'mixed') {
    const values = kind === 'first' ? first : second;
    return {
      ...operand,
      name: kind === 'first' ? 'contextFirst' : 'contextSecond',
      operands: [],
      among: { values, place: Number(place) },
    };
  }
  const times = (factor: number, of: string): Expression => ({
    kind: 'product',
    factors: [
      { kind: 'number', value: factor },
      { kind: 'quantity', key: of },
    ],
  });
  const formula: Expression = {
    kind: 'sum',
    terms: [times(1 - share, `first:${place}`), times(share, `second:${place}`)],
  };
  const operands = keysOf(formula).map((of) => operandOf(reading, of));
  return {
    ...operand,
    name: 'contextMixed',
    formula,
    operands,
    among: { values: mixContexts(reading), place: Number(place) },
  };
}

const LETTERS = { mixed: 'c', first: 'a', second: 'b' } as const;

function operandOf(reading: ContextReading, key: string): Operand {
  const [, kind, place = ''] = /^(mixed|first|second):(\d+)$/u.exec(key) ?? [];
  const i = Number(place);
  if (kind === undefined || i >= reading.first.length) {
    throw new UnrolledError('no-quantity', `There is no quantity "${key}".`);
  }
  const symbol = { letter: LETTERS[kind as keyof typeof LETTERS], index: String(i + 1) };
  if (kind !== 'mixed') return { key, symbol, value: reading[kind as 'first' | 'second'][i]! };
  const { first, second, share } = reading;
  const value = evaluate(
    {
      kind: 'sum',
      terms: [
        { kind: 'number', value: (1 - share) * first[i]! },
        { kind: 'number', value: share * second[i]! },
      ],
    },
    () => NaN,
  );
  return { key, symbol, value };
}
