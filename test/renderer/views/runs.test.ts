import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { withMember } from '../../../renderer/state/experiment.ts';
import { RunHistory } from '../../../renderer/state/run-history.ts';
import { columnsOf, Differing, differing, matching, sorted } from '../../../renderer/views/runs/columns.ts';
import { comparisonChart, FAR_NORM, LOSS, measuresOf } from '../../../renderer/views/runs/comparison.ts';
import { rowWindow } from '../../../renderer/views/runs/window.ts';
import { experiment, metric, runInfo } from '../fake-program.ts';

const title = (): string => 'Parity of bits';
const run = (id: string, hiddenSize: number, value: number | null) =>
  runInfo({
    id,
    experiment: withMember(experiment, 'model.hiddenSize', hiddenSize),
    metric: value === null ? null : { ...metric, value },
    best: value === null ? null : { metric: { ...metric, value }, update: 1 },
  });
const runs = [run('a', 16, 0.7), run('b', 128, 0.9), run('c', 32, null)];

describe('the columns', () => {
  test('are what differs between the experiments', () => {
    expect(differing(runs)).toEqual(['model.hiddenSize']);
    expect(differing(runs.slice(0, 1))).toEqual([]);
  });

  test('have what only some of the experiments have', () => {
    const gru = runInfo({
      id: 'g',
      experiment: withMember(withMember(experiment, 'model.cell', 'gru'), 'model.init.forgetBias', undefined),
    });
    expect(differing([runs[0]!, gru])).toEqual(['model.cell', 'model.init.forgetBias']);
    expect(differing([gru, runs[0]!])).toEqual(['model.cell', 'model.init.forgetBias']);
  });

  test('are found anew only where the experiments are other ones', () => {
    const known = new Differing();
    const first = known.of(runs);
    const further = runs.map((info) => ({ ...info, progress: { ...info.progress, update: 7 } }));
    expect(known.of(further)).toBe(first);
    expect(known.of(runs.slice(1))).toEqual(['model.hiddenSize']);
    expect(known.of(runs.slice(2))).toEqual([]);
  });

  test('stand between what a run is and what came of it', () => {
    expect(columnsOf(differing(runs), title).map(({ key }) => key)).toEqual([
      'name',
      'state',
      'task',
      'model.hiddenSize',
      'metric',
      'best',
      'measured',
      'update',
      'speed',
      'created',
    ]);
  });

  test('call a dataset by its name, and by its id only where it is not in the workspace', () => {
    const own = (dataset: string) =>
      runInfo({ id: dataset, experiment: withMember(experiment, 'task.dataset', dataset) });
    const both = [own('reviews-d6c5768a'), own('gone-1')];
    const names = new Map([['reviews-d6c5768a', 'Reviews']]);
    const column = columnsOf(differing(both), title, (id) => names.get(id)).find(({ key }) => key === 'task.dataset');
    expect(column?.label).toBe('Dataset');
    expect(both.map((info) => column?.text(info))).toEqual(['Reviews', 'gone-1']);
  });

  test('show values as people read them', () => {
    const texts = columnsOf(differing(runs), title).map((column) => column.text(runs[1]!));
    expect(texts).toEqual(expect.arrayContaining(['b', 'finished', 'Parity of bits', '128', '90 %', 'accuracy']));
    expect(
      columnsOf(differing(runs), title)
        .find(({ key }) => key === 'best')
        ?.text(runs[2]!),
    ).toBe('');
  });
});

describe('sorting', () => {
  const columns = columnsOf(differing(runs), title);
  const order = (sort: string | null): string =>
    sorted(runs, columns, sort)
      .map(({ id }) => id)
      .join('');

  test.each([
    ['model.hiddenSize', 'acb'],
    ['-model.hiddenSize', 'bca'],
    ['best', 'abc'],
    ['-best', 'bac'],
    ['-name', 'cba'],
    ['no such column', 'abc'],
    [null, 'abc'],
  ])('by %s gives %s; runs without a value come last', (sort, expected) => {
    expect(order(sort)).toBe(expected);
  });
});

describe('the filter', () => {
  test.each([
    ['', 'abc'],
    ['  ', 'abc'],
    ['model.hiddensize=128', 'b'],
    ['PARITY lstm', 'abc'],
    ['finished b', 'abc'],
    ['gru', ''],
  ])('"%s" finds %s', (filter, expected) => {
    expect(
      matching(runs, filter, title, differing(runs))
        .map(({ id }) => id)
        .join(''),
    ).toBe(expected);
  });
});

