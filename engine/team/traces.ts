/**
 * Looking into a network: named, shaped views of the memory that it works on, across all threads' shares. Nothing is
 * copied or computed to make one; what it shows changes with the next pass.
 */
import { ROW_BYTES, columnOffsets, type Matrix } from '../core/arena.ts';
import { UnrolledError } from '../errors.ts';
import type { Network, TraceSource } from './network.ts';
import type { Team } from './team.ts';

/** One trace: [T, B, C], or [B, C] where it has no time axis. */
export interface TraceView {
  readonly name: string;
  /** T is that of the last pass; absent where the trace has no time axis. */
  readonly steps: number | undefined;
  readonly batch: number;
  readonly units: number;
  /** step is ignored where there is no time axis. */
  at(step: number, item: number, unit: number): number;
  /** A copy, row-major; of one batch item where it is given: [T, C] or [C]. */
  toArray(item?: number): Float32Array<ArrayBuffer>;
}

/** What can be looked at. */
export function traceNames<N extends Network>(team: Team<N>): readonly string[] {
  return sources(team, 0).map(({ name }) => name);
}

/** Throws where the network publishes no trace of this name. */
export function traceView<N extends Network>(team: Team<N>, name: string): TraceView {
  const shares = team.layout.placed.map(({ plan }, thread) => {
    const source = sources(team, thread).find((candidate) => candidate.name === name);
    if (!source) throw new UnrolledError('no-trace', `There is no trace "${name}".`, nameSome(team));
    return { source, share: plan.share, columns: columnOffsets(source.matrix) };
  });
  const [first] = shares;
  if (!first) throw new Error('A team has at least one thread.');
  const { f32 } = team.core;
  const batch = shares.reduce((sum, { share }) => sum + share.batch, 0);
  const units = first.columns.length;
  const { time, source } = first.source;
  const steps = time ? team.control.word(source === true ? 'sourceSteps' : 'steps') : undefined;

  const at = (step: number, item: number, unit: number): number => {
    const part = shares.find(({ share }) => item >= share.offset && item < share.offset + share.batch);
    const column = part?.columns[unit];
    if (!part || column === undefined || (steps !== undefined && (step < 0 || step >= steps))) {
      throw new RangeError(`${name} has no element [${step}, ${item}, ${unit}].`);
    }
    const { source, share } = part;
    const row = source.skip + (time ? step * share.batch : 0) + item - share.offset;
    return f32[address(source.matrix, row, column)] ?? NaN;
  };
  const toArray = (item?: number): Float32Array<ArrayBuffer> => {
    const [from, count] = item === undefined ? [0, batch] : [item, 1];
    if (from < 0 || from >= batch) throw new RangeError(`${name} has no batch item ${from}.`);
    const outer = steps ?? 1;
    const out = new Float32Array(outer * count * units);
    for (const { source, share, columns } of shares) {
      const first = Math.max(from, share.offset);
      const end = Math.min(from + count, share.offset + share.batch);
      for (let t = 0; t < outer; t++) {
        for (let b = first; b < end; b++) {
          const row = address(source.matrix, source.skip + t * share.batch + b - share.offset, 0);
          const to = (t * count + b - from) * units;
          for (let u = 0; u < units; u++) out[to + u] = f32[row + (columns[u]! >> 2)]!;
        }
      }
    }
    return out;
  };
  return { name, steps, batch, units, at, toArray };
}

function sources<N extends Network>(team: Team<N>, thread: number): readonly TraceSource[] {
  return team.layout.placed[thread]?.plan.traces ?? [];
}

function address(matrix: Matrix, row: number, column: number): number {
  return (matrix.at + row * ROW_BYTES + column) / 4;
}

function nameSome<N extends Network>(team: Team<N>): string {
  return `There are: ${traceNames(team).join(', ')}.`;
}
