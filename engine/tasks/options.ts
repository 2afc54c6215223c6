/**
 * The options of a task: one table says what each is, its default and its range, and everything else follows from it,
 * the check of an experiment's fields as well as a list for people.
 */
import * as v from 'valibot';
import { InputError } from '../errors.ts';
import { numberFrom, oneOf, section, truth, wholeNumber } from '../experiment/fields.ts';
import type { JsonValue } from '../json.ts';

interface Described {
  /** One sentence without its full stop. */
  readonly description: string;
}

export type TaskOption = Described &
  (
    | { readonly type: 'integer'; readonly default: number; readonly minimum: number; readonly maximum: number }
    | { readonly type: 'number'; readonly default: number; readonly minimum: number; readonly maximum: number }
    | { readonly type: 'boolean'; readonly default: boolean }
    | { readonly type: 'choice'; readonly default: string; readonly choices: readonly string[] }
  );

export type TaskOptions = Readonly<Record<string, TaskOption>>;

/** The values that a table of options describes. */
export type OptionValues<O extends TaskOptions> = {
  readonly [Name in keyof O]: O[Name] extends { readonly type: 'boolean' }
    ? boolean
    : O[Name] extends { readonly type: 'choice'; readonly choices: readonly (infer Choice)[] }
      ? Choice
      : number;
};

/** Which of the possible divisions of a finite dataset into training and validation parts. */
export const splitOptions = {
  validationShare: {
    type: 'number',
    description: 'Share of the data that is held out for validation',
    default: 0.1,
    minimum: 0.01,
    maximum: 0.5,
  },
  split: {
    type: 'integer',
    description: 'Number of the random division into training and validation parts',
    default: 1,
    minimum: 0,
    maximum: 1_000_000,
  },
} as const satisfies TaskOptions;

/** How many items of an endless task make its validation part. */
export const validationItems = {
  type: 'integer',
  description: 'Sequences in the validation part',
  default: 1000,
  minimum: 1,
  maximum: 100_000,
} as const satisfies TaskOption;

/**
 * The values of `given`, defaults filled in. Throws InputError naming the field (`task.window`), its value and its
 * range.
 */
export function parseOptions<O extends TaskOptions>(options: O, given: JsonValue, path = 'task'): OptionValues<O> {
  const entries = Object.fromEntries(
    Object.entries(options).map(([name, option]) => [name, v.optional(fieldOf(option), option.default)]),
  );
  const result = v.safeParse(section(entries), given, { abortPipeEarly: true });
  if (!result.success) {
    const issue = result.issues[0];
    const field = v.getDotPath(issue);
    throw new InputError(`${field === null ? path : `${path}.${field}`} ${issue.message}`);
  }
  return result.output as OptionValues<O>;
}

function fieldOf(option: TaskOption): v.GenericSchema<unknown, number | boolean | string> {
  switch (option.type) {
    case 'integer':
      return wholeNumber(option.minimum, option.maximum);
    case 'number':
      return numberFrom(option.minimum, option.maximum);
    case 'boolean':
      return truth();
    case 'choice':
      return oneOf(...option.choices);
  }
}
