/**
 * Whether a wide build may stand in for the ordinary one: the same bits in products of every tile, and less time for
 * them. The revectorizer that makes it fast is an experiment of V8's, so nothing is taken on trust.
 */
import { ARENA_START, createMemory, instantiateCore, type Core, type CoreModule } from './core.ts';
import { Arena, type Matrix } from './arena.ts';

/** How much faster the wide build must be. */
const LEAST_GAIN = 1.2;
/** Rows: every height of a tile occurs. Columns and inner size: pairs of panels and a lone one. */
const ROWS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 53];
const COLUMNS = 104;
const INNER = 72;
/** Milliseconds: V8 replaces its quick first code of a function by its best after some calls. */
const WARM_UP = 40;
const ROUNDS = 8;
const PRODUCTS_A_ROUND = 12;

interface Bench {
  readonly core: Core;
  readonly a: Matrix;
  readonly b: Matrix;
  readonly c: Matrix;
  readonly sums: Matrix;
  /** Floats of the memory that hold c and sums. */
  readonly from: number;
  readonly to: number;
}

export function isFasterTwin(ordinary: CoreModule, wide: CoreModule): boolean {
  const one = prepare(ordinary);
  const other = prepare(wide);
  warmUp(one);
  warmUp(other);
  if (!ROWS.every((rows) => agree(one, other, rows))) return false;
  let best = Infinity;
  let bestWide = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    best = Math.min(best, timed(one));
    bestWide = Math.min(bestWide, timed(other));
  }
  return best >= LEAST_GAIN * bestWide;
}

function prepare(module: CoreModule): Bench {
  const rows = Math.max(...ROWS);
  const arena = new Arena(ARENA_START);
  const a = arena.matrix(rows, [INNER]);
  const b = arena.matrix(INNER, [COLUMNS]);
  const from = arena.end / 4;
  const c = arena.matrix(rows, [COLUMNS]);
  const sums = arena.matrix(INNER, [COLUMNS]);
  const core = instantiateCore(module, createMemory(arena.end, module.shared));
  core.kernels.f32_uniform(from - ARENA_START / 4, -1, 1, ARENA_START, 1, 1);
  return { core, a, b, c, sums, from, to: arena.end / 4 };
}

function multiply({ core: { kernels }, a, b, c, sums }: Bench, rows: number): void {
  kernels.f32_gemm_nn(rows, b.panels, INNER, a.at, a.stride, b.at, b.stride, b.at, 0, 0, c.at, c.stride);
  kernels.f32_gemm_tn(a.panels, c.panels, rows, a.at, a.stride, c.at, c.stride, sums.at, sums.stride);
}

function agree(one: Bench, other: Bench, rows: number): boolean {
  for (const bench of [one, other]) {
    bench.core.f32.fill(0, bench.from, bench.to);
    multiply(bench, rows);
  }
  const offset = other.from - one.from;
  for (let i = one.from; i < one.to; i++) if (one.core.f32[i] !== other.core.f32[i + offset]) return false;
  return true;
}

function warmUp(bench: Bench): void {
  const end = performance.now() + WARM_UP;
  while (performance.now() < end) for (const rows of ROWS) multiply(bench, rows);
}

function timed(bench: Bench): number {
  const start = performance.now();
  bench.core.f32.fill(0, bench.from, bench.to);
  for (let i = 0; i < PRODUCTS_A_ROUND; i++) multiply(bench, Math.max(...ROWS));
  return performance.now() - start;
}
