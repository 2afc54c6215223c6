import type { Frames } from './frames.ts';

/** What a pace is kept by. */
export interface Clock {
  /** Milliseconds. */
  now(): number;
  /** Calls back after so many milliseconds; returns what calls it off. */
  later(callback: () => void, milliseconds: number): () => void;
}

export const SYSTEM_CLOCK: Clock = {
  now: () => performance.now(),
  later(callback, milliseconds) {
    const timer = setTimeout(callback, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** Milliseconds between two drawings. */
export const SHORTEST = 250;
export const LONGEST = 2000;
/** How many times as long as a drawing took nothing is drawn after it. */
export const REST = 40;

/**
 * When what training runs tell is drawn: all of it together, and as often as its drawing allows, since the cores are the
 * runs'. What a person does is not for this: it is shown at once.
 */
export class Pace {
  readonly #frames: Frames;
  readonly #clock: Clock;
  readonly #due = new Map<object, () => void>();
  #last = -Infinity;
  /** What frames had taken before the last drawing. */
  #spent = 0;
  #waiting = false;

  constructor(frames: Frames, clock: Clock = SYSTEM_CLOCK) {
    this.#frames = frames;
    this.#clock = clock;
  }

  /** Does `work` in a frame of the next drawing, instead of what waits for the same `owner`. */
  ask(owner: object, work: () => void): void {
    this.#due.set(owner, work);
    if (this.#waiting) return;
    const cost = this.#frames.spent - this.#spent;
    const wait = this.#last + Math.max(SHORTEST, Math.min(LONGEST, REST * cost)) - this.#clock.now();
    if (wait <= 0) {
      this.#draw();
      return;
    }
    this.#waiting = true;
    this.#clock.later(() => {
      this.#waiting = false;
      if (this.#due.size > 0) this.#draw();
    }, wait);
  }

  /** Does it in the next frame. */
  now(owner: object, work: () => void): void {
    this.#due.delete(owner);
    this.#frames.schedule(owner, work);
  }

  /** What waits for `owner` is not done. */
  cancel(owner: object): void {
    this.#due.delete(owner);
    this.#frames.cancel(owner);
  }

  #draw(): void {
    this.#last = this.#clock.now();
    this.#spent = this.#frames.spent;
    const due = [...this.#due];
    this.#due.clear();
    for (const [owner, work] of due) this.#frames.schedule(owner, work);
  }
}
