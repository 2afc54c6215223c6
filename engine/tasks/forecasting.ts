import { InputError } from '../errors.ts';
import { dateToOrdinal, ordinalToDate } from './calendar.ts';
import type { SeriesData } from './data.ts';
import { forecastStarts, type GapMethod } from './gaps.ts';
import {
  decodeForecast,
  encodeTargets,
  encodeWindow,
  forecastingCodec,
  inputNames,
  valuesNeeded,
} from './forecast-codec.ts';
import type { ForecastState } from './forecast-codec.ts';
import { valueSet } from './items.ts';
import { Normaliser } from './normaliser.ts';
import { Errors, filledColumns, meanAbsoluteError, rootMeanSquaredError } from './regression.ts';
import type { Baseline, Evaluator, SequenceSet, Task, TaskHead } from './task.ts';

export interface ForecastOptions {
  /** T, steps that the model sees. */
  readonly window: number;
  /** K, steps to forecast. */
  readonly horizon: number;
  /** Lag of the differences that the model sees and predicts; 0: the values themselves. */
  readonly difference: number;
  /** Whether the model is told what is known of the dates in advance. */
  readonly calendar: boolean;
}

export interface ForecastSubject {
  /** "births" */
  readonly quantity: string;
  /** "ppm" */
  readonly unit: string;
  /** How many points, from the end, are forecast in validation. */
  readonly validationPoints: number;
  /** Naive forecasts to compare with: the value this many steps before. */
  readonly naiveLags: readonly number[];
}

/** Of a stretch that an evaluation shows. */
const MOST_POINTS_SHOWN = 400;

interface Series {
  readonly ordinals: readonly number[];
  readonly values: readonly number[];
  /** Which values were missing and filled in. */
  readonly filled: readonly boolean[];
  readonly gaps: GapMethod;
}

/**
 * The next K values of a series from the T before them. The last points validate and every forecast lies on one side;
 * the normaliser knows the training side alone. Windows never reach over a missing date, and what was filled in is never
 * forecast.
 */
export function forecastingTask(
  head: TaskHead,
  data: SeriesData,
  subject: ForecastSubject,
  options: ForecastOptions,
): Task {
  const { interval } = data;
  const series = readSeries(data);
  const boundary = series.values.length - subject.validationPoints;
  const normaliser = Normaliser.of(trainingNumbers(series, boundary, options.difference));
  const state: ForecastState = {
    family: 'forecasting',
    interval,
    quantity: subject.quantity,
    unit: subject.unit,
    ...options,
    mean: normaliser.mean,
    deviation: normaliser.deviation,
    example: ordinalToDate(series.ordinals[0]!, interval),
  };
  const starts = firstForecasts(series, state);
  const trainStarts = starts.filter((start) => start + options.horizon <= boundary);
  const validationStarts = starts.filter((start) => start >= boundary);
  if (trainStarts.length === 0 || validationStarts.length === 0) {
    throw new InputError(
      `windows of ${valuesNeeded(state)} values and ${options.horizon} more to forecast leave ` +
        `${trainStarts.length} examples to train and ${validationStarts.length} to validate; each side needs one`,
      'Choose a smaller window, horizon or difference.',
    );
  }
  const codec = forecastingCodec(state);
  return {
    ...head,
    kind: 'regression',
    input: codec.input,
    output: codec.output,
    train: windowSet(series, state, trainStarts),
    validation: windowSet(series, state, validationStarts),
    state,
    baselines: () => naiveBaselines(series, state, subject, boundary, validationStarts),
    evaluator: () => forecastEvaluator(series, state, validationStarts),
    codec,
  };
}

/** Dates must be right and go forward, values be numbers. */
function readSeries({ points, interval, gaps = 'skip' }: SeriesData): Series {
  const ordinals = points.map(({ date }, i) => dateToOrdinal(date, interval, `the date of point ${i + 1}`));
  points.forEach(({ date, value }, i) => {
    if (!Number.isFinite(value)) {
      throw new InputError(`the value of ${date} is ${value}; it must be a number`);
    }
    if (i > 0 && ordinals[i]! <= ordinals[i - 1]!) {
      throw new InputError(`the date of point ${i + 1}, ${date}, does not follow ${points[i - 1]!.date} before it`);
    }
  });
  const filled = points.map((point) => point.filled === true);
  return { ordinals, values: points.map(({ value }) => value), filled, gaps };
}

/** What the normaliser is made from: the values before the boundary, or their differences. */
function trainingNumbers({ ordinals, values }: Series, boundary: number, difference: number): readonly number[] {
  const numbers: number[] = [];
  for (let i = difference; i < boundary; i++) {
    if (ordinals[i]! - ordinals[i - difference]! === difference) {
      numbers.push(values[i]! - (difference === 0 ? 0 : values[i - difference]!));
    }
  }
  if (numbers.length === 0) {
    throw new InputError(
      `the series has ${values.length} points, too few to train on: ` +
        `${values.length - boundary} are held out and differences reach ${difference} back`,
    );
  }
  return numbers;
}

