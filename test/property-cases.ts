/**
 * How property tests draw their cases. The seed is fixed, so that a failure is caused by the change at hand and not by
 * the draw; FAST_CHECK_SEED sets another one, and `random` draws one (vitest.config.ts, which prints it).
 * FAST_CHECK_RUNS is how many times as many cases are drawn as usual, for a search overnight.
 */
import fc from 'fast-check';

const DEFAULT_SEED = 20261123;
/** The number of cases that fast-check draws where a test says nothing else. */
const USUAL_CASES = 100;

/** A whole number from the environment, at least `least`. */
function setting(name: string, fallback: number, least: number): number {
  const text = process.env[name];
  if (text === undefined || text === '') return fallback;
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least) {
    throw new Error(`${name} is "${text}"; it must be a whole number${least > 0 ? ` from ${least} on` : ''}.`);
  }
  return value;
}

/** For the parameters of a property: so many cases, or as many times as many as FAST_CHECK_RUNS asks for. */
export function cases(usual: number): { numRuns: number } {
  return { numRuns: usual * setting('FAST_CHECK_RUNS', 1, 1) };
}

export function configureProperties(): void {
  fc.configureGlobal({ seed: setting('FAST_CHECK_SEED', DEFAULT_SEED, -(2 ** 31)), ...cases(USUAL_CASES) });
}
