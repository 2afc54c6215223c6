/**
 * Encoder-decoders and transformers in float64, out of the reference's parts: one item, read or translated, with
 * everything that the engine names in traces. Nothing is padded, so that what padding is masked for is left out here.
 */
import type { EncoderDecoderSpec, TransformerSpec } from '../../../engine/models/spec.ts';
import type { Tensor } from '../../../engine/formats/safetensors.ts';
import { gelu, relu, tanh } from '../../reference/activations.ts';
import { additiveScores, maskedSoftmax } from '../../reference/attention.ts';
import { gatherRows } from '../../reference/embedding.ts';
import { linearForward } from '../../reference/linear.ts';
import { softmax } from '../../reference/loss.ts';
import { joinCols, joinRows, Matrix, sum } from '../../reference/matrix.ts';
import { layerNorm } from '../../reference/norm.ts';
import { maxSteps, meanSteps } from '../../reference/pooling.ts';
import { product, productTransposedB } from '../../reference/products.ts';
import { parameterNames, stackForward, type StackForward } from '../../reference/stack.ts';

/** A parameter by PyTorch's name, vectors as [1, N]. */
export type ParameterLookup = (name: string) => Matrix;

export function lookUp(tensors: ReadonlyMap<string, Tensor<Float32Array | Float64Array>>): ParameterLookup {
  return (name) => {
    const { shape, data } = tensors.get(name)!;
    const [first = 1, second] = shape;
    return second === undefined ? new Matrix(1, first, data) : new Matrix(first, second, data);
  };
}

export interface WritingItem {
  /** Of a translation. */
  readonly source?: readonly number[];
  /** What is read, or what the decoder is fed. */
  readonly tokens: readonly number[];
}

/** Scores as softmax takes them, [T, S]. */
export interface HeadTwin {
  readonly queries: Matrix;
  readonly keys: Matrix;
  readonly values: Matrix;
  readonly scores: Matrix;
  readonly weights: Matrix;
  readonly context: Matrix;
}

export interface WritingTwin {
  /** By head. */
  readonly attentions: ReadonlyMap<string, readonly HeadTwin[]>;
  /** By the engine's names: what goes into and comes out of the sublayers. */
  readonly traces: ReadonlyMap<string, Matrix>;
  /** Probabilities, [T, V] or [1, V]. */
  readonly outputs: Matrix;
}

export function runWritingTwin(
  spec: EncoderDecoderSpec | TransformerSpec,
  parameter: ParameterLookup,
  item: WritingItem,
): WritingTwin {
  const attentions = new Map<string, readonly HeadTwin[]>();
  const traces = new Map<string, Matrix>();
  const twin =
    spec.architecture === 'transformer'
      ? new Transformer(spec, parameter, attentions, traces)
      : new EncoderDecoder(spec, parameter, attentions, traces);
  const logits = linearForward(twin.features(item), parameter('head.weight'), parameter('head.bias'));
  return { attentions, traces, outputs: softmax(logits) };
}

/** Query t sees the keys up to its own where `causal`. */
function look(queries: Matrix, keys: Matrix, values: Matrix, scores: Matrix, causal: boolean): HeadTwin {
  const weights = maskedSoftmax(scores, 1, { length: keys.rows, before: causal ? 0 : -1 });
  return { queries, keys, values, scores, weights, context: product(weights, values) };
}

function scaled(x: Matrix, factor: number): Matrix {
  return new Matrix(
    x.rows,
    x.cols,
    x.data.map((value) => value * factor),
  );
}

function rowsOf(x: Matrix, from: number, count: number): Matrix {
  return x.rowsFrom(from, count).copy();
}

class Transformer {
  readonly #spec: TransformerSpec;
  readonly #parameter: ParameterLookup;
  readonly #attentions: Map<string, readonly HeadTwin[]>;
  readonly #traces: Map<string, Matrix>;

  constructor(
    spec: TransformerSpec,
    parameter: ParameterLookup,
    attentions: Map<string, readonly HeadTwin[]>,
    traces: Map<string, Matrix>,
  ) {
    this.#spec = spec;
    this.#parameter = parameter;
    this.#attentions = attentions;
    this.#traces = traces;
  }

  features({ source, tokens }: WritingItem): Matrix {
    const { form, output, pooling } = this.#spec;
    if (source !== undefined) {
      const memory = this.#stack('encoder', this.#embed('source_', source), undefined);
      return this.#stack('decoder', this.#embed('target_', tokens), memory);
    }
    const y = this.#stack(form === 'encoder' ? 'encoder' : 'decoder', this.#embed('', tokens), undefined);
    if (output.per === 'step') return y;
    if (pooling === 'mean') return meanSteps(y, [y.rows]);
    return pooling === 'max' ? maxSteps(y, [y.rows]).y : rowsOf(y, y.rows - 1, 1);
  }

