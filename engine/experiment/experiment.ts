import type { JsonValue } from '../json.ts';

/** Everything that determines a training run, all defaults filled in. */
export interface Experiment {
  readonly format: 'unrolled-experiment';
  readonly version: 1;
  readonly name?: string;
  /** Whole, 0 to 2^32 - 1. Initial weights, dropout masks and the order of the data follow from it. */
  readonly seed: number;
  readonly task: TaskChoice;
  readonly model: ModelSettings;
  readonly training: TrainingSettings;
}

/** A task by its id; every other member is an option that the task itself checks. */
export interface TaskChoice {
  readonly id: string;
  readonly [option: string]: JsonValue;
}

export type ModelSettings = RecurrentModelSettings | EncoderDecoderSettings | TransformerSettings;
export type Architecture = ModelSettings['architecture'];

/** One output a step, or one for the whole sequence. */
export type RecurrentModelSettings = RecurrentSettings & CellSettings;

/** One recurrent network reads the source, another writes the target. */
export type EncoderDecoderSettings = EncoderDecoderShape & CellSettings;

interface RecurrentSettings {
  readonly architecture: 'recurrent';
  /** H. */
  readonly hiddenSize: number;
  /** L. */
  readonly layers: number;
  readonly bidirectional: boolean;
  /** E; 0: tokens enter as one-hot vectors. */
  readonly embeddingSize: number;
  /** Probability of zeroing an activation, between layers and before the head. */
  readonly dropout: number;
  /** How a sequence becomes one vector, where the task asks for one. */
  readonly pooling: Pooling;
}

interface EncoderDecoderShape {
  readonly architecture: 'encoder-decoder';
  /** H, of the decoder and of each direction of the encoder. */
  readonly hiddenSize: number;
  /** L, of the encoder and of the decoder. */
  readonly layers: number;
  /** The encoder reads from both ends. */
  readonly bidirectional: boolean;
  /** E, of source and target symbols; 0: they enter as one-hot vectors. */
  readonly embeddingSize: number;
  /** How the decoder looks back at the encoder's states. */
  readonly attention: Attention;
  /** A, of additive attention; 0 with every other kind. */
  readonly attentionSize: number;
  /** Probability of zeroing an activation, between layers and before the head. */
  readonly dropout: number;
}

/**
 * An encoder where the task has one answer a step or a sequence, with a causal mask where it asks for the next symbol;
 * an encoder and a decoder where it turns one sequence into another.
 */
export interface TransformerSettings {
  readonly architecture: 'transformer';
  /** D, a multiple of `heads`. */
  readonly modelSize: number;
  readonly heads: number;
  /** L, of the encoder and of the decoder. */
  readonly layers: number;
  /** F. */
  readonly feedForwardSize: number;
  /** Layer normalisation before each sublayer, or after its sum with what went in. */
  readonly norm: 'pre' | 'post';
  readonly activation: 'relu' | 'gelu';
  readonly positions: 'sinusoidal' | 'learned';
  /** P, the positions that are learned; 0 where they are computed. No sequence may be longer. */
  readonly maxPositions: number;
  /** Probability of zeroing an activation: after the embedding, in attention weights and after each sublayer. */
  readonly dropout: number;
  /** How a sequence becomes one vector, where the task asks for one. */
  readonly pooling: Pooling;
}

/** Bahdanau et al. 2015 (additive) and Luong et al. 2015; scaled-dot: dot / sqrt(H). */
export type Attention = 'none' | 'additive' | 'dot' | 'scaled-dot' | 'general';

export type Cell = 'rnn' | 'lstm' | 'gru';
export type Pooling = 'last' | 'mean' | 'max';

type CellSettings =
  | { readonly cell: 'rnn'; readonly nonlinearity: 'tanh' | 'relu'; readonly init: InitSettings }
  | { readonly cell: 'lstm'; readonly init: InitSettings & ForgetSettings }
  | { readonly cell: 'gru'; readonly init: InitSettings };

export interface ForgetSettings {
  readonly forgetBias: number;
  /**
   * In place of `forgetBias`, the chrono initialisation (Tallec & Ollivier 2018) for memories of up to so many steps: the
   * forget gate's bias is log(u), u uniform in [1, chronoSteps - 1], and the input gate's its negative.
   */
  readonly chronoSteps?: number;
}

export interface InitSettings {
  /** W_hh; 'uniform' is within +-1 / sqrt(H), 'identity' for each gate (Le, Jaitly & Hinton 2015). */
  readonly recurrent: 'uniform' | 'xavier' | 'orthogonal' | 'normal' | 'identity';
  /** W_ih. */
  readonly input: 'uniform' | 'xavier' | 'normal';
  /** Multiplies W_hh after its initialisation. */
  readonly recurrentScale: number;
}

export type TrainingSettings = TrainingCommon & TrainingLength;

interface TrainingCommon {
  /** B: sequences, or lanes of a stream, in one update. */
  readonly batchSize: number;
  /** T: window of truncated backpropagation through time, for language tasks. */
  readonly steps: number;
  readonly optimizer: OptimizerSettings;
  readonly schedule: ScheduleSettings;
  /** Largest global L2 norm of the gradient; 0: no clipping. */
  readonly clipNorm: number;
  /** For language tasks: whether the state is carried from one window to the next. */
  readonly stateful: boolean;
  /** For encoder-decoders: probability that the decoder is fed the right symbol, in place of the one it would choose. */
  readonly teacherForcing: number;
  readonly earlyStopping: EarlyStoppingSettings | null;
  /** Updates between evaluations; 0: once an epoch. */
  readonly evaluateEvery: number;
  /** Updates between checkpoints. */
  readonly checkpointEvery: number;
}

type TrainingLength =
  { readonly epochs: number; readonly updates?: never } | { readonly updates: number; readonly epochs?: never };

export type OptimizerSettings =
  | {
      readonly kind: 'sgd';
      readonly learningRate: number;
      readonly momentum: number;
      readonly nesterov: boolean;
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'rmsprop';
      readonly learningRate: number;
      readonly alpha: number;
      readonly eps: number;
      readonly momentum: number;
      readonly centered: boolean;
      readonly weightDecay: number;
    }
  | {
      readonly kind: 'adam' | 'adamw';
      readonly learningRate: number;
      readonly beta1: number;
      readonly beta2: number;
      readonly eps: number;
      readonly weightDecay: number;
    };

/** The learning rate as a multiple of the optimizer's. `warmup`: updates of linear growth at the start. */
export type ScheduleSettings =
  | { readonly kind: 'constant'; readonly warmup: number }
  /** Times `factor` each `every` updates after warm-up. */
  | { readonly kind: 'step'; readonly warmup: number; readonly factor: number; readonly every: number }
  /** Half a cosine from 1 down to `floor` at the last update. */
  | { readonly kind: 'cosine'; readonly warmup: number; readonly floor: number };

export interface EarlyStoppingSettings {
  /** Evaluations in a row without improvement after which training stops. */
  readonly patience: number;
  /** How much better than the best a metric must be to count as an improvement. */
  readonly minDelta: number;
}
