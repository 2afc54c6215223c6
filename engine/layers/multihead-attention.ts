/**
 * Multi-head attention (Vaswani et al. 2017) with PyTorch's parameters: in_proj_weight (q, k, v), in_proj_bias,
 * out_proj.weight, out_proj.bias. Over its own input, or over a memory.
 */
import { LANES, rowsOf, segmentsOf, type Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Pass, Plan } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';
import { Attention } from './attention.ts';
import { Linear } from './linear.ts';
import { addTransposedProduct, keepTransposed, multiply } from './products.ts';

export interface Memory {
  /** [S * B, D] */
  readonly x: Matrix;
  /** Gets this layer's gradient added. */
  readonly dx: Matrix;
}

export interface MultiheadOptions {
  /** Of the module; parameters are `name.in_proj_weight` and so on. Empty: without prefix. */
  readonly name: string;
  /** [T * B, D] */
  readonly x: Matrix;
  /** Where the gradient of x is written. */
  readonly dx: Matrix;
  /** Where keys and values come from; x itself where absent. */
  readonly memory?: Memory | undefined;
  readonly heads: number;
  readonly causal: boolean;
  /** Address of int32 lengths of the keys' sequences; 0: none. */
  readonly lengths: number;
  readonly steps: number;
  /** Of the memory. */
  readonly keySteps?: number;
  /** x is a translation's source. */
  readonly ofSource: boolean;
  readonly dropout?: { readonly seed: number; readonly stream: number } | undefined;
  readonly weightsGradient?: boolean;
  readonly trace: boolean;
}

export class MultiheadAttention {
  readonly attention: Attention;
  readonly #options: MultiheadOptions;
  readonly #weight: Parameter;
  readonly #bias: Parameter;
  readonly #out: Linear;
  readonly #queries: Matrix;
  readonly #pairs: Matrix;
  readonly #dqueries: Matrix;
  readonly #dpairs: Matrix;
  readonly #transposed: Matrix;
  readonly #batch: number;
  readonly #gradientOffset: number;

