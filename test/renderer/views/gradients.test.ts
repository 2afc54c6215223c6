import { describe, expect, test } from 'vitest';
import type { HealthRecord } from '../../../engine/gradients/health-record.ts';
import { RACE_PRESETS } from '../../../engine/gradients/race-presets.ts';
import type { RaceSettings } from '../../../engine/gradients/race-settings.ts';
import type { LaneUpdate } from '../../../engine/gradients/race.ts';
import {
  clipChart,
  groupsOf,
  layerOf,
  normChart,
  saturationChart,
} from '../../../renderer/views/gradients/health-charts.ts';
import { presetOf, quantityOf, raceOf } from '../../../renderer/views/gradients/race-address.ts';
import {
  LaneCourse,
  MOST_MOMENTS,
  MOST_POINTS as MOST_COURSE_POINTS,
  withMoment,
  type Moment,
} from '../../../renderer/views/gradients/race-course.ts';
import { laneName } from '../../../renderer/views/gradients/race-names.ts';
import { MOST_POINTS, chosenUpdates } from '../../../renderer/views/gradients/course.svelte.ts';
import {
  edgeKey,
  edgesOf,
  inlinePartial,
  statesOf,
  throughCellAlone,
} from '../../../renderer/views/gradients/symbols.ts';
import { expandLoss, pathsOf } from '../../../engine/gradients/expansion.ts';
import { mapValues, meanFactor, rowAt } from '../../../renderer/views/gradients/flow-values.ts';
import { layoutGraph } from '../../../renderer/views/gradients/graph-layout.ts';
import { formatLookedAt, parseLookedAt } from '../../../renderer/views/gradients/looked-at.ts';
import { power } from '../../../renderer/views/gradients/power.ts';
import { smallNetwork, withSteps, withWeight } from '../../../renderer/views/gradients/small-network.ts';

describe('what is looked at', () => {
  test('is read back from an address as it was written', () => {
    for (const small of [true, false]) {
      const looked = { part: 'unrolled', parameter: 'w', t: 3, k: 1, small } as const;
      expect(parseLookedAt(formatLookedAt(looked), 'flow')).toEqual(looked);
    }
    expect(parseLookedAt('depth', 'flow').part).toBe('depth');
  });

  test('begins somewhere where an address says nothing that is known', () => {
    expect(parseLookedAt(null, 'flow')).toEqual({ part: 'flow', parameter: 'u', t: 0, k: 0, small: false });
    expect(parseLookedAt('forget@3.x.-1', 'unrolled').part).toBe('unrolled');
  });
});

describe('norms', () => {
  test('are written as powers of ten, beyond every number too', () => {
    expect([power(-0.5), power(-40.5), power(-41), power(NaN)]).toEqual(['0.316', '3.2e−41', '1e−41', '–']);
    expect([power(-Infinity), power(Infinity)]).toEqual(['< 1e−66', '> 1e66']);
  });

  test('stand by step and loss', () => {
    const norms = Float32Array.of(0, NaN, NaN, -2, 0, NaN, -5, -2, 0);
    const map = { layer: 0, reverse: false, state: 'hidden', perStep: true, direct: false, norms } as const;
    const flow = { steps: 3, losses: [0, 1, 2], lossValues: [1, 1, 1], maps: [map] };
    expect(Array.from(mapValues(map, flow))).toEqual([0, -2, -5, NaN, 0, -2, NaN, NaN, 0]);
    expect([rowAt(flow, null), rowAt(flow, 1), rowAt({ ...flow, losses: [2] }, 0)]).toEqual([2, 1, 0]);
    expect(meanFactor(Float32Array.of(-4, -2, 0))).toBeCloseTo(0.01);
    expect(meanFactor(Float32Array.of(-Infinity, -2, NaN))).toBeNaN();
  });
});

