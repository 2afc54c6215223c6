/** When a run looks at its own health: at some updates, and never for more than a small part of its time. */
import { isMilestone } from './thinning.ts';

/** Looks of a whole run, beside those at milestones. */
const LOOKS = 200;
/** Part of the time of training that looking may take, the first look aside: it takes many times as long, before its code is compiled. */
const SHARE = 0.01;
/** Seconds that it may take beside, spread over the run: of one that is over in seconds a hundredth shows nothing. */
const ALLOWANCE = 0.25;

export class HealthPace {
  readonly #totalUpdates: number;
  readonly #every: number;
  readonly #share: number;
  /** Seconds, since the first look. */
  #spent: number | undefined;
  #due = true;

  constructor(totalUpdates: number, share = SHARE) {
    this.#totalUpdates = totalUpdates;
    this.#every = Math.max(1, Math.ceil(totalUpdates / LOOKS));
    this.#share = share;
  }

  /** Whether to look at this update, before which `worked` seconds were spent on training. */
  wants(update: number, worked: number): boolean {
    // What was due and could not be afforded is made up for as soon as it can.
    this.#due ||= update % this.#every === 0 || isMilestone(update);
    const affordable = this.#share * worked + (ALLOWANCE * update) / this.#totalUpdates;
    return this.#due && (this.#spent ?? 0) <= affordable;
  }

  looked(seconds: number): void {
    this.#due = false;
    this.#spent = this.#spent === undefined ? 0 : this.#spent + Math.max(0, seconds);
  }
}
