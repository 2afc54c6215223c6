/**
 * Attention of a decoder's states over an encoder's: score q . k (dot), q . k / sqrt(D) (scaled-dot), q^T W k (general;
 * Luong et al. 2015) or v . tanh(W_query q + W_key k) (additive; Bahdanau et al. 2015). Values are the keys.
 */
import { rowsOf, type Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Pass, Plan } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';
import { Attention } from './attention.ts';
import { addTransposedProduct, keepTransposed, multiply } from './products.ts';

export interface SourceAttentionOptions {
  /** Of the module; parameters are `name.w`, or `name.w_query`, `name.w_key` and `name.v`. Empty: without prefix. */
  readonly name: string;
  readonly kind: 'additive' | 'dot' | 'scaled-dot' | 'general';
  /** A, of additive attention. */
  readonly size: number;
  /** [T * B, H] */
  readonly queries: Matrix;
  /** Where its gradient is written. */
  readonly dqueries: Matrix;
  /** [S * B, D] */
  readonly keys: Matrix;
  readonly dkeys: Matrix;
  readonly steps: number;
  readonly keySteps: number;
  /** Address of int32 lengths of the sources; 0: none. */
  readonly lengths: number;
  readonly weightsGradient?: boolean;
  readonly trace: boolean;
}

/** Rows multiplied by a weight without a bias: x and y with their gradients. */
interface Projection {
  readonly weight: Parameter;
  readonly transposed: Matrix;
  readonly x: Matrix;
  readonly y: Matrix;
  readonly dy: Matrix;
}

export class SourceAttention {
  readonly attention: Attention;
  readonly #options: SourceAttentionOptions;
  readonly #batch: number;
  readonly #gradientOffset: number;
  readonly #query: Projection | undefined;
  readonly #key: Projection | undefined;

  constructor(plan: Plan, options: SourceAttentionOptions) {
    const { name, kind, size, queries, dqueries, keys, dkeys, steps, keySteps, lengths, trace } = options;
    const prefix = name === '' ? '' : `${name}.`;
    this.#options = options;
    this.#batch = plan.share.batch;
    this.#gradientOffset = plan.gradientOffset;
    const additive = kind === 'additive';
    this.#query = additive ? project(plan, `${prefix}w_query`, queries, [size]) : undefined;
    this.#key =
      additive || kind === 'general'
        ? project(plan, additive ? `${prefix}w_key` : `${prefix}w`, keys, additive ? [size] : queries.segments)
        : undefined;
    const width = queries.segments.reduce((sum, columns) => sum + columns, 0);
    this.attention = new Attention(plan, {
      name: name === '' ? 'attention' : name,
      heads: 1,
      queries: this.#query?.y ?? queries,
      dqueries: this.#query?.dy ?? dqueries,
      keys: this.#key?.y ?? keys,
      dkeys: this.#key?.dy ?? dkeys,
      values: keys,
      dvalues: dkeys,
      score: additive
        ? {
            kind: 'additive',
            v: plan.parameters.vector(`${prefix}v`, [size], { kind: 'uniform', bound: 1 / Math.sqrt(size) }),
          }
        : { kind: 'dot', factor: kind === 'scaled-dot' ? 1 / Math.sqrt(width) : 1 },
      causal: false,
      lengths,
      steps,
      keySteps,
      source: { queries: false, keys: true },
      weightsGradient: options.weightsGradient ?? false,
      trace,
    });
  }

  /** What of the keys is computed once a source. */
  readKeys({ kernels }: Core, keySteps: number): void {
    if (this.#key) multiply(kernels, keySteps * this.#batch, this.#key.x, this.#key.weight.matrix, 'zero', this.#key.y);
  }

  /** Steps `from` to `pass.steps`. */
  forward(pass: Pass, from = 0): void {
    const rows = (pass.steps - from) * this.#batch;
    const first = from * this.#batch;
    if (this.#query) {
      const { x, y, weight } = this.#query;
      multiply(pass.core.kernels, rows, rowsOf(x, first, rows), weight.matrix, 'zero', rowsOf(y, first, rows));
    }
    this.attention.forward(pass, pass.sourceSteps, from);
  }

  /** Adds to the parameters' gradients; writes those of queries and keys. */
  backward(pass: Pass): void {
    const { steps, sourceSteps, core } = pass;
    const { kernels } = core;
    const { dqueries, dkeys } = this.#options;
    this.attention.backward(pass, sourceSteps);
    if (this.#query) {
      const { x, dy, weight, transposed } = this.#query;
      const rows = steps * this.#batch;
      addTransposedProduct(kernels, rows, x, dy, weight.matrix, this.#gradientOffset);
      multiply(kernels, rows, dy, transposed, 'zero', dqueries);
    }
    if (this.#key) {
      const { x, dy, weight, transposed } = this.#key;
      const rows = sourceSteps * this.#batch;
      addTransposedProduct(kernels, rows, x, dy, weight.matrix, this.#gradientOffset);
      multiply(kernels, rows, dy, transposed, { matrix: dkeys }, dkeys);
    }
  }
}

function project(plan: Plan, name: string, x: Matrix, outputs: readonly number[]): Projection {
  const inputs = x.segments.reduce((sum, width) => sum + width, 0);
  const bound = 1 / Math.sqrt(inputs);
  const weight = plan.parameters.weight(name, outputs, x.segments, { kind: 'uniform', bound });
  const like = () => plan.activations.matrix(x.rows, outputs);
  return { weight, transposed: keepTransposed(plan, weight), x, y: like(), dy: like() };
}
