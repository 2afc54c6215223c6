/**
 * What a task hands to training: finite or endless sets of sequences, or one long stream, written into
 * time-major row-major buffers. The letters are T time steps, B batch, I input size, V vocabulary, K outputs.
 */
import type { JsonValue } from '../json.ts';
import type { Interval } from './intervals.ts';

/** What an experiment may say of a dataset it was given: where it comes from and what may be done with it. */
export interface Origin {
  /** Title of the data, as its publisher gives it. */
  readonly title: string;
  /** Who made it and where it comes from, one sentence. */
  readonly source: string;
  /** SPDX identifier or a short name ("Public domain"). */
  readonly licence: string;
}

/** The ways in which sequences are read and written here. 'translation': one sequence into another of its own length. */
export type TaskKind = 'language' | 'classification' | 'tagging' | 'regression' | 'generation' | 'translation';

/** Symbols in, one integer a step, or `width` numbers in. Of a translation: the source's symbols. */
export type TaskInput =
  | { readonly kind: 'tokens'; readonly symbols: readonly string[] }
  | { readonly kind: 'values'; readonly names: readonly string[] };

/**
 * One of `labels`, by step or by sequence, or `names.length` numbers by sequence. Of a translation: the target's
 * symbols, by step.
 */
export type TaskOutput =
  | { readonly kind: 'labels'; readonly labels: readonly string[]; readonly per: 'step' | 'sequence' }
  | { readonly kind: 'values'; readonly names: readonly string[]; readonly per: 'sequence' };

/**
 * Where a generated sequence or a translation begins and ends: the symbol that is its first input, and the label after
 * which nothing follows. The symbols that it is fed have the numbers of the labels that stand for them.
 */
export interface Boundaries {
  readonly start: number;
  readonly end: number;
}

/** A target that counts for nothing: padding, or a step that has no answer. */
export const IGNORED = -1;

/**
 * The places one mini-batch is written to. Time-major: step t of item b is at [t * B + b]. Only the members that
 * the task's input and output call for are present. `clear` has put zeros, IGNORED and length 0 everywhere.
 */
export interface BatchBuffers {
  /** T, the most steps an item may have. */
  readonly maxSteps: number;
  /** B. */
  readonly batchSize: number;
  /** S, the most steps a source may have; only of translations, where T is of targets. */
  readonly maxSourceSteps?: number;
  /** [S, B] numbers of the source's symbols. */
  readonly sourceTokens?: Int32Array;
  /** [B] true lengths of the sources. */
  readonly sourceLengths?: Int32Array;
  /** [T, B] symbol numbers; of a translation: the start symbol and the target, as a decoder is fed it. */
  readonly tokens?: Int32Array;
  /** [T, B, I] numbers. */
  readonly values?: Float32Array;
  /** [B] true lengths; 0 marks an empty place in the batch. */
  readonly lengths: Int32Array;
  /** [B] the label a generator starts from. */
  readonly conditions?: Int32Array;
  /**
   * [T, B] (per step) or [B] (per sequence) label numbers, IGNORED where nothing is asked; of a translation: the target
   * and the end.
   */
  readonly targetLabels?: Int32Array;
  /** [B, K] numbers. */
  readonly targetValues?: Float32Array;
}

/** Separate examples. `count` is Infinity where they are made on demand; item i is the same at every call. */
export interface SequenceSet {
  readonly form: 'set';
  readonly count: number;
  /** The longest item, in steps. */
  readonly maxSteps: number;
  /** True where all items have exactly maxSteps steps: no lengths are needed then. */
  readonly fixedLength: boolean;
  /** Of translations: the longest source, in steps. `maxSteps` and `stepsOf` are of targets, with their end. */
  readonly maxSourceSteps?: number;
  /** Steps of item i. */
  stepsOf(item: number): number;
  /** Of translations: steps of item i's source. */
  sourceStepsOf?(item: number): number;
  /** Writes item i into column b of the buffers. */
  write(item: number, buffers: BatchBuffers, b: number): void;
  /** Item i as a person would read it. */
  describe(item: number): Description;
}

/** An item in words. */
export interface Description {
  readonly input: string;
  readonly target: string;
  /** Of a series: the dates of its steps, as "2020-02-20" or "2020-02". */
  readonly dates?: readonly string[];
}

/** One long sequence of symbols; the target of each is the next one. */
export interface TokenStream {
  readonly form: 'stream';
  readonly tokens: Int32Array;
}

export type Split = SequenceSet | TokenStream;

/** One figure of an evaluation. */
export interface Metric {
  /** Stable name for machines: 'bitsPerCharacter', 'accuracy', 'meanAbsoluteError'. */
  readonly name: string;
  /** For people: 'bits per character'. */
  readonly label: string;
  readonly value: number;
  readonly unit?: string;
  readonly better: 'lower' | 'higher';
  /** 95 % confidence interval, where the data allow one. */
  readonly interval?: Interval;
}

/** What a benchmark asks: a share of right answers. */
export interface Criterion {
  /** The metric, a share, by its name. */
  readonly metric: string;
  /** The benchmark counts as solved from this share on. */
  readonly required: number;
  /** The share that is reached without learning what the benchmark asks, and how. */
  readonly chance: { readonly name: string; readonly share: number };
}

