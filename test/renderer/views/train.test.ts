import type { Architecture } from '../../../engine/experiment/experiment.ts';
import { switchArchitecture } from '../../../engine/experiment/switch-architecture.ts';
import { maybe } from '../../../renderer/messages/messages.ts';
import { describe, expect, test } from 'vitest';
import type { History } from '../../../electron/api/runs.ts';
import type { Sample } from '../../../electron/api/samples.ts';
import { nearestCheckpoint, neighbour } from '../../../renderer/frame/timeline.ts';
import { RunHistory } from '../../../renderer/state/run-history.ts';
import { standing } from '../../../renderer/views/train/adjustable.ts';
import { confusionFigure, rowShares } from '../../../renderer/views/train/confusion.ts';
import { fieldsOf, sections } from '../../../renderer/views/train/fields.ts';
import { forecastChart } from '../../../renderer/views/train/forecast.ts';
import { summaryOf } from '../../../renderer/views/train/health-summary.ts';
import { courseChart, lossChart, metricChart, rangeOf } from '../../../renderer/views/train/run-charts.ts';
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
    const series = [
      { key: 'v', label: 'v', colour: 'ink' as const, x: Float64Array.of(1, 2), y: Float64Array.of(260, 230) },
    ];
    const { range } = rangeOf(series, [level(1445), level(312)], 'lower');
    expect(range![0]).toBeLessThanOrEqual(230);
    expect(range![1]).toBeGreaterThanOrEqual(312);
    expect(range![1]).toBeLessThan(400);
    expect(rangeOf(series, [level(100), level(240)], 'higher').range![0]).toBeGreaterThan(200);
    expect(rangeOf(series, [], 'lower')).toEqual({});
  });

  test('gradient norms have a logarithmic scale that stays', () => {
    const { scale, range } = courseChart(historyWith('accuracy', []), 'gradientNorm');
    expect({ scale, range }).toEqual({ scale: 'log', range: [1e-5, 1e3] });
    expect(courseChart(historyWith('accuracy', []), 'gradientNorm').levels).toEqual([]);
    const { levels } = courseChart(historyWith('accuracy', []), 'gradientNorm', 0.5);
    expect(levels.map(({ value }) => value)).toEqual([0.5]);
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
