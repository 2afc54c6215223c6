/**
 * Runs a built core on data placed by hand. Packing into panels is written here again, apart from the kernels, so that
 * both are tested. Fresh memory holds NaN, and so do the bytes around every block: what a kernel leaves unwritten or
 * reads beyond a block shows up as NaN in results, what it writes beyond a block fails `reset`.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect } from 'vitest';
import type { Kernels } from '../../engine/core/kernels.ts';

export const BUILDS = ['baseline', 'relaxed', 'wide', 'baseline-shared', 'relaxed-shared', 'wide-shared'] as const;
export type Build = (typeof BUILDS)[number];

/** A matrix in panels. `rows` and `cols` are those of one segment; row-major data is [rowSegments rows, segments cols]. */
export interface Panels {
  readonly address: number;
  /** Bytes from a panel to the next. */
  readonly stride: number;
  readonly rows: number;
  readonly cols: number;
  /** Panels of one segment. */
  readonly panels: number;
  readonly segments: number;
  readonly rowSegments: number;
  /** Rows that a row segment takes in memory. */
  readonly storedRows: number;
}

export interface PanelOptions {
  /** Column segments side by side, each filled up to whole panels: the gates of a cell. Default 1. */
  readonly segments?: number;
  /** Row segments one below the other. Default 1. */
  readonly rowSegments?: number;
  /** Fill every row segment up to a multiple of 8 rows. Default: only where there are several. */
  readonly padRows?: boolean;
}

const PAGE = 65536;
const GUARD = 64;
const POISON = 0x7fc0dead;

/** Static data of every build lies in the first page: asconfig.json's `initialMemory` is one page. */
const FIRST_ADDRESS = PAGE;

export class Core {
  readonly build: Build;
  readonly kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  #next = FIRST_ADDRESS;
  #guards: [address: number, bytes: number][] = [];

