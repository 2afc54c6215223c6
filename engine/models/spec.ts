/** What a recurrent model is built from: plain values, fit to be sent to other threads. */
import type { CellKind, RecurrentInitial } from '../layers/cells.ts';

export type ModelInput =
  | {
      readonly kind: 'tokens';
      /** V. */
      readonly symbols: number;
    }
  | {
      readonly kind: 'values';
      /** I. */
      readonly width: number;
    };

export type ModelOutput =
  | { readonly kind: 'labels'; readonly count: number; readonly per: 'step' | 'sequence' }
  | { readonly kind: 'values'; readonly width: number; readonly per: 'sequence' };

export type Pooling = 'last' | 'mean' | 'max';

export interface ModelSpec {
  readonly input: ModelInput;
  readonly output: ModelOutput;
  /** Labels that a sequence can be grown from; 0: it starts from a zero state. */
  readonly conditions: number;
  readonly cell: CellKind;
  /** Of the plain cell: relu in place of tanh. */
  readonly relu: boolean;
  /** H. */
  readonly hiddenSize: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  /** E; 0: symbols enter the first layer one-hot, by lookup. */
  readonly embeddingSize: number;
  /** Whether there are dropouts (their rate comes with each pass). */
  readonly dropout: boolean;
  /** How a sequence becomes one vector, for outputs by sequence. */
  readonly pooling: Pooling;
  readonly initial: RecurrentInitial;
  /** Items differ in length. */
  readonly lengths: boolean;
  /** The state can go on from one batch to the next. */
  readonly stateful: boolean;
  /** T, the most steps of a batch. */
  readonly steps: number;
  /** B. */
  readonly batchSize: number;
  /** Of dropout. */
  readonly seed: number;
  /** Keep every gradient of every step, to be looked at. */
  readonly trace: boolean;
  /** Gates and states can be held at values, to see what follows (engine/explain). */
  readonly holding?: boolean;
}
