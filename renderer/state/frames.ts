/**
 * Milliseconds of a frame that work may have taken for another piece to begin. Every frame costs a browser something
 * beside the work in it, so pieces share frames; and none becomes so long that the page would not answer.
 */
const ROOM = 8;

/**
 * Work for the screen, in as few animation frames as it fits into. Of what is asked for again before its turn only the
 * newest is done.
 */
export class Frames {
  readonly #request: (callback: () => void) => void;
  readonly #painted: (callback: () => void) => void;
  readonly #now: () => number;
  readonly #waiting = new Map<object, () => void>();
  #requested = false;
  #spent = 0;

  /**
   * `request`: calls back once before the next frame, as requestAnimationFrame; `painted`: once the page has laid out and
   * painted it; `now`: milliseconds.
   */
  constructor(
    request: (callback: () => void) => void,
    painted: (callback: () => void) => void = (callback) => callback(),
    now = () => performance.now(),
  ) {
    this.#request = request;
    this.#painted = painted;
    this.#now = now;
  }

  /** Milliseconds of all frames so far that had work in them. */
  get spent(): number {
    return this.#spent;
  }

  /** Does `work` in one of the next frames, instead of what waits for the same `owner`. */
  schedule(owner: object, work: () => void): void {
    this.#waiting.set(owner, work);
    this.#ask();
  }

  cancel(owner: object): void {
    this.#waiting.delete(owner);
  }

  #ask(): void {
    if (this.#requested || this.#waiting.size === 0) return;
    this.#requested = true;
    this.#request(() => {
      this.#requested = false;
      const from = this.#now();
      try {
        do this.#doFirst();
        while (this.#waiting.size > 0 && this.#now() - from < ROOM);
      } finally {
        this.#painted(() => (this.#spent += this.#now() - from));
        this.#ask();
      }
    });
  }

  #doFirst(): void {
    const [first] = this.#waiting;
    if (first === undefined) return;
    const [owner, work] = first;
    this.#waiting.delete(owner);
    work();
  }
}
