/** Checkpoint files that a disk or another program has damaged: told by their checksum, kept under another name. */
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { isIntact } from '../../engine/formats/checkpoint.ts';
import { fileError } from './files.ts';

/** Whether all bytes of a checkpoint's file are those that were written. Throws InputError where it cannot be read. */
export function isWhole(path: string): boolean {
  try {
    return isIntact(readFileSync(path));
  } catch (error) {
    throw fileError(error, 'read', path);
  }
}

/** Renames a file to `NAME.damaged`, or `NAME.damaged-2`, ... Returns the new path. */
export function setAside(path: string, reason: 'damaged' | 'diverged' = 'damaged'): string {
  let renamed = `${path}.${reason}`;
  for (let n = 2; existsSync(renamed); n++) {
    renamed = `${path}.${reason}-${n}`;
  }
  try {
    renameSync(path, renamed);
  } catch (error) {
    throw fileError(error, 'renamed', path);
  }
  return renamed;
}
