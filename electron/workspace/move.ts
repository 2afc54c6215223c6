import { cp, mkdir, readdir, rename, rm, rmdir } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve } from 'node:path';
import { InputError } from '../../engine/errors.ts';
import { fileError } from '../runs/files.ts';

/**
 * Moves a folder to where there is none, or an empty one. Between two disks it is copied, and what was there is
 * removed only after the copy is complete. Throws InputError where that cannot be; nothing has moved then.
 */
export async function moveFolder(from: string, to: string): Promise<void> {
  requireApart(from, to);
  const names = await readdir(to).catch(() => undefined);
  if (names !== undefined && names.length > 0) {
    throw new InputError(`${to} is not empty; the workspace can be moved into an empty or a new folder`);
  }
  try {
    await mkdir(dirname(resolve(to)), { recursive: true });
    if (names !== undefined) {
      await rmdir(to);
    }
    await rename(from, to);
  } catch (error) {
    if (!isBetweenDisks(error)) {
      throw fileError(error, 'moved', from);
    }
    await copyThenRemove(from, to);
  }
}

async function copyThenRemove(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`;
  try {
    await cp(from, partial, { recursive: true, errorOnExist: true, force: false, preserveTimestamps: true });
    await rename(partial, to);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw fileError(error, 'copied', from);
  }
  await rm(from, { recursive: true, force: true });
}

function requireApart(from: string, to: string): void {
  const path = relative(from, to);
  const inside = path === '' || (!path.startsWith('..') && !isAbsolute(path));
  if (inside) {
    throw new InputError(`${to} is the workspace itself or lies in it; a workspace moves to another place`);
  }
}

function isBetweenDisks(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'EXDEV';
}
