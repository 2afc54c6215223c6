import { expect, test } from 'vitest';
import { contextQuantity, mixContexts } from '../../../engine/explain/context-quantities.ts';
import { evaluate } from '../../../engine/explain/quantity.ts';

const reading = { first: Float32Array.of(1, -0.5, 0.25), second: Float32Array.of(0, 0.5, -1), share: 0.25 };

test('a vector between two contexts is made of both, element by element', () => {
  expect(mixContexts(reading)).toEqual(Float32Array.of(0.75, -0.25, -0.0625));
  for (const i of [0, 1, 2]) {
    const { formula, operands, value, among } = contextQuantity(reading, `mixed:${i}`);
    const values = new Map(operands.map((operand) => [operand.key, operand.value]));
    expect(evaluate(formula!, (key) => values.get(key)!)).toBeCloseTo(value, 12);
    expect(among?.values[among.place]).toBeCloseTo(value, 6);
    for (const { key, value: given } of operands)
      expect(contextQuantity(reading, key)).toMatchObject({ value: given, operands: [] });
  }
  expect([mixContexts({ ...reading, share: 0 }), mixContexts({ ...reading, share: 1 })]).toEqual([
    reading.first,
    reading.second,
  ]);
});

test.each(['mixed:3', 'third:0', 'mixed', ''])('there is no quantity %o', (key) => {
  expect(() => contextQuantity(reading, key)).toThrow('no quantity');
});
