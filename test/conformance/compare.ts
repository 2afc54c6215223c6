/** |got - want| <= 1e-5 + 1e-4 |want|, for every element: what float32 arithmetic must reach. */
import type { Tensor, Tensors } from './case.ts';

const ABSOLUTE = 1e-5;
const RELATIVE = 1e-4;
/** Relative deviations from smaller values are taken relative to this. */
const SMALLEST = 1e-12;

/** What an engine computed. */
export interface ComputedTensor {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export type ComputedTensors = Readonly<Record<string, ComputedTensor>>;

/** The element that comes nearest to its tolerance, or exceeds it the furthest. */
export interface Deviation {
  readonly tensor: string;
  readonly absolute: number;
  readonly relative: number;
  /** The deviation as a multiple of what is allowed. */
  readonly excess: number;
}

export interface Comparison {
  /** Undefined where the deviation cannot be measured: `reason` says why. */
  readonly worst: Deviation | undefined;
  /** Why the tensors do not pass; undefined where they do. */
  readonly reason: string | undefined;
}

/** Compares every tensor that is wanted; `prefix` goes before their names. */
export function compareTensors(want: Tensors, got: ComputedTensors, prefix: string): Comparison[] {
  return Object.entries(want).map(([name, tensor]) => compareTensor(`${prefix}${name}`, tensor, got[name]));
}

/** The first that cannot be measured, else the one with the greatest excess. */
export function worstOf(comparisons: readonly [Comparison, ...Comparison[]]): Comparison {
  return comparisons.reduce((worse, next) => {
    if (!worse.worst) return worse;
    return !next.worst || next.worst.excess > worse.worst.excess ? next : worse;
  });
}

function compareTensor(tensor: string, want: Tensor, got: ComputedTensor | undefined): Comparison {
  if (!got) return { worst: undefined, reason: `${tensor} was not computed` };
  if (got.shape.join() !== want.shape.join()) {
    return { worst: undefined, reason: `${tensor} is [${got.shape.join(', ')}], not [${want.shape.join(', ')}]` };
  }
  if (got.data.length !== want.data.length) {
    return { worst: undefined, reason: `${tensor} has ${got.data.length} elements, not ${want.data.length}` };
  }
  let worst: Deviation = { tensor, absolute: 0, relative: 0, excess: 0 };
  let reason: string | undefined;
  for (let i = 0; i < want.data.length; i++) {
    const value = got.data[i] ?? NaN;
    const wanted = want.data[i] ?? NaN;
    const differs = `${tensor}[${i}] is ${value}, not ${wanted}`;
    if (!Number.isFinite(value)) return { worst: undefined, reason: differs };
    const absolute = Math.abs(value - wanted);
    const excess = absolute / (ABSOLUTE + RELATIVE * Math.abs(wanted));
    if (excess <= worst.excess) continue;
    worst = { tensor, absolute, relative: absolute / Math.max(Math.abs(wanted), SMALLEST), excess };
    if (excess > 1) reason = differs;
  }
  return { worst, reason };
}
