import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { describeBytes } from '../../engine/core/core.ts';
import { InputError } from '../../engine/errors.ts';
import { fileError, requireRegularFile } from '../runs/files.ts';
import { filesBeside, MOST_IMPORT_BYTES, type ImportedFile } from './open-import.ts';

/** Files that a folder's error names. */
const MOST_NAMED = 3;

/** A file that is to be imported, with those beside it that it names. Throws InputError where one cannot be read. */
export function readImportFiles(path: string): readonly ImportedFile[] {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) throw folderError(path);
  const file = { name: basename(path), bytes: readWhole(path) };
  const beside = filesBeside(file)
    .filter((name) => !name.endsWith('.onnx') || existsSync(join(dirname(path), name)))
    .map((name) => ({ name, bytes: readWhole(join(dirname(path), name)) }));
  return [file, ...beside];
}

/** With the files in it that could be meant. */
function folderError(path: string): unknown {
  let names: readonly string[];
  try {
    names = readdirSync(path);
  } catch (error) {
    return fileError(error, 'read', path);
  }
  const meant = names.filter((name) => /^model\.json$|\.(safetensors|unrolled|zip|pt|pth|ckpt|onnx)$/iu.test(name));
  const files = meant.slice(0, MOST_NAMED).map((name) => join(path, name));
  const hint = files.length === 0 ? 'It holds none that could be imported.' : `Give the file: ${files.join(' or ')}`;
  return new InputError(`${path} is a folder, and one file is imported`, hint);
}

function readWhole(path: string): Uint8Array {
  requireRegularFile(path);
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
