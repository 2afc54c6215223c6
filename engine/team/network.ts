/**
 * What a network is to the team of threads that runs it. Every thread constructs the same network for its own share of
 * the batch; the plan gives each the same shared addresses and its own private ones.
 */
import type { Arena } from '../core/arena.ts';
import type { Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Parameters } from './parameters.ts';

/** How a batch is shared out: items [offset, offset + batch) are this thread's. */
export interface Share {
  readonly thread: number;
  readonly threads: number;
  readonly batch: number;
  readonly offset: number;
}

/** Where a network's construction takes its memory from. */
export interface Plan {
  readonly share: Share;
  readonly parameters: Parameters;
  /** Derived from the parameters after each update (transposes, summed biases): shared. */
  readonly derived: Arena;
  /** The batch as it is handed in: shared, B wide. */
  readonly staging: Arena;
  /** Activations and gradients of this thread's items. */
  readonly activations: Arena;
  /** Bytes from a parameter to this thread's gradient of it. */
  readonly gradientOffset: number;
  /** Work that brings derived values up to date, done by one thread each. */
  readonly refresh: ((core: Core) => void)[];
  /** Named places, for people to look into. */
  readonly traces: TraceSource[];
}

/** One pass over a batch, as every thread sees it. */
export interface Pass {
  readonly core: Core;
  /** Time steps of this batch, at most the planned ones; of a translation: of its targets. */
  readonly steps: number;
  /** Of a translation: steps of its sources. Otherwise 0. */
  readonly sourceSteps: number;
  /** Items of the whole batch in use, the first of B; the others are empty. */
  readonly columns: number;
  /** Dropout is active. */
  readonly training: boolean;
  /** Number of the update, from 0; dropout's masks depend on it. */
  readonly update: number;
  /** The recurrent state goes on from the batch before. */
  readonly continues: boolean;
  /** The loss is its sum times this: 1 / number of targets that count. */
  readonly lossScale: number;
  /** Probability of dropping, for every dropout of the network. */
  readonly dropout: number;
  /** Probability that a decoder in training is fed the right symbol rather than its own choice. */
  readonly teacherForcing: number;
}

export interface Network {
  /** Reads the staged batch, computes outputs, returns this share's sum of losses. */
  forward(pass: Pass): number;
  /** Adds to the gradients at `gradientOffset`, which are zero before. */
  backward(pass: Pass): void;
}

/**
 * A named place: rows are `block`-th step * batch + item (or items alone where it has no time axis). Complete without
 * recomputation after a forward (activations) or backward pass (gradients).
 */
export interface TraceSource {
  /** As 'recurrent.l0.forget' or 'recurrent.l0.forget.gradient'. */
  readonly name: string;
  readonly matrix: Matrix;
  /** Does it have a time axis? */
  readonly time: boolean;
  /** Its time axis is that of the sources of a translation. */
  readonly source?: boolean;
  /** Rows before step 0: the initial state, where the buffer holds one first. */
  readonly skip: number;
}

/** Items [offset, offset + batch) of thread `thread`: contiguous, sizes differing by one at most, larger shares first. */
export function shareOf(batchSize: number, threads: number, thread: number): Share {
  const base = Math.floor(batchSize / threads);
  const larger = batchSize % threads;
  return {
    thread,
    threads,
    batch: base + (thread < larger ? 1 : 0),
    offset: thread * base + Math.min(thread, larger),
  };
}