  constructor(build: Build) {
    const shared = build.endsWith('-shared');
    const path = fileURLToPath(new URL(`../../assembly/built/${build}.wasm`, import.meta.url));
    this.build = build;
    this.#memory = new WebAssembly.Memory(shared ? { initial: 256, maximum: 65536, shared } : { initial: 256 });
    const abort = (): never => {
      throw new Error(`the ${build} core aborted`);
    };
    const module = new WebAssembly.Module(readFileSync(path));
    const instance = new WebAssembly.Instance(module, { env: { memory: this.#memory, abort } });
    this.kernels = instance.exports as unknown as Kernels;
  }

  /** Gives all memory back; throws where a kernel wrote outside a block. */
  reset(): void {
    const guards = this.#guards;
    this.#guards = [];
    this.#next = FIRST_ADDRESS;
    const words = new Uint32Array(this.#memory.buffer);
    for (const [address, bytes] of guards) {
      for (let i = address / 4; i < (address + bytes) / 4; i++) {
        if (words[i] !== POISON) throw new Error(`the ${this.build} core wrote outside a block, at byte ${i * 4}`);
      }
    }
  }

  /** A block of at least `bytes` bytes, a multiple of 16, full of NaN. */
  allocate(bytes: number): number {
    const size = Math.ceil(bytes / 16) * 16;
    const end = this.#next + GUARD + size + GUARD;
    const missing = end - this.#memory.buffer.byteLength;
    if (missing > 0) this.#memory.grow(Math.ceil(missing / PAGE));
    new Uint32Array(this.#memory.buffer, this.#next, (end - this.#next) / 4).fill(POISON);
    const address = this.#next + GUARD;
    this.#guards.push([this.#next, GUARD], [address + size, GUARD]);
    this.#next = end;
    return address;
  }

  /** A contiguous block of floats: `values`, then zeros up to a multiple of 4, or of `multiple`. */
  floats(values: ArrayLike<number>, multiple = 4): number {
    const padded = new Float32Array(Math.ceil(values.length / multiple) * multiple);
    padded.set(values);
    const address = this.allocate(padded.byteLength);
    new Float32Array(this.#memory.buffer, address, padded.length).set(padded);
    return address;
  }

  ints(values: ArrayLike<number>): number {
    const address = this.allocate(values.length * 4);
    new Int32Array(this.#memory.buffer, address, values.length).set(values);
    return address;
  }

  /** A copy of `n` floats. */
  readFloats(address: number, n: number): Float32Array {
    return new Float32Array(this.#memory.buffer, address, n).slice();
  }

  /** A copy of `n` int32. */
  readInts(address: number, n: number): Int32Array {
    return new Int32Array(this.#memory.buffer, address, n).slice();
  }

  /**
   * A matrix in panels, 32 unused bytes between two panels. Row-major `values` fill it, padding is zero; without
   * values all of it, padding included, is NaN.
   */
  panels(rows: number, cols: number, values?: ArrayLike<number>, options: PanelOptions = {}): Panels {
    const { segments = 1, rowSegments = 1, padRows = rowSegments > 1 } = options;
    const panels = Math.ceil(cols / 8);
    const storedRows = padRows ? Math.ceil(rows / 8) * 8 : rows;
    const used = rowSegments * storedRows * 32;
    const stride = used + 32;
    const address = this.allocate(segments * panels * stride);
    const matrix: Panels = { address, stride, rows, cols, panels, segments, rowSegments, storedRows };
    for (let panel = 0; panel < segments * panels; panel++) this.#guards.push([address + panel * stride + used, 32]);
    if (values !== undefined) {
      if (values.length !== rowSegments * rows * segments * cols) {
        throw new Error(`${values.length} values for a matrix of ${rowSegments * rows} x ${segments * cols}`);
      }
      for (let panel = 0; panel < segments * panels; panel++) {
        new Uint8Array(this.#memory.buffer, address + panel * stride, used).fill(0);
      }
      this.write(matrix, values);
    }
    return matrix;
  }

  /** Puts row-major values in; padding stays as it is. */
  write(matrix: Panels, values: ArrayLike<number>): void {
    const floats = new Float32Array(this.#memory.buffer);
    placesOf(matrix).forEach((place, i) => (floats[place / 4] = values[i] ?? Number.NaN));
  }

  /** The matrix's values, row-major. */
  read(matrix: Panels): Float32Array {
    const floats = new Float32Array(this.#memory.buffer);
    return Float32Array.from(placesOf(matrix), (place) => floats[place / 4] ?? Number.NaN);
  }

  /** As `read`, of int32. */
  readIntPanels(matrix: Panels): Int32Array {
    const ints = new Int32Array(this.#memory.buffer);
    return Int32Array.from(placesOf(matrix), (place) => ints[place / 4] ?? Number.NaN);
  }

  /** Whether every missing column and row holds +0 or -0. */
  hasZeroPadding({ address, stride, rows, cols, panels, segments, rowSegments, storedRows }: Panels): boolean {
    const words = new Uint32Array(this.#memory.buffer);
    for (let panel = 0; panel < segments * panels; panel++) {
      const present = Math.min(cols - (panel % panels) * 8, 8);
      for (let row = 0; row < rowSegments * storedRows; row++) {
        const first = (address + panel * stride + row * 32) / 4;
        for (let lane = row % storedRows < rows ? present : 0; lane < 8; lane++) {
          if ((words[first + lane]! & 0x7fffffff) !== 0) return false;
        }
      }
    }
    return true;
  }
}

/** Byte addresses of a matrix's elements, in row-major order. */
function placesOf({ address, stride, rows, cols, panels, segments, rowSegments, storedRows }: Panels): number[] {
  const places: number[] = [];
  for (let rowSegment = 0; rowSegment < rowSegments; rowSegment++) {
    for (let row = 0; row < rows; row++) {
      for (let segment = 0; segment < segments; segment++) {
        for (let col = 0; col < cols; col++) {
          const panel = segment * panels + Math.floor(col / 8);
          places.push(address + panel * stride + (rowSegment * storedRows + row) * 32 + (col % 8) * 4);
        }
      }
    }
  }
  return places;
}

/** Declares the same tests for each of the builds. */
export function describeBuilds(name: string, tests: (core: Core) => void): void {
  describe.each(BUILDS)(`${name}, %s`, (build) => {
    const core = new Core(build);
    afterEach(() => core.reset());
    tests(core);
  });
}

export interface Tolerance {
  readonly absolute: number;
  readonly relative: number;
}

/** That of the golden cases. */
export const FLOAT32: Tolerance = { absolute: 1e-5, relative: 1e-4 };

/** Every |got - want| <= absolute + relative |want|. */
export function expectClose(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: Tolerance = FLOAT32): void {
  expect(got.length).toBe(want.length);
  let worst = 0;
  let message = '';
  for (let i = 0; i < want.length; i++) {
    const g = got[i] ?? Number.NaN;
    const w = want[i] ?? Number.NaN;
    if (g === w || Object.is(g, w)) continue;
    const excess = Math.abs(g - w) / (tolerance.absolute + tolerance.relative * Math.abs(w));
    if (!(excess <= worst)) {
      worst = excess;
      message = `element ${i} of ${want.length} is ${g}, expected ${w}`;
      if (Number.isNaN(excess)) break;
    }
  }
  expect(worst, message).toBeLessThanOrEqual(1);
}

export function expectZeroPadding(core: Core, matrix: Panels): void {
  expect(core.hasZeroPadding(matrix), 'the missing columns and rows hold zeros').toBe(true);
}
