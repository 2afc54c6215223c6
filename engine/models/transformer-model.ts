/**
 * Transformers (Vaswani et al. 2017): an encoder for labels of steps or of sequences, a decoder for the next symbol, both for
 * translation.
 *
 * Parameters: embedding.*, positions.*, encoder.* or decoder.*, head.*; of a translator source_embedding.*,
 * target_embedding.* and so on.
 */
import type { Matrix } from '../core/arena.ts';
import type { Attention } from '../layers/attention.ts';
import { StepsPooling } from '../layers/steps-pooling.ts';
import { fillMatrix } from '../layers/steps.ts';
import { TokenEmbedding } from '../layers/token-embedding.ts';
import { streamsOf } from '../layers/transformer-layer.ts';
import { TransformerStack } from '../layers/transformer-stack.ts';
import type { Pass, Plan, Share } from '../team/network.ts';
import type { DecodingModel, Cache, NamedAttention } from './decoding-model.ts';
import { LabelHead } from './label-head.ts';
import type { CarriedState } from './model.ts';
import type { TransformerSpec } from './spec.ts';
import { planStaging, takeIntegers, type Staging } from './staging.ts';

/** Embedded symbols and the layers above them. */
interface Half {
  readonly tokens: number;
  readonly lengths: number;
  readonly embedding: TokenEmbedding;
  readonly stack: TransformerStack;
}

export class TransformerModel implements DecodingModel {
  readonly staging: Staging;
  readonly carried: readonly CarriedState[] = [];
  readonly head: LabelHead;
  readonly #spec: TransformerSpec;
  readonly #share: Share;
  readonly #source: Half | undefined;
  readonly #main: Half;
  readonly #pooling: StepsPooling | undefined;