  constructor(plan: Plan, options: MultiheadOptions) {
    const { name, x, memory, heads, causal, lengths, steps, keySteps = steps, ofSource } = options;
    const { activations, parameters, share } = plan;
    const [size = 0] = x.segments;
    const prefix = name === '' ? '' : `${name}.`;
    const part = Array.from({ length: heads }, () => size / heads);
    const three = [...part, ...part, ...part];
    this.#options = options;
    this.#batch = share.batch;
    this.#gradientOffset = plan.gradientOffset;
    // Glorot & Bengio 2010 on the packed matrix, as PyTorch draws it.
    const initial = { kind: 'xavier', gain: 1, rows: 3 * size } as const;
    this.#weight = parameters.weight(`${prefix}in_proj_weight`, three, [size], initial);
    this.#bias = parameters.vector(`${prefix}in_proj_bias`, three, { kind: 'constant', value: 0 });
    this.#transposed = keepTransposed(plan, this.#weight);
    const rows = steps * share.batch;
    const packed = () => activations.matrix(rows, three);
    if (memory) {
      const pairs = () => activations.matrix(keySteps * share.batch, [...part, ...part]);
      this.#queries = activations.matrix(rows, part);
      this.#dqueries = activations.matrix(rows, part);
      this.#pairs = pairs();
      this.#dpairs = pairs();
    } else {
      const y = packed();
      const dy = packed();
      this.#queries = segmentsOf(y, 0, heads);
      this.#pairs = segmentsOf(y, heads, 2 * heads);
      this.#dqueries = segmentsOf(dy, 0, heads);
      this.#dpairs = segmentsOf(dy, heads, 2 * heads);
    }
    this.attention = new Attention(plan, {
      name: name === '' ? 'attention' : name,
      heads,
      queries: this.#queries,
      dqueries: this.#dqueries,
      keys: segmentsOf(this.#pairs, 0, heads),
      dkeys: segmentsOf(this.#dpairs, 0, heads),
      values: segmentsOf(this.#pairs, heads, heads),
      dvalues: segmentsOf(this.#dpairs, heads, heads),
      score: { kind: 'dot', factor: 1 / Math.sqrt(size / heads) },
      causal,
      lengths,
      steps,
      keySteps,
      source: { queries: ofSource, keys: ofSource || memory !== undefined },
      dropout: options.dropout,
      weightsGradient: options.weightsGradient ?? false,
      trace: options.trace,
    });
    this.#out = new Linear(plan, {
      name: `${prefix}out_proj`,
      x: this.attention.context,
      outputs: size,
      dx: this.attention.dcontext,
    });
  }

  get y(): Matrix {
    return this.#out.y;
  }

  get dy(): Matrix {
    return this.#out.dy;
  }

  /** Keys and values by head, [T * B] or the memory's rows. */
  get pairs(): Matrix {
    return this.#pairs;
  }

  /** Keys and values of the whole memory; before `forward` where there is one. */
  readMemory({ kernels }: Core, keySteps: number): void {
    const { memory } = this.#options;
    if (!memory) return;
    const { weight, bias } = this.#pairParameters();
    multiply(kernels, keySteps * this.#batch, memory.x, weight, { row: bias }, this.#pairs);
  }

  /** Steps `from` to `pass.steps`. */
  forward(pass: Pass, from = 0): void {
    const { core, steps } = pass;
    const { x, memory, heads } = this.#options;
    const rows = (steps - from) * this.#batch;
    const first = from * this.#batch;
    const own = rowsOf(x, first, rows);
    const { matrix } = this.#weight;
    const [weight, to] = memory
      ? [segmentsOf(matrix, 0, heads), this.#queries]
      : [matrix, { ...this.#queries, panels: this.#queries.panels * 3 }];
    multiply(core.kernels, rows, own, weight, { row: this.#bias.at }, rowsOf(to, first, rows));
    this.attention.forward(pass, this.#keySteps(pass), from);
    this.#out.forward(core, rows, first);
  }

  /** Adds to the parameters' gradients, writes dx and adds to the memory's. */
  backward(pass: Pass): void {
    const { core, steps } = pass;
    const { kernels } = core;
    const { x, dx, memory } = this.#options;
    const rows = steps * this.#batch;
    const offset = this.#gradientOffset;
    const keySteps = this.#keySteps(pass);
    this.#out.backward(core, rows);
    this.attention.backward(pass, keySteps);
    const { matrix } = this.#weight;
    if (!memory) {
      const all: Matrix = { ...this.#dqueries, panels: this.#dqueries.panels * 3 };
      addTransposedProduct(kernels, rows, x, all, matrix, offset);
      kernels.f32_sum_rows(rows, all.panels, all.at, all.stride, this.#bias.at + offset);
      multiply(kernels, rows, all, this.#transposed, 'zero', dx);
      return;
    }
    const dq = this.#dqueries;
    addTransposedProduct(kernels, rows, x, dq, segmentsOf(matrix, 0, this.#options.heads), offset);
    kernels.f32_sum_rows(rows, dq.panels, dq.at, dq.stride, this.#bias.at + offset);
    multiply(kernels, rows, dq, this.#transposed, 'zero', dx);
    const { weight, bias, transposed } = this.#pairParameters();
    const dp = this.#dpairs;
    const pairRows = keySteps * this.#batch;
    addTransposedProduct(kernels, pairRows, memory.x, dp, weight, offset);
    kernels.f32_sum_rows(pairRows, dp.panels, dp.at, dp.stride, bias + offset);
    multiply(kernels, pairRows, dp, transposed, { matrix: memory.dx }, memory.dx);
  }

  #keySteps({ steps, sourceSteps }: Pass): number {
    return this.#options.memory ? sourceSteps : steps;
  }

  // The parts of the packed parameters that make keys and values.
  #pairParameters() {
    const { heads } = this.#options;
    const panels = this.#queries.panels;
    return {
      weight: segmentsOf(this.#weight.matrix, heads, 2 * heads),
      bias: this.#bias.at + panels * LANES * 4,
      transposed: rowsOf(this.#transposed, panels * LANES, 2 * panels * LANES),
    };
  }
}