/** What a trivial predictor reaches on the validation part, computed from the data, never quoted. */
export interface Baseline {
  readonly name: string;
  readonly metric: Metric;
}

/** An evaluation's result. `metrics[0]` is the one that decides which checkpoint is the best. */
export interface Evaluation {
  readonly metrics: readonly Metric[];
  /** Rows = truth, columns = prediction, for tasks with labels by sequence and at most 64 of them. */
  readonly confusion?: { readonly labels: readonly string[]; readonly counts: readonly (readonly number[])[] };
  /** For translations: a few items of the validation part, decoded greedily. */
  readonly examples?: readonly TranslatedExample[];
  /** For translations: exact matches by length of the source, short ones first. */
  readonly lengths?: readonly { readonly steps: number; readonly items: number; readonly exact: number }[];
  /** For series: the latest stretch of the validation part. */
  readonly forecast?: ForecastStretch;
  /** For benchmarks with a criterion: whether it is met. */
  readonly solved?: boolean;
}

export interface TranslatedExample {
  readonly input: string;
  readonly target: string;
  readonly output: string;
  readonly right: boolean;
}

/** Points of a series in a row: what came and what was foreseen one step before, in the data's units. */
export interface ForecastStretch {
  readonly quantity: string;
  readonly unit: string;
  readonly dates: readonly string[];
  readonly truth: readonly number[];
  readonly forecast: readonly number[];
}

/** The model's answers for one batch, row-major, copied out of the core. */
export interface BatchOutputs {
  /** [T, B, V] or [B, V] probabilities for labels, [B, K] numbers for values (in the model's normalised units). */
  readonly outputs: Float32Array;
  /** Sum over all counted targets of their loss (nats, or squared error in normalised units). */
  readonly lossSum: number;
  /** How many targets were counted. */
  readonly lossCount: number;
}

/** Collects batches of one pass over the validation part. */
export interface Evaluator {
  /** Items of the validation part whose greedy decodings are asked for; each is given to `addDecoded`. */
  readonly decodes?: readonly number[];
  /** `labels`: without start and end. */
  addDecoded?(item: number, labels: Int32Array): void;
  /** `items[b]` is the item in column b, or -1 where the column is empty. Streams pass an empty list. */
  add(buffers: BatchBuffers, steps: number, items: readonly number[], outputs: BatchOutputs): void;
  finish(): Evaluation;
}

/** What must be kept with a trained model so that it can be used without its dataset. */
export type TaskState = { readonly [key: string]: JsonValue };

/** What a task is called and where its data come from. */
export interface TaskHead {
  /** As in experiments: 'moby-dick'. */
  readonly id: string;
  readonly title: string;
  readonly origin: Origin;
}

export interface Task extends TaskHead {
  readonly kind: TaskKind;
  readonly input: TaskInput;
  readonly output: TaskOutput;
  /** For kind 'generation': the labels that sequences are grown from. */
  readonly conditions?: readonly string[];
  /** For kinds 'generation' and 'translation'. */
  readonly boundaries?: Boundaries;
  readonly train: Split;
  readonly validation: Split;
  /** Vocabulary, labels, normaliser, options: JSON that `restoreCodec` of the task's family takes back. */
  readonly state: TaskState;
  /** For benchmarks. */
  readonly criterion?: Criterion;
  /** For strings of a grammar: after each symbol of a string, the labels that may come next. */
  legalNext?(tokens: Int32Array): readonly (readonly number[])[];
  /** Sentences about the data that a person must know before training: what is left out, and what cannot be learned. */
  readonly notices?: readonly string[];
  baselines(): readonly Baseline[];
  evaluator(): Evaluator;
  readonly codec: TaskCodec;
}

/** One input put into numbers. */
export interface EncodedInput {
  readonly steps: number;
  readonly tokens?: Int32Array;
  /** [T, I] */
  readonly values?: Float32Array;
  readonly condition?: number;
  /** What `decode` needs beside the outputs: dates, the values that differences start from. */
  readonly context?: JsonValue;
}

/** From a person's JSON to a model's numbers and back. Needs no dataset, only `Task.state`. */
export interface TaskCodec {
  readonly kind: TaskKind;
  readonly input: TaskInput;
  readonly output: TaskOutput;
  readonly conditions?: readonly string[];
  readonly boundaries?: Boundaries;
  /** What `encode` takes, one sentence with an example. */
  readonly inputForm: string;
  /** Throws InputError naming the place and what would be right. */
  encode(input: JsonValue): EncodedInput;
  /**
   * From the model's outputs for one item ([T, V], [V] or [K]) to JSON a person can read. Of a translation: the outputs
   * at each step of a decoding.
   */
  decode(encoded: EncodedInput, outputs: Float32Array): JsonValue;
  /** Of translations. */
  readonly target?: TargetCodec;
}

/** A translation's target in numbers, without start and end. */
export interface TargetCodec {
  /** Labels that a decoder never chooses. */
  readonly excluded: ReadonlySet<number>;
  write(labels: Iterable<number>): string;
  /** Throws InputError where the training data do not have a symbol. */
  read(text: string): Int32Array;
}
