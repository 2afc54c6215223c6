/** The computer does not go to sleep while a run trains. */
import type { PowerSaveBlocker } from 'electron';

export class SleepBlocker {
  readonly #system: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  #id: number | undefined;

  constructor(system: Pick<PowerSaveBlocker, 'start' | 'stop'>) {
    this.#system = system;
  }

  /** The screen may go dark. */
  set active(active: boolean) {
    if (active) {
      this.#id ??= this.#system.start('prevent-app-suspension');
    } else if (this.#id !== undefined) {
      this.#system.stop(this.#id);
      this.#id = undefined;
    }
  }
}
