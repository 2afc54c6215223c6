/** y = x W^T + b for every row; PyTorch's Linear. */
import { rowsOf, type Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Plan } from '../team/network.ts';
import type { Initial, Parameter } from '../team/parameters.ts';
import { addTransposedProduct, keepTransposed, multiply } from './products.ts';

export interface LinearOptions {
  /** Of the module; parameters are `name.weight` and `name.bias`. Empty: 'weight' and 'bias'. */
  readonly name: string;
  /** [rows, K], K in segments. */
  readonly x: Matrix;
  readonly outputs: number;
  /** Where the gradient of x is written; not computed where absent. */
  readonly dx?: Matrix | undefined;
  /** Default: uniform within 1 / sqrt(K), PyTorch's. */
  readonly initial?: Initial;
}

export class Linear {
  readonly weight: Parameter;
  readonly bias: Parameter;
  /** [rows, N] */
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`. */
  readonly dy: Matrix;
  readonly #x: Matrix;
  readonly #dx: Matrix | undefined;
  readonly #transposed: Matrix | undefined;
  readonly #gradientOffset: number;

  constructor(plan: Plan, { name, x, outputs, dx, initial }: LinearOptions) {
    const inputs = x.segments.reduce((sum, width) => sum + width, 0);
    const usual: Initial = { kind: 'uniform', bound: 1 / Math.sqrt(inputs) };
    const prefix = name === '' ? '' : `${name}.`;
    this.weight = plan.parameters.weight(`${prefix}weight`, [outputs], x.segments, initial ?? usual);
    this.bias = plan.parameters.vector(`${prefix}bias`, [outputs], usual);
    this.y = plan.activations.matrix(x.rows, [outputs]);
    this.dy = plan.activations.matrix(x.rows, [outputs]);
    this.#x = x;
    this.#dx = dx;
    this.#transposed = dx && keepTransposed(plan, this.weight);
    this.#gradientOffset = plan.gradientOffset;
  }

  /** Rows [from, from + rows). */
  forward({ kernels }: Core, rows: number, from = 0): void {
    const x = rowsOf(this.#x, from, rows);
    multiply(kernels, rows, x, this.weight.matrix, { row: this.bias.at }, rowsOf(this.y, from, rows));
  }

  /** Adds to the parameters' gradients and writes dx. */
  backward({ kernels }: Core, rows: number): void {
    const { dy } = this;
    addTransposedProduct(kernels, rows, this.#x, dy, this.weight.matrix, this.#gradientOffset);
    kernels.f32_sum_rows(rows, dy.panels, dy.at, dy.stride, this.bias.at + this.#gradientOffset);
    if (this.#transposed && this.#dx) multiply(kernels, rows, dy, this.#transposed, 'zero', this.#dx);
  }
}
