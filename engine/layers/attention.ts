/**
 * Attention of queries [T * B] over keys and values [S * B], in one or several heads: scores, softmax over the keys that
 * a query may see, and the sum of values that they weigh. Heads are segments of columns, so that nothing is split or
 * merged; the rows of one item are brought together for the products (engine/core/kernels.ts).
 */
import { LANES, ROW_BYTES, panelsOf, rowsOf, segmentsOf, type Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Kernels } from '../core/kernels.ts';
import type { Pass, Plan, Share } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';
import { addTransposedProduct, multiply } from './products.ts';
import { fillMatrix, moveRows, transposeInto } from './steps.ts';

export interface AttentionOptions {
  /** In traces. */
  readonly name: string;
  readonly heads: number;
  readonly queries: Matrix;
  readonly dqueries: Matrix;
  readonly keys: Matrix;
  readonly dkeys: Matrix;
  readonly values: Matrix;
  /** May be dkeys where values are the keys: it gets both gradients' sum. */
  readonly dvalues: Matrix;
  /** 'dot': q . k times this. Otherwise v . tanh(q + k), Bahdanau et al. 2015. */
  readonly score:
    { readonly kind: 'dot'; readonly factor: number } | { readonly kind: 'additive'; readonly v: Parameter };
  /** A query sees no key of a later step. */
  readonly causal: boolean;
  /** Address of int32 lengths of the keys' sequences; 0: all have all steps. */
  readonly lengths: number;
  /** The most steps of queries and keys. */
  readonly steps: number;
  readonly keySteps: number;
  /** Which of them are steps of a translation's source. */
  readonly source: { readonly queries: boolean; readonly keys: boolean };
  /** Of the weights. */
  readonly dropout?: { readonly seed: number; readonly stream: number } | undefined;
  /** A gradient comes in with respect to the weights too, into `weightsGradient`. */
  readonly weightsGradient?: boolean;
  readonly trace: boolean;
}

/** What a person changes while a model decodes. */
export interface AttentionChange {
  /** Puts other weights in place of a query's own, [S]; returns whether it did. */
  edit?(head: number, item: number, step: number, weights: Float32Array): boolean;
  /** Heads whose sum is replaced by zeros. */
  readonly silenced?: ReadonlySet<number>;
}

interface Published {
  readonly scores: Matrix;
  readonly weights: Matrix;
  readonly dscores: Matrix;
  readonly dweights: Matrix;
}

export class Attention {
  /** [T * B, heads * values] */
  readonly context: Matrix;
  /** The gradient of context, to be filled before `backward`. */
  readonly dcontext: Matrix;
  change: AttentionChange | undefined;
  readonly #options: AttentionOptions;
  readonly #share: Share;
  readonly #gradientOffset: number;
  /** By item and head, [T, S]. */
  readonly #weights: Blocks;
  readonly #dropped: Blocks | undefined;
  readonly #incoming: Blocks | undefined;
  readonly #scores: Matrix;
  readonly #dweights: Matrix;
  readonly #dscores: Matrix;
  readonly #rows: Record<'q' | 'dq' | 'k' | 'kT' | 'dk' | 'v' | 'vT' | 'dv' | 'c', Matrix>;
  readonly #published: readonly Published[];

