/** Every verdict that the program states, with a model for which it must appear and one for which it must not. */
import { beforeAll, describe, expect, test } from 'vitest';
import { coreFiles } from '../../electron/core/core-files.ts';
import type { CoreModule } from '../../engine/core/core.ts';
import { loadCore } from '../../engine/core/load.ts';
import { parseExperiment } from '../../engine/experiment/schema.ts';
import type { FloatTensors } from '../../engine/formats/checkpoint.ts';
import { FlowMeter } from '../../engine/gradients/flow.ts';
import { largestSingularValue } from '../../engine/gradients/singular-value.ts';
import { spectralRadius } from '../../engine/gradients/spectral-radius.ts';
import { Untrained, type UntrainedSettings } from '../../engine/gradients/untrained.ts';
import { judgeFlow, judgeMatrix, type FlowVerdict } from '../../engine/gradients/verdicts.ts';
import type { JsonValue } from '../../engine/json.ts';
import type { TaskShape } from '../../engine/models/from-experiment.ts';
import { Random } from '../../engine/random.ts';
import { forecastingTask } from '../../engine/tasks/forecasting.ts';
import { judgeLegal } from '../../engine/tasks/legal-next.ts';
import { judgeLengths, type LengthVerdict } from '../../engine/tasks/length-verdict.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import type { BatchBuffers, Task } from '../../engine/tasks/task.ts';
import {
  judgeBaselines,
  judgeBenchmark,
  type BaselineVerdict,
  type BenchmarkVerdict,
} from '../../engine/tasks/verdicts.ts';
import { evaluate, perfectLabels, setsOf } from './tasks/batch.ts';

/** T */
const STEPS = 30;
const H = 4;

const numbers: TaskShape = {
  kind: 'regression',
  input: { kind: 'values', names: ['x'] },
  output: { kind: 'values', names: ['y'], per: 'sequence' },
};

interface Flow {
  readonly cell?: 'rnn' | 'lstm';
  readonly relu?: boolean;
  /** W_hh is the identity times this. */
  readonly factor?: number;
  readonly forgetBias?: number;
  readonly pooling?: 'last' | 'mean';
  readonly window?: number;
  readonly bidirectional?: boolean;
  readonly reverse?: boolean;
}

let core: CoreModule;
beforeAll(async () => {
  core = await loadCore(coreFiles, { shared: false });
});

/** A network by hand, small weights but for the recurrent ones, and what is said of its gradient. */
async function flowOf(flow: Flow): Promise<FlowVerdict | undefined> {
  const {
    cell = 'rnn',
    relu = false,
    factor = 0,
    forgetBias = 0,
    pooling = 'last',
    window,
    bidirectional = false,
  } = flow;
  const gates = cell === 'lstm' ? 4 : 1;
  const experiment = parseExperiment({
    format: 'unrolled-experiment',
    version: 1,
    task: { id: 'adding' },
    model: {
      cell,
      hiddenSize: H,
      pooling,
      bidirectional,
      ...(cell === 'rnn' ? { nonlinearity: relu ? 'relu' : 'tanh' } : {}),
    },
    training: { updates: 1 },
  });
  const tensor = (shape: readonly number[], at: (i: number) => number) => {
    const count = shape.reduce((product, extent) => product * extent, 1);
    return { dtype: 'F32' as const, shape: [...shape], data: Float32Array.from({ length: count }, (_, i) => at(i)) };
  };
  const direction = (suffix: string): [string, ReturnType<typeof tensor>][] => [
    [`recurrent.weight_ih_l0${suffix}`, tensor([gates * H, 1], (i) => 0.02 * (1 + (i % 3)))],
    [`recurrent.weight_hh_l0${suffix}`, tensor([gates * H, H], (i) => (Math.floor(i / H) % H === i % H ? factor : 0))],
    [
      `recurrent.bias_ih_l0${suffix}`,
      tensor([gates * H], (i) => (cell === 'lstm' && Math.floor(i / H) === 1 ? forgetBias : 0)),
    ],
    [`recurrent.bias_hh_l0${suffix}`, tensor([gates * H], () => 0)],
  ];
  const directions = bidirectional ? 2 : 1;
  const weights: FloatTensors = new Map([
    ...direction(''),
    ...(bidirectional ? direction('_reverse') : []),
    ['head.weight', tensor([1, directions * H], () => 0.5)],
    ['head.bias', tensor([1], () => 0)],
  ]);
  const meter = await FlowMeter.load({
    core,
    experiment,
    task: numbers,
    weights,
    steps: STEPS,
    sourceName: 'a test',
    ...(window === undefined ? {} : { window }),
  });
  const values = Float32Array.from({ length: STEPS }, (_, t) => 0.1 + 0.01 * (t % 7));
  const measured = meter.measure({ steps: STEPS, values, targetValues: Float32Array.of(1) });
  const maps = measured.maps.filter(({ reverse }) => reverse === (flow.reverse ?? false));
  return judgeFlow(measured, maps, 0);
}

