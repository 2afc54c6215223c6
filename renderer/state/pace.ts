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

/** Lets work be done at once, but not more often than every so many milliseconds; what comes too soon is done then. */
export class Pace {
  readonly #interval: number;
  readonly #clock: Clock;
  #last = -Infinity;
  #callOff: (() => void) | undefined;

  constructor(interval: number, clock: Clock = SYSTEM_CLOCK) {
    this.#interval = interval;
    this.#clock = clock;
  }

  /** Of what is asked for before its time only the first is done: it is to do whatever is due then. */
  ask(work: () => void): void {
    if (this.#callOff) return;
    const wait = this.#last + this.#interval - this.#clock.now();
    if (wait > 0) {
      this.#callOff = this.#clock.later(() => this.#do(work), wait);
    } else {
      this.#do(work);
    }
  }

  /** What waits is not done. */
  cancel(): void {
    this.#callOff?.();
    this.#callOff = undefined;
  }

  #do(work: () => void): void {
    this.#callOff = undefined;
    this.#last = this.#clock.now();
    work();
  }
}
