import { describe, expect, test } from 'vitest';
import type { Hold } from '../../../engine/explain/holds.ts';
import {
  activeClamp,
  clampRange,
  moved,
  placeOf,
  stepScopeOf,
  unitScopeOf,
  withClamp,
  type ClampView,
} from '../../../renderer/views/gates/clamp-scope.ts';

const view: ClampView = {
  part: 'forget',
  layer: 0,
  reverse: false,
  step: 4,
  units: { from: 0, to: 0 },
  layerUnits: 32,
  stretch: null,
};
const clamp = (details: Partial<Hold> = {}): Hold => ({
  part: 'forget',
  layer: 0,
  reverse: false,
  value: 0,
  steps: null,
  units: { from: 0, to: 0 },
  ...details,
});

describe('the active clamp', () => {
  test('is the last one that the value comes from', () => {
    const all = clamp({ units: null, value: 1 });
    const own = clamp({ value: 0 });
    expect(activeClamp([all, own], view)).toBe(own);
    expect(activeClamp([own, all], view)).toBe(all);
    expect(activeClamp([own], { ...view, units: { from: 1, to: 1 } })).toBeUndefined();
    expect(activeClamp([all], { ...view, units: { from: 3, to: 9 } })).toBe(all);
  });

  test.each([
    ['another part', { part: 'input' }],
    ['another layer', { layer: 1 }],
    ['the other direction', { reverse: true }],
    ['other steps', { steps: { from: 5, to: 9 } }],
    ['some of the units', { units: { from: 1, to: 9 } }],
  ])('is none of %s', (_name, details) => {
    expect(activeClamp([clamp(details)], { ...view, units: { from: 0, to: 3 } })).toBeUndefined();
  });

  test('says its scope', () => {
    expect([stepScopeOf(clamp()), unitScopeOf(clamp())]).toEqual(['all', 'chosen']);
    expect(stepScopeOf(clamp({ steps: { from: 2, to: 2 } }))).toBe('step');
    expect(stepScopeOf(clamp({ steps: { from: 2, to: 5 } }))).toBe('stretch');
    expect(unitScopeOf(clamp({ units: null }))).toBe('all');
  });
});

describe('a chosen scope', () => {
  test('moves the active clamp to all units, its value kept', () => {
    const active = clamp({ value: 0.25 });
    expect(moved([active], active, placeOf(view, 'all', 'all'))).toEqual([clamp({ value: 0.25, units: null })]);
  });

  test('moves it back to the units that are chosen, and to one step', () => {
    const active = clamp({ value: 0.25, units: null });
    expect(moved([active], active, placeOf(view, 'all', 'chosen'))).toEqual([clamp({ value: 0.25 })]);
    expect(moved([active], active, placeOf(view, 'step', 'all'))).toEqual([
      clamp({ value: 0.25, units: null, steps: { from: 4, to: 4 } }),
    ]);
  });

  test('takes the place of a clamp that is there, and leaves the others', () => {
    const other = clamp({ part: 'input', value: 1 });
    const all = clamp({ units: null, value: 1 });
    const active = clamp({ value: 0 });
    expect(moved([all, other, active], active, placeOf(view, 'all', 'all'))).toEqual([
      other,
      clamp({ units: null, value: 0 }),
    ]);
  });

  test('of every unit of the layer is all units', () => {
    expect(placeOf({ ...view, units: { from: 0, to: 31 } }, 'all', 'chosen').units).toBeNull();
  });

  test('of a stretch is the steps that were dragged over', () => {
    expect(placeOf({ ...view, stretch: { from: 2, to: 6 } }, 'stretch', 'chosen').steps).toEqual({ from: 2, to: 6 });
  });
});

test('a clamp is there once at each place', () => {
  expect(withClamp([clamp({ value: 0 })], clamp({ value: 1 }))).toEqual([clamp({ value: 1 })]);
});

describe('the range of a clamp', () => {
  test.each([
    ['a gate', false, [0.2, 0.9], 0.5, [0, 1]],
    ['a state within -1 and 1', true, [-0.2, 0.9], 0.5, [-1, 1]],
    ['a cell state that grows', true, [-3.4, 0.9, 2.12], 2.12, [-4, 3]],
    ['a value beyond all that were seen', true, [0.1], 7.5, [-1, 8]],
    ['values that are no numbers', true, [NaN, Infinity], 0, [-1, 1]],
  ])('of %s', (_name, isState, seen, value, range) => {
    expect(clampRange(isState, Float32Array.from(seen), value)).toEqual(range);
  });

  test('is there before anything has been seen', () => {
    expect(clampRange(true, undefined, NaN)).toEqual([-1, 1]);
  });
});
