/** What the command line of `npm run bench` says. */
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { BUILDS, isShared, type BuildName } from '../../engine/core/core.ts';
import { InputError } from '../../engine/errors.ts';
import { MAXIMUM_THREADS } from '../../engine/team/control.ts';
import { MODEL_CASES, type ModelCase } from './model-cases.ts';
import { CASES, type BenchCase } from './workload.ts';

const NAMES = [...CASES, ...MODEL_CASES].map(({ name }) => name);

export const USAGE =
  'npm run -s bench -- [--json] [--case NAME] [--threads 1,2] [--seconds S] [--build NAME]\n' +
  `Cases: ${NAMES.join(', ')}. Builds: ${BUILDS.join(', ')}.`;

/** Seconds that `--seconds` may ask for. */
const LONGEST_ROUND = 600;

export interface Flags {
  readonly json: boolean;
  readonly cases: readonly BenchCase[];
  /** Models with attention. */
  readonly models: readonly ModelCase[];
  /** Team sizes to measure, in the order given. */
  readonly threads: readonly number[];
  /** Length of one contestant's round. */
  readonly seconds: number;
  /** What to measure, for each number of threads. */
  readonly builds: readonly BuildChoice[];
}

/** A build by name; the best one without flags of the engine; the one that is taken with V8's revectorizer on. */
export type BuildChoice = BuildName | 'best' | 'revectorized';

/** Throws InputError naming the flag. */
export function parseFlags(args: readonly string[]): Flags {
  const values = parse(args);
  const threads = values.threads === undefined ? defaultThreads() : threadsOf(values.threads);
  const build = values.build === undefined ? undefined : buildOf(values.build);
  const most = Math.max(...threads);
  const chosen = values.case ?? NAMES;
  chosen.forEach(checkCase);
  if (build && most > 1 && !isShared(build)) {
    throw new InputError(`The build "${build}" runs on one thread, not on ${most}: --build ${build}-shared can.`);
  }
  return {
    json: values.json ?? false,
    cases: CASES.filter(({ name }) => chosen.includes(name)),
    models: MODEL_CASES.filter(({ name }) => chosen.includes(name)),
    threads,
    seconds: secondsOf(values.seconds ?? '1'),
    builds: build ? [build] : ['best', 'revectorized'],
  };
}

/** Throws InputError where there is none. */
export function caseNamed(name: string): BenchCase {
  return CASES.find((known) => known.name === name) ?? refuse(name);
}

/** Throws InputError where there is none. */
export function modelCaseNamed(name: string): ModelCase {
  return MODEL_CASES.find((known) => known.name === name) ?? refuse(name);
}

function checkCase(name: string): void {
  if (!NAMES.includes(name)) refuse(name);
}

function refuse(name: string): never {
  throw new InputError(`--case is "${name}", and must be one of ${NAMES.join(', ')}.`);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        json: { type: 'boolean' },
        case: { type: 'string', multiple: true },
        threads: { type: 'string' },
        seconds: { type: 'string' },
        build: { type: 'string' },
      },
    }).values;
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), USAGE);
  }
}

function defaultThreads(): number[] {
  return [...new Set([1, Math.min(availableParallelism(), MAXIMUM_THREADS)])];
}

function threadsOf(list: string): number[] {
  return list.split(',').map((text) => {
    const threads = Number(text);
    if (/^\d+$/.test(text) && threads >= 1 && threads <= MAXIMUM_THREADS) return threads;
    throw new InputError(
      `--threads is "${list}", and must be whole numbers from 1 to ${MAXIMUM_THREADS} with commas between them, as "1,2".`,
    );
  });
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (text.trim() !== '' && seconds > 0 && seconds <= LONGEST_ROUND) return seconds;
  throw new InputError(`--seconds is "${text}", and must be a number above 0, at most ${LONGEST_ROUND}.`);
}

function buildOf(name: string): BuildName {
  const build = BUILDS.find((known) => known === name);
  if (build) return build;
  throw new InputError(`--build is "${name}", and must be one of ${BUILDS.join(', ')}.`);
}
