/**
 * Looking at a trained model's attention closely: one sequence read, or one source translated, with queries, keys, values,
 * scores and weights of every head kept, and each number explained (attention-quantities.ts).
 */
import type { CoreModule } from '../core/core.ts';
import { InputError } from '../errors.ts';
import type { Experiment } from '../experiment/experiment.ts';
import { checkTensors, type FloatTensors } from '../formats/checkpoint.ts';
import { buildDecodingModel } from '../models/build.ts';
import { decodeOne, type Decoding } from '../models/decode.ts';
import type { DecodingModel, NamedAttention } from '../models/decoding-model.ts';
import { specFor } from '../models/from-experiment.ts';
import type { EncoderDecoderSpec, TransformerSpec } from '../models/spec.ts';
import { outputWidth, stagedBuffers } from '../models/staging.ts';
import { StepwiseModel } from '../models/stepwise.ts';
import { IGNORED, type EncodedInput, type TaskCodec } from '../tasks/task.ts';
import { writeParameter } from '../team/parameters.ts';
import { COMMANDS } from '../team/replica.ts';
import { Team } from '../team/team.ts';
import { traceNames, traceView } from '../team/traces.ts';
import type { AttentionReading, HeadReading, Projection, Rows } from './attention-quantities.ts';
import type { DerivedFrom } from './derived-parts.ts';
import { layerParts, type LayerReading } from './layer-parts.ts';
import { attentionChanges, NOTHING_CHANGED, type DecodingChanges } from './decoding-changes.ts';

export interface AttentionExaminationOptions {
  readonly core: CoreModule;
  readonly experiment: Experiment;
  readonly codec: TaskCodec;
  /** By PyTorch's names. */
  readonly weights: FloatTensors;
  /** The most steps: of a source where there is one, and of what is read or written. */
  readonly sourceSteps: number;
  readonly steps: number;
  /** Named in errors about the weights. */
  readonly sourceName: string;
}

/** One of a model's attentions. */
export interface AttentionKind {
  /** As traces begin. */
  readonly name: string;
  readonly heads: number;
  /** null: the model has but one. */
  readonly layer: number | null;
  readonly overSource: boolean;
  /** Queries are of the source too. */
  readonly ofSource: boolean;
  readonly causal: boolean;
}

/** What a model says of its last pass. */
export interface AttentionOutcome {
  /** [T, V] or [V] probabilities. */
  readonly outputs: Float32Array;
  /** V */
  readonly width: number;
}

/** Of a translation, by symbol written and symbol of the source. */
export interface SourceReach {
  /** [T, S] */
  readonly norms: Float32Array;
  /** Of each symbol that is written, [T]. */
  readonly probabilities: Float32Array;
}

const EPSILON = 1e-5;
const FIRST_STATES = /^encoder\.l0(?:\.reverse)?\.hidden\.gradient$/u;

export class AttentionExamination {
  readonly spec: EncoderDecoderSpec | TransformerSpec;
  readonly #team: Team<DecodingModel>;
  readonly #stepwise: StepwiseModel;
  readonly #codec: TaskCodec;
  #weights: FloatTensors;
  #changes: DecodingChanges = { forced: [], edits: [], silenced: [] };
  #steps = 0;
  #sourceSteps = 0;

  /** Throws FormatError where the weights are not the model's, InputError where it has no attention. */
  static async load(options: AttentionExaminationOptions): Promise<AttentionExamination> {
    const { core, experiment, codec, steps, sourceSteps } = options;
    const shape = { steps, sourceSteps, batchSize: 1, lengths: true, stateful: false, trace: true };
    const spec = specFor(experiment, codec, shape);
    if (spec.architecture === 'recurrent') throw new InputError('A recurrent model has no attention to look at.');
    const optimizer = { kind: 'sgd', momentum: 0, nesterov: false, weightDecay: 0 } as const;
    const team = await Team.start({ core, spec, build: buildDecodingModel, batchSize: 1, threads: 1, optimizer });
    return new AttentionExamination(team, spec, options);
  }

