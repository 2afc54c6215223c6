/**
 * Writes an export: under a temporary name beside its target, in pieces, flushed, renamed when it is whole. Whatever
 * ends it before leaves the target as it was.
 */
import { existsSync, rmSync } from 'node:fs';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { threadId } from 'node:worker_threads';
import { InputError } from '../../engine/errors.ts';
import type { ExportedFile } from '../../engine/exports/files.ts';
import { writeZip } from '../../engine/formats/zip.ts';
import { fileError, syncFolder } from '../runs/files.ts';

const PIECE = 1 << 20;

export interface WriteOptions {
  /** A file that is there may be replaced; a folder never is. */
  readonly overwrite: boolean;
  /** How far it is, 0 to 1. */
  readonly tell: (fraction: number) => void;
}

/** Throws InputError where the target is taken or cannot be written. */
export function requireFreeTarget(target: string, overwrite: boolean, severalFiles: boolean): void {
  if (severalFiles && /\.(?:onnx|safetensors)$/iu.test(target)) {
    throw new InputError(
      `${target} is the name of one file, but several are written`,
      'Choose the name of a folder, or one that ends in .zip.',
    );
  }
  const replaceable = !severalFiles || isZipName(target);
  if (!existsSync(target) || (overwrite && replaceable)) return;
  throw new InputError(
    `${target} is already there, and nothing is overwritten`,
    replaceable
      ? 'Choose another name, or say that it may be replaced (--overwrite on the command line).'
      : 'Choose another name: a folder is not replaced.',
  );
}

/** Where it is written before it is whole. */
export function temporaryName(target: string): string {
  const whole = resolve(target);
  return join(dirname(whole), `.${basename(whole)}.${process.pid}${threadId}.tmp`);
}

/** Several files become a folder, or a zip where the target's name ends so. Returns how many bytes were written. */
export async function writeExport(
  files: readonly ExportedFile[],
  target: string,
  severalFiles: boolean,
  { overwrite, tell }: WriteOptions,
): Promise<number> {
  requireFreeTarget(target, overwrite, severalFiles);
  const temporary = temporaryName(target);
  const asFolder = severalFiles && !isZipName(target);
  const written = asFolder ? files : [asOne(files, severalFiles)];
  const total = written.reduce((sum, { bytes }) => sum + bytes.length, 0);
  let done = 0;
  const count = (bytes: number) => {
    done += bytes;
    tell(done / Math.max(1, total));
  };
  try {
    if (asFolder) await mkdir(temporary);
    for (const { name, bytes } of written) {
      await writePieces(asFolder ? join(temporary, name) : temporary, bytes, count);
    }
    await rename(temporary, resolve(target));
    syncFolder(dirname(resolve(target)));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw fileError(error, 'written', target);
  }
  return total;
}

/** Takes away what an export has left that was ended from outside. */
export function removeTemporary(temporary: string): void {
  rmSync(temporary, { recursive: true, force: true });
}

function isZipName(target: string): boolean {
  return target.toLowerCase().endsWith('.zip');
}

function asOne(files: readonly ExportedFile[], severalFiles: boolean): ExportedFile {
  const [file] = files;
  if (!severalFiles && file) return file;
  const packed = files.map(({ name, bytes }) => ({ name, bytes, stored: /\.(?:safetensors|bin|onnx)$/u.test(name) }));
  return { name: 'model.zip', bytes: writeZip(packed) };
}

async function writePieces(path: string, bytes: Uint8Array, count: (bytes: number) => void): Promise<void> {
  const file = await open(path, 'wx');
  try {
    for (let at = 0; at < bytes.length; at += PIECE) {
      const piece = bytes.subarray(at, at + PIECE);
      await file.writeFile(piece);
      count(piece.length);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}
