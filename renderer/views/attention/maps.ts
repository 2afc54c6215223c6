/** Attention over all heads, or in one. */
import type { LookedMap, Written } from '../../worker/translations.ts';

/** [T, S] */
export interface ShownMap {
  readonly name: string;
  readonly head: number | null;
  readonly values: Float32Array;
  readonly rows: number;
  readonly columns: number;
}

/** Of one head, or the mean over all; undefined where the model has no such attention. */
export function mapOf(written: Written, name: string, head: number | null, columns: number): ShownMap | undefined {
  const map = written.maps.find((one) => one.name === name) ?? written.maps.at(-1);
  if (map === undefined) return undefined;
  const chosen = head !== null && head < map.heads.length ? head : map.heads.length === 1 ? 0 : null;
  const values = chosen === null ? meanOf(map) : map.heads[chosen]!;
  return { name: map.name, head: chosen, values, rows: written.symbols.length, columns };
}

function meanOf({ heads }: LookedMap): Float32Array {
  const mean = new Float32Array(heads[0]?.length ?? 0);
  for (const head of heads) head.forEach((weight, i) => (mean[i]! += weight / heads.length));
  return mean;
}

export function rowOf({ values, columns }: ShownMap, row: number): Float32Array {
  return values.subarray(row * columns, (row + 1) * columns);
}

/** Where most of a row is; 0 of an empty one. */
export function peakOf(row: Float32Array): number {
  return row.reduce((best, weight, s) => (weight > (row[best] ?? 0) ? s : best), 0);
}

/** a - b where both have a value, the rest NaN: decodings may differ in length. */
export function differenceOf(a: ShownMap, b: ShownMap): ShownMap {
  return { ...a, values: a.values.map((weight, i) => weight - (b.values[i] ?? NaN)) };
}

/** "Layer 2" in names such as "decoder.layers.1.multihead_attn", from 1; null: the model has but one. */
export function layerOf(name: string): number | null {
  const [, layer] = /\.layers\.(\d+)\./u.exec(name) ?? [];
  return layer === undefined ? null : Number(layer) + 1;
}
