import { test as property, fc } from '@fast-check/vitest';
import { describe, expect, onTestFinished, test } from 'vitest';
import { coreFiles } from '../../../electron/core/core-files.ts';
import { loadCore } from '../../../engine/core/load.ts';
import { RACE_PRESETS, RACE_PRESET_NAMES } from '../../../engine/gradients/race-presets.ts';
import {
  formatRace,
  laneExperiment,
  parametersOf,
  parseRace,
  PLAIN_LANE,
  RACE_CELLS,
  RACE_STARTS,
  RACE_TASKS,
  unitsOf,
  type LaneSettings,
  type RaceSettings,
} from '../../../engine/gradients/race-settings.ts';
import { Race } from '../../../engine/gradients/race.ts';

const small: RaceSettings = {
  task: 'copy-memory',
  steps: 24,
  units: 8,
  match: 'parameters',
  batchSize: 4,
  optimizer: 'adam',
  learningRate: 0.01,
  updates: 6,
  seed: 3,
  lanes: [PLAIN_LANE, { ...PLAIN_LANE, cell: 'lstm' }, { ...PLAIN_LANE, cell: 'gru' }],
};
const lanes = (...changes: readonly Partial<LaneSettings>[]): readonly LaneSettings[] =>
  changes.map((change) => ({ ...PLAIN_LANE, ...change }));

async function start(settings: RaceSettings): Promise<Race> {
  const race = await Race.start(await loadCore(coreFiles, { shared: false }), settings);
  onTestFinished(() => race.stop());
  return race;
}

const laneSettings: fc.Arbitrary<LaneSettings> = fc
  .record({
    cell: fc.constantFrom(...RACE_CELLS),
    activation: fc.constantFrom('tanh' as const, 'relu' as const),
    recurrent: fc.constantFrom(...RACE_STARTS),
    scale: fc.double({ min: 0, max: 10, noNaN: true }),
    forgetBias: fc.oneof(fc.constant('chrono' as const), fc.double({ min: -10, max: 10, noNaN: true })),
    clipNorm: fc.double({ min: 0, max: 1000, noNaN: true }),
    window: fc.nat(400),
  })
  // What a cell does not have is as it is without it.
  .map((lane) => ({
    ...lane,
    scale: lane.scale + 0,
    activation: lane.cell === 'rnn' ? lane.activation : PLAIN_LANE.activation,
    forgetBias: lane.cell === 'lstm' ? (lane.forgetBias === 'chrono' ? 'chrono' : lane.forgetBias + 0) : 1,
  }));

describe('the settings of a race', () => {
  property.prop([
    fc.record<RaceSettings>({
      task: fc.constantFrom(...RACE_TASKS),
      steps: fc.integer({ min: 21, max: 200 }),
      units: fc.integer({ min: 2, max: 128 }),
      match: fc.constantFrom('parameters', 'units'),
      batchSize: fc.integer({ min: 1, max: 128 }),
      optimizer: fc.constantFrom('adam', 'sgd'),
      learningRate: fc.double({ min: 1e-6, max: 10, noNaN: true }),
      updates: fc.integer({ min: 1, max: 100_000 }),
      seed: fc.integer({ min: 0, max: 0xffff_ffff }),
      lanes: fc.array(laneSettings, { minLength: 1, maxLength: 4 }),
    }),
  ])('are read back from their text', (race) => {
    expect(parseRace(formatRace(race))).toEqual(race);
  });

  test('are brought into range, and refused where they are no race', () => {
    expect(parseRace('parity;T=5;H=1e9;B=x;seed=-1;rnn,clip=-3')).toMatchObject({
      steps: 10,
      units: 128,
      batchSize: 32,
      seed: 0,
      lanes: [{ cell: 'rnn', clipNorm: 0 }],
    });
    for (const text of ['', 'vanish', 'adding;T=100', 'moby-dick;rnn']) expect(parseRace(text)).toBeUndefined();
  });

  test.each(RACE_PRESET_NAMES)('of the preset %s are experiments', (name) => {
    const race: RaceSettings = RACE_PRESETS[name];
    expect(parseRace(formatRace(race))).toEqual(race);
    for (const lane of race.lanes) expect(laneExperiment(lane, race).model).toHaveProperty('cell', lane.cell);
  });
});

