import { DivergenceError } from '../errors.ts';
import { LARGEST_GRADIENT_NORM } from '../team/replica.ts';

/** The loss counts as exploded where it exceeds this many times the first positive one ... */
const LOSS_GROWTH = 1000;
/** ... for this many updates in a row: one batch may hold an outlier. */
const UPDATES_IN_A_ROW = 10;

/** What a resumed run needs of the updates so far. */
export interface DivergenceState {
  /** The first positive loss; null before it. */
  readonly firstLoss: number | null;
  /** Updates in a row with an exploded loss. */
  readonly exploded: number;
}

/** Watches loss and gradient norm (before clipping) of every update. */
export class DivergenceDetector {
  readonly #clipNorm: number;
  #firstLoss: number | null;
  #exploded: number;

  /** clipNorm: 0 where gradients are not clipped. `state`: that of the run to resume. */
  constructor(clipNorm: number, state: DivergenceState = { firstLoss: null, exploded: 0 }) {
    this.#clipNorm = clipNorm;
    this.#firstLoss = state.firstLoss;
    this.#exploded = state.exploded;
  }

  get state(): DivergenceState {
    return { firstLoss: this.#firstLoss, exploded: this.#exploded };
  }

  /** Throws DivergenceError where training has left the range in which it can go on. */
  check(update: number, loss: number, gradientNorm: number, learningRate: number): void {
    if (!Number.isFinite(loss)) {
      this.#fail(update, `the loss became ${named(loss)}`, learningRate);
    }
    if (!Number.isFinite(gradientNorm)) {
      this.#fail(update, `the gradient's norm became ${named(gradientNorm)}`, learningRate);
    }
    if (this.#clipNorm === 0 && gradientNorm > LARGEST_GRADIENT_NORM) {
      this.#fail(update, `the gradient's norm exploded to ${gradientNorm.toExponential(1)}`, learningRate);
    }
    if (this.#firstLoss === null) {
      this.#firstLoss = loss > 0 ? loss : null;
      return;
    }
    this.#exploded = loss > LOSS_GROWTH * this.#firstLoss ? this.#exploded + 1 : 0;
    if (this.#exploded >= UPDATES_IN_A_ROW) {
      this.#fail(
        update,
        `the loss has been over ${LOSS_GROWTH} times the first one's ${this.#firstLoss.toPrecision(3)} ` +
          `for ${UPDATES_IN_A_ROW} updates, now ${loss.toExponential(1)}`,
        learningRate,
      );
    }
  }

  #fail(update: number, what: string, learningRate: number): never {
    const clipping =
      this.#clipNorm === 0
        ? 'clip the gradient (clipNorm 1)'
        : `clip the gradient more (clipNorm below ${this.#clipNorm})`;
    throw new DivergenceError(
      `training diverged at update ${update}: ${what}`,
      `try a smaller learning rate (${Number((learningRate / 10).toPrecision(2))} instead of ` +
        `${Number(learningRate.toPrecision(3))}), or ${clipping}`,
    );
  }
}

function named(value: number): string {
  return Number.isNaN(value) ? 'not a number (NaN)' : 'infinite';
}
