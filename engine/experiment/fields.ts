/**
 * Fields of an experiment as schemas whose messages continue the field's path: "training.batchSize" + " is 0; it must
 * be a whole number from 1 to 4096".
 */
import * as v from 'valibot';
import { nearest } from '../nearest.ts';

/** A value as a message shows it, cut to 60 characters. */
export function show(value: unknown): string {
  const text = (JSON.stringify(value) as string | undefined) ?? 'missing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

type Field<T> = v.CustomSchema<T, v.ErrorMessage<v.CustomIssue> | undefined>;

function field<T>(accepts: (value: unknown) => boolean, requirement: string): Field<T> {
  return v.custom<T>(accepts, (issue) => `is ${show(issue.input)}; it must be ${requirement}`);
}

export function wholeNumber(min: number, max: number): Field<number> {
  return field<number>(
    (value) => Number.isInteger(value) && (value as number) >= min && (value as number) <= max,
    `a whole number from ${min} to ${max}`,
  );
}

/** min and max included. */
export function numberFrom(min: number, max: number): Field<number> {
  return field<number>(
    (value) => typeof value === 'number' && value >= min && value <= max,
    `a number from ${min} to ${max}`,
  );
}

/** min excluded, max included. */
export function numberAbove(min: number, max: number): Field<number> {
  return field<number>(
    (value) => typeof value === 'number' && value > min && value <= max,
    `a number above ${min}, at most ${max}`,
  );
}

/** min included, max excluded. */
export function numberBelow(min: number, max: number): Field<number> {
  return field<number>(
    (value) => typeof value === 'number' && value >= min && value < max,
    `a number from ${min}, below ${max}`,
  );
}

export function truth(): Field<boolean> {
  return field<boolean>((value) => typeof value === 'boolean', 'true or false');
}

export function text(maxLength: number): Field<string> {
  return field<string>(
    (value) => typeof value === 'string' && value.length > 0 && value.length <= maxLength,
    `a text of 1 to ${maxLength} characters`,
  );
}

export function oneOf<const T extends readonly string[]>(
  ...choices: T
): v.PicklistSchema<T, v.ErrorMessage<v.PicklistIssue>> {
  return v.picklist(
    choices,
    (issue) => `is ${show(issue.input)}; it must be ${listed(choices)}${meant(issue.input, choices)}`,
  );
}

/** The message of a variant whose `key` is none of the choices, or that is no object. */
export function oneKindOf(choices: readonly string[]): v.ErrorMessage<v.VariantIssue> {
  return (issue) =>
    issue.path === undefined
      ? `is ${show(issue.input)}; it must be an object`
      : `is ${show(issue.input)}; it must be ${listed(choices)}${meant(issue.input, choices)}`;
}

/** An object with these fields and no others. `elsewhere` tells where a field that is refused here belongs. */
export function section<E extends v.ObjectEntries>(
  entries: E,
  elsewhere: Readonly<Record<string, string>> = {},
): v.StrictObjectSchema<E, v.ErrorMessage<v.StrictObjectIssue>> {
  return v.strictObject(entries, (issue) => {
    if (issue.expected === 'Object') {
      return `is ${show(issue.input)}; it must be an object`;
    }
    if (issue.expected !== 'never') {
      return 'is missing';
    }
    const name = String(issue.path?.at(-1)?.key);
    const place = Object.hasOwn(elsewhere, name) ? elsewhere[name] : undefined;
    if (place !== undefined) {
      return place;
    }
    const known = Object.keys(entries);
    const suggestion = nearest(name, known);
    return suggestion === undefined
      ? `is not a known field; known here are ${known.join(', ')}`
      : `is not a known field; did you mean "${suggestion}"?`;
  });
}

function listed(choices: readonly string[]): string {
  const quoted = choices.map((choice) => `"${choice}"`);
  return quoted.length === 1 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function meant(value: unknown, choices: readonly string[]): string {
  const suggestion = typeof value === 'string' ? nearest(value, choices) : undefined;
  return suggestion === undefined ? '' : ` (did you mean "${suggestion}"?)`;
}