const VANISHING: Flow = { factor: 0.3 };
const FADING: Flow = { relu: true, factor: 0.7 };
const IDENTITY: Flow = { relu: true, factor: 1 };
const REMEMBERING: Flow = { cell: 'lstm', forgetBias: 3 };

describe('of a gradient that flows back it is said that it', () => {
  const verdicts: readonly [FlowVerdict['kind'], appears: Flow, absent: Flow][] = [
    ['vanishes', VANISHING, REMEMBERING],
    ['fades', FADING, IDENTITY],
    ['reaches', REMEMBERING, VANISHING],
    ['reaches', IDENTITY, FADING],
    ['grows', { relu: true, factor: 1.05 }, IDENTITY],
    ['explodes', { relu: true, factor: 1.5 }, { relu: true, factor: 1.05 }],
    ['direct', { ...VANISHING, pooling: 'mean' }, VANISHING],
    ['cut', { ...IDENTITY, window: 10 }, IDENTITY],
    [
      'vanishes',
      { ...VANISHING, bidirectional: true, reverse: true },
      { ...IDENTITY, bidirectional: true, reverse: true },
    ],
  ];
  test.each(verdicts)('%s where it does, and not where it does not (%o, %o)', async (kind, appears, absent) => {
    expect((await flowOf(appears))?.kind).toBe(kind);
    expect((await flowOf(absent))?.kind).not.toBe(kind);
  });

  test('has the share that is left, of the cell state where there is one', async () => {
    const lstm = await flowOf(REMEMBERING);
    // sigmoid(3) to the power of 29 steps, but for what the gates add.
    expect(lstm).toMatchObject({ state: 'cell', near: STEPS - 1, far: 0 });
    expect(Math.abs(10 ** lstm!.share - 0.95257 ** (STEPS - 1))).toBeLessThan(0.02);
    expect(await flowOf(FADING)).toMatchObject({ state: 'hidden' });
    expect((await flowOf(FADING))!.share).toBeCloseTo((STEPS - 1) * Math.log10(0.7), 2);
    expect(await flowOf({ ...IDENTITY, bidirectional: true, reverse: true })).toMatchObject({
      near: 0,
      far: STEPS - 1,
    });
  });
});

