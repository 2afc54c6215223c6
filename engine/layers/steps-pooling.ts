/** A sequence of rows becomes one vector: its last step, or the mean or maximum over its steps. */
import { ROW_BYTES, type Matrix } from '../core/arena.ts';
import type { Pass, Plan } from '../team/network.ts';
import { fillMatrix } from './steps.ts';

export interface StepsPoolingOptions {
  readonly mode: 'last' | 'mean' | 'max';
  /** [T * B, C] */
  readonly x: Matrix;
  /** Where its gradient is written. */
  readonly dx: Matrix;
  /** Address of int32 lengths; 0: none. */
  readonly lengths: number;
}

export class StepsPooling {
  /** [batch, C] */
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`. */
  readonly dy: Matrix;
  readonly #options: StepsPoolingOptions;
  readonly #batch: number;
  /** int32, laid out as y: the step of each maximum. */
  readonly #argmax: number;

  constructor(plan: Plan, options: StepsPoolingOptions) {
    const { x, mode } = options;
    this.#options = options;
    this.#batch = plan.share.batch;
    this.y = plan.activations.matrix(this.#batch, x.segments);
    this.dy = plan.activations.matrix(this.#batch, x.segments);
    this.#argmax = mode === 'max' ? plan.activations.take(this.y.panels * this.y.stride) : 0;
  }

  forward(pass: Pass): void {
    const { kernels } = pass.core;
    const { mode, x, lengths } = this.#options;
    const { y } = this;
    if (mode === 'mean') {
      kernels.f32_mean_steps(pass.steps, this.#batch, x.panels, x.at, x.stride, lengths, y.at, y.stride);
    } else if (mode === 'max') {
      kernels.f32_max_steps(pass.steps, this.#batch, x.panels, x.at, x.stride, lengths, y.at, y.stride, this.#argmax);
    } else {
      fillMatrix(kernels, y, 0);
      this.#eachLast(pass, (item, row) => {
        kernels.f32_copy_rows(1, x.panels, x.at + row * ROW_BYTES, x.stride, y.at + item * ROW_BYTES, y.stride);
      });
    }
  }

  backward(pass: Pass): void {
    const { kernels } = pass.core;
    const { mode, dx, lengths } = this.#options;
    const { dy } = this;
    if (mode === 'mean') {
      kernels.f32_mean_steps_backward(pass.steps, this.#batch, dx.panels, dy.at, dy.stride, lengths, dx.at, dx.stride);
    } else if (mode === 'max') {
      const argmax = this.#argmax;
      kernels.f32_max_steps_backward(pass.steps, this.#batch, dx.panels, dy.at, dy.stride, argmax, dx.at, dx.stride);
    } else {
      fillMatrix(kernels, dx, 0);
      this.#eachLast(pass, (item, row) => {
        kernels.f32_copy_rows(1, dx.panels, dy.at + item * ROW_BYTES, dy.stride, dx.at + row * ROW_BYTES, dx.stride);
      });
    }
  }

  // Items without steps have no last one.
  #eachLast({ core, steps }: Pass, visit: (item: number, row: number) => void): void {
    const { lengths } = this.#options;
    for (let item = 0; item < this.#batch; item++) {
      const length = lengths === 0 ? steps : (core.i32[lengths / 4 + item] ?? 0);
      if (length > 0) visit(item, (length - 1) * this.#batch + item);
    }
  }
}
