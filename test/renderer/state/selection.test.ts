import { beforeEach, describe, expect, test } from 'vitest';
import { parseAddress, place } from '../../../renderer/state/address.ts';
import { Router, type AddressBar } from '../../../renderer/state/router.svelte.ts';
import { Selection } from '../../../renderer/state/selection.svelte.ts';

let hash: string;
/** Addresses that Back leads through, after the first. */
let entries: string[];
let changes: number;
let settle: () => void;
let router: Router;
let selection: Selection;

beforeEach(() => {
  hash = '#/gates?run=whale&step=4';
  changes = 0;
  entries = [hash];
  settle = () => undefined;
  const replace = (_: unknown, __: string, to?: string | URL | null): void => {
    hash = String(to);
    entries = [...entries.slice(0, -1), hash];
    changes++;
  };
  const push = (_: unknown, __: string, to?: string | URL | null): void => {
    entries = [...entries, hash];
    replace(_, __, to);
  };
  const bar: AddressBar = {
    location: {
      get hash() {
        return hash;
      },
    },
    history: { pushState: push, replaceState: replace },
    addEventListener: () => undefined,
  };
  router = new Router(bar);
  selection = new Selection(router, (work) => (settle = work));
});

describe('the selection', () => {
  test('is what the address says', () => {
    expect({ step: selection.step, unit: selection.unit }).toEqual({ step: 3, unit: 0 });
  });

  test('changes at once; the address follows once, when it has settled', () => {
    for (let step = 0; step < 50; step++) selection.set({ step });
    selection.setUnit(7);
    expect({ step: selection.step, unit: selection.unit }).toEqual({ step: 49, unit: 7 });
    expect(changes).toBe(0);
    settle();
    settle();
    expect(changes).toBe(1);
    expect(parseAddress(hash)).toMatchObject({ run: 'whale', step: 49, units: { from: 7, to: 7 } });
    expect(selection.step).toBe(49);
  });

  test('leaves the address as it is while it moves, but not forever', () => {
    let waits = 0;
    selection.set({ step: 99 });
    for (let step = 0; changes === 0; step++) {
      selection.set({ step });
      settle();
      waits++;
      expect(waits).toBeLessThan(50);
    }
    expect(waits).toBeGreaterThan(4);
    expect(parseAddress(hash)).toMatchObject({ step: waits - 1 });
  });

  test('gives way where the person has gone elsewhere before it settled', () => {
    selection.set({ step: 30 });
    router.go(place('gates', { run: 'other', step: 2 }));
    expect(selection.step).toBe(2);
    settle();
    expect(parseAddress(hash)).toMatchObject({ run: 'other', step: 2 });
  });

  test('is kept where something else of the place changes before it settled', () => {
    selection.set({ step: 30 });
    router.amend({ checkpoint: 500 });
    expect(selection.step).toBe(30);
    settle();
    expect(parseAddress(hash)).toMatchObject({ run: 'whale', checkpoint: 500, step: 30 });
  });

  test('of a group or of all units is no single unit', () => {
    selection.set({ units: { from: 2, to: 5 } });
    expect(selection.unit).toBeNull();
    selection.set({ units: null });
    expect({ unit: selection.unit, units: selection.units }).toEqual({ unit: null, units: null });
  });

  test('is gone to as to another view: Back comes back to what was looked at before', () => {
    const from = entries.length;
    selection.set({ step: 30, held: 'forget=1' });
    selection.go({ quantity: 'race' });
    expect(parseAddress(hash)).toMatchObject({ run: 'whale', step: 30, held: 'forget=1', quantity: 'race' });
    expect(entries).toHaveLength(from + 1);
    expect(entries.map((entry) => parseAddress(entry).quantity)).toEqual([null, 'race']);
    expect(parseAddress(entries.at(-2)!)).toMatchObject({ step: 30, held: 'forget=1' });
    settle();
    expect(selection.quantity).toBe('race');
  });

  test('goes along to another view', () => {
    selection.set({ step: 9, held: 'forget=1' });
    expect(selection.details).toMatchObject({ step: 9, held: 'forget=1', layer: 0 });
  });
});