describe('of a recurrent matrix it is said that the gradient', () => {
  const settings: UntrainedSettings = {
    cell: 'rnn',
    activation: 'relu',
    hiddenSize: 24,
    steps: 60,
    recurrent: 'normal',
    scale: 1,
    forgetBias: 1,
    seed: 1,
  };
  const untrained = (changes: Partial<UntrainedSettings>) => new Untrained().curve({ ...settings, ...changes });

  test('must vanish below a largest singular value of 1, not below a spectral radius of 1', () => {
    const short = untrained({ scale: 0.4 });
    const long = untrained({ scale: 0.8 });
    expect([short.radii[0]! < 1, long.radii[0]! < 1]).toEqual([true, true]);
    expect([short, long].map(({ singularValues }) => judgeMatrix(singularValues[0]!))).toEqual([
      'vanishes',
      'may-grow',
    ]);
    for (let k = 1; k < short.hidden.length; k++) expect(short.hidden[k - 1]!).toBeLessThan(short.hidden[k]!);
  });

  test('may grow at a spectral radius of 0: slopes of 1 and 0 keep it', () => {
    const nilpotent = [1, 1, -1, -1];
    expect(spectralRadius(nilpotent, 2)).toBeCloseTo(0, 9);
    expect(largestSingularValue(nilpotent, 2)).toBeCloseTo(2, 9);
    expect(judgeMatrix(largestSingularValue(nilpotent, 2))).toBe('may-grow');
    // D W with D = diag(1, 0) is idempotent: no power of it is shorter.
    expect(largestSingularValue([1, 1, 0, 0], 2)).toBeCloseTo(Math.SQRT2, 9);
  });

  test('need not vanish in an orthogonal network, and must in one of nine tenths of it', () => {
    const curves = [1, 0.9].map((scale) => untrained({ recurrent: 'orthogonal', scale }));
    expect(curves.map(({ singularValues }) => judgeMatrix(singularValues[0]!))).toEqual(['may-grow', 'vanishes']);
    expect(curves[0]!.singularValues[0]).toBeCloseTo(1, 9);
  });

  test('is multiplied by the forget gate that the LSTM really has', () => {
    const forget = ([0, 1, 3] as const).map(
      (forgetBias) => untrained({ cell: 'lstm', forgetBias, scale: 0.1 }).forget!,
    );
    [0.5, 0.731, 0.953].forEach((expected, i) => expect(Math.abs(forget[i]! - expected)).toBeLessThan(0.04));
    expect(untrained({}).forget).toBeUndefined();
  });
});

type Predict = (buffers: BatchBuffers, steps: number, b: number, outputs: Float32Array) => void;

function make(id: string, options: JsonValue): Task {
  return taskDefinition(id).make(options, 1, null);
}

function labelsOf(task: Task): number {
  return task.output.kind === 'labels' ? task.output.labels.length : task.output.names.length;
}

/** Right but for a share of the answers, which another label takes. */
function partly(task: Task, wrong: number, only: (step: number, length: number) => boolean = () => true): Predict {
  const V = labelsOf(task);
  const per = task.output.per;
  const right = perfectLabels(V, per);
  const random = new Random(3, 0, 0);
  return (buffers, steps, b, outputs) => {
    right(buffers, steps, b, outputs);
    const rows = per === 'sequence' ? [b] : Array.from({ length: steps }, (_, t) => t * buffers.batchSize + b);
    rows.forEach((row, t) => {
      if (!only(t, per === 'sequence' ? 1 : buffers.lengths[b]!) || random.unit() >= wrong) return;
      const label = outputs.subarray(row * V, (row + 1) * V).indexOf(1);
      outputs.fill(0, row * V, (row + 1) * V);
      outputs[row * V + ((label + 1 + random.below(V - 1)) % V)] = 1;
    });
  };
}

const sums =
  (off: (random: Random, truth: number) => number): Predict =>
  (buffers, _steps, b, outputs) =>
    (outputs[b] = off(new Random(7, b, Math.round(buffers.targetValues![b]! * 1e6)), buffers.targetValues![b]!));

