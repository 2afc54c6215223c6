import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeBytes } from '../../engine/core/core.ts';
import { InputError } from '../../engine/errors.ts';
import { fileError } from '../runs/files.ts';
import { filesBeside, MOST_IMPORT_BYTES, type ImportedFile } from './open-import.ts';

/** A file that is to be imported, with those beside it that it names. Throws InputError where one cannot be read. */
export function readImportFiles(path: string): readonly ImportedFile[] {
  const file = { name: basename(path), bytes: readWhole(path) };
  const beside = filesBeside(file).map((name) => ({ name, bytes: readWhole(join(dirname(path), name)) }));
  return [file, ...beside];
}

function readWhole(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > MOST_IMPORT_BYTES) {
      throw new InputError(`${path} has ${describeBytes(size)}; at most ${describeBytes(MOST_IMPORT_BYTES)} are read`);
    }
    return readFileSync(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}