describe('the graph', () => {
  test.each(['rnn', 'lstm'] as const)('has an edge for each that the factors of an %s go along', (cell) => {
    const { edges, nodes } = layoutGraph(cell, 5, 800);
    const known = new Set(edges.map(edgeKey));
    const gate = cell === 'lstm' ? { gate: 'forget' as const } : {};
    for (const parameter of ['u', 'w', 'v'] as const) {
      const { summands } = expandLoss({ cell, parameter, softmax: true, ...gate }, 5);
      for (const { product } of summands) {
        for (const edge of product.factors.flatMap(edgesOf)) expect(known).toContain(edgeKey(edge));
      }
      if (cell === 'rnn') continue;
      for (const path of pathsOf({ cell, parameter, softmax: true, ...gate }, { t: 5, k: 2 }, 100).paths) {
        for (const edge of path.factors.flatMap(edgesOf)) expect(known).toContain(edgeKey(edge));
      }
    }
    for (const { at } of nodes) {
      expect(at.x).toBeGreaterThan(0);
      expect(at.x).toBeLessThan(800);
    }
  });

  test('tells the states that a single path goes through, the one through cell states alone first', () => {
    const request = { cell: 'lstm', parameter: 'u', softmax: true, gate: 'forget' } as const;
    const { count, paths } = pathsOf(request, { t: 3, k: 2 }, 100);
    expect(count).toBe(paths.length);
    expect(paths.map(statesOf)).toEqual(['h(3) c(3) c(2)', 'h(3) c(3) h(2) c(2)', 'h(3) h(2) c(2)']);
    expect(paths.map(throughCellAlone)).toEqual([true, false, false]);
  });

  test('writes factors as the formula does', () => {
    const { summands } = expandLoss({ cell: 'lstm', parameter: 'u', softmax: true, gate: 'forget' }, 2);
    expect(summands[1]?.product.factors.map(inlinePartial)).toEqual([
      '∂J(2)/∂ŷ(2)',
      '∂ŷ(2)/∂z(2)',
      '∂z(2)/∂q(2)',
      '∂q(2)/∂q(1)',
      '∂q(1)/∂s_f(1)',
      '∂s_f(1)/∂u_f',
    ]);
  });
});

test('a small network keeps what was edited when its steps change', () => {
  const edited = withWeight(smallNetwork('rnn', 3), 'w', 1, 7);
  const longer = withSteps(edited, 5);
  expect(longer.x).toHaveLength(5);
  expect(longer.weights.w[1]).toBe(7);
  expect(withSteps(longer, 2).targets).toHaveLength(2);
  expect(smallNetwork('rnn', 3).weights.w[1]).not.toBe(7);
});

test('the course of a long run has its first and last checkpoint, and not too many between', () => {
  const updates = Array.from({ length: 400 }, (_, i) => i * 10);
  const chosen = chosenUpdates(updates);
  expect(chosen).toHaveLength(MOST_POINTS);
  expect([chosen[0], chosen.at(-1), new Set(chosen).size]).toEqual([0, 3990, MOST_POINTS]);
  expect(chosenUpdates([0, 5])).toEqual([0, 5]);
  // A checkpoint more makes none of the others move but the last.
  const more = chosenUpdates([...updates, 4000], chosen);
  expect(more.filter((update) => !chosen.includes(update))).toEqual([4000]);
  expect(more[0]).toBe(0);
  expect([...more].sort((a, b) => a - b)).toEqual(more);
});

