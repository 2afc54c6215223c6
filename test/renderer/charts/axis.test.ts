import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { xAxis, xRange, yAxis } from '../../../renderer/charts/axis.ts';
import type { ChartSpec, Level } from '../../../renderer/charts/spec.ts';
import { figure, metricValue } from '../../../renderer/format.ts';

const HEIGHT = 180;
const percent = (value: number): string => metricValue({ name: 'accuracy' }, value);

function chart(values: readonly number[], details: Partial<ChartSpec> = {}): ChartSpec {
  const y = Float64Array.from(values);
  return {
    title: '',
    xLabel: '',
    series: [{ key: 'a', label: 'a', colour: 'ink', x: y.map((_, i) => i + 1), y }],
    levels: [],
    scale: 'linear',
    format: figure,
    formatTick: figure,
    formatX: (value) => value.toFixed(0),
    ...details,
  };
}

const level = (value: number, reached?: boolean): Level => ({
  label: '',
  value,
  colour: 'edge',
  dash: [1],
  ...(reached === undefined ? {} : { reached }),
});

describe('the axis of values', () => {
  test.each([
    ['nothing right', [0, 0, 0], [0, 1]],
    ['everything right', [1, 1], [0.5, 1]],
    ['one value', [0.95], [0.4, 1]],
    ['almost everything right', [0.9, 0.98, 1], [0.9, 1]],
    ['almost nothing right', [0, 0.03], [0, 0.03]],
  ])('of shares stays between 0 and 100 %%: %s', (_name, values, ends) => {
    const { low, high, ticks } = yAxis(chart(values, { limits: [0, 1], formatTick: percent }), HEIGHT);
    expect([low, high]).toEqual(ends);
    for (const tick of ticks) expect(percent(tick)).toMatch(/^\d+(\.\d+)? %$/u);
  });

  test.each([
    [
      [4.2, 1.7],
      [1.5, 4.5],
    ],
    [
      [300, 1.7],
      [0, 300],
    ],
    [
      [0, 0],
      [0, 1],
    ],
    [[260], [100, 400]],
    [[-3], [-4.5, -1.5]],
    [[], [0, 1]],
    [
      [NaN, Infinity],
      [0, 1],
    ],
  ])('fits %j', (values, ends) => {
    const { low, high } = yAxis(chart(values), HEIGHT);
    expect([low, high]).toEqual(ends);
  });

  test('reaches a level unless that is not to be reached', () => {
    const values = [260, 230];
    expect(yAxis(chart(values, { levels: [level(312), level(1445, false)] }), HEIGHT)).toMatchObject({
      low: 220,
      high: 320,
    });
  });

  test('is the one that is fixed', () => {
    expect(yAxis(chart([0.3], { range: [0, 1] }), HEIGHT)).toMatchObject({
      low: 0,
      high: 1,
      ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
    });
  });

  test.each([
    ['a few values', [0.11, 0.45], {}, [0.1, 0.5]],
    ['two decades', [0.03, 1.8], {}, [0.02, 2]],
    ['several decades', [2e-4, 60], {}, [1e-4, 100]],
    ['very many decades', [1e-23, 0.3], {}, [1e-25, 1]],
    ['what is hardly another, with decades at least', [0.9, 1.1], { leastDecades: 3 }, [0.01, 100]],
    ['one value', [0.5], {}, [0.5, 1]],
    ['zeros left out', [0, 0.2], {}, [0.2, 0.5]],
    ['nothing', [0, NaN], {}, [0.1, 1]],
    ['a fixed range', [0.5], { range: [1e-44, 1e20] as const }, [1e-44, 1e20]],
  ])('of a logarithmic scale fits %s', (_name, values, details, [low, high]) => {
    const axis = yAxis(chart(values, { scale: 'log', ...details }), HEIGHT);
    expect(axis.low).toBeCloseTo(low!, 50);
    expect(axis.high).toBeCloseTo(high!, 10);
    expect(axis.ticks.length).toBeGreaterThan(1);
  });

  property.prop([
    fc.array(fc.double({ min: 1e-30, max: 1e20, noNaN: true }), { minLength: 1, maxLength: 20 }),
    fc.constantFrom('linear', 'log'),
    fc.integer({ min: 60, max: 600 }),
  ])('holds every value, and has ticks that neither crowd nor repeat', (values, scale, height) => {
    const { low, high, ticks } = yAxis(chart(values, { scale }), height);
    const near = 1e-6;
    for (const value of values) {
      expect(value).toBeGreaterThanOrEqual(low * (1 - near));
      expect(value).toBeLessThanOrEqual(high * (1 + near));
    }
    expect(low).toBeLessThan(high);
    expect(new Set(ticks.map(figure)).size).toBe(ticks.length);
    const place = (tick: number): number =>
      scale === 'log' ? Math.log(tick / low) / Math.log(high / low) : (tick - low) / (high - low);
    const places = ticks.map((tick) => place(tick) * height);
    for (const at of places) {
      expect(at).toBeGreaterThanOrEqual(-near * height);
      expect(at).toBeLessThanOrEqual(height * (1 + near));
    }
    // A line of text is 14 pixels high.
    for (let i = 1; i < places.length; i++) expect(places[i]! - places[i - 1]!).toBeGreaterThan(14);
  });
});

describe('the axis of steps', () => {
  test('reaches from 0 to the last of all series, or as far as it is to reach', () => {
    expect(xRange(chart([1, 2, 3]))).toEqual([0, 3]);
    expect(xRange(chart([1, 2, 3], { xMax: 50 }))).toEqual([0, 50]);
    expect(xRange(chart([]))).toEqual([0, 1]);
  });

  test.each([
    [600, [0, 1, 2, 3]],
    [100, [0, 2]],
  ])('has whole ticks alone, as many as %s pixels have room for', (width, ticks) => {
    expect(xAxis(chart([1, 2, 3]), width).ticks).toEqual(ticks);
  });
});
