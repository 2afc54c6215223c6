/**
 * Files that are whole or not there: written under a temporary name in the same folder, flushed, renamed. After a
 * crash at any moment the name holds the old bytes or the new ones.
 */
import {
  closeSync,
  fsyncSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { InputError, UnrolledError } from '../../engine/errors.ts';

const TEMPORARY = /^\..+\.[0-9]+\.tmp$/;

/** Replaces the file at `path`. Where that fails, the old one stays and the error is an InputError. */
export function replaceFile(path: string, content: Uint8Array | string): void {
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.tmp`);
  try {
    writeFileSync(temporary, content, { flush: true });
    renameSync(temporary, path);
    syncFolder(dirname(path));
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError(error, 'written', path);
  }
}

/** Removes what writers left behind that were killed before they could rename. */
export function removeTemporaries(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (TEMPORARY.test(name)) {
      rmSync(join(folder, name), { force: true });
    }
  }
}

/** Makes renames in a folder last. Windows has no such call and needs none: its file system's journal orders them. */
export function syncFolder(folder: string): void {
  if (process.platform === 'win32') {
    return;
  }
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Throws InputError where `path` is anything but a file: folders cannot be read, pipes and devices may never come to an
 * end.
 */
export function requireRegularFile(path: string): void {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (error) {
    throw fileError(error, 'read', path);
  }
  if (!stats.isFile()) {
    throw new InputError(`${path} cannot be read: it is ${kindOf(stats)}, not a file`);
  }
}

function kindOf(stats: Stats): string {
  if (stats.isDirectory()) {
    return 'a folder';
  }
  if (stats.isFIFO()) {
    return 'a pipe';
  }
  return stats.isSocket() ? 'a socket' : 'a device';
}

const CAUSES: Readonly<Record<string, string>> = {
  EACCES: 'permission is denied',
  EPERM: 'the system does not permit it',
  EROFS: 'the disk can only be read',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  EFBIG: 'the file would be larger than the system allows',
  ENOENT: 'there is no such file or folder',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'it is a folder, not a file',
  EEXIST: 'something else with this name is already there',
  ENAMETOOLONG: 'the name is too long',
  EMFILE: 'too many files are open',
  EBUSY: 'another program is using it',
  EIO: 'the disk reported an error',
};

/** A failed file operation as an InputError; `done`: "written", "read". Any other error is given back as it is. */
export function fileError(error: unknown, done: string, path: string): unknown {
  if (error instanceof UnrolledError || !(error instanceof Error)) {
    return error;
  }
  if (!('code' in error) || typeof error.code !== 'string') {
    return error;
  }
  return new InputError(`${path} cannot be ${done}: ${CAUSES[error.code] ?? error.message}`);
}
