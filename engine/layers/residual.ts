/**
 * A sublayer with its residual sum and layer normalisation: y = x + f(norm(x)) (pre) or y = norm(x + f(x)) (post); dropout
 * on what f gives.
 */
import type { Matrix } from '../core/arena.ts';
import type { Pass, Plan } from '../team/network.ts';
import { Dropout } from './dropout.ts';
import { LayerNorm } from './layer-norm.ts';
import { addRows, copySpan } from './steps.ts';

/** What is inside: reads x, writes y; reads dy, writes dx. */
export interface Sublayer {
  readonly y: Matrix;
  readonly dy: Matrix;
  forward(pass: Pass, from?: number): void;
  backward(pass: Pass): void;
}

export interface ResidualOptions<S extends Sublayer> {
  /** Of the normalisation, as 'norm1' with its module's name before. */
  readonly name: string;
  readonly norm: 'pre' | 'post';
  readonly x: Matrix;
  readonly dx: Matrix;
  readonly sublayer: (x: Matrix, dx: Matrix) => S;
  readonly dropout?: { readonly seed: number; readonly stream: number } | undefined;
}

export class Residual<S extends Sublayer> {
  readonly sublayer: S;
  readonly y: Matrix;
  readonly dy: Matrix;
  readonly #options: ResidualOptions<S>;
  readonly #norm: LayerNorm;
  readonly #dropout: Dropout | undefined;
  /** x + f, before a normalisation that follows. */
  readonly #sum: Matrix;
  readonly #dsum: Matrix;
  readonly #batch: number;

  constructor(plan: Plan, options: ResidualOptions<S>) {
    const { name, norm, x, dx, sublayer, dropout } = options;
    const { activations } = plan;
    const like = () => activations.matrix(x.rows, x.segments);
    this.#options = options;
    this.#batch = plan.share.batch;
    this.#sum = like();
    this.#dsum = like();
    if (norm === 'pre') {
      this.#norm = new LayerNorm(plan, { name, x, dx });
      this.sublayer = sublayer(this.#norm.y, this.#norm.dy);
    } else {
      this.sublayer = sublayer(x, dx);
      this.#norm = new LayerNorm(plan, { name, x: this.#sum, dx: this.#dsum });
    }
    const { y, dy } = this.sublayer;
    this.#dropout = dropout ? new Dropout(plan, { x: y, dx: dy, time: true, ...dropout }) : undefined;
    this.y = norm === 'pre' ? this.#sum : this.#norm.y;
    this.dy = norm === 'pre' ? this.#dsum : this.#norm.dy;
  }

  forward(pass: Pass, from = 0): void {
    const { core, steps } = pass;
    const { norm, x } = this.#options;
    const rows = (steps - from) * this.#batch;
    const first = from * this.#batch;
    if (norm === 'pre') this.#norm.forward(core, rows, first);
    this.sublayer.forward(pass, from);
    this.#dropout?.forward(pass, from);
    copySpan(core.kernels, rows, first, x, this.#sum);
    addRows(core.kernels, rows, first, this.#dropout?.y ?? this.sublayer.y, this.#sum);
    if (norm === 'post') this.#norm.forward(core, rows, first);
  }

  backward(pass: Pass): void {
    const { core, steps } = pass;
    const rows = steps * this.#batch;
    if (this.#options.norm === 'post') this.#norm.backward(core, rows);
    copySpan(core.kernels, rows, 0, this.#dsum, this.sublayer.dy);
    this.#dropout?.backward(pass);
    this.sublayer.backward(pass);
    if (this.#options.norm === 'pre') this.#norm.backward(core, rows);
    addRows(core.kernels, rows, 0, this.#dsum, this.#options.dx);
  }
}
