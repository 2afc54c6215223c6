import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { panelsOf } from '../../../engine/core/arena.ts';
import { Parameters, readParameter, writeParameter, type Parameter } from '../../../engine/team/parameters.ts';
import { Numbers } from '../../reference/numbers.ts';

const START = 128;
const NONE = { kind: 'constant', value: 0 } as const;

const widths = fc.array(fc.integer({ min: 1, max: 18 }), { minLength: 1, maxLength: 4 });
const segmentsWithOrder = widths.chain((segments) =>
  fc.record({
    segments: fc.constant(segments),
    order: fc.option(
      fc.shuffledSubarray([...segments.keys()], { minLength: segments.length, maxLength: segments.length }),
      { nil: undefined },
    ),
  }),
);
const count = fc.integer({ min: 1, max: 20 });

/** One parameter of any layout, with the shape that it has outside. */
const layouts = fc.oneof(
  segmentsWithOrder.map(({ segments, order }) => ({
    shape: [total(segments)],
    add: (parameters: Parameters, name: string) => parameters.vector(name, segments, NONE, order),
  })),
  fc.tuple(segmentsWithOrder, widths).map(([{ segments, order }, inputs]) => ({
    shape: [total(segments), total(inputs)],
    add: (parameters: Parameters, name: string) => parameters.weight(name, segments, inputs, NONE, order),
  })),
  fc.tuple(segmentsWithOrder, count).map(([{ segments, order }, symbols]) => ({
    shape: [total(segments), symbols],
    add: (parameters: Parameters, name: string) => parameters.lookupWeight(name, segments, symbols, NONE, order),
  })),
  fc.tuple(count, widths).map(([rows, segments]) => ({
    shape: [rows, total(segments)],
    add: (parameters: Parameters, name: string) => parameters.table(name, rows, segments, NONE),
  })),
);

describe('parameters', () => {
  test('come back as they went in, each in its own place, here and in regions of the same layout', () => {
    const lists = fc.array(layouts, { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(lists, fc.nat(), (list, seed) => {
        const parameters = new Parameters(START);
        list.forEach(({ add }, index) => add(parameters, `p${index}`));
        expect(parameters.list.map(({ shape }) => shape)).toEqual(list.map(({ shape }) => shape));
        expect(parameters.count).toBe(list.reduce((sum, { shape }) => sum + product(shape), 0));
        expect(parameters.start % 64).toBe(0);
        expect(parameters.bytes % 64).toBe(0);

        const f32 = new Float32Array((parameters.start + 2 * parameters.bytes) / 4).fill(NaN);
        const numbers = new Numbers(seed);
        const values = parameters.list.map(({ shape }) => Float32Array.from(numbers.matrix(1, product(shape)).data));
        const others = values.map((of) => of.map((value) => value + 3));
        parameters.list.forEach((parameter, index) => {
          writeParameter(f32, parameter, values[index]!);
          writeParameter(f32, parameter, others[index]!, parameters.bytes);
        });
        parameters.list.forEach((parameter, index) => {
          expect(readParameter(f32, parameter)).toEqual(values[index]);
          expect(readParameter(f32, parameter, parameters.bytes)).toEqual(others[index]);
        });
        const inside = f32.subarray(parameters.start / 4, (parameters.start + parameters.bytes) / 4);
        expect(inside.filter((value) => !Number.isNaN(value)).length).toBe(parameters.count);
      }),
    );
  });

  test('store a weight transposed, inputs in padded segments, outputs in the given order', () => {
    const parameters = new Parameters(START);
    // Gates a, b of two units each, stored b, a; inputs are two segments of 3 and 1: rows 0 to 2 and 8.
    const weight = parameters.weight('w', [2, 2], [3, 1], NONE, [1, 0]);
    const stored = store(weight, [11, 12, 13, 14, 21, 22, 23, 24, 31, 32, 33, 34, 41, 42, 43, 44]);
    expect(weight.matrix).toMatchObject({ rows: 16, segments: [2, 2], panels: 2 });
    expect(stored(0, 0, 2)).toEqual([31, 41]);
    expect(stored(0, 2, 2)).toEqual([33, 43]);
    expect(stored(0, 8, 2)).toEqual([34, 44]);
    expect(stored(1, 0, 2)).toEqual([11, 21]);
    expect(stored(1, 8, 2)).toEqual([14, 24]);
  });

  test('store a lookup weight as a row a symbol', () => {
    const weight = new Parameters(START).lookupWeight('w', [2, 1], 2, NONE);
    const stored = store(weight, [11, 12, 21, 22, 31, 32]);
    expect([stored(0, 0, 2), stored(1, 0, 1)]).toEqual([[11, 21], [31]]);
    expect([stored(0, 1, 2), stored(1, 1, 1)]).toEqual([[12, 22], [32]]);
  });

  test('store a table as it is, and a vector as one row of panels that follow each other', () => {
    const table = store(new Parameters(START).table('t', 2, [1, 2], NONE), [11, 12, 13, 21, 22, 23]);
    expect([table(0, 1, 1), table(1, 1, 2)]).toEqual([[21], [22, 23]]);
    const vector = new Parameters(START).vector('v', [1, 2], NONE, [1, 0]);
    expect(vector.matrix).toMatchObject({ rows: 1, segments: [2, 1], stride: 32 });
    const stored = store(vector, [1, 2, 3]);
    expect([stored(0, 0, 2), stored(1, 0, 1)]).toEqual([[2, 3], [1]]);
  });

  test('of unequal segments keep their order where it turns them round', () => {
    const parameter = new Parameters(START).vector('v', [9, 1, 3], NONE, [2, 0, 1]);
    expect(parameter.matrix.segments).toEqual([3, 9, 1]);
    expect(parameter.matrix.panels).toBe(panelsOf(3) + panelsOf(9) + panelsOf(1));
    const values = Array.from({ length: 13 }, (_, i) => i);
    const stored = store(parameter, values);
    expect([stored(0, 0, 3), stored(1, 0, 8), stored(2, 0, 1), stored(3, 0, 1)]).toEqual([
      [10, 11, 12],
      [0, 1, 2, 3, 4, 5, 6, 7],
      [8],
      [9],
    ]);
  });

  test('refuse another number of values', () => {
    const vector = new Parameters(START).vector('b', [3], NONE);
    expect(() => {
      writeParameter(new Float32Array(100), vector, [1, 2]);
    }).toThrow('b holds 3 values, not 2.');
  });
});

/** Writes the values and returns how to read what lies in a row of a panel. */
function store(parameter: Parameter, values: readonly number[]) {
  const { at, panels, stride } = parameter.matrix;
  const f32 = new Float32Array((at + panels * stride) / 4);
  writeParameter(f32, parameter, values);
  return (panel: number, row: number, columns: number): number[] => {
    const from = (at + panel * stride + row * 32) / 4;
    return [...f32.subarray(from, from + columns)];
  };
}

function total(widthsOf: readonly number[]): number {
  return widthsOf.reduce((sum, width) => sum + width, 0);
}

function product(shape: readonly number[]): number {
  return shape.reduce((result, size) => result * size, 1);
}