  constructor(plan: Plan, options: AttentionOptions) {
    const { heads, queries, keys, values, steps, keySteps, dropout, weightsGradient, trace } = options;
    const { activations, share } = plan;
    this.#options = options;
    this.#share = share;
    this.#gradientOffset = plan.gradientOffset;
    this.context = activations.matrix(steps * share.batch, values.segments);
    this.dcontext = activations.matrix(steps * share.batch, values.segments);
    const blocks = () => new Blocks(plan, share.batch * heads, steps, keySteps);
    this.#weights = blocks();
    this.#dropped = dropout ? blocks() : undefined;
    this.#incoming = weightsGradient ? blocks() : undefined;
    this.#scores = activations.matrix(steps, [keySteps]);
    this.#dweights = activations.matrix(steps, [keySteps]);
    this.#dscores = activations.matrix(steps, [keySteps]);
    const stored = panelsOf(keySteps) * LANES;
    const key = this.#part(keys, 0).segments;
    const value = this.#part(values, 0).segments;
    const query = this.#part(queries, 0).segments;
    const transposed = (segments: readonly number[]) =>
      activations.matrix(
        segments.reduce((sum, width) => sum + panelsOf(width) * LANES, 0),
        [keySteps],
      );
    this.#rows = {
      q: activations.matrix(steps, query),
      dq: activations.matrix(steps, query),
      k: activations.matrix(stored, key),
      kT: transposed(key),
      dk: activations.matrix(stored, key),
      v: activations.matrix(stored, value),
      vT: transposed(value),
      dv: activations.matrix(stored, value),
      c: activations.matrix(steps, value),
    };
    const published = () => activations.matrix(steps * share.batch, [keySteps]);
    this.#published = Array.from({ length: trace ? heads : 0 }, () => ({
      scores: published(),
      weights: published(),
      dscores: published(),
      dweights: published(),
    }));
    this.#publish(plan);
  }

  /** Where a gradient with respect to the weights comes in, and where the weights are: of one item and head, [T, S]. */
  weightsOf(item: number, head: number): Matrix {
    return this.#weights.at(item * this.#options.heads + head);
  }

  weightsGradientOf(item: number, head: number): Matrix | undefined {
    return this.#incoming?.at(item * this.#options.heads + head);
  }

  /** Queries of steps `from` to `pass.steps` over the first `keySteps` keys. */
  forward(pass: Pass, keySteps: number, from = 0): void {
    const { core } = pass;
    const { kernels } = core;
    const { heads, values, causal, score } = this.#options;
    const { batch } = this.#share;
    const count = pass.steps - from;
    const { v, c } = this.#rows;
    const sum: Matrix = { ...c, rows: count };
    for (const { scores, weights } of from === 0 ? this.#published : []) {
      fillMatrix(kernels, scores, 0);
      fillMatrix(kernels, weights, 0);
    }
    for (let b = 0; b < batch; b++) {
      const length = this.#length(core, b, keySteps);
      for (let h = 0; h < heads; h++) {
        const block = b * heads + h;
        const weights = rowsOf(this.#weights.at(block), from, count);
        this.#score(kernels, b, h, keySteps, from, count);
        kernels.f32_masked_softmax(
          count,
          keySteps,
          length,
          causal ? from : -1,
          score.kind === 'dot' ? score.factor : 1,
          this.#scores.at,
          this.#scores.stride,
          weights.at,
          weights.stride,
        );
        this.#edit(core, b, h, from, count, keySteps, weights);
        this.#show(kernels, b, h, keySteps, from, count, weights);
        const used = this.#drop(pass, block, h, weights, this.#dropped && rowsOf(this.#dropped.at(block), from, count));
        moveRows(kernels, keySteps, this.#part(values, h), b, batch, v, 0, 1);
        multiply(kernels, count, keysOf(used, keySteps), v, 'zero', sum);
        if (this.change?.silenced?.has(h) === true) fillMatrix(kernels, sum, 0);
        moveRows(kernels, count, sum, 0, 1, this.#part(this.context, h), from * batch + b, batch);
      }
    }
  }

  /** Writes the gradients of queries, keys and values; adds to that of v. */
  backward(pass: Pass, keySteps: number): void {
    const { kernels } = pass.core;
    const { heads, dqueries, dkeys, values, dvalues, score } = this.#options;
    const { batch } = this.#share;
    const { steps } = pass;
    const { v, vT, dv, c } = this.#rows;
    if (score.kind === 'additive') {
      fillMatrix(kernels, dqueries, 0);
      fillMatrix(kernels, dkeys, 0);
    }
    for (const { dscores, dweights } of this.#published) {
      fillMatrix(kernels, dscores, 0);
      fillMatrix(kernels, dweights, 0);
    }
    for (let b = 0; b < batch; b++) {
      for (let h = 0; h < heads; h++) {
        const block = b * heads + h;
        const weights = this.#weights.at(block);
        const used = pass.training && pass.dropout > 0 && this.#dropped ? this.#dropped.at(block) : weights;
        const dweights = keysOf(this.#dweights, keySteps);
        moveRows(kernels, steps, this.#part(this.dcontext, h), b, batch, c, 0, 1);
        moveRows(kernels, keySteps, this.#part(values, h), b, batch, v, 0, 1);
        transposeInto(kernels, v, keySteps, vT);
        const incoming = this.#incoming?.at(block);
        multiply(kernels, steps, c, keysOf(vT, keySteps), incoming ? { matrix: incoming } : 'zero', dweights);
        fillMatrix(kernels, dv, 0);
        addTransposedProduct(kernels, steps, keysOf(used, keySteps), c, dv, 0);
        this.#drop(pass, block, h, dweights, dweights);
        kernels.f32_softmax_backward(
          steps,
          panelsOf(keySteps),
          weights.at,
          weights.stride,
          dweights.at,
          dweights.stride,
          score.kind === 'dot' ? score.factor : 1,
          this.#dscores.at,
          this.#dscores.stride,
        );
        this.#showGradients(kernels, b, h, keySteps, steps);
        this.#scoreBackward(kernels, b, h, keySteps, steps);
        if (dvalues !== dkeys) moveRows(kernels, keySteps, dv, 0, 1, this.#part(dvalues, h), b, batch);
      }
    }
  }

  #score(kernels: Kernels, b: number, h: number, keySteps: number, from: number, count: number): void {
    const { queries, keys, score } = this.#options;
    const { batch } = this.#share;
    const q = this.#part(queries, h);
    const k = this.#part(keys, h);
    if (score.kind === 'dot') {
      moveRows(kernels, count, q, from * batch + b, batch, this.#rows.q, 0, 1);
      moveRows(kernels, keySteps, k, b, batch, this.#rows.k, 0, 1);
      transposeInto(kernels, this.#rows.k, keySteps, this.#rows.kT);
      multiply(kernels, count, this.#rows.q, keysOf(this.#rows.kT, keySteps), 'zero', this.#scores);
      return;
    }
    kernels.f32_additive_scores(
      count,
      keySteps,
      q.panels,
      q.at + (from * batch + b) * ROW_BYTES,
      q.stride,
      batch * ROW_BYTES,
      k.at + b * ROW_BYTES,
      k.stride,
      batch * ROW_BYTES,
      score.v.at,
      this.#scores.at,
      this.#scores.stride,
    );
  }

  #scoreBackward(kernels: Kernels, b: number, h: number, keySteps: number, steps: number): void {
    const { queries, dqueries, keys, dkeys, dvalues, score } = this.#options;
    const { batch } = this.#share;
    const { q, dq, k, dk, dv } = this.#rows;
    const down = b * ROW_BYTES;
    if (score.kind === 'dot') {
      const dscores = keysOf(this.#dscores, keySteps);
      moveRows(kernels, steps, this.#part(queries, h), b, batch, q, 0, 1);
      moveRows(kernels, keySteps, this.#part(keys, h), b, batch, k, 0, 1);
      multiply(kernels, steps, dscores, k, 'zero', dq);
      moveRows(kernels, steps, dq, 0, 1, this.#part(dqueries, h), b, batch);
      const sum = dvalues === dkeys ? dv : dk;
      if (sum === dk) fillMatrix(kernels, dk, 0);
      addTransposedProduct(kernels, steps, dscores, q, sum, 0);
      moveRows(kernels, keySteps, sum, 0, 1, this.#part(dkeys, h), b, batch);
      return;
    }
    kernels.f32_additive_scores_backward(
      steps,
      keySteps,
      queries.panels,
      queries.at + down,
      queries.stride,
      batch * ROW_BYTES,
      keys.at + down,
      keys.stride,
      batch * ROW_BYTES,
      score.v.at,
      this.#dscores.at,
      this.#dscores.stride,
      dqueries.at + down,
      dqueries.stride,
      dkeys.at + down,
      dkeys.stride,
      score.v.at + this.#gradientOffset,
    );
  }

  // Gives what is multiplied by the values: the weights, or their copy in which dropout has zeroed some.
  #drop(pass: Pass, block: number, head: number, from: Matrix, to: Matrix | undefined): Matrix {
    const { dropout } = this.#options;
    if (!dropout || !to || !pass.training || pass.dropout === 0) return from;
    const item = this.#share.offset + (block - head) / this.#options.heads;
    const { seed, stream } = dropout;
    pass.core.kernels.f32_dropout(
      pass.steps,
      1,
      item,
      from.panels,
      from.at,
      from.stride,
      to.at,
      to.stride,
      pass.dropout,
      seed,
      pass.update,
      stream + head,
    );
    return to;
  }

  #edit(core: Core, b: number, h: number, from: number, count: number, keySteps: number, weights: Matrix): void {
    const { change } = this;
    if (!change?.edit) return;
    const row = new Float32Array(keySteps);
    for (let t = 0; t < count; t++) {
      const place = (s: number) => (weights.at + (s >> 3) * weights.stride + t * ROW_BYTES) / 4 + (s & 7);
      row.forEach((_, s) => (row[s] = core.f32[place(s)] ?? NaN));
      if (change.edit(h, this.#share.offset + b, from + t, row))
        row.forEach((weight, s) => (core.f32[place(s)] = weight));
    }
  }

  #show(kernels: Kernels, b: number, h: number, keySteps: number, from: number, count: number, weights: Matrix): void {
    const shown = this.#published[h];
    if (!shown) return;
    const { batch } = this.#share;
    moveRows(kernels, count, keysOf(this.#scores, keySteps), 0, 1, shown.scores, from * batch + b, batch);
    moveRows(kernels, count, keysOf(weights, keySteps), 0, 1, shown.weights, from * batch + b, batch);
  }

  #showGradients(kernels: Kernels, b: number, h: number, keySteps: number, steps: number): void {
    const shown = this.#published[h];
    if (!shown) return;
    const { batch } = this.#share;
    moveRows(kernels, steps, keysOf(this.#dweights, keySteps), 0, 1, shown.dweights, b, batch);
    moveRows(kernels, steps, keysOf(this.#dscores, keySteps), 0, 1, shown.dscores, b, batch);
  }

  #length({ i32 }: Core, b: number, keySteps: number): number {
    const { lengths } = this.#options;
    return lengths === 0 ? keySteps : Math.min(keySteps, i32[lengths / 4 + b] ?? 0);
  }

  #part(matrix: Matrix, head: number): Matrix {
    return this.#options.heads === 1 ? matrix : segmentsOf(matrix, head, 1);
  }

  #publish({ traces }: Plan): void {
    const { name, heads, queries, keys, values, dqueries, dkeys, dvalues, source } = this.#options;
    for (let h = 0; h < heads; h++) {
      const add = (what: string, matrix: Matrix, ofSource: boolean) => {
        traces.push({
          name: `${name}.h${h}.${what}`,
          matrix,
          time: true,
          skip: 0,
          source: ofSource ? source.keys : source.queries,
        });
      };
      add('queries', this.#part(queries, h), false);
      add('queries.gradient', this.#part(dqueries, h), false);
      add('keys', this.#part(keys, h), true);
      add('keys.gradient', this.#part(dkeys, h), true);
      add('values', this.#part(values, h), true);
      add('values.gradient', this.#part(dvalues, h), true);
      add('context', this.#part(this.context, h), false);
      add('context.gradient', this.#part(this.dcontext, h), false);
      const shown = this.#published[h];
      if (!shown) continue;
      add('scores', shown.scores, false);
      add('scores.gradient', shown.dscores, false);
      add('weights', shown.weights, false);
      add('weights.gradient', shown.dweights, false);
    }
  }
}

/** Matrices [T, S] that lie one after the other. */
class Blocks {
  readonly #list: readonly Matrix[];

  constructor({ activations }: Plan, count: number, steps: number, keySteps: number) {
    this.#list = Array.from({ length: count }, () => activations.matrix(steps, [keySteps]));
  }

  at(index: number): Matrix {
    const block = this.#list[index];
    if (!block) throw new RangeError(`There is no block ${index}.`);
    return block;
  }
}

/** The columns of the first keys, in whole panels. */
function keysOf(matrix: Matrix, keySteps: number): Matrix {
  return { ...matrix, segments: [keySteps], panels: panelsOf(keySteps) };
}
