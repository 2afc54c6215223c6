import type { Quantity, QuantitySymbol } from '../../engine/explain/quantity.ts';
import { Newest } from '../worker/rpc.ts';

export interface Passed {
  readonly key: string;
  readonly symbol: QuantitySymbol;
}

/**
 * The quantity that an inspector shows, and the way that led to it. `root` is what the view has selected; following an
 * operand leads away from it, and another root begins anew.
 */
export class Trail {
  readonly #fetch: (key: string) => Promise<Quantity>;
  readonly #newest = new Newest();
  #root: string | undefined;
  /** What was asked for last, which may not have come yet, and the way to it. */
  #wanted: string | undefined;
  #leading: readonly Passed[] = [];
  #shown = $state.raw<Quantity>();
  #passed = $state.raw<readonly Passed[]>([]);
  #problem = $state<string>();

  /** `fetch`: asks the worker. */
  constructor(fetch: (key: string) => Promise<Quantity>) {
    this.#fetch = fetch;
  }

  get shown(): Quantity | undefined {
    return this.#shown;
  }

  /** Oldest first. */
  get passed(): readonly Passed[] {
    return this.#passed;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Shows what is selected, unless the person has followed it to something else; `again`: the model or input is another. */
  begin(root: string, again: boolean): void {
    if (root !== this.#root) {
      this.#root = root;
      this.#show(root, []);
    } else if (again) {
      this.#show(this.#wanted ?? root, this.#leading);
    }
  }

  follow(key: string): void {
    const { shown } = this;
    this.#show(key, shown === undefined ? [] : [...this.#passed, { key: shown.key, symbol: shown.symbol }]);
  }

  /** `steps`: along the way back. */
  back(steps: number): void {
    const to = this.#passed.at(-steps);
    if (to !== undefined) this.#show(to.key, this.#passed.slice(0, -steps));
  }

  #show(key: string, passed: readonly Passed[]): void {
    this.#wanted = key;
    this.#leading = passed;
    this.#newest.ask(async () => {
      try {
        this.#shown = await this.#fetch(key);
        this.#passed = passed;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = error instanceof Error ? error.message : String(error);
      }
    });
  }
}
