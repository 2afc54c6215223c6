import * as v from 'valibot';
import type { Architecture } from '../../../engine/experiment/experiment.ts';
import { switchArchitecture } from '../../../engine/experiment/switch-architecture.ts';
import { maybe } from '../../../renderer/messages/messages.ts';
import { describe, expect, test } from 'vitest';
import type { History } from '../../../electron/api/runs.ts';
import type { Sample } from '../../../electron/api/samples.ts';
import { nearestCheckpoint, neighbour } from '../../../renderer/frame/timeline.ts';
import { RunHistory } from '../../../renderer/state/run-history.ts';
import { problemOf, standing } from '../../../renderer/views/train/adjustable.ts';
import { confusionFigure, rowShares } from '../../../renderer/views/train/confusion.ts';
import { fieldsOf, sections } from '../../../renderer/views/train/fields.ts';
import { forecastChart } from '../../../renderer/views/train/forecast.ts';
import { summaryOf } from '../../../renderer/views/train/health-summary.ts';
import { divergenceOf } from '../../../renderer/views/train/divergence.ts';
import { courseChart, lossChart, metricChart, withStrongest } from '../../../renderer/views/train/run-charts.ts';
import { causeOf, lastGood, markersOf } from '../../../renderer/views/train/run-events.ts';
import { yAxis } from '../../../renderer/charts/axis.ts';
import { adjustment, type CheckpointInfo } from '../../../electron/api/runs.ts';
import { newestOf, samplesUpTo } from '../../../renderer/views/train/samples.ts';
import { parseExperiment } from '../../../engine/experiment/schema.ts';
import { at, readExperiment, withMember } from '../../../renderer/state/experiment.ts';
import { experiment } from '../fake-program.ts';

function historyWith(name: string, values: readonly number[]): RunHistory {
  const history: History = {
    update: Float64Array.of(1, 2, 3),
    loss: Float64Array.of(3, 2, 1),
    gradientNorm: Float64Array.of(0.1, 0, NaN),
    learningRate: Float64Array.of(0.01, 0.01, 0.01),
    tokensPerSecond: Float64Array.of(1, 2, 3),
    seconds: Float64Array.of(1, 2, 3),
    evaluations: {
      update: Float64Array.of(3),
      seconds: Float64Array.of(3),
      metrics: [{ name, label: name, value: null, better: 'lower', values: Float64Array.from(values) }],
    },
  };
  return RunHistory.from(history);
}

describe('the charts of a run', () => {
  test.each([
    ['crossEntropy', 1.2, 1.2],
    ['bitsPerCharacter', 2, 2 * Math.LN2],
    ['perplexity', Math.E, 1],
    ['meanSquaredError', 0.16, 0.16],
  ])('the loss shows validation where %s tells it', (name, value, loss) => {
    const { series } = lossChart(historyWith(name, [value]), 'language');
    expect(series.map(({ key }) => key)).toEqual(['training', 'validation']);
    expect(series[1]?.y[0]).toBeCloseTo(loss, 12);
  });

  test('the loss of accuracy is not told', () => {
    expect(lossChart(historyWith('accuracy', [0.5]), 'classification').series.map(({ key }) => key)).toEqual([
      'training',
    ]);
  });

  test('a metric shows training where the loss tells it, and its own baselines', () => {
    const history = historyWith('bitsPerCharacter', [2]);
    const baselines = [
      {
        name: 'frequencies',
        metric: { name: 'bitsPerCharacter', label: 'bits', value: 4.5, better: 'lower' as const },
      },
      { name: 'other', metric: { name: 'perplexity', label: 'perplexity', value: 9, better: 'lower' as const } },
    ];
    const { series, levels } = metricChart(history, history.metrics[0]!, baselines);
    expect([...series[0]!.y]).toEqual([3, 2, 1].map((loss) => loss / Math.LN2));
    expect(levels.map(({ label }) => label)).toEqual(['frequencies']);
  });

  test('a baseline that is far weaker than the strongest does not stretch the scale', () => {
    const level = (value: number) => ({ label: String(value), value, colour: 'edge' as const, dash: [1] });
    const reached = (better: 'lower' | 'higher') =>
      withStrongest([level(1445), level(312)], better).map(({ value, reached: is }) => [value, is]);
    expect(reached('lower')).toEqual([
      [1445, false],
      [312, true],
    ]);
    expect(reached('higher')).toEqual([
      [1445, true],
      [312, false],
    ]);
  });

  test.each([
    ['accuracy', 0, [0, 1]],
    ['accuracy', 1, [0.5, 1]],
    ['bitsPerCharacter', 2, [1, 4.5]],
  ])('%s of %s has an axis of values that can be', (name, value, ends) => {
    const history = historyWith(name, [value]);
    const { low, high } = yAxis(metricChart(history, history.metrics[0]!, []), 200);
    expect([low, high]).toEqual(ends);
  });

  test('gradient norms have a logarithmic scale of the decades they are in', () => {
    const chart = courseChart(historyWith('accuracy', []), 'gradientNorm');
    expect(chart.scale).toBe('log');
    expect(yAxis(chart, 100)).toMatchObject({ low: 0.001, high: 10 });
    expect(chart.levels).toEqual([]);
    const { levels } = courseChart(historyWith('accuracy', []), 'gradientNorm', 0.5);
    expect(levels.map(({ value }) => value)).toEqual([0.5]);
  });

  test('changed settings and a divergence are marked in every chart', () => {
    const history = historyWith('accuracy', [0.5]);
    const markers = markersOf([{ update: 2, field: 'learningRate', from: 0.01, to: 5 }], {
      best: 1,
      bestLoss: 1,
      since: 3,
      loss: 9,
    });
    expect(markers.map(({ x, label }) => [x, label])).toEqual([
      [2, 'Learning rate 0.01 → 5'],
      [3, 'diverged'],
    ]);
    expect(lossChart(history, 'language', { markers }).markers).toBe(markers);
    expect(metricChart(history, history.metrics[0]!, [], { markers }).markers).toBe(markers);
    expect(courseChart(history, 'learningRate', 0, { markers }).markers).toBe(markers);
  });
});

