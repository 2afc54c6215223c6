/** A file of text lines that does not grow without limit: unrolled.log, and before it unrolled.1.log and unrolled.2.log. */
import { appendFileSync, mkdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const MAX_BYTES = 1 << 20;
/** Full files that are kept. */
const OLD_FILES = 2;

export class LogFile {
  readonly path: string;
  readonly #folder: string;
  readonly #maxBytes: number;

  constructor(folder: string, maxBytes: number = MAX_BYTES) {
    this.#folder = folder;
    this.#maxBytes = maxBytes;
    this.path = this.#name(0);
  }

  /** Adds one entry with the time in front. A log that cannot be written is no reason to fail. */
  write(entry: string): void {
    try {
      mkdirSync(this.#folder, { recursive: true });
      this.#rotate();
      appendFileSync(this.path, `${new Date().toISOString()} ${entry}\n`);
    } catch {
      return;
    }
  }

  #rotate(): void {
    if (sizeOf(this.path) < this.#maxBytes) return;
    for (let age = OLD_FILES; age > 0; age--) {
      if (sizeOf(this.#name(age - 1)) > 0) renameSync(this.#name(age - 1), this.#name(age));
    }
  }

  /** `age`: 0 for the file that is written. */
  #name(age: number): string {
    return join(this.#folder, age === 0 ? 'unrolled.log' : `unrolled.${age}.log`);
  }
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
