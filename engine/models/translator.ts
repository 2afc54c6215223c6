/** A trained translator put to use: one source at a time, on one thread, in a memory of its own. */
import type { CoreModule } from '../core/core.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkTensors, type FloatTensors } from '../formats/checkpoint.ts';
import type { Random } from '../random.ts';
import type { EncodedInput, TaskCodec } from '../tasks/task.ts';
import { writeParameter } from '../team/parameters.ts';
import { Team } from '../team/team.ts';
import { buildDecodingModel } from './build.ts';
import { decodeBeam, decodeOne, type BeamResult, type Decoding, type DecodeOptions } from './decode.ts';
import { specFor } from './from-experiment.ts';
import { fitInput, lengthLimits } from './input-length.ts';
import type { DecodingModel } from './decoding-model.ts';
import type { SamplingOptions } from './sampling.ts';
import { StepwiseModel, type AttentionRow } from './stepwise.ts';

export interface TranslatorOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  /** The most steps of a source, and symbols of a decoding, its end included. */
  readonly sourceSteps: number;
  readonly steps: number;
  /** Hypotheses that are kept at each step; 1: greedy. */
  readonly beams: number;
  /** Named in errors about the weights. */
  readonly sourceName: string;
}

/** Where one head looked: a row for each symbol written, the end included, a column for each of the source's. */
export interface AttentionMap {
  readonly name: string;
  readonly head: number;
  /** [T][S] */
  readonly weights: readonly (readonly number[])[];
}

export type Changes = Pick<DecodeOptions, 'forced' | 'changes' | 'allAttention' | 'startState'>;

/** Symbols of a decoding where nothing is said. */
const LENGTH = 100;

/** The most symbols that a model's decodings may have: `length`, or as many as there are learnt positions. */
export function longestTarget({ model }: Experiment, length = LENGTH): number {
  const learned = model.architecture === 'transformer' && model.positions === 'learned';
  return learned ? Math.min(length, model.maxPositions) : length;
}

export class Translator {
  readonly #model: StepwiseModel;
  readonly #team: Team<DecodingModel>;
  readonly #options: TranslatorOptions;

  /** Throws FormatError where the weights are not the model's. */
  static async load(options: TranslatorOptions): Promise<Translator> {
    const { core, experiment, codec, sourceSteps, steps, beams } = options;
    const spec = specFor(experiment, codec, { steps, sourceSteps, batchSize: beams, lengths: true, stateful: false });
    if (spec.architecture === 'recurrent') throw new TypeError('A model of equal lengths cannot translate.');
    const optimizer = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
    const team = await Team.start({ core, spec, build: buildDecodingModel, batchSize: beams, threads: 1, optimizer });
    return new Translator(new StepwiseModel(team, spec), team, options);
  }

  private constructor(model: StepwiseModel, team: Team<DecodingModel>, options: TranslatorOptions) {
    this.#model = model;
    this.#team = team;
    this.#options = options;
    this.setWeights(options.weights, options.sourceName);
  }

  /** Another checkpoint of the same run. Throws FormatError where the weights are not the model's. */
  setWeights(weights: FloatTensors, sourceName: string): void {
    const { core, layout } = this.#team;
    const { list } = layout.parameters;
    checkTensors(weights, new Map(list.map(({ name, shape }) => [name, shape])), sourceName);
    for (const parameter of list) {
      const tensor = weights.get(parameter.name);
      if (tensor) writeParameter(core.f32, parameter, tensor.data);
    }
    this.#model.refresh();
  }

  /**
   * The best decodings, the best first, at most as many as the beam is wide; scored by mean log-probability a symbol. Throws
   * InputError where a source has more steps than there are learned positions.
   */
  translate(input: EncodedInput): readonly Decoding[] {
    const { experiment, codec } = this.#options;
    const { tokens = new Int32Array() } = fitInput(lengthLimits(experiment, codec.kind), input);
    if (this.#options.beams > 1) return this.search({ tokens }).decodings;
    const greedy = this.write({ tokens });
    return [{ ...greedy, score: greedy.logProbability / greedy.steps.length }];
  }

  /** The most probable symbol each time, with what a person changes. */
  write({ tokens = new Int32Array() }: Pick<EncodedInput, 'tokens'>, changes: Changes = {}): Decoding {
    return decodeOne(this.#model, tokens, { ...this.#common, ...changes });
  }

  /** A symbol drawn each time. */
  draw(
    { tokens = new Int32Array() }: Pick<EncodedInput, 'tokens'>,
    sampling: SamplingOptions & { readonly random: Random },
    changes: Changes = {},
  ): Decoding {
    return decodeOne(this.#model, tokens, { ...this.#common, ...changes }, sampling);
  }

  /** Logits of what follows each symbol of a target that begins with the start, [T, V]. */
  logits({ tokens = new Int32Array() }: Pick<EncodedInput, 'tokens'>, target: readonly number[]): Float32Array {
    this.#model.start(tokens);
    const rows = target.map((symbol) => {
      this.#model.feed([symbol]);
      return this.#model.logits(0);
    });
    return Float32Array.from(rows.flatMap((row) => Array.from(row)));
  }

  /** What the encoder makes of a source for the decoder to start from: h and c by layer, one after the other. */
  startState({ tokens = new Int32Array() }: Pick<EncodedInput, 'tokens'>): Float32Array {
    this.#model.start(tokens);
    return this.#model.startState;
  }

  /** The best of a beam, and every branch that it looked at. */
  search({ tokens = new Int32Array() }: Pick<EncodedInput, 'tokens'>, changes: Changes = {}): BeamResult {
    const { beams } = this.#options;
    return decodeBeam(this.#model, tokens, { ...this.#common, ...changes, beams, lengthPenalty: 1 });
  }

  get #common(): DecodeOptions {
    const { codec, steps } = this.#options;
    const { boundaries, target } = codec;
    if (!boundaries || !target) throw new TypeError('Only translators can translate.');
    return { boundaries, excluded: target.excluded, steps };
  }
}

/** What the steps of a decoding looked at, gathered by attention and head. */
export function attentionMaps({ steps }: Decoding): readonly AttentionMap[] {
  const maps = new Map<string, { name: string; head: number; weights: number[][] }>();
  for (const { attention } of steps) {
    for (const row of attention) {
      const key = mapKey(row);
      const map = maps.get(key) ?? { name: row.name, head: row.head, weights: [] };
      maps.set(key, map);
      map.weights.push(Array.from(row.weights));
    }
  }
  return [...maps.values()];
}

function mapKey({ name, head }: AttentionRow): string {
  return `${name} ${head}`;
}
