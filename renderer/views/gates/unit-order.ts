/** Orders of the units of a layer, and the measures that they are ordered by. Values are [T, H], time-major. */
import type { Recording } from '../../worker/recording.ts';
import type { PartName } from './geometry.ts';
import { partOf } from './parts.ts';

export const ORDERS = ['number', 'saturation', 'correlation', 'timeConstant'] as const;
export type Order = (typeof ORDERS)[number];

/** Below and above these a gate counts as shut and as open. */
export const SHUT = 0.1;
export const OPEN = 0.9;

/** Units from top to bottom. `part`: whose saturation or correlation; `unit`: with whom. */
export function orderUnits(order: Order, recording: Recording, part: PartName, unit: number): readonly number[] {
  const { units, cell } = recording;
  const all = Array.from({ length: units }, (_, i) => i);
  const values = partOf(recording, part);
  const keep = partOf(recording, cell === 'gru' ? 'update' : 'forget');
  if (order === 'saturation' && values) return descending(all, (i) => saturation(values, units, i).open);
  if (order === 'correlation' && values) return descending(all, (i) => correlation(values, units, i, unit));
  if (order === 'timeConstant' && keep) return descending(all, (i) => timeConstant(keep, units, i));
  return all;
}

/** Shares of the steps at which a gate is shut (below 0.1) and open (above 0.9). */
export function saturation(values: Float32Array, units: number, unit: number): { shut: number; open: number } {
  const steps = values.length / units;
  let [shut, open] = [0, 0];
  for (let i = unit; i < values.length; i += units) {
    if (values[i]! < SHUT) shut++;
    else if (values[i]! > OPEN) open++;
  }
  return { shut: shut / steps, open: open / steps };
}

/** Pearson's, of two units over time; 0 where one of them does not change. */
export function correlation(values: Float32Array, units: number, a: number, b: number): number {
  const steps = values.length / units;
  const mean = (unit: number): number => {
    let sum = 0;
    for (let i = unit; i < values.length; i += units) sum += values[i]!;
    return sum / steps;
  };
  const [meanA, meanB] = [mean(a), mean(b)];
  let [both, squareA, squareB] = [0, 0, 0];
  for (let row = 0; row < values.length; row += units) {
    const [x, y] = [values[row + a]! - meanA, values[row + b]! - meanB];
    both += x * y;
    squareA += x * x;
    squareB += y * y;
  }
  const size = Math.sqrt(squareA * squareB);
  return size === 0 ? 0 : both / size;
}

/**
 * Steps after which a gate that keeps has let the state fade to 1 / e, -1 / mean(ln f): what it keeps over a stretch is the
 * product of its values. Infinity where it keeps everything.
 */
export function timeConstant(keep: Float32Array, units: number, unit: number): number {
  let logs = 0;
  for (let i = unit; i < keep.length; i += units) logs += Math.log(Math.max(keep[i]!, Number.MIN_VALUE));
  return logs === 0 ? Infinity : -keep.length / units / logs;
}

function descending(units: readonly number[], measure: (unit: number) => number): readonly number[] {
  const measured = units.map((unit) => [unit, measure(unit)] as const);
  return measured.sort(([a, x], [b, y]) => (x === y ? a - b : y > x ? 1 : -1)).map(([unit]) => unit);
}
