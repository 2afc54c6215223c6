import { NOTHING_LOOKED_AT, type Looked, type Units } from './address.ts';
import type { Router } from './router.svelte.ts';

/** Milliseconds without a change after which the address follows: browsers refuse more than a few changes a second. */
const SETTLE = 250;
/** Times that it waits so long while changes go on, as when a sequence is played. */
const MOST_WAITS = 12;
const FIELDS = Object.keys(NOTHING_LOOKED_AT) as (keyof Looked)[];

/**
 * What is looked at inside a run, shared by all explorers: step, layer, direction, units, item, what is held, and the
 * quantity that the inspector shows. It changes at once; the address follows when it has settled, so that links and Back
 * work. Explorers read and `set` it, and keep no such state of their own.
 */
export class Selection {
  readonly #router: Router;
  readonly #later: (work: () => void, milliseconds: number) => void;
  /** Changes that the address does not have yet, and the visit that they were made in. */
  #pending = $state.raw<{ readonly changes: Partial<Looked>; readonly visit: object }>();
  /** How often it was waited for changes to end; 0: nothing waits. */
  #waits = 0;
  /** What was pending when the waiting last began. */
  #waitedWith: unknown;

  readonly #now = $derived.by<Looked>(() => {
    const { place, visit } = this.#router;
    const pending = this.#pending;
    return pending?.visit === visit ? { ...place, ...pending.changes } : place;
  });

  /** `later`: as setTimeout. */
  constructor(router: Router, later: (work: () => void, milliseconds: number) => void) {
    this.#router = router;
    this.#later = later;
  }

  /** From 0; null: none is chosen yet. */
  readonly step = $derived(this.#now.step);
  readonly layer = $derived(this.#now.layer);
  readonly reverse = $derived(this.#now.reverse);
  /** null: all units, by their mean. */
  readonly units: Units | null = $derived(this.#now.units);
  /** The one unit that is looked at; null where it is a group or all. */
  readonly unit = $derived(this.units !== null && this.units.from === this.units.to ? this.units.from : null);
  readonly item = $derived(this.#now.item);
  /** As JSON; null: an item of the data. */
  readonly input = $derived(this.#now.input);
  readonly held = $derived(this.#now.held);
  readonly edited = $derived(this.#now.edited);
  readonly quantity = $derived(this.#now.quantity);

  /** For an address that keeps what is looked at. */
  get details(): Looked {
    return Object.fromEntries(FIELDS.map((field) => [field, this.#now[field]])) as unknown as Looked;
  }

  set(changes: Partial<Looked>): void {
    const { visit } = this.#router;
    const before = this.#pending?.visit === visit ? this.#pending.changes : {};
    this.#pending = { changes: { ...before, ...changes }, visit };
    if (this.#waits === 0) this.#wait();
  }

  /** Goes there as to another view: Back comes back to what is looked at now. */
  go(changes: Partial<Looked>): void {
    const { details } = this;
    this.#settleNow();
    this.#router.go({ ...this.#router.place, ...details, ...changes });
  }

  /** One unit. */
  setUnit(unit: number): void {
    this.set({ units: { from: unit, to: unit } });
  }

  #wait(): void {
    this.#waits++;
    this.#waitedWith = this.#pending;
    this.#later(() => this.#settle(), SETTLE);
  }

  #settle(): void {
    const pending = this.#pending;
    if (pending !== this.#waitedWith && this.#waits < MOST_WAITS) {
      this.#wait();
      return;
    }
    this.#settleNow();
  }

  #settleNow(): void {
    const pending = this.#pending;
    this.#waits = 0;
    // Where the person has gone elsewhere meanwhile, that is where they want to be.
    if (pending?.visit === this.#router.visit) this.#router.amend(pending.changes);
    this.#pending = undefined;
  }
}