  #embed(prefix: string, ids: readonly number[]): Matrix {
    const { modelSize, positions } = this.#spec;
    const y = gatherRows(ids, this.#parameter(`${prefix}embedding.weight`), new Matrix(1, modelSize));
    const learned = positions === 'learned' ? this.#parameter(`${prefix}positions.weight`) : undefined;
    for (let t = 0; t < ids.length; t++) {
      for (let c = 0; c < modelSize; c++) {
        const angle = t / 10000 ** ((2 * Math.floor(c / 2)) / modelSize);
        y.add(t, c, learned?.at(t, c) ?? (c % 2 === 0 ? Math.sin(angle) : Math.cos(angle)));
      }
    }
    this.#traces.set(`${prefix}embedding`, y);
    return y;
  }

  #stack(half: 'encoder' | 'decoder', first: Matrix, memory: Matrix | undefined): Matrix {
    let x = first;
    for (let l = 0; l < this.#spec.layers; l++) x = this.#layer(`${half}.layers.${l}`, x, half === 'decoder', memory);
    if (this.#spec.norm === 'post') return x;
    const y = this.#normalise(`${half}.norm`, x);
    this.#traces.set(`${half}.norm`, y);
    return y;
  }

  #layer(name: string, x: Matrix, causal: boolean, memory: Matrix | undefined): Matrix {
    const self = this.#residual(`${name}.self_attn`, `${name}.norm1`, x, (inner) =>
      this.#attend(`${name}.self_attn`, inner, inner, causal),
    );
    this.#traces.set(`${name}.self_attn.sum`, self);
    const crossed =
      memory === undefined
        ? self
        : this.#residual(`${name}.multihead_attn`, `${name}.norm2`, self, (inner) =>
            this.#attend(`${name}.multihead_attn`, inner, memory, false),
          );
    if (memory !== undefined) this.#traces.set(`${name}.multihead_attn.sum`, crossed);
    const norm = `${name}.norm${memory === undefined ? 2 : 3}`;
    const y = this.#residual(`${name}.feed_forward`, norm, crossed, (inner) => this.#feedForward(name, inner));
    this.#traces.set(`${name}.output`, y);
    return y;
  }

  #residual(name: string, norm: string, x: Matrix, sublayer: (x: Matrix) => Matrix): Matrix {
    const pre = this.#spec.norm === 'pre';
    const f = sublayer(pre ? this.#normalise(norm, x) : x);
    this.#traces.set(`${name}.output`, f);
    return pre ? sum(x, f) : this.#normalise(norm, sum(x, f));
  }

  #normalise(name: string, x: Matrix): Matrix {
    return layerNorm(x, this.#parameter(`${name}.weight`), this.#parameter(`${name}.bias`), 1e-5).y;
  }

  #feedForward(name: string, x: Matrix): Matrix {
    const { value } = this.#spec.activation === 'gelu' ? gelu : relu;
    const inner = linearForward(x, this.#parameter(`${name}.linear1.weight`), this.#parameter(`${name}.linear1.bias`));
    const hidden = new Matrix(inner.rows, inner.cols, inner.data.map(value));
    this.#traces
      .set(`${name}.feed_forward.read`, x)
      .set(`${name}.feed_forward.inner`, inner)
      .set(`${name}.feed_forward.hidden`, hidden);
    return linearForward(hidden, this.#parameter(`${name}.linear2.weight`), this.#parameter(`${name}.linear2.bias`));
  }

  /** in_proj_weight: W_q, W_k and W_v one below the other; each head has its rows of each. */
  #attend(name: string, x: Matrix, memory: Matrix, causal: boolean): Matrix {
    const { modelSize, heads } = this.#spec;
    const size = modelSize / heads;
    const weight = this.#parameter(`${name}.in_proj_weight`);
    const bias = this.#parameter(`${name}.in_proj_bias`);
    const project = (input: Matrix, block: number): Matrix =>
      linearForward(input, rowsOf(weight, block * modelSize, modelSize), bias.colsFrom(block * modelSize, modelSize));
    const [q, k, v] = [project(x, 0), project(memory, 1), project(memory, 2)];
    const all = Array.from({ length: heads }, (_, h) => {
      const [queries, keys, values] = [q, k, v].map((part) => part.colsFrom(h * size, size));
      const scores = scaled(productTransposedB(queries!, keys!), 1 / Math.sqrt(size));
      return look(queries!, keys!, values!, scores, causal);
    });
    this.#attentions.set(name, all);
    const context = all.map((head) => head.context).reduce(joinCols);
    return linearForward(context, this.#parameter(`${name}.out_proj.weight`), this.#parameter(`${name}.out_proj.bias`));
  }
}

