/**
 * Zip files (PKWARE's APPNOTE) with a few known files in them. What is read is bounded before anything is unpacked: names
 * must be expected ones, sizes must be what deflate can give (at most 1032 times the packed bytes) and fit the limit.
 */
import { unzipSync, zipSync } from 'fflate';
import type { Zippable } from 'fflate';
import { describeBytes } from '../core/core.ts';
import { FormatError } from '../errors.ts';

/** What deflate can make of a byte at most, and room for headers. */
const MOST_RATIO = 1032;
const SLACK = 64;
const MOST_FILES = 2000;

export interface ZipEntry {
  readonly name: string;
  readonly bytes: Uint8Array;
  /** Not worth packing, as weights are. */
  readonly stored?: boolean;
}

/** The same files give the same bytes. */
export function writeZip(entries: readonly ZipEntry[]): Uint8Array<ArrayBuffer> {
  const files: Zippable = {};
  for (const { name, bytes, stored } of entries) files[name] = [bytes, { level: stored ? 0 : 6 }];
  // The format's times begin in 1980; they are local, so that these digits are the same everywhere.
  return new Uint8Array(zipSync(files, { mtime: new Date(1980, 0, 1) }));
}

export interface ZipLimits {
  /** Whether a file of this name belongs there. */
  readonly accepts: (name: string) => boolean;
  /** Bytes of all files together. */
  readonly mostBytes: number;
  readonly mostFiles?: number;
}

/** All files. Throws FormatError, beginning with `sourceName`, where they are not what was asked for. */
export function readZip(bytes: Uint8Array, sourceName: string, limits: ZipLimits): ReadonlyMap<string, Uint8Array> {
  const names = new Set<string>();
  const { mostFiles = MOST_FILES } = limits;
  let total = 0;
  try {
    const files = unzipSync(bytes, {
      filter({ name, size, originalSize }) {
        const shown = JSON.stringify(name.slice(0, 80));
        if (!limits.accepts(name)) throw new FormatError(`${sourceName} holds ${shown}, which does not belong there`);
        if (names.has(name)) throw new FormatError(`${sourceName} holds ${shown} twice`);
        names.add(name);
        total += Math.max(size, originalSize);
        if (names.size > mostFiles || total > limits.mostBytes) {
          throw new FormatError(
            `${sourceName} would unpack to more than ${mostFiles} files or ${describeBytes(limits.mostBytes)}`,
          );
        }
        if (originalSize > size * MOST_RATIO + SLACK || size > bytes.length) {
          throw new FormatError(`${sourceName} says that ${shown} unpacks to ${originalSize} bytes, which it cannot`);
        }
        return true;
      },
    });
    return new Map(Object.entries(files));
  } catch (error) {
    if (error instanceof FormatError) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new FormatError(`${sourceName} is not a zip file, or it is damaged (${why.slice(0, 100)})`);
  }
}

/** Names of the files in it; nothing is unpacked. Throws FormatError, beginning with `sourceName`, where it is damaged. */
export function zipNames(bytes: Uint8Array, sourceName: string): readonly string[] {
  const names: string[] = [];
  try {
    unzipSync(bytes, {
      filter({ name }) {
        names.push(name);
        return false;
      },
    });
    return names;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new FormatError(`${sourceName} is not a zip file, or it is damaged (${why.slice(0, 100)})`);
  }
}

/** Whether the bytes begin as a zip file does. */
export function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}