  constructor(plan: Plan, spec: TransformerSpec) {
    const { input, output, form } = spec;
    if (input.kind !== 'tokens' || output.kind !== 'labels') {
      throw new TypeError('A transformer reads symbols and names labels.');
    }
    this.#spec = spec;
    this.#share = plan.share;
    this.staging = planStaging(plan, spec);
    const translates = form === 'encoder-decoder';
    this.#source = translates ? this.#half(plan, 'encoder', 'source_', input.symbols, undefined) : undefined;
    const symbols = translates ? output.count : input.symbols;
    this.#main = this.#half(
      plan,
      form === 'encoder' ? 'encoder' : 'decoder',
      translates ? 'target_' : '',
      symbols,
      this.#source,
    );
    const { y, dy } = this.#main.stack;
    this.#pooling =
      output.per === 'sequence'
        ? new StepsPooling(plan, { mode: spec.pooling, x: y, dx: dy, lengths: this.#main.lengths })
        : undefined;
    this.head = new LabelHead(plan, spec, this.#pooling?.y ?? y, this.#pooling?.dy ?? dy);
  }

  forward(pass: Pass): number {
    this.takeBatch(pass);
    this.readSource(pass);
    return this.forwardFrom(pass, 0);
  }

  backward(pass: Pass): void {
    const { kernels } = pass.core;
    this.head.backward(pass);
    this.#pooling?.backward(pass);
    // Every layer of the decoder adds what it asks of the memory.
    if (this.#source) fillMatrix(kernels, this.#source.stack.dy, 0);
    this.#main.stack.backward(pass);
    this.#main.embedding.backward(pass);
    if (!this.#source) return;
    const ofSource = { ...pass, steps: pass.sourceSteps };
    this.#source.stack.backward(ofSource);
    this.#source.embedding.backward(ofSource);
  }

  takeBatch(pass: Pass): void {
    const { core, steps, sourceSteps } = pass;
    const { batchSize } = this.#spec;
    const share = this.#share;
    const { staging } = this;
    if (this.#source) {
      takeIntegers(core, share, sourceSteps, batchSize, staging.sourceTokens, this.#source.tokens);
      takeIntegers(core, share, 1, batchSize, staging.sourceLengths, this.#source.lengths);
    }
    takeIntegers(core, share, steps, batchSize, staging.tokens, this.#main.tokens);
    if (this.#main.lengths) takeIntegers(core, share, 1, batchSize, staging.lengths, this.#main.lengths);
    this.head.takeTargets(pass, batchSize, staging);
  }

  readSource(pass: Pass): void {
    if (!this.#source) return;
    const ofSource = { ...pass, steps: pass.sourceSteps };
    this.#source.embedding.forward(ofSource);
    this.#source.stack.forward(ofSource);
    this.#main.stack.readMemory(pass.core, pass.sourceSteps);
  }

  forwardFrom(pass: Pass, from: number): number {
    this.#main.embedding.forward(pass, from);
    this.#main.stack.forward(pass, from);
    this.#pooling?.forward(pass);
    return this.head.forward(pass, from);
  }

  giveOutputs(pass: Pick<Pass, 'core' | 'steps'>): void {
    this.head.give(pass, this.#spec.batchSize, this.staging);
  }

  get caches(): readonly Cache[] {
    return this.#main.stack.layers.map(({ self }) => ({ matrix: self.sublayer.pairs, ahead: 0 }));
  }

  get starts(): readonly Matrix[] {
    return [];
  }

  get attentions(): readonly NamedAttention[] {
    const { heads } = this.#spec;
    const halves = this.#source ? [this.#source, this.#main] : [this.#main];
    return halves.flatMap(({ stack }, k) => {
      const encodes = this.#source ? k === 0 : this.#spec.form === 'encoder';
      const name = encodes ? 'encoder' : 'decoder';
      return stack.layers.flatMap(({ self, cross }, l) => {
        const named = (part: string, attention: Attention, overSource: boolean): NamedAttention => ({
          name: `${name}.layers.${l}.${part}`,
          attention,
          heads,
          overSource,
        });
        return [
          named('self_attn', self.sublayer.attention, encodes && this.#source !== undefined),
          ...(cross ? [named('multihead_attn', cross.sublayer.attention, true)] : []),
        ];
      });
    });
  }

  #half(plan: Plan, name: 'encoder' | 'decoder', prefix: string, count: number, source: Half | undefined): Half {
    const { steps, sourceSteps, heads, layers, dropout, seed, form, trace } = this.#spec;
    const { activations, share } = plan;
    const ofSource = form === 'encoder-decoder' && name === 'encoder';
    const ownSteps = ofSource ? sourceSteps : steps;
    const stream = ofSource ? 1 : 1 + STREAMS;
    const tokens = activations.take(ownSteps * share.batch * 4);
    const lengths = ofSource || (name === 'encoder' && this.#spec.lengths) ? activations.take(share.batch * 4) : 0;
    const embedding = new TokenEmbedding(plan, {
      prefix,
      ids: tokens,
      count,
      size: this.#spec.modelSize,
      steps: ownSteps,
      positions: this.#spec.positions,
      maxPositions: this.#spec.maxPositions,
      dropout: dropout ? { seed, stream } : undefined,
    });
    const memory = source && { x: source.stack.y, dx: source.stack.dy };
    const stack = new TransformerStack(plan, {
      name,
      layers,
      x: embedding.y,
      dx: embedding.dy,
      memory,
      heads,
      feedForwardSize: this.#spec.feedForwardSize,
      norm: this.#spec.norm,
      activation: this.#spec.activation,
      causal: name === 'decoder',
      lengths,
      memoryLengths: source?.lengths ?? 0,
      steps: ownSteps,
      memorySteps: sourceSteps,
      ofSource,
      dropout: dropout ? { seed, stream: stream + 1 } : undefined,
      trace,
    });
    const add = (what: string, matrix: Matrix) =>
      plan.traces.push({ name: prefix + what, matrix, time: true, source: ofSource, skip: 0 });
    add('embedding', embedding.y);
    add('embedding.gradient', embedding.dy);
    if (stack.y !== stack.layers.at(-1)?.y) {
      plan.traces.push({ name: `${name}.norm`, matrix: stack.y, time: true, source: ofSource, skip: 0 });
    }
    return { tokens, lengths, embedding, stack };
  }
}

/** More streams of dropout than 32 layers of 256 heads have. */
const STREAMS = 32 * streamsOf(256) + 2;