describe('a divergence', () => {
  /** Losses of updates 10, 20, ...; noise that is the same each time. */
  function course(losses: readonly number[], noise = 0.05): RunHistory {
    const noisy = Float64Array.from(losses, (loss, i) => loss * (1 + noise * Math.sin(12.9898 * i)));
    const same = Float64Array.from(losses, () => 1);
    return RunHistory.from({
      update: Float64Array.from(losses, (_, i) => 10 * (i + 1)),
      loss: noisy,
      gradientNorm: same,
      learningRate: same,
      tokensPerSecond: same,
      seconds: same,
      evaluations: { update: new Float64Array(), seconds: new Float64Array(), metrics: [] },
    });
  }
  const fall = (steps: number, from: number, to: number): number[] =>
    Array.from({ length: steps }, (_, i) => to + (from - to) * Math.exp((-5 * i) / steps));
  const flat = (steps: number, value: number): number[] => Array.from({ length: steps }, () => value);

  test('is a loss that has risen far above what had been reached, and stays there', () => {
    const found = divergenceOf(course([...fall(150, 4.2, 1.7), ...flat(30, 53)]))!;
    expect(found.bestLoss).toBeLessThan(1.8);
    expect(found.best).toBeLessThanOrEqual(1500);
    expect(found.since).toBeGreaterThan(1500);
    expect(found.since).toBeLessThanOrEqual(1550);
    expect(found.loss).toBeGreaterThan(45);
  });

  test.each([
    ['more than half of what had been learned is lost', [...fall(150, 4.2, 1.7), ...flat(30, 3.4)]],
    ['it explodes before anything has been learned', [...flat(20, 4.2), ...flat(20, 40)]],
    ['it is no number any more', [...fall(50, 4.2, 1.7), ...flat(20, NaN)]],
    ['a long training', [...fall(5000, 4.2, 1.7), ...flat(500, 53)]],
  ])('is found where %s', (_name, losses) => {
    expect(divergenceOf(course(losses))).toBeDefined();
  });

  test.each([
    ['a training that goes well', fall(200, 4.2, 1.7)],
    ['noise about a good fit, many times as large as the fit', fall(300, 0.17, 1e-5).map((v, i) => v + (i % 7) * 1e-4)],
    ['a training that has learned nothing yet', flat(100, 0.69)],
    ['one hard batch', [...fall(100, 4.2, 1.7), 60, ...flat(20, 1.7)]],
    ['a hard batch at the very end', [...fall(100, 4.2, 1.7), 60]],
    ['a rise that has been made good', [...fall(100, 4.2, 1.7), ...flat(20, 8), ...fall(60, 4, 1.6)]],
    ['a first loss that is by chance low', [0.2, 0.5, ...flat(60, 0.5)]],
    ['too few losses', [1, 50]],
    ['nothing', []],
  ])('is not found in %s', (_name, losses) => {
    expect(divergenceOf(course(losses))).toBeUndefined();
  });

  const divergence = { best: 1480, bestLoss: 1.7, since: 1530, loss: 53 };

  test('comes from the newest change between the best loss and it', () => {
    const change = (update: number) => ({ update, field: 'learningRate', from: 0.01, to: update });
    const changes = [change(100), change(1500), change(1520), change(2000)];
    expect(causeOf(changes, divergence)?.update).toBe(1520);
    expect(causeOf([change(100)], divergence)).toBeUndefined();
  });

  test('is gone back from to the best checkpoint before it, or to the last one', () => {
    const checkpoint = (update: number, best = false): CheckpointInfo => ({
      run: 'a',
      update,
      saved: 0,
      bytes: 1,
      pinned: false,
      best,
      metric: null,
    });
    expect(lastGood([checkpoint(0), checkpoint(500, true), checkpoint(1500), checkpoint(2000)], 1530)?.update).toBe(
      500,
    );
    expect(lastGood([checkpoint(0), checkpoint(1500), checkpoint(2000, true)], 1530)?.update).toBe(1500);
    expect(lastGood([checkpoint(2000, true)], 1530)).toBeUndefined();
  });
});

