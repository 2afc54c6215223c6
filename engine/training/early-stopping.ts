import type { EarlyStoppingSettings } from '../experiment/experiment.ts';

/** What a resumed run needs of the evaluations so far. */
export interface EarlyStoppingState {
  /** The best value and the update after which it was reached; null before the first finite one. */
  readonly best: { readonly value: number; readonly update: number } | null;
  /** The value that the next must beat by minDelta to count as an improvement. */
  readonly reference: number | null;
  /** Evaluations in a row without such an improvement. */
  readonly waited: number;
}

const START: EarlyStoppingState = { best: null, reference: null, waited: 0 };

/** Follows the deciding metric from evaluation to evaluation: which was the best, and whether to go on (Prechelt 1998). */
export class EarlyStopping {
  readonly #settings: EarlyStoppingSettings | null;
  readonly #better: 'lower' | 'higher';
  #state: EarlyStoppingState;

  /** settings null: never stop. `state`: that of the run to resume. */
  constructor(settings: EarlyStoppingSettings | null, better: 'lower' | 'higher', state: EarlyStoppingState = START) {
    this.#settings = settings;
    this.#better = better;
    this.#state = state;
  }

  get state(): EarlyStoppingState {
    return this.#state;
  }

  /** Patience is at its end. */
  get exhausted(): boolean {
    return this.#settings !== null && this.#state.waited >= this.#settings.patience;
  }

  /** Takes the metric after `update`. `best`: better than all before; `stop`: patience is at its end. */
  observe(update: number, value: number): { readonly best: boolean; readonly stop: boolean } {
    const { best, reference, waited } = this.#state;
    const isBest = this.#gain(best?.value ?? null, value) > 0;
    const improved = this.#gain(reference, value) > (this.#settings?.minDelta ?? 0);
    this.#state = {
      best: isBest ? { value, update } : best,
      reference: improved ? value : reference,
      waited: improved ? 0 : waited + 1,
    };
    return { best: isBest, stop: this.exhausted };
  }

  /** How much better `value` is; a value that is not finite gains nothing. */
  #gain(before: number | null, value: number): number {
    if (!Number.isFinite(value)) {
      return -Infinity;
    }
    if (before === null) {
      return Infinity;
    }
    return this.#better === 'lower' ? before - value : value - before;
  }
}
