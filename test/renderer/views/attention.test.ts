import { describe, expect, test } from 'vitest';
import { layoutBeam } from '../../../renderer/views/attention/beam-layout.ts';
import { formatToward, parseToward } from '../../../renderer/views/attention/between.ts';
import { evenly, onlyAt, setWeight } from '../../../renderer/views/attention/edit-weights.ts';
import { formatLookedAt, parseLookedAt } from '../../../renderer/views/attention/looked-at.ts';
import { differenceOf, layerOf, mapOf, peakOf, rowOf } from '../../../renderer/views/attention/maps.ts';
import type { Branch, Written } from '../../../renderer/worker/translations.ts';

describe('weights that are edited', () => {
  test('stay shares of one, the others in their proportions', () => {
    const edited = setWeight([0.5, 0.3, 0.2], 0, 0);
    expect(edited[0]).toBe(0);
    expect(edited[1]).toBeCloseTo(0.6, 12);
    expect(edited[2]).toBeCloseTo(0.4, 12);
    expect(setWeight([1, 0, 0], 0, 0.5)).toEqual([0.5, 0.25, 0.25]);
    expect(setWeight([0.2, 0.8], 1, 7)).toEqual([0, 1]);
    expect(setWeight([1], 0, 0)).toEqual([1]);
    expect([onlyAt(3, 1), evenly(2)]).toEqual([
      [0, 1, 0],
      [0.5, 0.5],
    ]);
  });
});

describe('what is looked at', () => {
  test('is read from an address as it was written', () => {
    const looked = { part: 'live', name: 'decoder.layers.1.multihead_attn', head: null, position: 4 } as const;
    expect(parseLookedAt(formatLookedAt(looked), 'self')).toEqual(looked);
    expect(formatLookedAt({ part: 'self', name: '', head: null, position: null })).toBe('self');
    expect(parseLookedAt('nowhere/<x>/a/b', 'self')).toEqual({ part: 'self', name: '', head: null, position: null });
    expect(parseLookedAt(null, 'live').part).toBe('live');
  });
});

describe('where one stands between two sources', () => {
  test('is read from an address as it was written', () => {
    const toward = { input: '"a&b; c"', share: 0.35 };
    expect(parseToward(formatToward(toward))).toEqual(toward);
    expect(parseToward('')).toEqual({ input: null, share: 0.5 });
    expect(parseToward('share=7').share).toBe(0.5);
  });
});

describe('maps', () => {
  const symbol = { symbol: 2, label: 'a', probability: 1, best: [] };
  const written: Written = {
    text: 'aa',
    symbols: [symbol, symbol],
    ended: false,
    logProbability: -1,
    maps: [
      {
        name: 'decoder.layers.0.multihead_attn',
        heads: [Float32Array.of(1, 0, 0, 1), Float32Array.of(0, 1, 0.5, 0.5)],
      },
    ],
  };

  test('are of a head, or the mean over all', () => {
    expect(mapOf(written, 'decoder.layers.0.multihead_attn', 1, 2)?.values).toEqual(Float32Array.of(0, 1, 0.5, 0.5));
    const mean = mapOf(written, '', null, 2)!;
    expect(mean).toMatchObject({ head: null, rows: 2, columns: 2 });
    expect(mean.values).toEqual(Float32Array.of(0.5, 0.5, 0.25, 0.75));
    expect(peakOf(rowOf(mean, 1))).toBe(1);
    expect(mapOf({ ...written, maps: [] }, '', null, 2)).toBeUndefined();
  });

  test('are compared where both have a row', () => {
    const long = mapOf(written, '', 0, 2)!;
    const short = { ...long, values: long.values.slice(0, 2) };
    expect(differenceOf(long, short).values).toEqual(Float32Array.of(0, 0, NaN, NaN));
  });

  test('are of a layer, where there are layers', () => {
    expect([layerOf('decoder.layers.1.multihead_attn'), layerOf('attention')]).toEqual([2, null]);
  });
});

test('a beam is laid out in a column for each step, what is more probable on top', () => {
  const branch = (parent: number, path: readonly number[], logProbability: number): Branch => ({
    ...{ symbol: path.at(-1) ?? 0, label: 'a', probability: 0.5, best: false },
    ...{ parent, path, logProbability },
  });
  const layout = layoutBeam([branch(-1, [1], -2), branch(-1, [2], -1), branch(0, [1, 3], -3)]);
  expect(layout).toMatchObject({ columns: 2, rows: 2 });
  expect(layout.placed.map(({ column, row }) => [column, row])).toEqual([
    [0, 1],
    [0, 0],
    [1, 0],
  ]);
});