describe('of a benchmark it is said that it is', () => {
  const copy = make('copy-memory', { delay: 20, validationItems: 100 });
  const adding = make('adding', { length: 10, validationItems: 300 });
  const order = make('temporal-order', { length: 20, validationItems: 200 });
  const parity = make('parity', { length: 20, validationItems: 100 });
  const reversal = make('reversal-aligned', { longest: 6, validationItems: 200 });
  const letters = (step: number, length: number) => step >= length - 10;
  const verdicts: readonly [BenchmarkVerdict['kind'], Task, appears: Predict, absent: Predict][] = [
    ['solved', copy, partly(copy, 0.02, letters), partly(copy, 0.5, letters)],
    // Of eight letters, 17 % recalled is a little more than the eighth that guessing gets.
    ['learning', copy, partly(copy, 0.5, letters), partly(copy, 7 / 8, letters)],
    ['chance', copy, partly(copy, 1, letters), partly(copy, 0.5, letters)],
    ['solved', adding, sums((_, truth) => truth + 0.05), sums((_, truth) => truth + 0.09)],
    ['learning', adding, sums((random, truth) => truth + 0.4 * (random.unit() - 0.5)), sums(() => 1)],
    ['chance', adding, sums(() => 1), sums((_, truth) => truth)],
    ['solved', order, partly(order, 0.01), partly(order, 0.3)],
    ['chance', order, partly(order, 0.75), partly(order, 0.3)],
    ['solved', parity, partly(parity, 0.02), partly(parity, 0.2)],
    ['chance', parity, partly(parity, 0.5), partly(parity, 0.2)],
    ['solved', reversal, partly(reversal, 0.001), partly(reversal, 0.1)],
    ['learning', reversal, partly(reversal, 0.1), partly(reversal, 0.95)],
  ];
  test.each(verdicts.map(([kind, task, ...models]) => [kind, task.id, task, ...models] as const))(
    '%s in %s where a model is as good, and not where it is not',
    (kind, _id, task, appears, absent) => {
      const judged = (predict: Predict) => judgeBenchmark(evaluate(task, predict).metrics, task.criterion)?.kind;
      expect(judged(appears)).toBe(kind);
      expect(judged(absent)).not.toBe(kind);
      expect(evaluate(task, appears).solved).toBe(kind === 'solved');
    },
  );

  test('not solved where Reber strings are right but for the memory, though nine steps of ten are', () => {
    const reber = make('reber', { validationStrings: 100 });
    /** Legal symbols first; at the last step but one T and P as likely as each other, one of them by chance first. */
    const model =
      (remembers: boolean): Predict =>
      ({ tokens, batchSize, lengths }, _steps, b, outputs) => {
        const length = lengths[b]!;
        const read = Int32Array.from({ length }, (_, t) => tokens![t * batchSize + b]!);
        reber.legalNext!(read).forEach((legal, t) => {
          const row = (t * batchSize + b) * 7;
          legal.forEach((label) => (outputs[row + label] = 1 / legal.length));
          if (remembers || t !== length - 2) return;
          outputs[row + 1] = b % 2 === 0 ? 0.6 : 0.4;
          outputs[row + 2] = b % 2 === 0 ? 0.4 : 0.6;
        });
      };
    const judge = (remembers: boolean) => {
      const { metrics } = evaluate(reber, model(remembers));
      return { kind: judgeBenchmark(metrics, reber.criterion)?.kind, steps: metrics[0]!.value };
    };
    expect(judge(true)).toEqual({ kind: 'solved', steps: 1 });
    expect(judge(false).kind).toBe('chance');
    expect(judge(false).steps).toBeGreaterThan(0.9);
  });
});

describe('of a step in a grammar it is said that the model', () => {
  const reber = make('reber', {});
  const { tokens } = { tokens: Int32Array.of(0, 1, 0) };
  test('is right where legal symbols are ranked first, whichever of them came, and not where one is missing', () => {
    const legal = reber.legalNext!(tokens);
    expect(legal.map((labels) => labels.length)).toEqual([2, 1, 2]);
    const outputs = new Float32Array(3 * 7).fill(0.01);
    legal.forEach((labels, t) => labels.forEach((label, i) => (outputs[t * 7 + label] = i === 0 ? 0.8 : 0.1)));
    expect(judgeLegal(legal, outputs, 7).map(({ right }) => right)).toEqual([true, true, true]);
    outputs[6] = 0.5;
    const [first] = judgeLegal(legal, outputs, 7);
    expect(first).toMatchObject({ right: false, legal: [1, 2], first: [1, 6] });
  });
});

