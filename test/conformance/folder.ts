/** A folder of golden cases. */
import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import { parseCase } from './case.ts';
import type { Report } from './report.ts';
import { runCase, type RunOptions } from './run.ts';

/** The paths of the folder's cases, by name. Throws InputError where there is no such folder, or no case in it. */
export async function caseFiles(folder: string): Promise<string[]> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const what = code === 'ENOENT' ? 'is not there' : code === 'ENOTDIR' ? 'is a file, not a folder' : 'cannot be read';
    throw new InputError(`The folder "${folder}" ${what}.`);
  }
  const files = names.filter((name) => name.endsWith('.json')).sort();
  if (files.length === 0) throw new InputError(`The folder "${folder}" holds no case: no file there ends in .json.`);
  return files.map((name) => join(folder, name));
}

/** Runs the case in a file. A file that is no case fails. */
export async function runFile(file: string, options: RunOptions): Promise<Report> {
  try {
    const golden = parseCase(await readFile(file, 'utf8'), file);
    return { name: golden.name, op: golden.op, ...(await runCase(golden, options)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name: basename(file, '.json'), op: '', status: 'fail', worst: undefined, reason };
  }
}
