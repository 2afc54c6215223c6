/** Layer normalisation of every row (Ba, Kiros & Hinton 2016); PyTorch's LayerNorm. */
import { ROW_BYTES, type Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { Plan } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';

export interface LayerNormOptions {
  readonly name: string;
  /** [rows, C], in one segment. */
  readonly x: Matrix;
  /** Where the gradient of x is written. */
  readonly dx: Matrix;
  readonly eps?: number;
}

export class LayerNorm {
  readonly weight: Parameter;
  readonly bias: Parameter;
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`. */
  readonly dy: Matrix;
  readonly #x: Matrix;
  readonly #dx: Matrix;
  readonly #size: number;
  readonly #eps: number;
  /** [rows, 2]: mean and 1 / sqrt(variance + eps). */
  readonly #stats: number;
  readonly #gradientOffset: number;

  constructor(plan: Plan, { name, x, dx, eps = 1e-5 }: LayerNormOptions) {
    const [size] = x.segments;
    if (size === undefined || x.segments.length > 1) throw new Error('LayerNorm takes rows of one segment.');
    const prefix = name === '' ? '' : `${name}.`;
    this.weight = plan.parameters.vector(`${prefix}weight`, [size], { kind: 'constant', value: 1 });
    this.bias = plan.parameters.vector(`${prefix}bias`, [size], { kind: 'constant', value: 0 });
    this.y = plan.activations.matrix(x.rows, x.segments);
    this.dy = plan.activations.matrix(x.rows, x.segments);
    this.#x = x;
    this.#dx = dx;
    this.#size = size;
    this.#eps = eps;
    this.#stats = plan.activations.floats(x.rows * 2);
    this.#gradientOffset = plan.gradientOffset;
  }

  /** Rows [from, from + rows). */
  forward({ kernels }: Core, rows: number, from = 0): void {
    const x = this.#x;
    const { y } = this;
    kernels.f32_layer_norm(
      rows,
      this.#size,
      x.at + from * ROW_BYTES,
      x.stride,
      this.weight.at,
      this.bias.at,
      this.#eps,
      y.at + from * ROW_BYTES,
      y.stride,
      this.#stats + from * 8,
    );
  }

  backward({ kernels }: Core, rows: number): void {
    const x = this.#x;
    const dx = this.#dx;
    const { dy } = this;
    kernels.f32_layer_norm_backward(
      rows,
      this.#size,
      x.at,
      x.stride,
      this.weight.at,
      this.#stats,
      dy.at,
      dy.stride,
      dx.at,
      dx.stride,
      this.weight.at + this.#gradientOffset,
      this.bias.at + this.#gradientOffset,
    );
  }
}
