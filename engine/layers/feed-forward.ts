/** y = W2 f(W1 x + b1) + b2; PyTorch's linear1 and linear2 of a transformer layer. */
import type { Matrix } from '../core/arena.ts';
import type { Kernels } from '../core/kernels.ts';
import type { Pass, Plan } from '../team/network.ts';
import { Linear } from './linear.ts';
import { eachPanel } from './steps.ts';

export interface FeedForwardOptions {
  /** Of the module: 'encoder.layers.0.'. */
  readonly prefix: string;
  readonly x: Matrix;
  readonly dx: Matrix;
  /** F. */
  readonly size: number;
  readonly activation: 'relu' | 'gelu';
}

export class FeedForward {
  /** f(W1 x + b1). */
  readonly hidden: Matrix;
  readonly #dhidden: Matrix;
  readonly #activation: 'relu' | 'gelu';
  readonly #first: Linear;
  readonly #second: Linear;
  readonly #batch: number;

  constructor(plan: Plan, { prefix, x, dx, size, activation }: FeedForwardOptions) {
    const [outputs = 0] = x.segments;
    this.#activation = activation;
    this.#batch = plan.share.batch;
    this.#first = new Linear(plan, { name: `${prefix}linear1`, x, outputs: size, dx });
    this.hidden = plan.activations.matrix(x.rows, [size]);
    this.#dhidden = this.#first.dy;
    this.#second = new Linear(plan, { name: `${prefix}linear2`, x: this.hidden, outputs, dx: this.#dhidden });
  }

  get y(): Matrix {
    return this.#second.y;
  }

  get dy(): Matrix {
    return this.#second.dy;
  }

  forward({ core, steps }: Pass, from = 0): void {
    const rows = (steps - from) * this.#batch;
    const first = from * this.#batch;
    this.#first.forward(core, rows, first);
    eachPanel(rows, first, [this.#first.y, this.hidden], (floats, x = 0, y = 0) => {
      activate(core.kernels, this.#activation, floats, x, y);
    });
    this.#second.forward(core, rows, first);
  }

  backward({ core, steps }: Pass): void {
    const rows = steps * this.#batch;
    const { kernels } = core;
    this.#second.backward(core, rows);
    eachPanel(rows, 0, [this.#first.y, this.hidden, this.#dhidden], (floats, x = 0, y = 0, dx = 0) => {
      if (this.#activation === 'gelu') kernels.f32_gelu_backward(floats, x, dx, dx);
      else kernels.f32_relu_backward(floats, y, dx, dx);
    });
    this.#first.backward(core, rows);
  }
}

function activate(kernels: Kernels, activation: 'relu' | 'gelu', floats: number, x: number, y: number): void {
  if (activation === 'gelu') kernels.f32_gelu(floats, x, y);
  else kernels.f32_relu(floats, x, y);
}
