import { beforeEach, describe, expect, test } from 'vitest';
import { place } from '../../../renderer/state/address.ts';
import { Router, type AddressBar } from '../../../renderer/state/router.svelte.ts';
import { Followed } from '../follow.svelte.ts';

/** A window's address and its history. */
class Bar implements AddressBar {
  readonly entries = ['#/home'];
  at = 0;
  readonly #listeners: (() => void)[] = [];

  get location(): { hash: string } {
    return { hash: this.entries[this.at] ?? '' };
  }

  readonly history = {
    pushState: (_state: unknown, _title: string, url?: string | URL | null) => {
      this.entries.splice(++this.at, Infinity, String(url));
    },
    replaceState: (_state: unknown, _title: string, url?: string | URL | null) => {
      this.entries[this.at] = String(url);
    },
  };

  addEventListener(type: string, listener: () => void): void {
    if (type === 'popstate') this.#listeners.push(listener);
  }

  back(): void {
    this.at--;
    for (const listener of this.#listeners) listener();
  }
}

describe('Router', () => {
  let bar: Bar;
  let router: Router;
  beforeEach(() => {
    bar = new Bar();
    router = new Router(bar);
  });

  test('begins where the address says', () => {
    bar.entries[0] = '#/runs?filter=lstm';
    expect(new Router(bar).place).toEqual(place('runs', { filter: 'lstm' }));
  });

  test('goes to a place, and Back comes back', () => {
    router.go(place('train', { run: 'a' }));
    expect(bar.location.hash).toBe('#/train?run=a');
    bar.back();
    expect(router.place).toEqual(place('home'));
  });

  test('amends without a further entry for Back', () => {
    router.go(place('train', { run: 'a' }));
    router.amend({ checkpoint: 50 });
    router.amend({ checkpoint: 100 });
    expect(bar.entries).toEqual(['#/home', '#/train?run=a&at=100']);
    expect(router.place.checkpoint).toBe(100);
  });

  test('is followed', () => {
    const followed = new Followed(() => router.place.view);
    router.go(place('data'));
    expect(followed.seen).toEqual(['home', 'data']);
    followed.stop();
  });
});
