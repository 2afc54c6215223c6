import { flushSync } from 'svelte';

/** What a view would be shown: the value at first and after each change, as far as it differs. */
export class Followed<T> {
  readonly #seen: T[] = [];
  readonly stop: () => void;

  constructor(read: () => T) {
    this.stop = $effect.root(() => {
      $effect(() => {
        this.#seen.push(read());
      });
    });
    flushSync();
  }

  get seen(): readonly T[] {
    flushSync();
    return this.#seen;
  }
}
