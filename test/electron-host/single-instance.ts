/**
 * The lock that lets one instance run, as Chromium's ProcessSingleton holds it: a file in the user data folder, which
 * asking for the lock creates. A second instance hands its arguments to the first and is told no; where the first one
 * shuts down meanwhile, the second takes the lock.
 */
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  watch,
  writeFileSync,
  type FSWatcher,
} from 'node:fs';
import { join } from 'node:path';

export interface SecondInstance {
  readonly argv: readonly string[];
  readonly workingDirectory: string;
  readonly additionalData: unknown;
}

const CALL = /^second-\d+\.json$/u;
/** Between two looks at whether the first instance has taken notice. Milliseconds. */
const PAUSE = 10;

export class SingleInstance {
  readonly #folder: string;
  readonly #lock: string;
  readonly #hear: (call: SecondInstance) => boolean;
  #watcher: FSWatcher | undefined;

  /** `hear`: of a second instance; false: this one shuts down. */
  constructor(folder: string, hear: (call: SecondInstance) => boolean) {
    this.#folder = folder;
    this.#lock = join(folder, 'SingletonLock');
    this.#hear = hear;
  }

  take(additionalData: unknown): boolean {
    mkdirSync(this.#folder, { recursive: true });
    for (;;) {
      try {
        writeFileSync(this.#lock, String(process.pid), { flag: 'wx' });
        this.#listen();
        return true;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      if (this.#notify(additionalData)) return false;
    }
  }

  release(): void {
    if (this.#watcher === undefined) return;
    this.#watcher.close();
    rmSync(this.#lock, { force: true });
  }

  #listen(): void {
    this.#watcher = watch(this.#folder, () => this.#readCalls());
    this.#watcher.unref();
    this.#readCalls();
  }

  #readCalls(): void {
    for (const name of readdirSync(this.#folder).filter((file) => CALL.test(file))) {
      const path = join(this.#folder, name);
      const call = JSON.parse(readFileSync(path, 'utf8')) as SecondInstance;
      if (this.#hear(call)) rmSync(path, { force: true });
    }
  }

  /** Whether the first instance has taken notice; false where it is gone, and with it its lock. */
  #notify(additionalData: unknown): boolean {
    const call: SecondInstance = {
      argv: reordered(process.argv),
      workingDirectory: process.cwd(),
      additionalData: additionalData === null ? null : JSON.parse(JSON.stringify(additionalData)),
    };
    const path = join(this.#folder, `second-${process.pid}.json`);
    writeFileSync(`${path}.new`, JSON.stringify(call));
    renameSync(`${path}.new`, path);
    for (;;) {
      if (!exists(path)) return true;
      const holder = Number(read(this.#lock));
      if (holder > 0 && !isRunning(holder)) rmSync(this.#lock, { force: true });
      if (!exists(this.#lock)) {
        rmSync(path, { force: true });
        return false;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE);
    }
  }
}

/** Chromium puts all switches before all other arguments: "--workspace B" comes apart. */
function reordered(argv: readonly string[]): string[] {
  const [program = '', ...args] = argv;
  return [program, ...args.filter((arg) => arg.startsWith('--')), ...args.filter((arg) => !arg.startsWith('--'))];
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function exists(path: string): boolean {
  try {
    readFileSync(path);
    return true;
  } catch {
    return false;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
