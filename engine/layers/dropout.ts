/**
 * Dropout (Srivastava et al. 2014): in training each element is zero with the pass's probability, the others grow by
 * 1 / (1 - rate); otherwise y = x. The mask is a function of seed, update, stream and the element's place in the batch.
 */
import type { Matrix } from '../core/arena.ts';
import { copySpan } from './steps.ts';
import type { Pass, Plan, Share } from '../team/network.ts';

export interface DropoutOptions {
  /** [steps * batch, C], or [batch, C] where `time` is false. */
  readonly x: Matrix;
  /** The gradient of x; the gradient of y is turned into it in place. */
  readonly dx: Matrix;
  readonly time: boolean;
  readonly seed: number;
  /** Tells the network's dropouts apart. */
  readonly stream: number;
}

export class Dropout {
  readonly y: Matrix;
  /** The gradient of y, to be filled before `backward`; it shares its place with dx. */
  readonly dy: Matrix;
  readonly #options: DropoutOptions;
  readonly #share: Share;

  constructor(plan: Plan, options: DropoutOptions) {
    this.#options = options;
    this.#share = plan.share;
    this.y = plan.activations.matrix(options.x.rows, options.x.segments);
    this.dy = options.dx;
  }

  /** Steps `from` to the last; in training all of them. */
  forward(pass: Pass, from = 0): void {
    const { x } = this.#options;
    if (pass.training && pass.dropout > 0) {
      this.#drop(pass, x, this.y);
    } else {
      const rows = this.#share.batch * (this.#options.time ? pass.steps - from : 1);
      copySpan(pass.core.kernels, rows, from * this.#share.batch, x, this.y);
    }
  }

  backward(pass: Pass): void {
    if (pass.training && pass.dropout > 0) this.#drop(pass, this.dy, this.dy);
  }

  #drop({ core, steps, update, dropout }: Pass, from: Matrix, to: Matrix): void {
    const { time, seed, stream } = this.#options;
    const { batch, offset } = this.#share;
    core.kernels.f32_dropout(
      time ? steps : 1,
      batch,
      offset,
      from.panels,
      from.at,
      from.stride,
      to.at,
      to.stride,
      dropout,
      seed,
      update,
      stream,
    );
  }
}