describe('a race', () => {
  test('has models of about the same number of parameters, as many as it says', async () => {
    const { facts } = await start(small);
    const wanted = parametersOf('lstm', 8, 'copy-memory');
    facts.forEach(({ units, parameters }, index) => {
      const lane = small.lanes[index]!;
      expect(units).toBe(unitsOf(lane, small));
      expect(parameters).toBe(parametersOf(lane.cell, units, 'copy-memory'));
      for (const other of [units - 1, units + 1]) {
        expect(Math.abs(parameters - wanted)).toBeLessThanOrEqual(
          Math.abs(parametersOf(lane.cell, other, 'copy-memory') - wanted),
        );
      }
    });
    for (const task of ['adding', 'parity'] as const) {
      const race = await start({ ...small, task, match: 'units' });
      expect(race.facts.map(({ parameters }) => parameters)).toEqual(
        RACE_CELLS.map((cell) => parametersOf(cell, 8, task)),
      );
    }
  });

  test('keeps its lanes in step, on the same batches, until its last update', async () => {
    const same = await start({ ...small, lanes: lanes({}, {}, { clipNorm: 0.001 }) });
    const first = same.step();
    // The batch is one: equal weights have equal losses on it, whatever then becomes of the gradient.
    expect(first[1]).toEqual(first[0]);
    expect(first[2]!.loss).toBe(first[0]!.loss);
    expect(first[2]!.clipScale).toBeLessThan(1);
    for (let update = 2; update <= 6; update++) {
      const reports = same.step();
      expect(reports.map((report) => report?.update)).toEqual([update, update, update]);
      expect(reports[1]).toEqual(reports[0]);
    }
    expect(same.finished).toBe(true);
    expect(same.step().map((report) => report?.update)).toEqual([6, 6, 6]);
    expect(same.update).toBe(6);
    expect(same.results().map((result) => result?.metrics[0]?.name)).toEqual(Array(3).fill('crossEntropy'));
  });

  test('is the same again from the same settings, and another from another seed', async () => {
    const runs: unknown[] = [];
    for (const seed of [3, 3, 4]) {
      const race = await start({ ...small, seed });
      runs.push([race.step(), race.step(), race.flows().map(({ maps }) => maps.map(({ norms }) => [...norms]))]);
    }
    expect(runs[1]).toEqual(runs[0]);
    expect(runs[2]).not.toEqual(runs[0]);
  });

  test('has a map of every loss and step, which a window cuts', async () => {
    const race = await start({ ...small, lanes: lanes({ cell: 'lstm' }, { cell: 'lstm', window: 6 }) });
    const [whole, cut] = race.flows();
    expect(whole!.losses).toHaveLength(24);
    whole!.maps.forEach(({ norms }, m) => {
      for (let t = 0; t < 24; t++) {
        for (let k = 0; k <= t; k++) {
          const at = t * 24 + k;
          const within = Math.floor(k / 6) === Math.floor(t / 6);
          if (within) expect(cut!.maps[m]!.norms[at]).toBeCloseTo(norms[at]!, 4);
          else expect(cut!.maps[m]!.norms[at]).toBeNaN();
        }
      }
    });
  });

  test('lets the others go on when one diverges, and keeps its last map', async () => {
    const race = await start({ ...RACE_PRESETS.explode, batchSize: 8 });
    const [before] = race.flows();
    for (let update = 0; update < 20; update++) race.step();
    const [unclipped, clipped] = race.failures;
    expect(unclipped).toMatch(/^training diverged at update \d+/u);
    expect(clipped).toBeUndefined();
    expect(race.step()[1]?.update).toBe(21);
    expect(race.flows()[0]).toBe(before);
    expect(race.results()[0]).toBeUndefined();
  });

  test('of the first preset has an LSTM and a GRU that solve the task, and a plain RNN that does no better than chance', async () => {
    const race = await start(RACE_PRESETS.cells);
    while (!race.finished) race.step();
    const kinds = race.results().map((result) => result?.verdict?.kind);
    expect(kinds).toEqual(['chance', 'solved', 'solved']);
  });
});
