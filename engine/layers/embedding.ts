/** y[r] = weight[ids[r]]; PyTorch's Embedding. Rows with an id below zero get zeros and teach nothing. */
import { rowsOf, type Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Plan } from '../team/network.ts';
import type { Initial, Parameter } from '../team/parameters.ts';

export interface EmbeddingOptions {
  readonly name: string;
  /** Address of int32 ids, one a row. */
  readonly ids: number;
  readonly rows: number;
  /** V, the number of ids. */
  readonly count: number;
  /** E. */
  readonly size: number;
  /** Default: normal with deviation 1, PyTorch's. */
  readonly initial?: Initial;
}

export class Embedding {
  readonly weight: Parameter;
  /** [rows, E] */
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`. */
  readonly dy: Matrix;
  readonly #ids: number;
  readonly #gradientOffset: number;

  constructor(plan: Plan, { name, ids, rows, count, size, initial }: EmbeddingOptions) {
    const prefix = name === '' ? '' : `${name}.`;
    const usual: Initial = { kind: 'normal', deviation: 1 };
    this.weight = plan.parameters.table(`${prefix}weight`, count, [size], initial ?? usual);
    this.y = plan.activations.matrix(rows, [size]);
    this.dy = plan.activations.matrix(rows, [size]);
    this.#ids = ids;
    this.#gradientOffset = plan.gradientOffset;
  }

  /** Rows [from, from + rows). */
  forward({ kernels }: Core, rows: number, from = 0): void {
    const { matrix } = this.weight;
    const y = rowsOf(this.y, from, rows);
    kernels.f32_gather_rows(rows, y.panels, this.#ids + from * 4, matrix.at, matrix.stride, 0, y.at, y.stride);
  }

  backward({ kernels }: Core, rows: number): void {
    const { matrix } = this.weight;
    const { dy } = this;
    const table = matrix.at + this.#gradientOffset;
    kernels.f32_scatter_add_rows(rows, dy.panels, this.#ids, dy.at, dy.stride, table, matrix.stride);
  }
}
