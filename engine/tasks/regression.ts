import { InputError } from '../errors.ts';
import { oneOf, section, show } from '../experiment/fields.ts';
import { parseState, requireOutputs, requireSteps, symbolsSchema } from './codec.ts';
import { shareRight, withInterval } from './evaluation.ts';
import { blockMean, mapInterval, Ratio, type Interval } from './intervals.ts';
import type { BatchOutputs, Metric, TaskCodec, TaskState } from './task.ts';

const stateSchema = section({
  family: oneOf('regression'),
  inputs: symbolsSchema,
  outputs: symbolsSchema,
});

/** The state that regressionCodec takes: the names of the numbers at each step, and of those asked. */
export function regressionState(inputs: readonly string[], outputs: readonly string[]): TaskState {
  return { family: 'regression', inputs, outputs };
}

/** The codec of numbers that models take and give as they are, from its state, which may come from a file. */
export function regressionCodec(state: unknown): TaskCodec {
  const { inputs, outputs: names } = parseState(stateSchema, state);
  return {
    kind: 'regression',
    input: { kind: 'values', names: inputs },
    output: { kind: 'values', names, per: 'sequence' },
    inputForm: `A list of steps, each a list of ${inputs.join(', ')}, as [${JSON.stringify(inputs.map(() => 0.5))}, ...].`,
    encode(input) {
      if (!Array.isArray(input)) {
        throw new InputError(`the input is ${show(input)}; it must be a list of steps`);
      }
      requireSteps(input.length, 'steps');
      const values = input.flatMap((row: unknown, t) => readRow(row, inputs, t));
      return { steps: input.length, values: Float32Array.from(values) };
    },
    decode(_encoded, outputs) {
      requireOutputs(outputs, names.length);
      return { values: Object.fromEntries(names.map((name, k) => [name, outputs[k]!])) };
    },
  };
}

/** The number at a place of the input. Throws InputError where it is none that float32 can hold. */
export function readNumber(value: unknown, place: string): number {
  if (typeof value !== 'number' || !Number.isFinite(Math.fround(value))) {
    throw new InputError(`${place} of the input is ${show(value)}; it must be a number`);
  }
  return value;
}

function readRow(row: unknown, names: readonly string[], t: number): readonly number[] {
  if (!Array.isArray(row) || row.length !== names.length) {
    throw new InputError(
      `step ${t + 1} of the input is ${show(row)}; it must be a list of ${names.length} ${names.length === 1 ? 'number' : 'numbers'}: ${names.join(', ')}`,
    );
  }
  return row.map((value: unknown, i) => readNumber(value, `${names[i]} of step ${t + 1}`));
}

/** Mean absolute error. */
export function meanAbsoluteError(value: number, unit?: string, interval?: Interval): Metric {
  const metric = { name: 'meanAbsoluteError', label: 'mean absolute error', value, better: 'lower' } as const;
  return withInterval(withUnit(metric, unit), interval);
}

/** Root of the mean squared error. */
export function rootMeanSquaredError(value: number, unit?: string, squared?: Interval): Metric {
  const metric = { name: 'rootMeanSquaredError', label: 'root mean squared error', value, better: 'lower' } as const;
  return withInterval(withUnit(metric, unit), mapInterval(squared, Math.sqrt));
}

/** Mean squared error. */
export function meanSquaredError(value: number, interval?: Interval): Metric {
  const metric = { name: 'meanSquaredError', label: 'mean squared error', value, better: 'lower' } as const;
  return withInterval(metric, interval);
}

function withUnit(metric: Metric, unit: string | undefined): Metric {
  return unit === undefined ? metric : { ...metric, unit };
}

/** Differences between predictions and truth, collected one by one. */
export class Errors {
  readonly #errors: number[] = [];
  #absolute = 0;
  #squared = 0;

  add(predicted: number, truth: number): void {
    const error = predicted - truth;
    this.#errors.push(error);
    this.#absolute += Math.abs(error);
    this.#squared += error * error;
  }

  /** NaN where nothing was added, as for the others. */
  get meanAbsolute(): number {
    return this.#absolute / this.#errors.length;
  }

  get meanSquared(): number {
    return this.#squared / this.#errors.length;
  }

  get rootMeanSquared(): number {
    return Math.sqrt(this.meanSquared);
  }

  /** Share of errors that are smaller than a limit. */
  within(limit: number, of: string, label: string, name: string): Metric {
    const right = new Ratio();
    for (const error of this.#errors) right.add(Math.abs(error) < limit ? 1 : 0, 1);
    return shareRight(right, of, label, name);
  }

  /**
   * Of both means. `of`: what each error belongs to. `inRow`: errors in a row that are of one such thing, where they were
   * added in the order of time; absent: all are independent.
   */
  intervals(
    of: string,
    inRow?: number,
  ): { readonly absolute: Interval | undefined; readonly squared: Interval | undefined } {
    const interval = (map: (error: number) => number): Interval | undefined => {
      const values = this.#errors.map(map);
      if (inRow !== undefined) return blockMean(values, inRow * inRow).meanInterval(of, values.length / inRow);
      const ratio = new Ratio();
      for (const value of values) ratio.add(value, 1);
      return ratio.meanInterval(of);
    };
    return { absolute: interval(Math.abs), squared: interval((error) => error * error) };
  }
}

/** The K outputs of each filled column of a batch. */
export function* filledColumns(
  items: readonly number[],
  { outputs }: BatchOutputs,
  K: number,
): Generator<{ readonly item: number; readonly b: number; readonly outputs: Float32Array }> {
  for (const [b, item] of items.entries()) {
    if (item >= 0) {
      yield { item, b, outputs: outputs.subarray(b * K, (b + 1) * K) };
    }
  }
}
