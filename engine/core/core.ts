/** The WebAssembly core: its builds, and instances of them on a memory. */
import { MemoryError } from '../errors.ts';
import type { Kernels } from './kernels.ts';

/**
 * The builds. Relaxed SIMD has fused multiply-add; shared memory is what more than one thread needs; the wide ones are
 * made for V8's revectorizer (assembly/simd.ts), relaxed SIMD like those they stand in for.
 */
export const BUILDS = ['relaxed-shared', 'relaxed', 'baseline-shared', 'baseline', 'wide-shared', 'wide'] as const;
export type BuildName = (typeof BUILDS)[number];

/** A compiled build; can be sent to other threads. */
export interface CoreModule {
  readonly build: BuildName;
  readonly shared: boolean;
  readonly module: WebAssembly.Module;
}

/** One thread's instance of the core, and views of the memory it works on. */
export interface Core {
  readonly build: BuildName;
  readonly kernels: Kernels;
  readonly f32: Float32Array;
  readonly f64: Float64Array;
  readonly i32: Int32Array;
}

/** Bytes of a WebAssembly page. */
const PAGE = 65536;
/** Pages that 32-bit addresses can reach; the shared builds declare this maximum (asconfig.json). */
const MAXIMUM_PAGES = 65536;

/** A cache line of zeros that nobody writes: where products start that start at zero. The core's constants lie below. */
export const ZEROS_AT = PAGE;
/** The first address that plans may use. */
export const ARENA_START = PAGE + 64;

export function isShared(build: BuildName): boolean {
  return build.endsWith('-shared');
}

/** Throws MemoryError where no memory can have that many bytes. */
export function requireAddressable(bytes: number): void {
  if (bytes > MAXIMUM_PAGES * PAGE) {
    throw new MemoryError(
      `This needs ${describeBytes(bytes)} of memory, and WebAssembly can address 4 GiB.`,
      'Choose a smaller hidden size, batch or number of steps.',
    );
  }
}

/** A memory of at least `bytes` bytes from address 0, plan and constants together. Throws MemoryError where it cannot be had. */
export function createMemory(bytes: number, shared: boolean): WebAssembly.Memory {
  requireAddressable(bytes);
  const pages = Math.max(1, Math.ceil(bytes / PAGE));
  try {
    return new WebAssembly.Memory(
      shared ? { initial: pages, maximum: MAXIMUM_PAGES, shared } : { initial: pages, maximum: pages },
    );
  } catch {
    throw new MemoryError(
      `This needs ${describeBytes(bytes)} of memory, and the system did not grant it.`,
      'Close other programs, or choose a smaller hidden size, batch or number of steps.',
    );
  }
}

export function instantiateCore(core: CoreModule, memory: WebAssembly.Memory): Core {
  const abort = (): never => {
    throw new Error('The core stopped itself.');
  };
  const instance = new WebAssembly.Instance(core.module, { env: { memory, abort } });
  const { buffer } = memory;
  return {
    build: core.build,
    // The exports are the kernels. kernels.ts declares by hand what assembly/index.ts exports; test/assembly calls them.
    kernels: instance.exports as unknown as Kernels,
    f32: new Float32Array(buffer),
    f64: new Float64Array(buffer),
    i32: new Int32Array(buffer),
  };
}

/** "12.3 MB"; powers of 1000, three digits. */
export function describeBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB', 'PB'];
  const rounded = bytes < 1000 ? bytes : Number(bytes.toPrecision(3));
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log10(Math.max(1, rounded)) / 3)));
  const value = rounded / 1000 ** power;
  return `${power === 0 ? value : value.toPrecision(3)} ${units[power] ?? 'bytes'}`;
}
