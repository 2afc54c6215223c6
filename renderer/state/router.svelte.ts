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

  constructor(bar: AddressBar) {
    this.#bar = bar;
    this.#place = $state.raw(parseAddress(bar.location.hash));
    const follow = (): void => void (this.#place = parseAddress(bar.location.hash));
    bar.addEventListener('popstate', follow);
    bar.addEventListener('hashchange', follow);
  }

  get place(): Place {
    return this.#place;
  }

  /** Goes there; Back comes back here. */
  go(to: Place): void {
    this.#bar.history.pushState(null, '', formatAddress(to));
    this.#place = to;
  }

  /** Changes details of this place without a new entry for Back. */
  amend(details: Partial<Place>): void {
    const to = { ...this.#place, ...details };
    this.#bar.history.replaceState(null, '', formatAddress(to));
    this.#place = to;
  }
}
