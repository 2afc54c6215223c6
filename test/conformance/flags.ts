/** What the command line of `npm run conformance` says. */
import { parseArgs } from 'node:util';
import { BUILDS, isShared, type BuildName } from '../../engine/core/core.ts';
import { InputError } from '../../engine/errors.ts';
import { MAXIMUM_THREADS } from '../../engine/team/control.ts';

export const USAGE = `npm run -s conformance -- DIR [--json] [--build ${BUILDS.join('|')}] [--threads N]`;

export interface Flags {
  readonly folder: string;
  readonly json: boolean;
  /** Undefined: the best that runs here. */
  readonly build: BuildName | undefined;
  readonly threads: number;
}

/** Throws InputError naming the flag. */
export function parseFlags(args: readonly string[]): Flags {
  const { values, positionals } = parse(args);
  const [folder, ...others] = positionals;
  if (folder === undefined) throw new InputError('The folder with the cases is missing.', USAGE);
  if (others.length > 0) throw new InputError(`One folder is enough: "${others.join(' ')}" is too much.`, USAGE);
  const build = values.build === undefined ? undefined : buildOf(values.build);
  const threads = threadsOf(values.threads ?? '1');
  if (build && threads > 1 && !isShared(build)) {
    throw new InputError(`The build "${build}" runs on one thread, not on ${threads}: --build ${build}-shared can.`);
  }
  return { folder, json: values.json ?? false, build, threads };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: { json: { type: 'boolean' }, build: { type: 'string' }, threads: { type: 'string' } },
      allowPositionals: true,
    });
  } catch (error) {
    throw new InputError(error instanceof Error ? error.message : String(error), USAGE);
  }
}

function buildOf(name: string): BuildName {
  const build = BUILDS.find((known) => known === name);
  if (build) return build;
  throw new InputError(`--build is "${name}", and must be one of ${BUILDS.join(', ')}.`);
}

function threadsOf(text: string): number {
  const threads = Number(text);
  if (/^\d+$/.test(text) && threads >= 1 && threads <= MAXIMUM_THREADS) return threads;
  throw new InputError(`--threads is "${text}", and must be a whole number from 1 to ${MAXIMUM_THREADS}.`);
}
