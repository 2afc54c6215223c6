/** What a start of the program asks for, on the command line or of the instance that runs already. */
import { extname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as v from 'valibot';
import { expandHome } from '../../workspace/person-path.ts';

/** The type of files that a double click opens with the program. */
const FILE_TYPE = '.unrolled';

export interface StartRequest {
  /** Absolute; undefined where the default workspace is meant. */
  readonly workspace: string | undefined;
  /** Files to open, absolute. */
  readonly files: readonly string[];
}

/** A start as one instance hands it to another; the order of `args` is kept, which it is not in Chromium's own list. */
const startSchema = v.object({ args: v.array(v.string()), folder: v.string() });
export type Start = v.InferOutput<typeof startSchema>;

export function thisStart(): Start {
  return { args: process.argv.slice(1), folder: process.cwd() };
}

/** undefined where another program than this one handed it over. */
export function readStart(given: unknown): Start | undefined {
  const parsed = v.safeParse(startSchema, given);
  return parsed.success ? parsed.output : undefined;
}

/** Chromium's own switches, and in development the path of the app, may be among the arguments. */
export function startRequest({ args, folder }: Start): StartRequest {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { workspace: { type: 'string' } },
    strict: false,
    allowPositionals: true,
  });
  const { workspace } = values;
  return {
    workspace: typeof workspace === 'string' && workspace !== '' ? resolve(folder, expandHome(workspace)) : undefined,
    files: positionals.filter((path) => extname(path).toLowerCase() === FILE_TYPE).map((path) => resolve(folder, path)),
  };
}
