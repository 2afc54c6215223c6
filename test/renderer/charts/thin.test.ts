import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { Column } from '../../../renderer/charts/column.ts';
import { nearestIndex, thin } from '../../../renderer/charts/thin.ts';

const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 500 });
const ascending = (length: number): Float64Array => Float64Array.from({ length }, (_, i) => 3 * i);

describe('thin', () => {
  property.prop([values, fc.integer({ min: 1, max: 60 })])(
    'keeps both ends of the values, and the order',
    (y, buckets) => {
      const points = thin(ascending(y.length), Float64Array.from(y), buckets);
      const kept = points.map((point) => point.y);
      expect(Math.min(...kept)).toBe(Math.min(...y));
      expect(Math.max(...kept)).toBe(Math.max(...y));
      expect(points.map((point) => point.x)).toEqual(points.map((point) => point.x).toSorted((a, b) => a - b));
      expect(points[0]).toBeDefined();
      expect(points.at(-1)?.x).toBe(3 * (y.length - 1));
      expect(points.length).toBeLessThanOrEqual(2 * buckets + 1);
    },
  );

  property.prop([values])('keeps every point where there are few', (y) => {
    const points = thin(ascending(y.length), Float64Array.from(y), y.length);
    expect(points.map((point) => point.y)).toEqual(y);
  });

  test('keeps values among gaps', () => {
    const y = Float64Array.from({ length: 100 }, (_, i) => (i === 42 ? 7 : NaN));
    expect(thin(ascending(100), y, 5).some((point) => point.y === 7)).toBe(true);
  });

  test('takes as many points as both columns have', () => {
    expect(thin(Float64Array.of(1, 2, 3), Float64Array.of(5), 10)).toEqual([{ x: 1, y: 5 }]);
  });
});

describe('nearestIndex', () => {
  property.prop([
    fc.uniqueArray(fc.integer({ min: -1000, max: 1000 }), { minLength: 1 }),
    fc.integer({ min: -1100, max: 1100 }),
  ])('finds a value as near as any', (list, at) => {
    const sorted = Float64Array.from(list).sort();
    const found = sorted[nearestIndex(sorted, at)]!;
    expect(Math.abs(found - at)).toBe(Math.min(...list.map((value) => Math.abs(value - at))));
  });

  test('finds nothing where there is nothing', () => {
    expect(nearestIndex(new Float64Array(), 3)).toBe(-1);
  });
});

property.prop([fc.array(fc.double({ noNaN: true })), fc.array(fc.double({ noNaN: true }))])(
  'a Column holds what it began with and what was pushed',
  (first, more) => {
    const column = new Column(Float64Array.from(first));
    for (const value of more) column.push(value);
    expect([...column.values]).toEqual([...first, ...more]);
    expect(column.length).toBe(first.length + more.length);
  },
);