describe('the timeline', () => {
  const updates = [0, 10, 100, 1000];

  test.each([
    [0, 0],
    [54, 10],
    [56, 100],
    [800, 1000],
    [1190, null],
  ])('the checkpoint nearest to %s is %s', (where, update) => {
    expect(nearestCheckpoint(updates, where, 1200)).toBe(update);
  });

  test.each([
    [null, -1, 1000],
    [1000, 1, null],
    [100, -1, 10],
    [10, -10, 0],
    [0, 1, 10],
    [50, 1, 1000],
  ])('from %s, %s further is %s', (from, by, update) => {
    expect(neighbour(updates, from, by)).toBe(update);
  });

  test('a run without checkpoints has only its newest state', () => {
    expect(nearestCheckpoint([], 3, 100)).toBeNull();
    expect(neighbour([], null, -1)).toBeNull();
  });
});

describe('samples', () => {
  const sample = (update: number, text: string): Sample => ({
    update,
    kind: 'text',
    value: { prompt: '', text, temperature: 1 },
  });
  const confusion: Sample = { update: 2, kind: 'confusion', value: { labels: ['a'], counts: [[1]] } };
  const all = [sample(1, 'one'), confusion, sample(3, 'three')];

  test('are those of the checkpoint that is looked at, or before', () => {
    expect(samplesUpTo(all, 2).map(({ update }) => update)).toEqual([1, 2]);
    expect(samplesUpTo(all, null)).toBe(all);
  });

  test('of each kind the newest', () => {
    expect(newestOf(all)).toEqual([sample(3, 'three'), confusion]);
  });
});

describe('how training fares', () => {
  const record = {
    update: 40,
    loss: 1,
    gradientNorm: 4,
    clipScale: 0.25,
    parameters: [
      { name: 'head.weight', gradientNorm: 4, weightNorm: 3, updateRatio: 0.1 },
      { name: 'recurrent.weight_hh_l0', gradientNorm: 0, weightNorm: 4, updateRatio: 0 },
      { name: 'head.bias', gradientNorm: 0, weightNorm: 0, updateRatio: null },
    ],
    saturation: [
      { name: 'recurrent.l0.forget', low: 0.1, high: 0.5 },
      { name: 'recurrent.l0.candidate', low: 0, high: 0.2 },
    ],
    radii: [],
  };

  test('is told of all parameters and gates together', () => {
    const summary = summaryOf(record);
    expect(summary).toMatchObject({ update: 40, gradientNorm: 4, clippedNorm: 1 });
    // A step of 0.3 from weights of the length 5.
    expect(summary.updateRatio).toBeCloseTo(0.06, 12);
    expect(summary.saturated).toBeCloseTo(0.4, 12);
  });

  test('says nothing of clipping where none was, nor of gates where there are none', () => {
    expect(summaryOf({ ...record, clipScale: 1, saturation: [] })).toMatchObject({
      clippedNorm: null,
      saturated: null,
    });
  });

  test('says what is no number', () => {
    const { gradientNorm, updateRatio } = summaryOf({ ...record, gradientNorm: null, parameters: [] });
    expect([gradientNorm, updateRatio]).toEqual([NaN, NaN]);
  });
});

describe('a confusion matrix', () => {
  test('has shares of its rows', () => {
    expect(
      rowShares([
        [3, 1],
        [0, 0],
      ]),
    ).toEqual([
      [0.75, 0.25],
      [0, 0],
    ]);
  });

  test('is saved with every label and count', () => {
    const { marks } = confusionFigure(
      {
        labels: ['female', 'male'],
        counts: [
          [31, 4],
          [5, 26],
        ],
      },
      'Confusion',
    );
    const texts = marks.flatMap((mark) => (mark.kind === 'text' ? [mark.text] : []));
    expect(texts).toEqual(expect.arrayContaining(['female', 'male', '31', '4', '5', '26']));
  });
});

