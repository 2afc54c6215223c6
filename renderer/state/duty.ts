/** How the page's own engine shares the cores with a run that trains: after work it rests many times as long. */
import { SYSTEM_CLOCK, type Clock } from './pace.ts';

/** How many times as long as it worked. */
export const REST = 50;
/** Milliseconds. */
export const LONGEST_REST = 15_000;
/** Milliseconds that what has been let begin has for beginning, before something else is let. */
const TURN = 250;

/** Counts the engine's work, and tells when what nobody waits for may begin. What a person asks for need not wait. */
export class Duty {
  readonly #clock: Clock;
  #inFlight = 0;
  #began = 0;
  #rested = -Infinity;
  #waiting = new Set<() => void>();

  constructor(clock: Clock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  /** Work that counts from now until it is settled. */
  async count<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inFlight++ === 0) this.#began = this.#clock.now();
    try {
      return await work();
    } finally {
      if (--this.#inFlight === 0) this.#end();
    }
  }

  /** Lets nothing begin for so many milliseconds. */
  rest(milliseconds: number): void {
    this.#rested = Math.max(this.#rested, this.#clock.now() + milliseconds);
  }

  /** Calls back at once or when the rest is over; returns what calls it off. */
  whenRested(callback: () => void): () => void {
    let callOff = (): void => undefined;
    const look = (): void => {
      const wait = this.#rested - this.#clock.now();
      if (this.#inFlight > 0) {
        this.#waiting.add(look);
        callOff = () => void this.#waiting.delete(look);
      } else if (wait > 0) {
        callOff = this.#clock.later(look, wait);
      } else {
        this.rest(TURN);
        callback();
      }
    };
    look();
    return () => callOff();
  }

  #end(): void {
    const now = this.#clock.now();
    this.rest(Math.min(LONGEST_REST, REST * (now - this.#began)));
    const waiting = this.#waiting;
    this.#waiting = new Set();
    for (const look of waiting) look();
  }
}
