/** Where the bytes of an import come from; they can be read more than once. */
import { createReadStream, statSync } from 'node:fs';
import { basename, isAbsolute } from 'node:path';
import { InputError } from '../../../engine/errors.ts';
import { fileError } from '../../runs/files.ts';

export interface ImportSource {
  /** As messages call it. */
  readonly name: string;
  readonly bytes: number;
  /** From the start. Ends with an error where the signal is given. */
  read(signal: AbortSignal): AsyncIterable<Uint8Array>;
}

const PIECE = 1 << 18;

/**
 * A file, which is only read. Throws InputError where it is none; reading ends with one where it has changed since.
 * `name`: as messages call it.
 */
export function fileSource(path: string, name = basename(path)): ImportSource {
  if (!isAbsolute(path)) {
    throw new InputError(`the path "${path}" is not a whole one; it must begin at the root of the file system`);
  }
  const before = stat(path);
  if (!before.isFile()) throw new InputError(`${path} is not a file`);
  return {
    name,
    bytes: before.size,
    async *read(signal) {
      const { size, mtimeMs } = stat(path);
      if (size !== before.size || mtimeMs !== before.mtimeMs) {
        throw new InputError(`${path} has changed while it was imported`, 'Import it anew.');
      }
      try {
        for await (const piece of createReadStream(path, { highWaterMark: PIECE, signal })) yield piece as Uint8Array;
      } catch (error) {
        signal.throwIfAborted();
        throw fileError(error, 'read', path);
      }
    },
  };
}

function stat(path: string) {
  try {
    return statSync(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}