test('a forecast shows truth and forecast by date, with gaps where nothing was foreseen', () => {
  const spec = forecastChart({
    quantity: 'births',
    dates: ['1988-01-01', '1988-01-02'],
    truth: [1, 2],
    forecast: [null, 3],
  });
  expect(spec.series.map(({ y }) => [...y])).toEqual([
    [1, 2],
    [NaN, 3],
  ]);
  expect([spec.formatX(1), spec.formatX(0.5), spec.formatX(7)]).toEqual(['1988-01-02', '', '7']);
});

describe('what may be changed of a paused run', () => {
  const read = (path: string): unknown => at(experiment, path);

  test.each([
    ['learningRate', 0.001, true],
    ['learningRate', 0, false],
    ['learningRate', -1, false],
    ['learningRate', 101, false],
    ['learningRate', null, false],
    ['clipNorm', 0, true],
    ['clipNorm', -0.1, false],
    ['dropout', 0, true],
    ['dropout', 0.95, true],
    ['dropout', 1, false],
    ['dropout', NaN, false],
  ] as const)('%s may be %s: %s', (field, value, fine) => {
    expect(problemOf(field, value) === undefined).toBe(fine);
    // The contract says the same, but for a learning rate of 0, which the experiment refuses.
    if (value !== null && value !== 0) expect(v.is(adjustment, { [field]: value })).toBe(fine);
  });

  test('stands as the experiment says', () => {
    expect(standing([], read)).toEqual({ learningRate: 0.01, clipNorm: 1, dropout: 0 });
  });

  test.each(['learningRate', 'training.optimizer.learningRate'])('stands as it was changed last, by %s', (field) => {
    const changes = [
      { update: 1, field, from: 0.01, to: 0.005 },
      { update: 2, field, from: 0.005, to: 0.002 },
    ];
    expect(standing(changes, read).learningRate).toBe(0.002);
  });
});

/** Fields that the architecture of the test's experiment does not have. */
const ARCHITECTURE_OF: Readonly<Record<string, Architecture>> = {
  'model.attention': 'encoder-decoder',
  'model.norm': 'transformer',
  'model.activation': 'transformer',
  'model.positions': 'transformer',
};

describe('the form', () => {
  const variants = [
    experiment,
    withMember(withMember(experiment, 'model.cell', 'rnn'), 'model.init.forgetBias', undefined),
    withMember(experiment, 'training.optimizer', { kind: 'sgd' }),
    withMember(experiment, 'training.optimizer', { kind: 'rmsprop' }),
    withMember(experiment, 'training.schedule', { kind: 'step', every: 10 }),
    withMember(experiment, 'training.schedule', { kind: 'cosine' }),
    withMember(experiment, 'model', { architecture: 'encoder-decoder', cell: 'gru', hiddenSize: 8 }),
    withMember(experiment, 'model', {
      architecture: 'encoder-decoder',
      cell: 'lstm',
      hiddenSize: 8,
      attention: 'additive',
    }),
    withMember(experiment, 'model', { architecture: 'transformer', modelSize: 8 }),
    withMember(experiment, 'model', { architecture: 'transformer', modelSize: 8, positions: 'learned' }),
  ].map((json) => parseExperiment(json));

  test.each(variants)(
    'has a control for every member of an experiment, and none for what it has not ($#)',
    (parsed) => {
      const words = [...sections].flatMap(({ fields }) => fields.map(({ path }) => path));
      for (const path of words) expect([path, maybe(`field.${path}`), maybe(`help.${path}`)]).not.toContain(undefined);
      const paths = sections.flatMap((section) => [
        ...fieldsOf(section, parsed, false).map(({ path }) => path),
        ...fieldsOf(section, parsed, true).map(({ path }) => path),
      ]);
      for (const path of paths) expect([path, at(parsed, path)]).not.toEqual([path, undefined]);
    },
  );

  test('chooses among what the engine takes', () => {
    for (const { fields } of sections) {
      for (const { path, choices = [] } of fields) {
        for (const choice of choices) {
          const members = path.endsWith('.kind')
            ? { kind: choice, ...(choice === 'step' ? { every: 1 } : {}) }
            : undefined;
          const bare = withMember(
            withMember(experiment, 'model.init.forgetBias', undefined),
            'model.cell',
            path === 'model.nonlinearity' ? 'rnn' : 'lstm',
          );
          const ofOthers = ARCHITECTURE_OF[path];
          if (ofOthers !== undefined || path === 'model.architecture') {
            const model = switchArchitecture({ cell: 'lstm', hiddenSize: 16 }, ofOthers ?? (choice as Architecture));
            const other = withMember(experiment, 'model', withMember(model, path.slice('model.'.length), choice));
            expect(at(readExperiment(parseExperiment(other)), path)).toBe(choice);
            continue;
          }
          const json = members
            ? withMember(bare, path.replace(/\.kind$/u, ''), members)
            : withMember(bare, path, choice);
          expect(at(readExperiment(parseExperiment(json)), path)).toBe(choice);
        }
      }
    }
  });
});
