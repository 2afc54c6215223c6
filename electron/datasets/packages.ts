import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FormatError, InputError } from '../../engine/errors.ts';

/** Reads the text of a file of a package, by the package's name and the path inside it. */
export type ReadPackageText = (name: string, path: string) => Promise<string>;

/** The packaged app has the files that datasets are read from, by package, and no packages (build/program.mjs). */
const PACKED = fileURLToPath(new URL('../../dist/data', import.meta.url));

/** The text of a file of an installed package, whether or not the package exports it. */
export async function readPackageText(name: string, path: string): Promise<string> {
  const packed = join(PACKED, name, path);
  const file = existsSync(packed) ? packed : join(packageFolder(name), path);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError(
      `the dataset's file ${file} cannot be read (${error instanceof Error ? error.message : String(error)})`,
      'Run "npm ci" in the project folder.',
    );
  }
}

function packageFolder(name: string): string {
  let manifest: string | undefined;
  try {
    manifest = findPackageJSON(name, import.meta.url);
  } catch {
    manifest = undefined;
  }
  if (manifest === undefined) {
    throw new InputError(`the dataset's package ${name} is not installed`, 'Run "npm ci" in the project folder.');
  }
  return dirname(manifest);
}

/** A file of a package as JSON, whose shape is not checked. */
export async function readPackageJson(read: ReadPackageText, name: string, path: string): Promise<unknown> {
  const text = await read(name, path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${name}/${path} is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
