import { describe, expect, test } from 'vitest';
import type { Operand, Quantity } from '../../../engine/explain/quantity.ts';
import { Trail } from '../../../renderer/inspector/trail.svelte.ts';

/** The forget gate is made of two sums, the second of them of a weight and a state. */
const OPERANDS: Readonly<Record<string, readonly string[]>> = {
  gate: ['input', 'recurrent'],
  other: ['input'],
  input: [],
  recurrent: ['weight', 'state'],
  weight: [],
  state: ['gate'],
};

function trailOver(): { readonly trail: Trail; readonly asked: string[] } {
  const asked: string[] = [];
  const symbol = (letter: string) => ({ letter });
  const trail = new Trail((key): Promise<Quantity> => {
    asked.push(key);
    const operands = OPERANDS[key]?.map((one): Operand => ({ key: one, symbol: symbol(one), value: 1 }));
    if (operands === undefined) return Promise.reject(new Error(`There is no quantity "${key}".`));
    return Promise.resolve({ key, name: key, symbol: symbol(key), value: 1, operands });
  });
  return { trail, asked };
}

const settled = () => new Promise((resolve) => setTimeout(resolve));

describe('a trail', () => {
  test('goes the way that an address says, and asks only for what it does not have', async () => {
    const { trail, asked } = trailOver();
    const model = {};
    trail.walk(['gate', 'recurrent', 'state'], model);
    await settled();
    expect(trail.shown?.key).toBe('state');
    expect(trail.passed.map(({ symbol }) => symbol.letter)).toEqual(['gate', 'recurrent']);
    trail.walk(['gate', 'recurrent'], model);
    await settled();
    expect(trail.shown?.key).toBe('recurrent');
    trail.walk(['gate', 'recurrent', 'weight'], model);
    await settled();
    expect(trail.way).toEqual(['gate', 'recurrent', 'weight']);
    expect(asked).toEqual(['gate', 'recurrent', 'state', 'weight']);
    // Another model has other numbers.
    trail.walk(['gate', 'recurrent', 'weight'], {});
    await settled();
    expect(asked.slice(4)).toEqual(['gate', 'recurrent', 'weight']);
  });

  test('ends where a way does not lead on', async () => {
    const { trail } = trailOver();
    for (const way of [
      ['gate', 'recurrent', 'input', 'state'],
      ['gate', 'recurrent', '__proto__'],
    ]) {
      trail.walk(way, {});
      await settled();
      expect(trail.way).toEqual(['gate', 'recurrent']);
    }
  });

  test('says why there is nothing to show, and keeps what it showed', async () => {
    const { trail } = trailOver();
    trail.walk(['gate'], 1);
    await settled();
    trail.walk(['nothing'], 1);
    await settled();
    expect(trail.problem).toBe('There is no quantity "nothing".');
    expect(trail.shown?.key).toBe('gate');
  });

  test('of a view that keeps it itself follows and goes back, and begins anew at another root', async () => {
    const { trail, asked } = trailOver();
    trail.begin('gate', true);
    await settled();
    trail.follow('recurrent');
    await settled();
    trail.follow('state');
    await settled();
    trail.back(2);
    await settled();
    expect(trail.way).toEqual(['gate']);
    trail.follow('recurrent');
    await settled();
    trail.begin('gate', true);
    await settled();
    expect(trail.way).toEqual(['gate', 'recurrent']);
    expect(asked).toEqual(['gate', 'recurrent', 'state', 'recurrent', 'gate', 'recurrent']);
    trail.begin('other', false);
    await settled();
    expect(trail.way).toEqual(['other']);
  });
});
