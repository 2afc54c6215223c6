import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { CELLS } from '../../../engine/layers/cells.ts';
import { propertiesOf } from '../../../engine/explain/properties.ts';
import { markStretch, propertyName } from '../../../renderer/views/gates/findings.ts';
import { LAYOUTS } from '../../../renderer/views/gates/geometry.ts';
import { correlation, orderUnits, saturation, timeConstant } from '../../../renderer/views/gates/unit-order.ts';

describe('the drawing of a cell', () => {
  test.each(['lstm', 'gru', 'rnn'] as const)(
    'shows every gate of the %s, computed before what is made of it',
    (cell) => {
      const { gates, operations, stages } = LAYOUTS[cell];
      expect(gates.map(({ part }) => part).sort()).toEqual([...CELLS[cell].gates].sort());
      expect([...gates, ...operations].every(({ stage }) => stage > 0 && stage < stages)).toBe(true);
    },
  );
});

/** Four steps of three units: one that keeps, one that halves, one that lets go of all. */
const KEEP = Float32Array.of(1, 0.5, 0.01, 1, 0.5, 0.01, 1, 0.5, 0.95, 1, 0.5, 0.95);
const recording = {
  cell: 'lstm',
  steps: 4,
  units: 3,
  parts: { forget: KEEP },
  gradients: undefined,
  outputs: new Float32Array(),
  outputWidth: 0,
  loss: null,
} as const;

describe('measures of units', () => {
  test('say how often a gate is shut and open', () => {
    expect([0, 1, 2].map((unit) => saturation(KEEP, 3, unit))).toEqual([
      { shut: 0, open: 1 },
      { shut: 0, open: 0 },
      { shut: 0.5, open: 0.5 },
    ]);
  });

  test('say how long is kept what a forget gate keeps: what is halved at each step has 1 / ln 2', () => {
    expect(timeConstant(KEEP, 3, 0)).toBe(Infinity);
    expect(timeConstant(KEEP, 3, 1)).toBeCloseTo(1 / Math.LN2, 6);
  });

  test('put units in order', () => {
    expect(orderUnits('number', recording, 'forget', 0)).toEqual([0, 1, 2]);
    expect(orderUnits('timeConstant', recording, 'forget', 0)[0]).toBe(0);
    expect(orderUnits('saturation', recording, 'forget', 0)).toEqual([0, 2, 1]);
    expect(orderUnits('correlation', recording, 'forget', 2)[0]).toBe(2);
  });

  property.prop([fc.array(fc.float({ noNaN: true, min: -1, max: 1 }), { minLength: 2, maxLength: 20 })])(
    'of correlation are 1 with oneself, -1 with the opposite, or 0 where nothing changes',
    (list) => {
      const values = Float32Array.from(list.flatMap((value) => [value, -value]));
      const still = list.every((value) => value === list[0]);
      const self = correlation(values, 2, 0, 0);
      expect(
        Math.abs(self - 1) < 1e-6 ||
          (Math.abs(self) < 1e-6 && (still || Math.max(...list) - Math.min(...list) < 1e-12)),
      ).toBe(true);
      expect(correlation(values, 2, 0, 1)).toBeCloseTo(-self, 6);
    },
  );
});

describe('what is asked about units', () => {
  test('has names for people', () => {
    const symbols = Array.from('abcdefgh iST\u201c\u201d\n');
    const every = [
      ...propertiesOf({ kind: 'tokens', symbols }, false),
      ...propertiesOf({ kind: 'values', names: ['x'] }, true),
    ];
    for (const { name } of every) expect(propertyName(name)).not.toBe(name);
    expect(propertyName('second \n')).toBe('\u21b5 was second');
  });

  test('is a stretch with both its ends', () => {
    expect(markStretch(5, 1, 2)).toEqual([false, true, true, false, false]);
  });
});