test('10,000 runs are filtered, sorted and given columns in a fraction of a second', () => {
  const many = Array.from({ length: 10_000 }, (_, i) => run(`r${i}`, 1 + (i % 512), i));
  const found = matching(many, 'lstm', title, differing(many));
  const columns = columnsOf(differing(found), title);
  expect(columns.some(({ key }) => key === 'model.hiddenSize')).toBe(true);
  expect(sorted(found, columns, '-best')[0]?.id).toBe('r9999');
});

describe('the rows on the screen', () => {
  property.prop([fc.nat(400_000), fc.nat(2000), fc.nat(10_000)])(
    'are inside the table and cover what is seen',
    (top, height, count) => {
      const { start, end } = rowWindow(top, height, 36, count, 10);
      expect(start).toBeGreaterThanOrEqual(0);
      expect(end).toBeLessThanOrEqual(count);
      expect(start).toBeLessThanOrEqual(end);
      const first = Math.floor(top / 36);
      if (first < count) {
        expect(start).toBeLessThanOrEqual(first);
        expect(end).toBeGreaterThanOrEqual(Math.min(count, Math.ceil((top + height) / 36)));
      }
      expect(end - start).toBeLessThanOrEqual(Math.ceil(height / 36) + 22);
    },
  );
});

describe('a comparison', () => {
  const history = (values: readonly number[]): RunHistory => {
    const updates = Float64Array.from(values, (_, i) => 10 * (i + 1));
    return RunHistory.from({
      update: updates,
      loss: Float64Array.from(values),
      gradientNorm: Float64Array.from(values),
      learningRate: Float64Array.from(values),
      tokensPerSecond: Float64Array.from(values),
      seconds: updates,
      evaluations: { update: updates, seconds: updates, metrics: [{ ...metric, values: Float64Array.from(values) }] },
    });
  };
  const baselines = [{ name: 'always even', metric: { ...metric, value: 0.5 } }];
  const compared = Array.from({ length: 10 }, (_, i) => ({
    id: `r${i}`,
    name: `Run ${i}`,
    task: 'parity',
    history: history([0.5, 0.6 + i / 100]),
    baselines,
  }));

  test('can be made by the loss, every metric, the gradient norm and the learning rate', () => {
    const measures = [LOSS, 'accuracy', 'gradientNorm', 'learningRate'];
    expect(measuresOf(compared).map(({ value }) => value)).toEqual(measures);
    for (const measure of ['gradientNorm', 'learningRate']) {
      const { series, scale } = comparisonChart(compared, measure);
      expect(scale).toBe(measure === 'gradientNorm' ? 'log' : 'linear');
      expect(series.map(({ y }) => y[1])).toEqual(compared.map((_, i) => 0.6 + i / 100));
    }
  });

  test('of recurrent runs can be made by the gradient norm at step 1, of the cell state where there is one', () => {
    const two = compared.slice(0, 2);
    expect(measuresOf(two, true).at(-1)?.value).toBe(FAR_NORM);
    const far = (id: string) =>
      id === 'r0'
        ? [{ update: 10, near: 0, far: -20, farCell: null, radii: [] }]
        : [{ update: 10, near: 0, far: -4, farCell: -2, radii: [] }];
    const { series } = comparisonChart(two, FAR_NORM, far);
    expect(series.map(({ key, y }) => [key, Math.log10(y[0]!)])).toEqual([
      ['r0', -20],
      ['r1', -2],
    ]);
  });

  test('has a line for each run, told apart by colour or dash, and the baseline once', () => {
    const spec = comparisonChart(compared, 'accuracy');
    const { series, levels } = spec;
    expect(series.map(({ label }) => label)).toEqual(compared.map(({ name }) => name));
    expect(new Set(series.map(({ colour, dash }) => `${colour} ${String(dash)}`)).size).toBe(10);
    expect(levels.map(({ label, value }) => [label, value])).toEqual([['always even', 0.5]]);
    expect(spec.format(0.5)).toBe('50 %');
  });

  test('names the task of each baseline where there are several', () => {
    const two = [compared[0]!, { ...compared[1]!, task: 'adding' }];
    expect(comparisonChart(two, 'accuracy').levels.map(({ label }) => label)).toEqual([
      'parity: always even',
      'adding: always even',
    ]);
  });

  test('has no line for a run without the metric', () => {
    const none = { ...compared[0]!, id: 'none', history: RunHistory.from() };
    expect(comparisonChart([compared[1]!, none], 'accuracy').series.map(({ key }) => key)).toEqual(['r1']);
  });
});
