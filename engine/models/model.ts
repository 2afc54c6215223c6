import type { Matrix } from '../core/arena.ts';
import type { Network, Pass } from '../team/network.ts';
import type { Staging } from './staging.ts';

/** A network for one of the tasks, fed through staging memory. */
export interface Model extends Network {
  readonly staging: Staging;
  /** What goes on from one batch to the next, this share's items [batch, H] by name: 'h.0'. Empty where nothing does. */
  readonly carried: readonly CarriedState[];
  /** Brings this share's outputs to its rows of the staged [T, B, N] or [B, N]. */
  giveOutputs(pass: Pick<Pass, 'core' | 'steps'>): void;
}

export interface CarriedState {
  readonly name: string;
  readonly matrix: Matrix;
}
