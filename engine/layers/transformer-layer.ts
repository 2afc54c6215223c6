/**
 * One layer of a transformer (Vaswani et al. 2017; pre-norm: Xiong et al. 2020), PyTorch's TransformerEncoderLayer or,
 * over a memory, TransformerDecoderLayer: self_attn, multihead_attn over the memory, linear1 and linear2, norm1 to norm3.
 */
import type { Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Pass, Plan } from '../team/network.ts';
import { FeedForward } from './feed-forward.ts';
import { MultiheadAttention, type Memory } from './multihead-attention.ts';
import { Residual } from './residual.ts';

export interface TransformerLayerOptions {
  /** Of the module: 'encoder.layers.0'. Empty: without prefix. */
  readonly name: string;
  readonly x: Matrix;
  readonly dx: Matrix;
  readonly memory?: Memory | undefined;
  readonly heads: number;
  readonly feedForwardSize: number;
  readonly norm: 'pre' | 'post';
  readonly activation: 'relu' | 'gelu';
  readonly causal: boolean;
  /** Address of int32 lengths of x's sequences; 0: none. */
  readonly lengths: number;
  /** The same of the memory. */
  readonly memoryLengths: number;
  readonly steps: number;
  readonly memorySteps: number;
  /** x is a translation's source. */
  readonly ofSource: boolean;
  /** The first of the streams of this layer's dropouts. */
  readonly dropout?: { readonly seed: number; readonly stream: number } | undefined;
  readonly trace: boolean;
}

/** Streams of a layer's dropouts: two attentions with a stream a head, three sums. */
export function streamsOf(heads: number): number {
  return 2 * heads + 3;
}

export class TransformerLayer {
  readonly self: Residual<MultiheadAttention>;
  readonly cross: Residual<MultiheadAttention> | undefined;
  readonly forwardPart: Residual<FeedForward>;

  constructor(plan: Plan, options: TransformerLayerOptions) {
    const { name, x, dx, memory, heads, norm, causal, lengths, steps, ofSource, dropout, trace } = options;
    const prefix = name === '' ? '' : `${name}.`;
    const stream = (k: number) => dropout && { seed: dropout.seed, stream: dropout.stream + k };
    this.self = new Residual(plan, {
      name: `${prefix}norm1`,
      norm,
      x,
      dx,
      dropout: stream(0),
      sublayer: (inner, dinner) =>
        new MultiheadAttention(plan, {
          name: `${prefix}self_attn`,
          x: inner,
          dx: dinner,
          heads,
          causal,
          lengths,
          steps,
          ofSource,
          dropout: stream(3),
          trace,
        }),
    });
    this.cross =
      memory &&
      new Residual(plan, {
        name: `${prefix}norm2`,
        norm,
        x: this.self.y,
        dx: this.self.dy,
        dropout: stream(1),
        sublayer: (inner, dinner) =>
          new MultiheadAttention(plan, {
            name: `${prefix}multihead_attn`,
            x: inner,
            dx: dinner,
            memory,
            heads,
            causal: false,
            lengths: options.memoryLengths,
            steps,
            keySteps: options.memorySteps,
            ofSource,
            dropout: stream(3 + heads),
            trace,
          }),
      });
    const before = this.cross ?? this.self;
    this.forwardPart = new Residual(plan, {
      name: `${prefix}norm${memory ? 3 : 2}`,
      norm,
      x: before.y,
      dx: before.dy,
      dropout: stream(2),
      sublayer: (inner, dinner) =>
        new FeedForward(plan, {
          prefix,
          x: inner,
          dx: dinner,
          size: options.feedForwardSize,
          activation: options.activation,
        }),
    });
    this.#publish(plan, prefix, ofSource);
  }

  get y(): Matrix {
    return this.forwardPart.y;
  }

  get dy(): Matrix {
    return this.forwardPart.dy;
  }

  readMemory(core: Core, memorySteps: number): void {
    this.cross?.sublayer.readMemory(core, memorySteps);
  }

  forward(pass: Pass, from = 0): void {
    this.self.forward(pass, from);
    this.cross?.forward(pass, from);
    this.forwardPart.forward(pass, from);
  }

  backward(pass: Pass): void {
    this.forwardPart.backward(pass);
    this.cross?.backward(pass);
    this.self.backward(pass);
  }

  #publish({ traces }: Plan, prefix: string, source: boolean): void {
    const add = (name: string, matrix: Matrix) =>
      traces.push({ name: prefix + name, matrix, time: true, skip: 0, source });
    add('self_attn.output', this.self.sublayer.y);
    add('self_attn.sum', this.self.y);
    if (this.cross) {
      add('multihead_attn.output', this.cross.sublayer.y);
      add('multihead_attn.sum', this.cross.y);
    }
    add('feed_forward.hidden', this.forwardPart.sublayer.hidden);
    add('feed_forward.output', this.forwardPart.sublayer.y);
    add('output', this.y);
    add('output.gradient', this.dy);
  }
}
