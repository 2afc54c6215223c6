/** Where the bytes of an import come from; they can be read more than once. */
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { InputError } from '../../../engine/errors.ts';
import { fileError, requireRegularFile } from '../../runs/files.ts';
import { pagePath } from '../../workspace/person-path.ts';

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
export function fileSource(given: string, name = basename(given)): ImportSource {
  const path = pagePath(given);
  requireRegularFile(path);
  const before = stat(path);
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
