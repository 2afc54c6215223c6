import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../engine/errors.ts';
import { calendarFeatures, calendarNames, dateToOrdinal, ordinalToDate } from '../../../engine/tasks/calendar.ts';
import type { SeriesData, SeriesPoint } from '../../../engine/tasks/data.ts';
import { forecastingTask } from '../../../engine/tasks/forecasting.ts';
import type { ForecastOptions, ForecastSubject } from '../../../engine/tasks/forecasting.ts';
import { Normaliser } from '../../../engine/tasks/normaliser.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import type { SequenceSet, Task } from '../../../engine/tasks/task.ts';
import { cases } from '../../property-cases.ts';
import { evaluate, setsOf, single, throughFile } from './batch.ts';
import { head } from './head.ts';

const SUBJECT: ForecastSubject = { quantity: 'visits', unit: 'people', validationPoints: 20, naiveLags: [1, 7] };
const PLAIN: ForecastOptions = { window: 5, horizon: 1, difference: 0, calendar: false };

/** 100 days from 2000-01-01 of which the value tells the day: n^2. */
const DAYS: readonly SeriesPoint[] = Array.from({ length: 100 }, (_, n) => ({
  date: new Date(Date.UTC(2000, 0, 1 + n)).toISOString().slice(0, 10),
  value: n * n,
}));

function daily(points: readonly SeriesPoint[] = DAYS): SeriesData {
  return { form: 'series', interval: 'day', points };
}

function make(options: Partial<ForecastOptions> = {}, data = daily()): Task {
  return forecastingTask(head, data, SUBJECT, { ...PLAIN, ...options });
}

function normaliserOf(task: Task): Normaliser {
  return new Normaliser(task.state['mean'] as number, task.state['deviation'] as number);
}

/** The first number of each step and the targets, in units before normalisation. */
function raw(task: Task, set: SequenceSet, item: number): { readonly seen: number[]; readonly asked: number[] } {
  const { values, targetValues, maxSteps } = single(task, set, item);
  const normaliser = normaliserOf(task);
  const width = values!.length / maxSteps;
  const round = (value: number) => Math.round(normaliser.invert(value));
  return {
    seen: Array.from({ length: maxSteps }, (_, t) => round(values![t * width]!)),
    asked: Array.from(targetValues!, round),
  };
}

const squares = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => (from + i) ** 2);
/** n^2 - (n - lag)^2 */
const differences = (from: number, to: number, lag: number) =>
  squares(from, to).map((v, i) => v - (from + i - lag) ** 2);

