import { formatAddress, parseAddress, type Place } from './address.ts';

/** The part of the window that the router needs. */
export interface AddressBar {
  readonly location: { readonly hash: string };
  readonly history: Pick<History, 'pushState' | 'replaceState'>;
  addEventListener(type: 'popstate' | 'hashchange', listener: () => void): void;
}

/** Keeps the place and the address in step. */
export class Router {
  readonly #bar: AddressBar;
  #place: Place;
  #visit: object;

  constructor(bar: AddressBar) {
    this.#bar = bar;
    this.#place = $state.raw(parseAddress(bar.location.hash));
    this.#visit = $state.raw({});
    const follow = (): void => this.#come(parseAddress(bar.location.hash));
    bar.addEventListener('popstate', follow);
    bar.addEventListener('hashchange', follow);
  }

  get place(): Place {
    return this.#place;
  }

  /** Another object wherever the person has come to; the same one while the place is amended. */
  get visit(): object {
    return this.#visit;
  }

  /** Goes there; Back comes back here. */
  go(to: Place): void {
    this.#bar.history.pushState(null, '', formatAddress(to));
    this.#come(to);
  }

  /** Changes details of this place without a new entry for Back. */
  amend(details: Partial<Place>): void {
    const to = { ...this.#place, ...details };
    this.#bar.history.replaceState(null, '', formatAddress(to));
    this.#place = to;
  }

  #come(to: Place): void {
    this.#place = to;
    this.#visit = {};
  }
}