function firstForecasts({ ordinals, filled, gaps }: Series, state: ForecastState): readonly number[] {
  return forecastStarts(ordinals, (index) => filled[index]!, {
    before: valuesNeeded(state),
    horizon: state.horizon,
    gaps,
  });
}

function windowSet(series: Series, state: ForecastState, starts: readonly number[]): SequenceSet {
  const needed = valuesNeeded(state);
  const dateOf = (index: number) => ordinalToDate(series.ordinals[index]!, state.interval);
  return valueSet({
    count: starts.length,
    maxSteps: state.window,
    width: inputNames(state).length,
    item(index) {
      const start = starts[index]!;
      const before = series.values.slice(start - needed, start);
      return {
        values: encodeWindow(state, before, series.ordinals[start]!),
        targets: encodeTargets(state, following(series, state, start), bases(series, state, start)),
      };
    },
    describe(_item, index) {
      const start = starts[index]!;
      return {
        input: `${state.quantity} of ${dateOf(start - state.window)} to ${dateOf(start - 1)}`,
        target: following(series, state, start)
          .map((value, k) => `${dateOf(start + k)}: ${value} ${state.unit}`)
          .join(', '),
        dates: Array.from({ length: state.window }, (_, t) => dateOf(start - state.window + t)),
      };
    },
  });
}

function following({ values }: Series, { horizon }: ForecastState, start: number): number[] {
  return values.slice(start, start + horizon);
}

function bases({ values }: Series, { difference }: ForecastState, start: number): number[] {
  return values.slice(start - difference, start);
}

/** Errors in the data's units, and the latest forecasts of the next value beside what came. */
function forecastEvaluator(series: Series, state: ForecastState, starts: readonly number[]): Evaluator {
  const forecasts = new Map<number, readonly number[]>();
  const first = Math.max(0, starts.length - MOST_POINTS_SHOWN);
  return {
    add(_buffers, _steps, items, batch) {
      for (const { item, outputs } of filledColumns(items, batch, state.horizon)) {
        forecasts.set(item, decodeForecast(state, outputs, bases(series, state, starts[item]!)));
      }
    },
    finish() {
      const errors = new Errors();
      // In the order of time: neighboring forecasts share data.
      starts.forEach((start, item) => {
        const truth = following(series, state, start);
        forecasts.get(item)?.forEach((value, k) => errors.add(value, truth[k]!));
      });
      const { absolute, squared } = errors.intervals('forecasts', state.horizon);
      return {
        metrics: [
          meanAbsoluteError(errors.meanAbsolute, state.unit, absolute),
          rootMeanSquaredError(errors.rootMeanSquared, state.unit, squared),
        ],
        forecast: {
          quantity: state.quantity,
          unit: state.unit,
          dates: starts.slice(first).map((start) => ordinalToDate(series.ordinals[start]!, state.interval)),
          truth: starts.slice(first).map((start) => series.values[start]!),
          forecast: starts.slice(first).map((_, i) => forecasts.get(first + i)?.[0] ?? NaN),
        },
      };
    },
  };
}

function naiveBaselines(
  series: Series,
  state: ForecastState,
  subject: ForecastSubject,
  boundary: number,
  starts: readonly number[],
): readonly Baseline[] {
  const { ordinals, values } = series;
  const mean = Normaliser.of(values.slice(0, boundary)).mean;
  const known = new Map(ordinals.map((ordinal, i) => [ordinal, values[i]!]));
  const baselines = subject.naiveLags.map((lag) => {
    const name = lag === 1 ? `last ${state.interval}'s value` : `value ${lag} ${state.interval}s before`;
    // The latest value before the forecast that lies a multiple of the lag back.
    const predict = (start: number, k: number) => known.get(ordinals[start + k]! - lag * (Math.floor(k / lag) + 1));
    return naiveBaseline(name, predict);
  });
  return [...baselines, naiveBaseline('mean of the training part', () => mean)].flat();

  function naiveBaseline(name: string, predict: (start: number, k: number) => number | undefined): readonly Baseline[] {
    const errors = new Errors();
    for (const start of starts) {
      following(series, state, start).forEach((truth, k) => {
        const predicted = predict(start, k);
        if (predicted !== undefined) {
          errors.add(predicted, truth);
        }
      });
    }
    return [
      { name, metric: meanAbsoluteError(errors.meanAbsolute, state.unit) },
      { name, metric: rootMeanSquaredError(errors.rootMeanSquared, state.unit) },
    ];
  }
}
