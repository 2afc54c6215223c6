/**
 * Work for the screen, one piece an animation frame, so that no frame gets more than it can do. Of what is asked for
 * again before its turn only the newest is done.
 */
export class Frames {
  readonly #request: (callback: () => void) => void;
  readonly #waiting = new Map<object, () => void>();
  #requested = false;

  /** `request`: calls back once before the next frame, as requestAnimationFrame. */
  constructor(request: (callback: () => void) => void) {
    this.#request = request;
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
      const [first] = this.#waiting;
      if (first === undefined) return;
      const [owner, work] = first;
      this.#waiting.delete(owner);
      this.#ask();
      work();
    });
  }
}
