/** Settings of a case, each checked where it is read. */
import { InputError } from '../../../engine/errors.ts';
import type { GoldenCase } from '../case.ts';

/** A whole number of at least 1. */
export function countOf({ config }: GoldenCase, field: string): number {
  const value = config[field];
  if (typeof value === 'number' && Number.isInteger(value) && value >= 1) return value;
  throw new InputError(`config.${field} is ${JSON.stringify(value)}, and must be a whole number of at least 1.`);
}

/** A number, or `fallback` where the case says nothing. */
export function numberOf({ config }: GoldenCase, field: string, fallback?: number): number {
  const value = config[field] ?? fallback;
  if (typeof value === 'number') return value;
  throw new InputError(`config.${field} is ${JSON.stringify(value)}, and must be a number.`);
}

/** true or false; false where the case says nothing. */
export function flagOf({ config }: GoldenCase, field: string): boolean {
  const value = config[field] ?? false;
  if (typeof value === 'boolean') return value;
  throw new InputError(`config.${field} is ${JSON.stringify(value)}, and must be true or false.`);
}

/** One of `choices`; the first where the case says nothing. */
export function choiceOf<T extends string>({ config }: GoldenCase, field: string, choices: readonly [T, ...T[]]): T {
  const value = config[field] ?? choices[0];
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new InputError(`config.${field} is ${JSON.stringify(value)}, and must be one of ${choices.join(', ')}.`);
}

/** True lengths of a batch's items, each from 0 to `steps`; undefined where the case says nothing. */
export function lengthsOf({ config }: GoldenCase, batch: number, steps: number): readonly number[] | undefined {
  const value = config['lengths'];
  if (value === undefined) return undefined;
  const fits = (item: unknown): item is number =>
    typeof item === 'number' && Number.isInteger(item) && item >= 0 && item <= steps;
  if (Array.isArray(value) && value.length === batch && value.every(fits)) return value;
  throw new InputError(
    `config.lengths is ${JSON.stringify(value)}, and must be ${batch} whole numbers from 0 to ${steps}.`,
  );
}

/** Two numbers; `fallback` where the case says nothing. */
export function pairOf({ config }: GoldenCase, field: string, fallback: readonly [number, number]) {
  const value = config[field] ?? fallback;
  if (Array.isArray(value) && value.length === 2) {
    const [first, second] = value as readonly unknown[];
    if (typeof first === 'number' && typeof second === 'number') return [first, second] as const;
  }
  throw new InputError(`config.${field} is ${JSON.stringify(value)}, and must be two numbers.`);
}
