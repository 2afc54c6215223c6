/**
 * One recurrent network reads the source, another, which starts from the state that the first ends in, writes the target
 * (Sutskever et al. 2014; Cho et al. 2014). With attention, tanh(W [context; h]) goes to the head (Luong et al. 2015).
 *
 * Parameters: source_embedding.weight, target_embedding.weight, encoder.*, decoder.*, bridge.* (from both directions' last
 * states to the decoder's first), attention.*, combine.*, head.*.
 */
import { segmentsOf, type Matrix } from '../core/arena.ts';
import { copyRows } from '../layers/direction.ts';
import { Dropout } from '../layers/dropout.ts';
import { Embedding, type EmbeddingOptions } from '../layers/embedding.ts';
import { Linear } from '../layers/linear.ts';
import { Recurrent } from '../layers/recurrent.ts';
import { SourceAttention } from '../layers/source-attention.ts';
import { addRows, copySpan, eachPanel } from '../layers/steps.ts';
import { Random } from '../random.ts';
import type { Pass, Plan, Share } from '../team/network.ts';
import type { Cache, DecodingModel, NamedAttention } from './decoding-model.ts';
import { LabelHead } from './label-head.ts';
import type { CarriedState } from './model.ts';
import type { EncoderDecoderSpec } from './spec.ts';
import { planStaging, takeIntegers, type Staging } from './staging.ts';

/** The stream of `Random` that decides which symbols a decoder in training is fed. */
const FORCING = 0xfe00_0000;
/** Streams of dropout: 1 before the head, the decoder's from 2, the encoder's from here. */
const ENCODER_STREAMS = 100;

/** From the encoder's last state of a layer to the decoder's first. */
interface Handover {
  readonly to: Matrix;
  /** Of each direction: what the encoder ends in, and where its gradient goes. */
  readonly from: (sourceSteps: number) => readonly Matrix[];
  readonly gradients: readonly Matrix[];
  readonly startGradient: (steps: number) => Matrix;
  readonly bridge: { readonly linear: Linear; readonly x: Matrix; readonly dx: Matrix } | undefined;
}

/** Where attention and the decoder's states come together. */
interface Looking {
  readonly attention: SourceAttention;
  readonly dqueries: Matrix;
  /** [context; h] */
  readonly features: Matrix;
  readonly dfeatures: Matrix;
  readonly combine: Linear;
  /** tanh of that. */
  readonly y: Matrix;
  readonly dy: Matrix;
}

export class EncoderDecoderModel implements DecodingModel {
  readonly staging: Staging;
  readonly carried: readonly CarriedState[] = [];
  readonly head: LabelHead;
  readonly encoder: Recurrent;
  readonly decoder: Recurrent;
  readonly #spec: EncoderDecoderSpec;
  readonly #share: Share;
  readonly #sourceTokens: number;
  readonly #sourceLengths: number;
  readonly #tokens: number;
  readonly #sourceEmbedding: Embedding | undefined;
  readonly #targetEmbedding: Embedding | undefined;
  readonly #handovers: readonly Handover[];
  readonly #looking: Looking | undefined;
  readonly #dropout: Dropout | undefined;

