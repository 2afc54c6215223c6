/** What a model is built from: plain values, fit to be sent to other threads. */
import type { CellKind, RecurrentInitial } from '../layers/cells.ts';

export type ModelInput =
  | {
      readonly kind: 'tokens';
      /** V; of a translation: of the source. */
      readonly symbols: number;
    }
  | {
      readonly kind: 'values';
      /** I. */
      readonly width: number;
    };

export type ModelOutput =
  | {
      readonly kind: 'labels';
      /** Of a translation: the target's symbols, those that the decoder is fed too. */
      readonly count: number;
      readonly per: 'step' | 'sequence';
    }
  | { readonly kind: 'values'; readonly width: number; readonly per: 'sequence' };

export type Pooling = 'last' | 'mean' | 'max';
export type AttentionKind = 'none' | 'additive' | 'dot' | 'scaled-dot' | 'general';

export type ModelSpec = RecurrentSpec | EncoderDecoderSpec | TransformerSpec;

interface CommonSpec {
  readonly input: ModelInput;
  readonly output: ModelOutput;
  /** Labels that a sequence can be grown from; 0: it starts from a zero state. */
  readonly conditions: number;
  /** Whether there are dropouts (their rate comes with each pass). */
  readonly dropout: boolean;
  /** Items differ in length. */
  readonly lengths: boolean;
  /** The state can go on from one batch to the next. */
  readonly stateful: boolean;
  /** T, the most steps of a batch; of a translation: of its targets, end included. */
  readonly steps: number;
  /** S, the most steps of a source; 0: the model is no translator. */
  readonly sourceSteps: number;
  /** B. */
  readonly batchSize: number;
  /** Of dropout, and of the choices that a decoder in training is fed. */
  readonly seed: number;
  /** Keep every gradient of every step, to be looked at. */
  readonly trace: boolean;
}

interface CellSpec {
  readonly cell: CellKind;
  /** Of the plain cell: relu in place of tanh. */
  readonly relu: boolean;
  /** H. */
  readonly hiddenSize: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  /** E; 0: symbols enter the first layer one-hot, by lookup. */
  readonly embeddingSize: number;
  readonly initial: RecurrentInitial;
}

export interface RecurrentSpec extends CommonSpec, CellSpec {
  readonly architecture: 'recurrent';
  /** How a sequence becomes one vector, for outputs by sequence. */
  readonly pooling: Pooling;
  /** Gates and states can be held at values, to see what follows (engine/explain). */
  readonly holding?: boolean;
  /** W: no gradient goes back across multiples of so many steps within a sequence; absent: all the way. */
  readonly window?: number;
}

/** One recurrent network reads the source, another writes the target. */
export interface EncoderDecoderSpec extends CommonSpec, CellSpec {
  readonly architecture: 'encoder-decoder';
  readonly attention: AttentionKind;
  /** A, of additive attention. */
  readonly attentionSize: number;
}

export interface TransformerSpec extends CommonSpec {
  readonly architecture: 'transformer';
  /** 'decoder': each step sees those before it; 'encoder': all of them; 'encoder-decoder': a translator. */
  readonly form: 'encoder' | 'decoder' | 'encoder-decoder';
  /** D, a multiple of `heads`. */
  readonly modelSize: number;
  readonly heads: number;
  readonly layers: number;
  /** F. */
  readonly feedForwardSize: number;
  readonly norm: 'pre' | 'post';
  readonly activation: 'relu' | 'gelu';
  readonly positions: 'sinusoidal' | 'learned';
  /** P, positions that are learned. */
  readonly maxPositions: number;
  readonly pooling: Pooling;
}
