/**
 * Playing through a sequence: a step after another, at a pace the person sets. Within a step, `phase` runs from 0 to 1 and
 * drives what flows along the wires; where the person wants no motion it stays 1 and the steps change at once.
 */

/** Steps a second. */
export const PACES = [0.25, 0.5, 1, 2, 4, 8] as const;

export interface PlayerOptions {
  readonly steps: () => number;
  readonly step: () => number;
  readonly go: (step: number) => void;
  /** Whether things may move. */
  readonly motion: () => boolean;
  readonly requestFrame: (callback: (time: number) => void) => number;
  readonly cancelFrame: (handle: number) => void;
}

export class Player {
  readonly #options: PlayerOptions;
  #playing = $state(false);
  #phase = $state(1);
  #backward = $state(false);
  #pace = $state<number>(1);
  #handle: number | undefined;
  #last: number | undefined;

  constructor(options: PlayerOptions) {
    this.#options = options;
  }

  get playing(): boolean {
    return this.#playing;
  }

  /** Of the step that is shown, 0 to 1: how far its computation has come. */
  get phase(): number {
    return this.#phase;
  }

  /** Whether it goes back through time, with the gradients. */
  get backward(): boolean {
    return this.#backward;
  }

  set backward(backward: boolean) {
    this.#backward = backward;
    this.#phase = 1;
  }

  /** Steps a second. */
  get pace(): number {
    return this.#pace;
  }

  set pace(pace: number) {
    this.#pace = pace;
  }

  /** Moves by whole steps and stops. */
  go(by: number): void {
    this.pause();
    this.#options.go(Math.max(0, Math.min(this.#options.steps() - 1, this.#options.step() + by)));
  }

  toggle(): void {
    if (this.#playing) this.pause();
    else this.play();
  }

  /** From the start again where it stands at the end. */
  play(): void {
    const { steps, step, go } = this.#options;
    if (this.#playing || steps() === 0) return;
    const [from, end] = this.#backward ? [steps() - 1, 0] : [0, steps() - 1];
    if (step() === end) go(from);
    this.#playing = true;
    this.#phase = this.#options.motion() ? 0 : 1;
    this.#last = undefined;
    this.#ask();
  }

  pause(): void {
    if (this.#handle !== undefined) this.#options.cancelFrame(this.#handle);
    this.#handle = undefined;
    this.#playing = false;
    this.#phase = 1;
  }

  #ask(): void {
    this.#handle = this.#options.requestFrame((time) => this.#tick(time));
  }

  /** How far the step is, whether or not anything moves. */
  #elapsed = 0;

  #tick(time: number): void {
    this.#elapsed = this.#last === undefined ? 0 : this.#elapsed + ((time - this.#last) / 1000) * this.#pace;
    this.#last = time;
    if (this.#elapsed >= 1) {
      const { steps, step, go } = this.#options;
      const to = step() + (this.#backward ? -1 : 1);
      if (to < 0 || to >= steps()) {
        this.pause();
        return;
      }
      this.#elapsed = 0;
      go(to);
    }
    // A pause between the end of one step's computation and the next step.
    if (this.#options.motion()) this.#phase = Math.min(1, this.#elapsed / 0.85);
    this.#ask();
  }
}