  constructor(plan: Plan, spec: EncoderDecoderSpec) {
    const { input, output, steps, sourceSteps, embeddingSize, attention } = spec;
    if (input.kind !== 'tokens' || output.kind !== 'labels')
      throw new TypeError('An encoder-decoder reads and writes symbols.');
    const { activations, share } = plan;
    this.#spec = spec;
    this.#share = share;
    this.staging = planStaging(plan, spec);
    this.#sourceTokens = activations.take(sourceSteps * share.batch * 4);
    this.#sourceLengths = activations.take(share.batch * 4);
    this.#tokens = activations.take(steps * share.batch * 4);
    const embed = (name: string, ids: number, most: number, count: number) =>
      embeddingSize > 0
        ? planEmbedding(plan, { name, ids, rows: most * share.batch, count, size: embeddingSize })
        : undefined;
    const before = plan.traces.length;
    this.#sourceEmbedding = embed('source_embedding', this.#sourceTokens, sourceSteps, input.symbols);
    this.encoder = this.#planEncoder(plan, input.symbols);
    this.#publishSource(plan, before);
    this.#targetEmbedding = embed('target_embedding', this.#tokens, steps, output.count);
    this.decoder = this.#planDecoder(plan, output.count);
    this.#handovers = this.#planHandovers(plan);
    this.#looking = attention === 'none' ? undefined : this.#planLooking(plan, attention);
    const { y, dy } = this.#looking ?? this.decoder;
    this.#dropout = spec.dropout
      ? new Dropout(plan, { x: y, dx: dy, time: true, seed: spec.seed, stream: 1 })
      : undefined;
    this.head = new LabelHead(plan, spec, this.#dropout?.y ?? y, dy);
  }

  forward(pass: Pass): number {
    this.takeBatch(pass);
    if (pass.training && pass.teacherForcing < 1) this.#chooseInputs(pass);
    this.readSource(pass);
    return this.forwardFrom(pass, 0);
  }

  backward(pass: Pass): void {
    const { kernels } = pass.core;
    const ofSource = { ...pass, steps: pass.sourceSteps };
    this.head.backward(pass);
    this.#dropout?.backward(pass);
    if (this.#looking) this.#lookBackward(pass, this.#looking);
    this.decoder.backward(pass);
    this.#targetEmbedding?.backward(pass.core, pass.steps * this.#share.batch);
    for (const { startGradient, gradients, bridge } of this.#handovers) {
      const start = startGradient(pass.steps);
      if (!bridge) {
        const [gradient] = gradients;
        if (gradient) copyRows(kernels, this.#share.batch, start, gradient);
        continue;
      }
      copyRows(kernels, this.#share.batch, start, bridge.linear.dy);
      bridge.linear.backward(pass.core, this.#share.batch);
      gradients.forEach((gradient, d) => {
        copyRows(kernels, this.#share.batch, segmentsOf(bridge.dx, d, 1), gradient);
      });
    }
    this.encoder.backward(ofSource);
    this.#sourceEmbedding?.backward(pass.core, pass.sourceSteps * this.#share.batch);
  }

  takeBatch(pass: Pass): void {
    const { core, steps, sourceSteps } = pass;
    const { batchSize } = this.#spec;
    const share = this.#share;
    takeIntegers(core, share, sourceSteps, batchSize, this.staging.sourceTokens, this.#sourceTokens);
    takeIntegers(core, share, 1, batchSize, this.staging.sourceLengths, this.#sourceLengths);
    takeIntegers(core, share, steps, batchSize, this.staging.tokens, this.#tokens);
    this.head.takeTargets(pass, batchSize, this.staging);
  }

  readSource(pass: Pass): void {
    const { core, sourceSteps } = pass;
    const { batch } = this.#share;
    this.#sourceEmbedding?.forward(core, sourceSteps * batch);
    this.encoder.forward({ ...pass, steps: sourceSteps });
    for (const { from, to, bridge } of this.#handovers) {
      from(sourceSteps).forEach((state, d) => {
        copyRows(core.kernels, batch, state, bridge ? segmentsOf(bridge.x, d, 1) : to);
      });
      if (!bridge) continue;
      bridge.linear.forward(core, batch);
      copyRows(core.kernels, batch, bridge.linear.y, to);
    }
    this.#looking?.attention.readKeys(core, sourceSteps);
  }

  forwardFrom(pass: Pass, from: number): number {
    const { core, steps } = pass;
    const { batch } = this.#share;
    this.#targetEmbedding?.forward(core, (steps - from) * batch, from * batch);
    this.decoder.forward(pass, from);
    if (this.#looking) this.#look(pass, this.#looking, from);
    this.#dropout?.forward(pass, from);
    return this.head.forward(pass, from);
  }

  giveOutputs(pass: Pick<Pass, 'core' | 'steps'>): void {
    this.head.give(pass, this.#spec.batchSize, this.staging);
  }

  get caches(): readonly Cache[] {
    return this.decoder.directions.flatMap(({ states: { h, c } }) =>
      [h, ...(c ? [c] : [])].map((matrix) => ({ matrix, ahead: 1 as const })),
    );
  }

  get starts(): readonly Matrix[] {
    return this.decoder.directions.flatMap(({ start: { h, c } }) => [h, ...(c ? [c] : [])]);
  }

  get attentions(): readonly NamedAttention[] {
    if (!this.#looking) return [];
    return [{ name: 'attention', attention: this.#looking.attention.attention, heads: 1, overSource: true }];
  }

  // Runs the decoder step by step without dropout and, with probability 1 - teacherForcing, feeds it what it finds most
  // probable in place of the right symbol (Bengio et al. 2015). The draws are those of the whole batch, whatever the share.
  #chooseInputs(pass: Pass): void {
    const { core, steps, update, teacherForcing } = pass;
    const { batchSize, seed } = this.#spec;
    const { batch, offset } = this.#share;
    const random = new Random(seed, FORCING, update);
    const free = { ...pass, training: false };
    this.readSource(free);
    for (let t = 0; t + 1 < steps; t++) {
      this.forwardFrom({ ...free, steps: t + 1 }, t);
      for (let item = 0; item < batchSize; item++) {
        const own = random.unit() >= teacherForcing;
        const b = item - offset;
        if (!own || b < 0 || b >= batch) continue;
        const probabilities = this.head.at(core, t, b);
        core.i32[this.#tokens / 4 + (t + 1) * batch + b] = probabilities.indexOf(Math.max(...probabilities));
      }
    }
  }

  #look(pass: Pass, { attention, features, combine, y }: Looking, from: number): void {
    const { core, steps } = pass;
    const { kernels } = core;
    const rows = (steps - from) * this.#share.batch;
    const first = from * this.#share.batch;
    attention.forward(pass, from);
    copySpan(kernels, rows, first, attention.attention.context, contextOf(features));
    copySpan(kernels, rows, first, this.decoder.y, stateOf(features));
    combine.forward(core, rows, first);
    eachPanel(rows, first, [combine.y, y], (floats, x = 0, to = 0) => {
      kernels.f32_tanh(floats, x, to);
    });
  }

  #lookBackward(pass: Pass, { attention, dqueries, dfeatures, combine, y, dy }: Looking): void {
    const { core, steps } = pass;
    const { kernels } = core;
    const rows = steps * this.#share.batch;
    eachPanel(rows, 0, [y, dy, combine.dy], (floats, out = 0, dout = 0, to = 0) => {
      kernels.f32_tanh_backward(floats, out, dout, to);
    });
    combine.backward(core, rows);
    copySpan(kernels, rows, 0, contextOf(dfeatures), attention.attention.dcontext);
    copySpan(kernels, rows, 0, stateOf(dfeatures), this.decoder.dy);
    attention.backward(pass);
    addRows(kernels, rows, 0, dqueries, this.decoder.dy);
  }

  #planEncoder(plan: Plan, symbols: number): Recurrent {
    const { bidirectional, sourceSteps } = this.#spec;
    const embedding = this.#sourceEmbedding;
    return new Recurrent(plan, {
      ...this.#common(),
      name: 'encoder',
      bidirectional,
      steps: sourceSteps,
      input: embedding
        ? { kind: 'matrix', x: embedding.y, dx: embedding.dy }
        : { kind: 'symbols', ids: this.#sourceTokens, count: symbols },
      lengths: this.#sourceLengths,
      firstStream: ENCODER_STREAMS,
    });
  }

  #planDecoder(plan: Plan, symbols: number): Recurrent {
    const embedding = this.#targetEmbedding;
    return new Recurrent(plan, {
      ...this.#common(),
      name: 'decoder',
      bidirectional: false,
      steps: this.#spec.steps,
      input: embedding
        ? { kind: 'matrix', x: embedding.y, dx: embedding.dy }
        : { kind: 'symbols', ids: this.#tokens, count: symbols },
      lengths: 0,
    });
  }

  #common() {
    const { cell, relu, hiddenSize, layers, initial, trace, dropout, seed } = this.#spec;
    return { cell, relu, hiddenSize, layers, initial, trace, dropout, seed, stateful: false, holding: false };
  }

  #planHandovers(plan: Plan): readonly Handover[] {
    const { hiddenSize, bidirectional } = this.#spec;
    const { activations, share } = plan;
    const own = () => activations.matrix(share.batch, [hiddenSize]);
    return this.decoder.directions.flatMap((direction, l) => {
      const directions = this.encoder.layers[l]?.directions ?? [];
      const gradients = directions.map(() => ({ h: own(), c: direction.start.c && own() }));
      directions.forEach((encoder, d) => {
        encoder.finalGradient = gradients[d];
      });
      const handover = (part: 'h' | 'c', to: Matrix): Handover => ({
        to,
        from: (sourceSteps) => directions.flatMap((encoder) => encoder.final(sourceSteps)[part] ?? []),
        gradients: gradients.flatMap((gradient) => gradient[part] ?? []),
        startGradient: (steps) => direction.startGradient(steps)[part] ?? to,
        bridge: bidirectional ? this.#planBridge(plan, `bridge.${part}_l${l}`) : undefined,
      });
      const { h, c } = direction.start;
      return [handover('h', h), ...(c ? [handover('c', c)] : [])];
    });
  }

  #planBridge(plan: Plan, name: string): Handover['bridge'] {
    const { hiddenSize } = this.#spec;
    const both = () => plan.activations.matrix(plan.share.batch, [hiddenSize, hiddenSize]);
    const [x, dx] = [both(), both()];
    return { linear: new Linear(plan, { name, x, outputs: hiddenSize, dx }), x, dx };
  }

  #planLooking(plan: Plan, kind: 'additive' | 'dot' | 'scaled-dot' | 'general'): Looking {
    const { steps, sourceSteps, hiddenSize, attentionSize, trace } = this.#spec;
    const { activations, share } = plan;
    const rows = steps * share.batch;
    const dqueries = activations.matrix(rows, [hiddenSize]);
    const attention = new SourceAttention(plan, {
      name: 'attention',
      kind,
      size: attentionSize,
      queries: this.decoder.y,
      dqueries,
      keys: this.encoder.y,
      dkeys: this.encoder.dy,
      steps,
      keySteps: sourceSteps,
      lengths: this.#sourceLengths,
      trace,
    });
    const both = () => activations.matrix(rows, [...this.encoder.y.segments, hiddenSize]);
    const [features, dfeatures] = [both(), both()];
    const combine = new Linear(plan, { name: 'combine', x: features, outputs: hiddenSize, dx: dfeatures });
    const own = () => activations.matrix(rows, [hiddenSize]);
    const looking = { attention, dqueries, features, dfeatures, combine, y: own(), dy: own() };
    plan.traces.push({ name: 'combine', matrix: looking.y, time: true, skip: 0 });
    plan.traces.push({ name: 'combine.gradient', matrix: looking.dy, time: true, skip: 0 });
    return looking;
  }

  // What the encoder has published has the sources' steps.
  #publishSource({ traces }: Plan, from: number): void {
    for (let i = from; i < traces.length; i++) {
      const trace = traces[i];
      if (trace) traces[i] = { ...trace, source: true };
    }
  }
}

function planEmbedding(plan: Plan, options: EmbeddingOptions): Embedding {
  const embedding = new Embedding(plan, options);
  plan.traces.push({ name: options.name, matrix: embedding.y, time: true, skip: 0 });
  plan.traces.push({ name: `${options.name}.gradient`, matrix: embedding.dy, time: true, skip: 0 });
  return embedding;
}

function contextOf(features: Matrix): Matrix {
  return segmentsOf(features, 0, features.segments.length - 1);
}

function stateOf(features: Matrix): Matrix {
  return segmentsOf(features, features.segments.length - 1, 1);
}