describe('a forecasting task', () => {
  test('shows T values and asks for the K after them, each side for its own days', () => {
    const task = make({ window: 5, horizon: 3 });
    const { train, validation } = setsOf(task);
    expect([train.count, validation.count]).toEqual([80 - 5 - 2, 20 - 2]);
    expect(raw(task, train, 0)).toEqual({ seen: squares(0, 4), asked: squares(5, 7) });
    expect(raw(task, train, train.count - 1).asked).toEqual(squares(77, 79));
    expect(raw(task, validation, 0)).toEqual({ seen: squares(75, 79), asked: squares(80, 82) });
    expect(validation.describe(0)).toEqual({
      input: 'visits of 2000-03-16 to 2000-03-20',
      target: '2000-03-21: 6400 people, 2000-03-22: 6561 people, 2000-03-23: 6724 people',
      dates: ['2000-03-16', '2000-03-17', '2000-03-18', '2000-03-19', '2000-03-20'],
    });
  });

  test('no day is asked for on both sides', () => {
    const options = fc.record({
      window: fc.integer({ min: 1, max: 20 }),
      horizon: fc.integer({ min: 1, max: 10 }),
      difference: fc.integer({ min: 0, max: 10 }),
      calendar: fc.boolean(),
    });
    const dates = (set: SequenceSet) =>
      Array.from({ length: set.count }, (_, i) => set.describe(i).target.match(/\d{4}-\d\d-\d\d/g)!).flat();
    fc.assert(
      fc.property(options, (given) => {
        const { train, validation } = setsOf(make(given));
        expect(dates(train).every((date) => date < '2000-03-21')).toBe(true);
        expect(dates(validation).every((date) => date >= '2000-03-21')).toBe(true);
      }),
      cases(30),
    );
  });

  test.each([0, 3])('normalises by the training part alone, differences of %i', (difference) => {
    const task = make({ difference });
    const changed = make({ difference }, daily(DAYS.map((day, n) => (n >= 80 ? { ...day, value: -1e6 } : day))));
    expect([changed.state['mean'], changed.state['deviation']]).toEqual([task.state['mean'], task.state['deviation']]);
    const numbers = difference === 0 ? squares(0, 79) : differences(difference, 79, difference);
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
    expect(task.state['mean']).toBeCloseTo(mean, 9);
    expect(task.state['deviation']).toBeCloseTo(
      Math.sqrt(numbers.reduce((sum, value) => sum + value * value, 0) / numbers.length - mean * mean),
      6,
    );
  });

  test('differences reach back before the window', () => {
    const task = make({ window: 4, horizon: 2, difference: 7 });
    const { train } = setsOf(task);
    expect(raw(task, train, 0)).toEqual({ seen: differences(7, 10, 7), asked: differences(11, 12, 7) });
  });

  test.each([
    [0, 1],
    [0, 4],
    [1, 4],
    [3, 5],
    [7, 2],
  ])('targets as predictions give no error: differences of %i, %i ahead', (difference, horizon) => {
    const task = make({ difference, horizon });
    const right = evaluate(task, (buffers, _steps, b, outputs) =>
      outputs.set(buffers.targetValues!.subarray(b * horizon, (b + 1) * horizon), b * horizon),
    );
    // n^2 below 10,000 through float32.
    right.metrics.forEach(({ value }) => expect(value).toBeLessThan(0.02));
    const { deviation } = normaliserOf(task);
    const off = evaluate(task, (buffers, _steps, b, outputs) => {
      outputs.set(buffers.targetValues!.subarray(b * horizon, (b + 1) * horizon), b * horizon);
      outputs[b * horizon]! += 2 / deviation;
    });
    // An error in the first step goes on into every forecast that starts from it.
    const affected = difference === 0 ? 1 : Math.ceil(horizon / difference);
    expect(off.metrics[0]!.value).toBeCloseTo((2 * affected) / horizon, 1);
    expect(off.metrics.map(({ name, unit }) => [name, unit])).toEqual([
      ['meanAbsoluteError', 'people'],
      ['rootMeanSquaredError', 'people'],
    ]);
  });

  test('naive forecasts use what is known before the forecast', () => {
    const task = make({ horizon: 2 });
    const value = (name: string) =>
      task.baselines().find((baseline) => baseline.name === name && baseline.metric.name === 'meanAbsoluteError')!
        .metric.value;
    const starts = Array.from({ length: 19 }, (_, i) => 80 + i);
    const mean = (errors: readonly number[]) => errors.reduce((sum, error) => sum + error, 0) / errors.length;
    expect(value("last day's value")).toBeCloseTo(
      mean(starts.flatMap((n) => [n * n - (n - 1) ** 2, (n + 1) ** 2 - (n - 1) ** 2])),
      9,
    );
    expect(value('value 7 days before')).toBeCloseTo(
      mean(starts.flatMap((n) => [n * n - (n - 7) ** 2, (n + 1) ** 2 - (n - 6) ** 2])),
      9,
    );
    const trainMean = mean(squares(0, 79));
    expect(value('mean of the training part')).toBeCloseTo(
      mean(starts.flatMap((n) => [n * n - trainMean, (n + 1) ** 2 - trainMean])),
      9,
    );
  });

  test('no window reaches over a missing date', () => {
    const task = make({ window: 3, difference: 2 }, daily(DAYS.filter((_, n) => n !== 40 && n !== 90)));
    for (const set of Object.values(setsOf(task))) {
      for (let item = 0; item < set.count; item++) {
        const asked = Date.parse(set.describe(item).target.slice(0, 10));
        const day = (asked - Date.UTC(2000, 0, 1)) / 86_400_000;
        expect([40, 41, 42, 43, 44, 45, 90, 91, 92, 93, 94, 95]).not.toContain(day);
        expect(raw(task, set, item).seen).toEqual(differences(day - 3, day - 1, 2));
      }
    }
  });

  test('tells each step its own day and the first forecast’s, nothing of it without a calendar', () => {
    const task = make({ window: 4, calendar: true, horizon: 2 });
    const names = task.input.kind === 'values' ? task.input.names : [];
    const width = calendarNames('day').length;
    expect(names).toHaveLength(1 + 2 * width);
    expect(new Set(names).size).toBe(names.length);
    const { values } = single(task, setsOf(task).train, 10);
    for (let t = 0; t < 4; t++) {
      const row = [...values!.subarray(t * names.length, (t + 1) * names.length)];
      const expected = [...calendarOf(10 + t), ...calendarOf(14)].map(Math.fround);
      expect(row.slice(1)).toEqual(expected);
    }
    expect(make().input).toEqual({ kind: 'values', names: ['visits'] });

    function calendarOf(n: number): readonly number[] {
      return calendarFeatures(dateToOrdinal(DAYS[n]!.date, 'day', 'it'), 'day');
    }
  });

  test.each([
    [daily(DAYS.slice(0, 20)), 'the series has 20 points, too few to train on'],
    [daily(DAYS.slice(0, 24)), 'leave 0 examples to train and 19 to validate'],
    [daily([...DAYS, DAYS[0]!]), 'the date of point 101, 2000-01-01, does not follow 2000-04-09 before it'],
    [daily([{ date: '2000-02-30', value: 1 }]), 'the date of point 1 is "2000-02-30"; it must be a date'],
    [daily([{ date: '2000-01-01', value: NaN }]), 'the value of 2000-01-01 is NaN'],
  ])('refuses series it cannot use (%#)', (data, message) => {
    expect(() => make({}, data)).toThrow(InputError);
    expect(() => make({}, data)).toThrow(message);
  });
});

