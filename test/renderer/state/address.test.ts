import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { formatAddress, parseAddress, place, VIEWS } from '../../../renderer/state/address.ts';

const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/u);
const update = fc.nat(1_000_000_000);
const anyPlace = fc.record({
  view: fc.constantFrom(...VIEWS),
  run: fc.option(id),
  checkpoint: fc.option(update),
  task: fc.option(fc.string({ minLength: 1 })),
  cell: fc.option(fc.constantFrom('rnn', 'lstm', 'gru')),
  from: fc.option(fc.record({ run: id, update })),
  selection: fc.uniqueArray(id),
  sort: fc.option(fc.string({ minLength: 1 })),
  filter: fc.string(),
  step: fc.option(fc.nat(65_535)),
  layer: fc.nat(20),
  reverse: fc.boolean(),
  units: fc.option(fc.tuple(fc.nat(4000), fc.nat(99)).map(([from, more]) => ({ from, to: from + more }))),
  item: fc.nat(1_000_000),
  input: fc.option(fc.string({ minLength: 1 })),
  held: fc.string(),
  edited: fc.string(),
  quantity: fc.option(fc.string({ minLength: 1 })),
});

describe('addresses', () => {
  property.prop([anyPlace])('lead back to the place they were made of', (to) => {
    expect(parseAddress(formatAddress(to))).toEqual(to);
  });

  property.prop([fc.string()])('of any form lead somewhere', (hash) => {
    expect(VIEWS).toContain(parseAddress(hash).view);
  });

  test('are short where there is little to say', () => {
    expect(formatAddress(place('home'))).toBe('#/home');
    expect(formatAddress(place('train', { run: 'brave-whale', checkpoint: 500 }))).toBe(
      '#/train?run=brave-whale&at=500',
    );
    expect(formatAddress(place('gates', { run: 'brave-whale', step: 11, units: { from: 4, to: 4 } }))).toBe(
      '#/gates?run=brave-whale&step=12&unit=5',
    );
  });

  test.each([
    ['#/train?run=../../etc', null, null],
    ['#/train?run=ok&at=-5', 'ok', null],
    ['#/train?run=ok&at=1e9', 'ok', null],
    ['#/train?run=ok&at=12', 'ok', 12],
  ])('%s leaves out what is not an id or an update', (hash, run, checkpoint) => {
    expect(parseAddress(hash)).toMatchObject({ run, checkpoint });
  });
});
