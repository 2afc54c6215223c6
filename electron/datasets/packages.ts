import { readFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { FormatError, InputError } from '../../engine/errors.ts';

/** The text of a file of an installed package, whether or not the package exports it. */
export async function readPackageText(name: string, path: string): Promise<string> {
  let manifest: string | undefined;
  try {
    manifest = findPackageJSON(name, import.meta.url);
  } catch {
    manifest = undefined;
  }
  if (manifest === undefined) {
    throw new InputError(`the dataset's package ${name} is not installed`, 'Run "npm ci" in the project folder.');
  }
  const file = join(dirname(manifest), path);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new InputError(
      `the dataset's file ${file} cannot be read (${error instanceof Error ? error.message : String(error)})`,
      'Run "npm ci" in the project folder.',
    );
  }
}

/** As readPackageText, for a JSON file, whose shape is not checked. */
export async function readPackageJson(name: string, path: string): Promise<unknown> {
  const text = await readPackageText(name, path);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatError(`${name}/${path} is not JSON (${error instanceof Error ? error.message : String(error)})`);
  }
}