class EncoderDecoder {
  readonly #spec: EncoderDecoderSpec;
  readonly #parameter: ParameterLookup;
  readonly #attentions: Map<string, readonly HeadTwin[]>;
  readonly #traces: Map<string, Matrix>;

  constructor(
    spec: EncoderDecoderSpec,
    parameter: ParameterLookup,
    attentions: Map<string, readonly HeadTwin[]>,
    traces: Map<string, Matrix>,
  ) {
    this.#spec = spec;
    this.#parameter = parameter;
    this.#attentions = attentions;
    this.#traces = traces;
  }

  features({ source = [], tokens }: WritingItem): Matrix {
    const { input, output, layers, hiddenSize, bidirectional, attention } = this.#spec;
    const directions = bidirectional ? 2 : 1;
    const symbols = input.kind === 'tokens' ? input.symbols : 0;
    const fed = output.kind === 'labels' ? output.count : 0;
    const zero = new Matrix(layers * directions, hiddenSize);
    const encoder = this.#run('encoder', directions, this.#embed('source_embedding', source, symbols), zero, zero);
    const decoder = this.#run(
      'decoder',
      1,
      this.#embed('target_embedding', tokens, fed),
      this.#handOver('h', encoder.hn, directions),
      this.#handOver('c', encoder.cn, directions),
    );
    return attention === 'none' ? decoder.y : this.#look(decoder.y, encoder.y);
  }

  #embed(name: string, ids: readonly number[], symbols: number): Matrix {
    const { embeddingSize } = this.#spec;
    const identity = new Matrix(symbols, symbols);
    for (let symbol = 0; symbol < symbols; symbol++) identity.set(symbol, symbol, 1);
    const table = embeddingSize > 0 ? this.#parameter(`${name}.weight`) : identity;
    return gatherRows(ids, table, new Matrix(1, table.cols));
  }

  #run(name: string, directions: 1 | 2, x: Matrix, h0: Matrix, c0: Matrix): StackForward {
    const { cell, relu: linear, layers } = this.#spec;
    const parameters = Array.from({ length: layers * directions }, (_, part) => {
      const names = parameterNames(part, directions);
      const of = (key: keyof typeof names): Matrix => this.#parameter(`${name}.${names[key]}`);
      return { weightIh: of('weightIh'), weightHh: of('weightHh'), biasIh: of('biasIh'), biasHh: of('biasHh') };
    });
    const nonlinearity = linear ? 'relu' : 'tanh';
    const shape = { cell, nonlinearity, layers, directions, steps: x.rows, batch: 1 } as const;
    return stackForward(shape, x, parameters, h0, c0);
  }

  /** Of each layer: the last state, or what the bridge makes of both directions' last states. */
  #handOver(part: 'h' | 'c', last: Matrix, directions: 1 | 2): Matrix {
    const { layers, cell } = this.#spec;
    if (directions === 1 || (part === 'c' && cell !== 'lstm')) return rowsOf(last, 0, layers);
    const bridged = Array.from({ length: layers }, (_, l) => {
      const both = joinCols(rowsOf(last, l * 2, 1), rowsOf(last, l * 2 + 1, 1));
      const name = `bridge.${part}_l${l}`;
      return linearForward(both, this.#parameter(`${name}.weight`), this.#parameter(`${name}.bias`));
    });
    return joinRows(bridged);
  }

  #look(states: Matrix, sources: Matrix): Matrix {
    const { attention, hiddenSize } = this.#spec;
    let [queries, keys] = [states, sources];
    if (attention === 'additive') {
      queries = productTransposedB(states, this.#parameter('attention.w_query'));
      keys = productTransposedB(sources, this.#parameter('attention.w_key'));
    }
    if (attention === 'general') keys = productTransposedB(sources, this.#parameter('attention.w'));
    const scores =
      attention === 'additive'
        ? additiveScores(queries, keys, this.#parameter('attention.v'))
        : scaled(productTransposedB(queries, keys), attention === 'scaled-dot' ? 1 / Math.sqrt(hiddenSize) : 1);
    const head = look(queries, keys, sources, scores, false);
    this.#attentions.set('attention', [head]);
    const { value } = tanh;
    const combined = linearForward(
      joinCols(head.context, states),
      this.#parameter('combine.weight'),
      this.#parameter('combine.bias'),
    );
    const y = new Matrix(combined.rows, combined.cols, combined.data.map(value));
    this.#traces.set('combine', y);
    return y;
  }
}