describe('its codec, restored from its state', () => {
  const restored = (task: Task) => restoreCodec(throughFile(task.state));

  test('encodes what the task writes and decodes to dates and values', () => {
    const task = make({ window: 4, difference: 3, horizon: 2, calendar: true });
    const codec = restored(task);
    const { train } = setsOf(task);
    const item = 20;
    const { values, targetValues } = single(task, train, item);
    const before = DAYS.slice(item, item + 7);
    const encoded = codec.encode({ start: before[0]!.date, values: before.map(({ value }) => value) });
    expect(encoded.steps).toBe(4);
    expect(encoded.values).toEqual(values);
    const { forecast } = codec.decode(encoded, targetValues!) as {
      forecast: readonly { date: string; value: number }[];
    };
    expect(forecast.map(({ date, value }) => ({ date, value: Math.round(value) }))).toEqual(DAYS.slice(27, 29));
  });

  test('takes a list of numbers where no date is needed, and more than it needs', () => {
    const codec = restored(make({ window: 3, difference: 1 }));
    const encoded = codec.encode([9, 9, 1, 2, 3, 5]);
    expect(encoded).toEqual(codec.encode({ values: [1, 2, 3, 5] }));
    const { forecast } = codec.decode(encoded, Float32Array.of(0)) as { forecast: readonly { value: number }[] };
    // The output 0 is the mean difference.
    expect(forecast).toEqual([{ value: 5 + (make({ difference: 1 }).state['mean'] as number) }]);
    expect(codec.decode(codec.encode({ start: '2001-02-25', values: [1, 2, 3, 5] }), Float32Array.of(0))).toMatchObject(
      {
        forecast: [{ date: '2001-03-01' }],
      },
    );
  });

  test.each([
    [[1, 2], 'the input has 2 values; this forecast needs at least 5'],
    [[1, 2, 3, 4, 5], 'the input has no start; this forecast needs the date of the first value'],
    [{ start: 'today', values: [1, 2, 3, 4, 5] }, 'the input\'s start is "today"; it must be a date, as "1988-12-31"'],
    [{ start: '2000-13-01', values: [1, 2, 3, 4, 5] }, 'it must be a date'],
    [[1, 2, 'x', 4, 5], 'value 3 of the input is "x"; it must be a number'],
    [[1, 2, 1e300, 4, 5], 'value 3 of the input is 1e+300; it must be a number'],
    ['12345', 'the input is "12345"; it must be a list of numbers'],
    [{ start: '2000-01-01', values: [1, 2, 3, 4, 5], end: 1 }, 'it must be a list of numbers or an object'],
  ])('refuses %j', (input, message) => {
    const codec = restored(make({ calendar: true }));
    expect(() => codec.encode(input)).toThrow(InputError);
    expect(() => codec.encode(input)).toThrow(message);
  });
});

describe('the calendar', () => {
  test('counts days and months and finds the date again', () => {
    expect(dateToOrdinal('1970-01-02', 'day', 'it')).toBe(1);
    expect(dateToOrdinal('1958-03-01', 'month', 'it')).toBe(1958 * 12 + 2);
    fc.assert(
      fc.property(fc.integer({ min: -200_000, max: 200_000 }), (day) => {
        expect(dateToOrdinal(ordinalToDate(day, 'day'), 'day', 'it')).toBe(day);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 9999 * 12 }), (month) => {
        expect(dateToOrdinal(ordinalToDate(month, 'month'), 'month', 'it')).toBe(month);
      }),
    );
  });

  test('knows weekday, season and month', () => {
    const of = (date: string) =>
      Object.fromEntries(
        calendarFeatures(dateToOrdinal(date, 'day', 'it'), 'day').map((value, i) => [calendarNames('day')[i]!, value]),
      );
    expect(of('1988-12-31')).toMatchObject({ Saturday: 1, Sunday: 0 });
    expect(of('1969-01-01')).toMatchObject({ Wednesday: 1, 'year sin 1': 0, 'year cos 1': 1, 'year cos 3': 1 });
    expect(of('1960-02-29')).toMatchObject({ Monday: 1 });
    expect(of('2001-07-02')['year cos 1']).toBeCloseTo(-1, 3);
    const april = calendarFeatures(dateToOrdinal('2020-04-30', 'month', 'it'), 'month');
    expect(calendarNames('month')[april.indexOf(1)]).toBe('April');
    expect(april.reduce((sum, value) => sum + value, 0)).toBe(1);
  });
});

test('the normaliser keeps a constant’s scale', () => {
  const normaliser = Normaliser.of([4, 4, 4]);
  expect([normaliser.apply(6), normaliser.invert(2)]).toEqual([2, 6]);
});
