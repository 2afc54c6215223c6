/**
 * Symbols as vectors with their positions added, dropout behind: the first layer of a transformer. Positions are sines and
 * cosines of growing wavelengths (Vaswani et al. 2017) or learned.
 *
 * Parameters: embedding.weight, positions.weight where learned.
 */
import { ROW_BYTES, type Matrix } from '../core/arena.ts';
import type { Pass, Plan } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';
import { Dropout } from './dropout.ts';
import { Embedding } from './embedding.ts';

export interface TokenEmbeddingOptions {
  /** Before the parameters' names: '' or 'source_'. */
  readonly prefix: string;
  /** Address of int32 ids, [T * B]. */
  readonly ids: number;
  /** V. */
  readonly count: number;
  /** D. */
  readonly size: number;
  readonly steps: number;
  readonly positions: 'sinusoidal' | 'learned';
  /** P, of learned positions. */
  readonly maxPositions: number;
  readonly dropout?: { readonly seed: number; readonly stream: number } | undefined;
}

export class TokenEmbedding {
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`. */
  readonly dy: Matrix;
  /** [P, D] */
  readonly positions: Matrix;
  readonly #embedding: Embedding;
  readonly #learned: Parameter | undefined;
  readonly #dropout: Dropout | undefined;
  readonly #batch: number;
  readonly #gradientOffset: number;

  constructor(plan: Plan, options: TokenEmbeddingOptions) {
    const { prefix, ids, count, size, steps, positions, maxPositions, dropout } = options;
    const rows = steps * plan.share.batch;
    this.#batch = plan.share.batch;
    this.#gradientOffset = plan.gradientOffset;
    this.#embedding = new Embedding(plan, { name: `${prefix}embedding`, ids, rows, count, size });
    if (positions === 'learned') {
      const initial = { kind: 'normal', deviation: 0.1 } as const;
      this.#learned = plan.parameters.table(`${prefix}positions.weight`, maxPositions, [size], initial);
      this.positions = this.#learned.matrix;
    } else {
      this.#learned = undefined;
      this.positions = planSinusoids(plan, steps, size);
    }
    const { y, dy } = this.#embedding;
    this.#dropout = dropout ? new Dropout(plan, { x: y, dx: dy, time: true, ...dropout }) : undefined;
    this.y = this.#dropout?.y ?? y;
    this.dy = dy;
  }

  /** Steps `from` to `pass.steps`. */
  forward(pass: Pass, from = 0): void {
    const { core, steps } = pass;
    const { y } = this.#embedding;
    const first = from * this.#batch;
    this.#embedding.forward(core, (steps - from) * this.#batch, first);
    core.kernels.f32_add_steps(
      steps - from,
      this.#batch,
      y.panels,
      this.positions.at + from * ROW_BYTES,
      this.positions.stride,
      y.at + first * ROW_BYTES,
      y.stride,
    );
    this.#dropout?.forward(pass, from);
  }

  backward(pass: Pass): void {
    const { core, steps } = pass;
    this.#dropout?.backward(pass);
    if (this.#learned) {
      const { dy } = this;
      const { at, stride } = this.#learned.matrix;
      const table = at + this.#gradientOffset;
      core.kernels.f32_sum_steps(steps, this.#batch, dy.panels, dy.at, dy.stride, table, stride);
    }
    this.#embedding.backward(core, steps * this.#batch);
  }
}

/** Dimension 2 i of step t is sin(t / 10000^(2 i / D)), 2 i + 1 its cosine. */
export function sinusoid(step: number, column: number, size: number): number {
  const angle = step / 10000 ** ((column - (column % 2)) / size);
  return column % 2 === 0 ? Math.sin(angle) : Math.cos(angle);
}

// Filled with the first refresh: they never change.
function planSinusoids(plan: Plan, steps: number, size: number): Matrix {
  const table = plan.derived.matrix(steps, [size]);
  let filled = false;
  plan.refresh.push(({ f32 }) => {
    if (filled) return;
    filled = true;
    for (let t = 0; t < steps; t++) {
      for (let c = 0; c < size; c++) {
        f32[(table.at + (c >> 3) * table.stride + t * ROW_BYTES) / 4 + (c & 7)] = sinusoid(t, c, size);
      }
    }
  });
  return table;
}
