/** When a run looks at its own health: at some updates, and never for more than a small part of its time. */
import { isMilestone } from './thinning.ts';

/** Looks of a whole run, beside those at milestones. */
const LOOKS = 200;
/** Part of the time of training that looking may take, the first look aside. */
const SHARE = 0.01;

export class HealthPace {
  readonly #every: number;
  readonly #share: number;
  #spent = 0;
  #due = true;

  constructor(totalUpdates: number, share = SHARE) {
    this.#every = Math.max(1, Math.ceil(totalUpdates / LOOKS));
    this.#share = share;
  }

  /** Whether to look at this update, before which `worked` seconds were spent on training. */
  wants(update: number, worked: number): boolean {
    // What was due and could not be afforded is made up for as soon as it can.
    this.#due ||= update % this.#every === 0 || isMilestone(update);
    return this.#due && this.#spent <= this.#share * worked;
  }

  looked(seconds: number): void {
    this.#due = false;
    this.#spent += Math.max(0, seconds);
  }
}
