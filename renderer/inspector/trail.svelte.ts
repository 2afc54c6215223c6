import type { Quantity, QuantitySymbol } from '../../engine/explain/quantity.ts';
import { Newest } from '../worker/rpc.ts';
import { errorText } from '../state/error-text.ts';

export interface Passed {
  readonly key: string;
  readonly symbol: QuantitySymbol;
}

/**
 * The quantity that an inspector shows, and the way that led to it: from a root, which is what the view has selected,
 * along operands that were followed. A view whose address holds the way says it with `walk`; for others `begin`, `follow`
 * and `back` keep it here, and another root begins anew.
 */
export class Trail {
  readonly #fetch: (key: string) => Promise<Quantity>;
  readonly #newest = new Newest();
  /** The way that was asked for last, which may not have come yet, and of what it tells. */
  #wanted: readonly string[] = [];
  #of: unknown;
  /** What has come, from the root on, and of what it tells. */
  #walked = $state.raw<readonly Quantity[]>([]);
  #walkedOf: unknown;
  #problem = $state<string>();

  /** `fetch`: asks the worker. */
  constructor(fetch: (key: string) => Promise<Quantity>) {
    this.#fetch = fetch;
  }

  readonly shown = $derived.by<Quantity | undefined>(() => this.#walked.at(-1));
  /** Oldest first. */
  readonly passed = $derived.by<readonly Passed[]>(() => this.#walked.slice(0, -1));
  /** The keys from the root to what is shown. */
  readonly way = $derived.by<readonly string[]>(() => this.#walked.map(({ key }) => key));

  get problem(): string | undefined {
    return this.#problem;
  }

  /** Shows what is selected, unless the person has followed it to something else; `again`: the model or input is another. */
  begin(root: string, again: boolean): void {
    if (again) this.#of = {};
    if (root !== this.#wanted[0]) this.walk([root], this.#of);
    else if (again) this.walk(this.#wanted, this.#of);
  }

  follow(key: string): void {
    this.walk([...this.way, key], this.#of);
  }

  /** `steps`: along the way back. */
  back(steps: number): void {
    if (steps < this.way.length) this.walk(this.way.slice(0, -steps), this.#of);
  }

  /**
   * Shows the end of a way from a root, as far as each key is an operand of the one before it. `of`: what it tells of; of
   * the same, what has come is not asked for again.
   */
  walk(way: readonly string[], of: unknown): void {
    this.#wanted = way;
    this.#of = of;
    this.#newest.ask(async () => {
      try {
        const known = of === this.#walkedOf ? this.#walked : [];
        const walked: Quantity[] = [];
        for (const [i, key] of way.entries()) {
          const before = walked.at(-1);
          if (before !== undefined && !leadsTo(before, key)) break;
          const kept = known[i];
          walked.push(kept?.key === key ? kept : await this.#fetch(key));
        }
        this.#walked = walked;
        this.#walkedOf = of;
        this.#problem = undefined;
      } catch (error) {
        this.#problem = errorText(error);
      }
    });
  }
}

function leadsTo({ operands, expanded }: Quantity, key: string): boolean {
  return [...operands, ...(expanded?.operands ?? [])].some((operand) => operand.key === key);
}