describe('a race', () => {
  const update = (n: number, loss = n): LaneUpdate => ({
    update: n,
    loss,
    gradientNorm: 2,
    clipScale: n % 2 ? 1 : 0.5,
  });

  test('is read back from its address, by its name where it is a preset', () => {
    const own = { ...RACE_PRESETS.vanish, seed: 7 };
    expect(quantityOf(RACE_PRESETS.vanish)).toBe('race.vanish');
    expect(presetOf(own)).toBeUndefined();
    for (const race of [RACE_PRESETS.explode, own]) expect(raceOf(quantityOf(race))).toEqual(race);
    expect(parseLookedAt(quantityOf(own), 'flow').part).toBe('race');
    for (const nothing of [null, 'race', 'race.x', 'depth']) expect(raceOf(nothing)).toEqual(RACE_PRESETS.cells);
  });

  test('keeps the mean of what it went through in a bounded number of points', () => {
    const course = new LaneCourse();
    for (let n = 1; n <= 5000; n++) course.add(update(n));
    course.add(update(5000));
    const { points } = course;
    expect(points.length).toBeLessThanOrEqual(2 * MOST_COURSE_POINTS);
    expect(points.at(-1)?.update).toBe(5000);
    expect(points.reduce((sum, { clipped }) => sum + clipped, 0)).toBe(2500);
    const [first, second] = points;
    expect(first!.loss).toBeCloseTo((1 + first!.update) / 2);
    expect(second!.loss).toBeCloseTo((first!.update + 1 + second!.update) / 2);
  });

  test('keeps first and newest moments, and no more than a map has room for', () => {
    let moments: readonly Moment[] = [];
    for (let n = 0; n <= 200; n++) moments = withMoment(moments, { update: n, norms: Float32Array.of(n) });
    expect(moments.length).toBeLessThanOrEqual(MOST_MOMENTS);
    expect([moments[0]?.update, moments.at(-1)?.update]).toEqual([0, 200]);
    expect(withMoment(moments, { update: 200, norms: new Float32Array(1) })).toBe(moments);
  });

  test('names each model by what sets it apart', () => {
    const named = (race: RaceSettings): readonly string[] => race.lanes.map((lane) => laneName(lane, race));
    expect(named(RACE_PRESETS.cells)).toEqual(['RNN', 'LSTM', 'GRU']);
    expect(named(RACE_PRESETS.explode)).toEqual(['RNN · not clipped', 'RNN · clipped to 1']);
    expect(named(RACE_PRESETS.truncation)).toEqual(['LSTM · not truncated', 'LSTM · windows of 10']);
    for (const preset of Object.values(RACE_PRESETS)) expect(new Set(named(preset)).size).toBe(preset.lanes.length);
  });
});

describe('a run’s health', () => {
  const record = (update: number, clipScale: number): HealthRecord => ({
    update,
    loss: 1,
    gradientNorm: 5,
    clipScale,
    parameters: [
      { name: 'recurrent.weight_ih_l0', gradientNorm: 3, weightNorm: 4, updateRatio: 0.1 },
      { name: 'recurrent.weight_hh_l0_reverse', gradientNorm: 4, weightNorm: 3, updateRatio: 0.2 },
      { name: 'head.bias', gradientNorm: 0, weightNorm: 0, updateRatio: null },
    ],
    saturation: [
      { name: 'recurrent.l0.forget', low: 0.25, high: 0.5 },
      { name: 'recurrent.l1.forget', low: 0, high: 1 },
    ],
    radii: [],
  });
  const records = [record(1, 0.2), record(2, 1)];

  test('knows which layer a parameter is of', () => {
    const layers = [
      ['recurrent.bias_hh_l1_reverse', 'recurrent.l1'],
      ['encoder.layers.0.self_attn.in_proj_weight', 'encoder.layers.0'],
      ['head.weight', 'head'],
      ['embedding.weight', 'embedding'],
    ] as const;
    for (const [name, layer] of layers) expect(layerOf(name)).toBe(layer);
  });

  test('takes the parameters of a layer together', () => {
    const [recurrent, head] = groupsOf(records[0]!, 'layer');
    expect(recurrent).toMatchObject({ name: 'recurrent.l0', gradientNorm: 5 });
    expect(recurrent!.updateRatio).toBeCloseTo(Math.hypot(0.4, 0.6) / 5);
    expect(head).toMatchObject({ name: 'head', gradientNorm: 0, updateRatio: NaN });
    expect(groupsOf(records[0]!, 'parameter').map(({ name }) => name)).toHaveLength(3);
  });

  test('is drawn over updates, with the norm that is clipped to', () => {
    const norms = normChart(records, 'layer', 2);
    expect(norms.series.map(({ key }) => key)).toEqual(['', 'recurrent.l0', 'head']);
    expect([...norms.series[0]!.x, ...norms.series[1]!.y]).toEqual([1, 2, 5, 5]);
    expect(norms.levels.map(({ value }) => value)).toEqual([2]);
    expect(normChart(records, 'layer', 0).levels).toEqual([]);
    expect([...clipChart(records).series[0]!.y]).toEqual([0.2, 1]);
    const saturated = saturationChart(records, 'recurrent.l0')!;
    expect(saturated.series.map(({ y }) => y[0])).toEqual([0.25, 0.5]);
    expect(saturationChart(records, 'head')).toBeUndefined();
  });
});
