/** A sequence becomes one vector: the last state of each direction, or the mean or maximum over its steps. */
import { segmentsOf, type Matrix } from '../core/arena.ts';
import type { Pass, Plan } from '../team/network.ts';
import { copyRows } from './direction.ts';
import type { Recurrent } from './recurrent.ts';

export interface PoolingOptions {
  readonly mode: 'last' | 'mean' | 'max';
  readonly recurrent: Recurrent;
  /** Address of int32 lengths; 0: none. */
  readonly lengths: number;
}

export class SequencePooling {
  /** [batch, directions * H] */
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`. */
  readonly dy: Matrix;
  readonly #options: PoolingOptions;
  readonly #batch: number;
  /** int32, laid out as y: the step of each maximum. */
  readonly #argmax: number;

  constructor(plan: Plan, options: PoolingOptions) {
    const { recurrent, mode } = options;
    const { segments } = recurrent.y;
    this.#options = options;
    this.#batch = plan.share.batch;
    this.y = plan.activations.matrix(this.#batch, segments);
    this.dy = plan.activations.matrix(this.#batch, segments);
    this.#argmax = mode === 'max' ? plan.activations.take(this.y.panels * this.y.stride) : 0;
    if (mode === 'last') {
      // The gradient of the last state is this one's own; that of the outputs stays the zero that it was planned as.
      recurrent.layers.at(-1)?.directions.forEach((direction, index) => {
        direction.finalGradient = { h: segmentsOf(this.dy, index, 1), c: undefined };
      });
    }
  }

  forward({ core, steps }: Pass): void {
    const { kernels } = core;
    const { mode, recurrent, lengths } = this.#options;
    const x = recurrent.y;
    const { y } = this;
    if (mode === 'last') {
      recurrent.layers.at(-1)?.directions.forEach((direction, index) => {
        copyRows(kernels, this.#batch, direction.final(steps).h, segmentsOf(y, index, 1));
      });
    } else if (mode === 'mean') {
      kernels.f32_mean_steps(steps, this.#batch, x.panels, x.at, x.stride, lengths, y.at, y.stride);
    } else {
      kernels.f32_max_steps(steps, this.#batch, x.panels, x.at, x.stride, lengths, y.at, y.stride, this.#argmax);
    }
  }

  backward({ core, steps }: Pass): void {
    const { kernels } = core;
    const { mode, recurrent, lengths } = this.#options;
    const dx = recurrent.dy;
    const { dy } = this;
    if (mode === 'mean') {
      kernels.f32_mean_steps_backward(steps, this.#batch, dx.panels, dy.at, dy.stride, lengths, dx.at, dx.stride);
    } else if (mode === 'max') {
      kernels.f32_max_steps_backward(steps, this.#batch, dx.panels, dy.at, dy.stride, this.#argmax, dx.at, dx.stride);
    }
  }
}
