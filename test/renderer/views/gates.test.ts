import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { CELLS } from '../../../engine/layers/cells.ts';
import { propertiesOf } from '../../../engine/explain/properties.ts';
import { formatAddress, parseAddress, place, type Looked } from '../../../renderer/state/address.ts';
import { markStretch, possibleProperties, propertyName } from '../../../renderer/views/gates/findings.ts';
import { derivedParts } from '../../../engine/explain/derived-parts.ts';
import { LAYOUTS, type PartName } from '../../../renderer/views/gates/geometry.ts';
import { gradientsAt, partOf, partsAt } from '../../../renderer/views/gates/parts.ts';
import { formatLookedAt, parseLookedAt } from '../../../renderer/views/gates/looked-at.ts';
import { correlation, orderUnits, saturation, timeConstant } from '../../../renderer/views/gates/unit-order.ts';

const at = (looked: Partial<Looked>) => place('gates', looked);

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

describe('what is looked at in a cell', () => {
  const moment = { step: 2, unit: 3 };

  test('is read back from an address as it was written', () => {
    for (const looked of [
      { part: 'cellBefore', followed: [] },
      { part: 'forget', followed: ['sum.forget@2:3', 'recurrent.weight_hh_l0[9,1]'] },
    ] as const) {
      const place = parseAddress(formatAddress(at({ quantity: formatLookedAt(looked, moment) })));
      expect(parseLookedAt(place.quantity, 'lstm', moment)).toEqual(looked);
    }
  });

  test('was followed from one step and unit', () => {
    const text = formatLookedAt({ part: 'forget', followed: ['sum.forget@2:3'] }, moment);
    expect(parseLookedAt(text, 'lstm', { step: 2, unit: 4 })).toEqual({ part: 'forget', followed: [] });
  });

  test('is what the cell has, whatever the address says', () => {
    expect(parseLookedAt('forget@2:3 sum.forget@2:3', 'gru', moment)).toEqual({ part: 'update', followed: [] });
    expect(parseLookedAt('unrolled', 'rnn', moment)).toEqual({ part: 'hidden', followed: [] });
    expect(parseLookedAt(null, 'lstm', moment)).toEqual({ part: 'forget', followed: [] });
  });
});

/** Four steps of three units: one that keeps, one that halves, one that lets go of all. */
const KEEP = Float32Array.of(1, 0.5, 0.01, 1, 0.5, 0.01, 1, 0.5, 0.95, 1, 0.5, 0.95);
const recording = {
  cell: 'lstm',
  steps: 4,
  units: 3,
  reverse: false,
  traces: { forget: KEEP },
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

  test('is offered only where some steps have it and others do not', () => {
    const properties = propertiesOf({ kind: 'tokens', symbols: ['B', 'T', 'P', 'X'] }, false);
    const names = possibleProperties(properties, [{ symbols: ['B', 'T', 'X'] }, { symbols: ['B', 'P', 'T'] }]).map(
      ({ name }) => name,
    );
    // X is never second, and B is never second either.
    expect(names).toEqual(['first-half', 'is B', 'is T', 'is P', 'is X', 'second T', 'second P']);
    expect(possibleProperties(properties, [{ symbols: ['T', 'T'] }]).map(({ name }) => name)).toEqual(['first-half']);
  });

  test('is a stretch with both its ends', () => {
    expect(markStretch(5, 1, 2)).toEqual([false, true, true, false, false]);
  });
});

describe('the parts of a cell at a step', () => {
  const UNITS = 3;
  const STEPS = 5;
  const names = {
    lstm: ['input', 'forget', 'candidate', 'output', 'cell', 'hidden'],
    gru: ['reset', 'update', 'candidate', 'recurrent', 'hidden'],
    rnn: ['preactivation', 'hidden'],
  } as const;
  const made = (seed: number, length = STEPS * UNITS): Float32Array =>
    Float32Array.from({ length }, (_, i) => Math.sin(seed + 1.7 * i));

  describe.each(['lstm', 'gru', 'rnn'] as const)('%s', (cell) => {
    test.each([
      ['forwards', false, false],
      ['in reverse', true, false],
      ['forwards, from a start', false, true],
      ['in reverse, from a start', true, true],
    ])('are those that are made of all steps at once: %s', (_, reverse, started) => {
      const traces = Object.fromEntries(names[cell].map((name, i) => [name, made(i)]));
      const start = { hidden: made(20, UNITS), ...(cell === 'lstm' ? { cell: made(21, UNITS) } : {}) };
      const whole = {
        ...recording,
        cell,
        steps: STEPS,
        units: UNITS,
        reverse,
        traces,
        gradients: { hidden: made(30) },
        ...(started ? { start } : {}),
      };
      const all: Readonly<Record<string, Float32Array>> = { ...traces, ...derivedParts(whole) };
      for (let step = 0; step < STEPS; step++) {
        const expected = Object.fromEntries(
          Object.entries(all).map(([part, values]) => [
            part,
            (0 + values[step * UNITS + 1]! + values[step * UNITS + 2]!) / 2,
          ]),
        );
        expect(partsAt(whole, step, 1, 2)).toEqual(expected);
        expect(gradientsAt(whole, step, 1, 1)).toEqual({ hidden: whole.gradients.hidden[step * UNITS + 1] });
      }
      for (const [part, values] of Object.entries(all)) expect(partOf(whole, part as PartName)).toEqual(values);
      expect(partOf(whole, 'x')).toBeUndefined();
    });
  });

  test('are none beyond the sequence, and no gradients where there are none', () => {
    expect(partsAt(recording, -1, 0, 0)).toBeUndefined();
    expect(partsAt(recording, 4, 0, 0)).toBeUndefined();
    expect(gradientsAt(recording, 0, 0, 0)).toBeUndefined();
  });
});
