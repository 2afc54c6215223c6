import { expect, test } from 'vitest';
import { parseFlags } from './flags.ts';
import { MODEL_CASES } from './model-cases.ts';
import { CASES } from './workload.ts';

test('without flags: every case, one second a round, the best build', () => {
  const flags = parseFlags([]);
  expect(flags.cases).toEqual(CASES);
  expect(flags.models).toEqual(MODEL_CASES);
  expect(flags).toMatchObject({ json: false, seconds: 1, builds: ['best', 'revectorized'] });
  expect(flags.threads[0]).toBe(1);
});

test('flags are taken as given', () => {
  const args = ['--json', '--case', 'b1-t64-h32', '--threads', '2,1', '--seconds', '0.5', '--build', 'relaxed-shared'];
  const { cases, ...flags } = parseFlags(args);
  expect(cases.map(({ name }) => name)).toEqual(['b1-t64-h32']);
  expect(flags).toEqual({ json: true, models: [], threads: [2, 1], seconds: 0.5, builds: ['relaxed-shared'] });
});

test.each([
  [['--case', 'b2'], '--case is "b2", and must be one of b1-t64-h32, '],
  [['--threads', '0'], '--threads is "0", and must be whole numbers from 1 to 64'],
  [['--threads', '1,'], '--threads is "1,", and must be'],
  [['--threads', '1.5'], '--threads is "1.5", and must be'],
  [['--seconds', '0'], '--seconds is "0", and must be a number above 0, at most 600.'],
  [['--seconds', ''], '--seconds is "", and must be'],
  [['--build', 'fast'], '--build is "fast", and must be one of relaxed-shared, '],
  [['--threads', '1,2', '--build', 'relaxed'], 'The build "relaxed" runs on one thread, not on 2'],
  [['--fast'], "Unknown option '--fast'"],
])('%j is refused', (args, message) => {
  expect(() => parseFlags(args)).toThrow(message);
});
