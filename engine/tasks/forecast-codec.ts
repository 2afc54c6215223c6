import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { numberAbove, numberFrom, oneOf, section, show, text, truth, wholeNumber } from '../experiment/fields.ts';
import type { JsonValue } from '../json.ts';
import { calendarFeatures, calendarNames, dateToOrdinal, ordinalToDate } from './calendar.ts';
import { MOST_STEPS, parseState, requireOutputs, requireSteps } from './codec.ts';
import { INTERVALS, type Interval } from './data.ts';
import { Normaliser } from './normaliser.ts';
import { readNumber } from './regression.ts';
import type { EncodedInput, TaskCodec } from './task.ts';

const stateSchema = section({
  family: oneOf('forecasting'),
  interval: oneOf(...INTERVALS),
  /** What is counted, "births". */
  quantity: text(100),
  unit: text(100),
  /** T. */
  window: wholeNumber(1, MOST_STEPS),
  /** K. */
  horizon: wholeNumber(1, MOST_STEPS),
  /** Lag of the differences that stand for the values; 0: the values themselves. */
  difference: wholeNumber(0, MOST_STEPS),
  calendar: truth(),
  mean: numberFrom(-Number.MAX_VALUE, Number.MAX_VALUE),
  deviation: numberAbove(0, Number.MAX_VALUE),
  /** A date on which `values` could start. */
  example: text(16),
});

const inputSchema = v.strictObject({ start: v.optional(v.string()), values: v.array(v.number()) });
const contextSchema = v.strictObject({ bases: v.array(v.number()), next: v.optional(v.number()) });

/** How windows of a series become a model's numbers and its numbers forecasts; everything that is kept of a task. */
export type ForecastState = v.InferOutput<typeof stateSchema>;

/** The state of a forecasting task, which may come from a file. */
export function parseForecastState(state: unknown): ForecastState {
  return parseState(stateSchema, state);
}

/** How many values in a row a window takes: those that differences start from too. */
export function valuesNeeded(state: Pick<ForecastState, 'window' | 'difference'>): number {
  return state.window + state.difference;
}

/** Names of the numbers at each step: the value, the step's calendar, the first forecast's calendar. */
export function inputNames({ calendar, interval, quantity, difference }: ForecastState): readonly string[] {
  const value =
    difference === 0 ? quantity : `${quantity}, difference to ${difference} ${plural(difference, interval)} before`;
  const names = calendar ? calendarNames(interval) : [];
  return [value, ...names, ...names.map((name) => `forecast's ${name}`)];
}

/**
 * [T, I] numbers of a window. `values`: valuesNeeded of them, the last directly before the first forecast; `next`: that
 * forecast's ordinal, not used without a calendar.
 */
export function encodeWindow(state: ForecastState, values: ArrayLike<number>, next: number): Float32Array {
  const { window, difference, calendar, interval } = state;
  const normaliser = new Normaliser(state.mean, state.deviation);
  const width = inputNames(state).length;
  const encoded = new Float32Array(window * width);
  const ahead = calendar ? calendarFeatures(next, interval) : [];
  for (let t = 0; t < window; t++) {
    const value = values[difference + t]! - (difference === 0 ? 0 : values[t]!);
    const own = calendar ? calendarFeatures(next - window + t, interval) : [];
    encoded.set([normaliser.apply(value), ...own, ...ahead], t * width);
  }
  return encoded;
}

/** The targets of a window: `following` are the K values to forecast, `bases` the `difference` values before them. */
export function encodeTargets(
  state: ForecastState,
  following: readonly number[],
  bases: readonly number[],
): Float32Array {
  const normaliser = new Normaliser(state.mean, state.deviation);
  const before = [...bases, ...following];
  return Float32Array.from(following, (value, k) =>
    normaliser.apply(state.difference === 0 ? value : value - before[k]!),
  );
}

/** Forecasts in the data's units; those beyond the first `difference` ones start from earlier forecasts. */
export function decodeForecast(state: ForecastState, outputs: ArrayLike<number>, bases: readonly number[]): number[] {
  const normaliser = new Normaliser(state.mean, state.deviation);
  const before = [...bases];
  const forecast: number[] = [];
  for (let k = 0; k < state.horizon; k++) {
    const value = normaliser.invert(outputs[k]!) + (state.difference === 0 ? 0 : before[k]!);
    forecast.push(value);
    before.push(value);
  }
  return forecast;
}

/** The codec of a forecasting task from its state, which may come from a file. */
export function forecastingCodec(json: unknown): TaskCodec {
  const state = parseForecastState(json);
  const { interval, quantity, unit, horizon } = state;
  const needed = valuesNeeded(state);
  const counted = `${needed} ${plural(needed, 'value')}, one a ${interval}`;
  const list = `{"start": ${JSON.stringify(state.example)}, "values": [...]}`;
  return {
    kind: 'regression',
    input: { kind: 'values', names: inputNames(state) },
    output: {
      kind: 'values',
      names: Array.from(
        { length: horizon },
        (_, k) =>
          `${unit === quantity ? quantity : `${quantity} (${unit})`}, ${k + 1} ${plural(k + 1, interval)} ahead`,
      ),
      per: 'sequence',
    },
    inputForm: state.calendar
      ? `At least ${counted}, with the date of the first, as ${list}.`
      : `At least ${counted}, as a list of numbers, or with the date of the first as ${list}.`,
    encode: (input) => encodeInput(state, input),
    decode(encoded, outputs) {
      requireOutputs(outputs, horizon);
      const { bases, next } = v.parse(contextSchema, encoded.context);
      const forecast = decodeForecast(state, outputs, bases).map((value, k) =>
        next === undefined ? { value } : { date: ordinalToDate(next + k, interval), value },
      );
      return { forecast };
    },
  };
}

function encodeInput(state: ForecastState, input: JsonValue): EncodedInput {
  const { start, values: given } = readInput(input);
  requireSteps(given.length, 'values');
  const needed = valuesNeeded(state);
  if (given.length < needed) {
    throw new InputError(`the input has ${given.length} values; this forecast needs at least ${needed}`);
  }
  if (start === undefined && state.calendar) {
    throw new InputError(
      `the input has no start; this forecast needs the date of the first value, ` +
        `as {"start": ${JSON.stringify(state.example)}, "values": [...]}`,
    );
  }
  const next =
    start === undefined ? undefined : dateToOrdinal(start, state.interval, "the input's start") + given.length;
  const values = given.slice(-needed);
  const bases = state.difference === 0 ? [] : values.slice(-state.difference);
  return {
    steps: state.window,
    values: encodeWindow(state, values, next ?? 0),
    context: next === undefined ? { bases } : { bases, next },
  };
}

function readInput(input: JsonValue): { readonly start: string | undefined; readonly values: readonly number[] } {
  const given: unknown = Array.isArray(input) ? { values: input } : input;
  if (isRecord(given) && Array.isArray(given['values'])) {
    given['values'].forEach((value: unknown, i) => readNumber(value, `value ${i + 1}`));
  }
  const result = v.safeParse(inputSchema, given);
  if (!result.success) {
    throw new InputError(
      `the input is ${show(input)}; it must be a list of numbers or an object with start (a date) and values`,
    );
  }
  return { start: result.output.start, values: result.output.values };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function plural(count: number, noun: Interval | 'value'): string {
  return count === 1 ? noun : `${noun}s`;
}