  private constructor(
    team: Team<DecodingModel>,
    spec: EncoderDecoderSpec | TransformerSpec,
    { codec, weights, sourceName }: AttentionExaminationOptions,
  ) {
    this.spec = spec;
    this.#team = team;
    this.#codec = codec;
    this.#stepwise = new StepwiseModel(team, spec);
    this.#weights = weights;
    this.setWeights(weights, sourceName);
  }

  /** Another checkpoint of the same run. */
  setWeights(weights: FloatTensors, sourceName: string): void {
    const { core, layout } = this.#team;
    const { list } = layout.parameters;
    checkTensors(weights, new Map(list.map(({ name, shape }) => [name, shape])), sourceName);
    for (const parameter of list) {
      const tensor = weights.get(parameter.name);
      if (tensor) writeParameter(core.f32, parameter, tensor.data);
    }
    this.#weights = weights;
    this.#team.run(COMMANDS.refresh);
  }

  /** What can be looked at. */
  get attentions(): readonly AttentionKind[] {
    return this.#stepwise.model.attentions.map(({ name, heads, overSource }) => {
      const [, layer] = /\.layers\.(\d+)\./u.exec(name) ?? [];
      const ofSource = this.spec.sourceSteps > 0 && name.startsWith('encoder');
      const causal = name.startsWith('decoder') && name.endsWith('self_attn');
      return { name, heads, layer: layer === undefined ? null : Number(layer), overSource, ofSource, causal };
    });
  }

  /** Translates a source, at most `steps` symbols: what is told afterwards is of this decoding. */
  write(source: Int32Array, changes: DecodingChanges, steps = this.spec.steps): Decoding {
    const { boundaries, target } = this.#codec;
    if (!boundaries || !target) throw new TypeError('Only translators write.');
    const { forced } = changes;
    const { excluded } = target;
    const options = { boundaries, excluded, steps, forced, changes: attentionChanges(changes) };
    const decoding = decodeOne(this.#stepwise, source, options);
    this.#take(decoding.steps.length, source.length, changes);
    return decoding;
  }

  /** Reads one sequence at once; what is told afterwards is of this pass. */
  read({ tokens, values, steps }: EncodedInput, changes: DecodingChanges): AttentionOutcome {
    const { core, control } = this.#team;
    const { model } = this.#stepwise;
    const buffers = stagedBuffers(core, this.spec, model.staging);
    if (steps > this.spec.steps)
      throw new RangeError(`A sequence of ${steps} steps, where ${this.spec.steps} were planned.`);
    this.#take(steps, 0, changes);
    if (tokens) buffers.tokens?.set(tokens);
    if (values) buffers.values?.set(values);
    buffers.lengths.fill(steps);
    buffers.targetLabels?.fill(-1);
    const asked = attentionChanges(changes);
    for (const { name, attention } of model.attentions) attention.change = asked.get(name);
    control.setWord('columns', 1);
    control.setWord('training', 0);
    control.setWord('continues', 0);
    control.setValue('lossScale', 0);
    this.#team.run(COMMANDS.forward);
    model.giveOutputs({ core, steps });
    const width = outputWidth(this.spec);
    const at = model.staging.outputs / 4;
    return { outputs: core.f32.slice(at, at + (this.spec.output.per === 'step' ? steps : 1) * width), width };
  }

  /**
   * The recurrent cells of one layer over what was written last, as `derivedParts` takes them. The decoder reads forward,
   * and begins with the encoder's last states: of one direction as they are, of both through the bridge.
   */
  cells(half: 'encoder' | 'decoder', layer: number, reverse: boolean): DerivedFrom & { readonly steps: number } {
    const { spec } = this;
    if (spec.architecture === 'transformer') throw new InputError('A transformer has no recurrent cells.');
    const { cell, hiddenSize: units } = spec;
    const steps = half === 'encoder' ? this.#sourceSteps : this.#steps;
    const traces = this.#cellTraces(half, layer, reverse, steps);
    const first = half === 'encoder' ? undefined : this.#firstState(spec, layer);
    return { cell, units, reverse, steps, traces, ...(first && { start: first }) };
  }

  #cellTraces(half: string, layer: number, reverse: boolean, steps: number): Record<string, Float32Array> {
    const prefix = `${half}.l${layer}${reverse ? '.reverse' : ''}.`;
    const found: Record<string, Float32Array> = {};
    for (const name of traceNames(this.#team)) {
      const part = name.slice(prefix.length);
      if (!name.startsWith(prefix) || !/^\w+$/u.test(part)) continue;
      const { values, width } = this.#rows(name);
      found[part] = values.subarray(0, steps * width);
    }
    return found;
  }

  /** Of the decoder: [H] h, and c of an LSTM. */
  #firstState({ hiddenSize: H, bidirectional, cell }: EncoderDecoderSpec, layer: number): DerivedFrom['start'] {
    const S = this.#sourceSteps;
    const forward = this.#cellTraces('encoder', layer, false, S);
    const backward = bidirectional ? this.#cellTraces('encoder', layer, true, S) : {};
    const handed = (part: 'hidden' | 'cell', letter: 'h' | 'c'): Float32Array => {
      const last = forward[part]?.subarray((S - 1) * H, S * H) ?? new Float32Array(H);
      const first = backward[part]?.subarray(0, H);
      const weight = this.#weights.get(`bridge.${letter}_l${layer}.weight`)?.data;
      if (first === undefined || weight === undefined) return last.slice();
      const bias = this.#weights.get(`bridge.${letter}_l${layer}.bias`)?.data;
      return Float32Array.from({ length: H }, (_, unit) => {
        let sum = bias?.[unit] ?? 0;
        for (let i = 0; i < H; i++) {
          sum += weight[unit * 2 * H + i]! * last[i]! + weight[unit * 2 * H + H + i]! * first[i]!;
        }
        return sum;
      });
    };
    return { hidden: handed('hidden', 'h'), ...(cell === 'lstm' ? { cell: handed('cell', 'c') } : {}) };
  }

  /**
   * How far back into a source each symbol that is written reaches: [T, S] norms of the gradient of -log p(symbol), at its
   * own step alone, with respect to what the encoder reads of each symbol. What was
   * written before is to be written again for its `reading`.
   */
  sourceReach(source: Int32Array, path: readonly number[]): SourceReach {
    const { core, control } = this.#team;
    const { model } = this.#stepwise;
    const { boundaries } = this.#codec;
    if (!boundaries) throw new TypeError('Only translators reach into a source.');
    const steps = path.length;
    if (steps > this.spec.steps || source.length > this.spec.sourceSteps) {
      throw new RangeError(`${source.length} steps and ${steps}, where fewer were planned.`);
    }
    const { tokens, lengths, targetLabels, sourceTokens, sourceLengths } = stagedBuffers(
      core,
      this.spec,
      model.staging,
    );
    sourceTokens?.set(source);
    sourceLengths?.fill(source.length);
    tokens?.set([boundaries.start, ...path.slice(0, -1)]);
    lengths.fill(steps);
    this.#take(steps, source.length, NOTHING_CHANGED);
    for (const { attention } of model.attentions) attention.change = undefined;
    control.setWord('columns', 1);
    control.setWord('training', 0);
    control.setWord('continues', 0);
    control.setValue('lossScale', 1);
    control.setValue('teacherForcing', 1);
    const norms = new Float32Array(steps * source.length);
    const probabilities = new Float32Array(steps);
    path.forEach((symbol, t) => {
      targetLabels?.fill(IGNORED);
      targetLabels?.fill(symbol, t, t + 1);
      this.#team.run(COMMANDS.gradients);
      probabilities[t] = Math.exp(-control.loss(1));
      norms.set(this.#gradientNorms(source.length), t * source.length);
    });
    return { norms, probabilities };
  }

  /** Of what the encoder reads at each step; of symbols that are not embedded: of its first layer's states. */
  #gradientNorms(steps: number): Float32Array {
    const names = traceNames(this.#team);
    const embedded = names.filter((name) => name === 'source_embedding.gradient');
    const read = embedded.length > 0 ? embedded : names.filter((name) => FIRST_STATES.test(name));
    const squares = new Float32Array(steps);
    for (const name of read) {
      const { values, width } = this.#rows(name);
      values.forEach((value, i) => (squares[Math.floor(i / width)]! += value * value));
    }
    return squares.map(Math.sqrt);
  }

  /** Everything of one attention that `attentionQuantity` explains. `write` or `read` comes before. */
  reading(name: string): AttentionReading {
    const named = this.#stepwise.model.attentions.find((one) => one.name === name);
    const kind = this.attentions.find((one) => one.name === name);
    if (named === undefined || kind === undefined) throw new InputError(`There is no attention "${name}".`);
    const keySteps = kind.overSource ? this.#sourceSteps : this.#steps;
    const { edits, silenced } = this.#changes;
    return {
      name,
      steps: kind.ofSource ? this.#sourceSteps : this.#steps,
      keySteps,
      heads: Array.from({ length: named.heads }, (_, h) => this.#head(named, h, keySteps)),
      score: this.#score(name),
      causal: kind.causal,
      ofStates: this.spec.architecture === 'encoder-decoder',
      made: this.#made(kind),
      edited: (head, step) =>
        edits.some(
          (edit) =>
            edit.name === name && edit.step === step && (edit.head ?? head) === head && edit.parts.length === keySteps,
        ),
      silenced: new Set(silenced.filter((one) => one.name === name).map(({ head }) => head)),
      weights: this.#weights,
      ...(this.spec.architecture === 'transformer' ? { layer: layerParts(this.#layer(kind, this.spec)) } : {}),
    };
  }

  #layer(kind: AttentionKind, spec: TransformerSpec): LayerReading {
    const { name, overSource, ofSource } = kind;
    const [half = '', , place] = name.split('.');
    const layer = `${half}.layers.${place}`;
    const cross = overSource && !ofSource;
    const crossed = traceNames(this.#team).includes(`${layer}.multihead_attn.sum`);
    const forward = {
      activation: spec.activation,
      normName: `${layer}.norm${crossed ? 3 : 2}`,
      hidden: this.#rows(`${layer}.feed_forward.hidden`),
      given: this.#rows(`${layer}.feed_forward.output`),
      output: this.#rows(`${layer}.output`),
    };
    return {
      layer,
      attention: name,
      norm: spec.norm,
      headSize: spec.modelSize / spec.heads,
      before: this.#readBy(kind),
      projected: this.#rows(`${name}.output`),
      sum: this.#rows(`${name}.sum`),
      normName: `${layer}.norm${cross ? 2 : 1}`,
      ...(cross || !crossed ? { forward } : {}),
      weights: this.#weights,
    };
  }

  /** What a transformer's attention is added to. */
  #readBy({ name, overSource, ofSource }: AttentionKind): Rows {
    const [half = '', , place] = name.split('.');
    const layer = Number(place);
    if (overSource && !ofSource) return this.#rows(`${half}.layers.${layer}.self_attn.sum`);
    return this.#rows(layer === 0 ? this.#embedding(half) : `${half}.layers.${layer - 1}.output`);
  }

  #take(steps: number, sourceSteps: number, changes: DecodingChanges): void {
    this.#steps = steps;
    this.#sourceSteps = sourceSteps;
    this.#changes = changes;
    this.#team.control.setWord('steps', steps);
    this.#team.control.setWord('sourceSteps', sourceSteps);
  }

  #rows(name: string): Rows {
    const view = traceView(this.#team, name);
    return { values: view.toArray(0), width: view.units };
  }

  #head({ name }: NamedAttention, h: number, keySteps: number): HeadReading {
    const of = (what: string): Rows => this.#rows(`${name}.h${h}.${what}`);
    const square = (what: string): Float32Array => narrowed(of(what), keySteps);
    return {
      queries: of('queries'),
      keys: of('keys'),
      values: of('values'),
      context: of('context'),
      scores: square('scores'),
      weights: square('weights'),
    };
  }

  #score(name: string): AttentionReading['score'] {
    const { spec } = this;
    if (spec.architecture === 'transformer') return { kind: 'dot', divisor: Math.sqrt(spec.modelSize / spec.heads) };
    if (spec.attention === 'additive') return { kind: 'additive', v: `${name}.v` };
    return { kind: 'dot', divisor: spec.attention === 'scaled-dot' ? Math.sqrt(spec.hiddenSize) : 1 };
  }

  #made(kind: AttentionKind): AttentionReading['made'] {
    const { spec } = this;
    if (spec.architecture === 'transformer') return this.#packed(kind, spec);
    const states = this.#rows(`${kind.name}.h0.values`);
    if (spec.attention === 'general') return { key: { input: states, tensor: `${kind.name}.w`, from: 0 } };
    if (spec.attention !== 'additive') return {};
    const hidden = this.#rows(`decoder.l${spec.layers - 1}.hidden`);
    return {
      query: { input: hidden, tensor: `${kind.name}.w_query`, from: 0 },
      key: { input: states, tensor: `${kind.name}.w_key`, from: 0 },
    };
  }

  /** in_proj: rows of queries, keys and values one after the other. */
  #packed(kind: AttentionKind, spec: TransformerSpec): AttentionReading['made'] {
    const { name, overSource, ofSource } = kind;
    const cross = overSource && !ofSource;
    const [half = '', , place] = name.split('.');
    const own = this.#readBy(kind);
    const norm = `${half}.layers.${place}.norm${cross ? 2 : 1}`;
    const query = spec.norm === 'pre' ? this.#normalised(own, norm) : own;
    const memory = cross ? this.#memory(spec) : query;
    const of = (input: Rows, block: number): Projection => ({
      input,
      tensor: `${name}.in_proj_weight`,
      bias: `${name}.in_proj_bias`,
      from: block * spec.modelSize,
    });
    return { query: of(query, 0), key: of(memory, 1), value: of(memory, 2) };
  }

  #embedding(half: string): string {
    const prefix = this.spec.sourceSteps === 0 ? '' : half === 'encoder' ? 'source_' : 'target_';
    return `${prefix}embedding`;
  }

  #memory(spec: TransformerSpec): Rows {
    const names = traceNames(this.#team);
    return this.#rows(names.includes('encoder.norm') ? 'encoder.norm' : `encoder.layers.${spec.layers - 1}.output`);
  }

  #normalised({ values, width }: Rows, name: string): Rows {
    const weight = this.#weights.get(`${name}.weight`)?.data;
    const bias = this.#weights.get(`${name}.bias`)?.data;
    const normalised = new Float32Array(values.length);
    for (let from = 0; from < values.length; from += width) {
      const row = values.subarray(from, from + width);
      const mean = row.reduce((sum, x) => sum + x, 0) / width;
      const variance = row.reduce((sum, x) => sum + (x - mean) ** 2, 0) / width;
      row.forEach((x, i) => {
        normalised[from + i] = ((x - mean) / Math.sqrt(variance + EPSILON)) * (weight?.[i] ?? 1) + (bias?.[i] ?? 0);
      });
    }
    return { values: normalised, width };
  }
}

/** The first columns of each row. */
function narrowed({ values, width }: Rows, columns: number): Float32Array {
  const rows = width === 0 ? 0 : values.length / width;
  const all = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) all.set(values.subarray(row * width, row * width + columns), row * columns);
  return all;
}
