/**
 * The stretch of a sequence that is in view: shared by everything that is drawn over time, so that the strip, the
 * heatmaps and the curves of one view stand exactly above one another.
 *
 * Widths are CSS pixels. Step t of the sequence stands at `(t - first) * cell` from the left.
 */

/** Narrower than this a symbol cannot be read. */
const READABLE = 13;
/** Of steps that are numbered, of which not every one needs its number. */
const NUMBERED = 3;
const WIDEST = 44;

export class TimeWindow {
  #steps = $state(0);
  #width = $state(0);
  #zoom = $state(1);
  #first = $state(0);
  #numbered = $state(false);

  /** Of a cell where nothing is zoomed: all steps in view, as long as their symbols can be read. */
  readonly #natural = $derived(
    Math.min(WIDEST, Math.max(this.#numbered ? NUMBERED : READABLE, this.#steps === 0 ? 0 : this.#width / this.#steps)),
  );
  /** Of one step. */
  readonly cell = $derived(Math.min(WIDEST, Math.max(Math.min(this.#natural, this.#fit), this.#natural * this.#zoom)));
  /** Steps that are in view, the last perhaps in part. */
  readonly visible = $derived(this.cell === 0 ? 0 : Math.min(this.#steps, this.#width / this.cell));
  /** The leftmost step in view; not always whole. */
  readonly first = $derived(Math.max(0, Math.min(this.#first, this.#steps - this.visible)));

  get #fit(): number {
    return this.#steps === 0 ? READABLE : this.#width / this.#steps;
  }

  /** Whether there are steps before what is in view, and after it. */
  readonly before = $derived(this.first > 0);
  readonly after = $derived(this.first + this.visible < this.#steps - 1e-6);

  /** Whether the steps have numbers instead of symbols: more of them fit. */
  set numbered(numbered: boolean) {
    this.#numbered = numbered;
  }

  get steps(): number {
    return this.#steps;
  }

  get width(): number {
    return this.#width;
  }

  set width(width: number) {
    this.#width = width;
  }

  /** Takes another sequence's length. */
  set steps(steps: number) {
    this.#steps = steps;
  }

  /** The step at a distance from the left edge. */
  stepAt(x: number): number {
    return Math.max(0, Math.min(this.#steps - 1, Math.floor(this.first + x / this.cell)));
  }

  /** The left edge of a step. */
  xOf(step: number): number {
    return (step - this.first) * this.cell;
  }

  /**
   * Brings the step, with a neighbour on each side, into view where it is not: with room ahead of it, so that going on does
   * not move everything at each step.
   */
  reveal(step: number): void {
    const room = Math.floor(this.visible / 4);
    if (step - 1 < this.first) this.#first = Math.max(0, step + 1 + room - this.visible);
    else if (step + 2 > this.first + this.visible) this.#first = Math.min(step - room, this.#steps - this.visible);
  }

  /** Moves by steps. */
  pan(by: number): void {
    this.#first = Math.max(0, Math.min(this.first + by, this.#steps - this.visible));
  }

  /** Makes cells `factor` times as wide, the step at `x` staying where it is. */
  zoom(factor: number, x: number): void {
    const step = this.first + x / this.cell;
    const before = this.cell;
    this.#zoom = Math.min(WIDEST / this.#natural, Math.max(this.#fit / this.#natural, this.#zoom * factor));
    if (this.cell !== before) this.#first = Math.max(0, step - x / this.cell);
  }
}