describe('of a baseline it is said that the model is', () => {
  /** A walk whose next step nothing foretells. */
  const random = new Random(11, 0, 0);
  let value = 100;
  const points = Array.from({ length: 600 }, (_, i) => {
    value += random.unit() - 0.5;
    return { date: new Date(Date.UTC(2000, 0, 1 + i)).toISOString().slice(0, 10), value };
  });
  const head = { id: 'walk', title: 'Walk', origin: { title: 'Walk', source: 'Made here', licence: 'None' } };
  const walk = forecastingTask(
    head,
    { form: 'series', interval: 'day', points },
    { quantity: 'value', unit: 'units', validationPoints: 200, naiveLags: [1] },
    { window: 6, horizon: 1, difference: 1, calendar: false },
  );
  /** The change from the last value, in the model's units: with what noise, and how much of the truth it knows. */
  const forecast =
    (knows: number, noise: number): Predict =>
    (buffers, _steps, b, outputs) => {
      const own = new Random(5, b, Math.round(Math.abs(buffers.targetValues![b]!) * 1e6));
      outputs[b] = knows * buffers.targetValues![b]! + noise * (own.unit() - 0.5);
    };
  const order = make('temporal-order', { length: 20, validationItems: 60 });
  const verdicts: readonly [BaselineVerdict['kind'], Task, appears: Predict, absent: Predict][] = [
    ['no-better', walk, forecast(0, 3), forecast(0.9, 0)],
    ['unclear', walk, forecast(0.03, 0), forecast(0.9, 0)],
    ['better', walk, forecast(0.9, 0), forecast(0, 0.5)],
    ['no-better', order, partly(order, 0.85), partly(order, 0.2)],
    ['better', order, partly(order, 0.2), partly(order, 0.75)],
  ];
  test.each(verdicts.map(([kind, task, ...models]) => [kind, task.id, task, ...models] as const))(
    '%s in %s where it is so, and not where it is not',
    (kind, _id, task, appears, absent) => {
      const judged = (predict: Predict) => judgeBaselines(evaluate(task, predict).metrics, task.baselines())?.kind;
      expect(judged(appears)).toBe(kind);
      expect(judged(absent)).not.toBe(kind);
    },
  );

  test('no better where every symbol is as likely as any other and letter frequencies are known', () => {
    const metric = (bits: number) =>
      ({ name: 'bitsPerCharacter', label: 'bits per character', value: bits, better: 'lower' }) as const;
    const baselines = [
      { name: 'letter frequencies', metric: metric(4.1) },
      { name: 'frequencies after the previous letter', metric: metric(3.4) },
    ];
    expect(judgeBaselines([metric(4.8)], baselines)).toMatchObject({
      kind: 'no-better',
      baseline: 'frequencies after the previous letter',
      level: 3.4,
    });
    expect(judgeBaselines([metric(2)], baselines)?.kind).toBe('better');
    expect(judgeBaselines([metric(NaN)], baselines)).toBeUndefined();
    expect(setsOf(walk).validation.count).toBe(200);
  });
});

describe('of the length of sources it is said that', () => {
  const scores = (share: (steps: number) => number, items = 40) =>
    [4, 8, 12, 16].map((steps) => ({ steps, items, exact: Math.round(items * share(steps)) }));
  const verdicts: readonly [
    LengthVerdict['kind'],
    appears: (steps: number) => number,
    absent: (steps: number) => number,
  ][] = [
    ['falls', (steps) => 1 - steps / 20, (steps) => steps / 20],
    ['rises', (steps) => steps / 20, (steps) => 1 - steps / 20],
    ['flat', () => 0.8, (steps) => 1 - steps / 20],
    ['none', () => 0, () => 0.5],
    ['all', () => 1, (steps) => (steps === 16 ? 0.9 : 1)],
  ];
  test.each(verdicts)('%s where it is measured, and not where something else is', (kind, appears, absent) => {
    expect(judgeLengths(scores(appears)).kind).toBe(kind);
    expect(judgeLengths(scores(absent)).kind).not.toBe(kind);
  });

  test('nothing is known of few items or one length, and something of many', () => {
    expect(judgeLengths(scores(() => 0.5, 5)).kind).toBe('few');
    expect(judgeLengths([{ steps: 4, items: 100, exact: 50 }]).kind).toBe('few');
    expect(judgeLengths(scores((steps) => 1 - steps / 20))).toMatchObject({ middle: 8, short: 0.7, long: 0.3 });
  });
});
