/** Spectral radii of a model's recurrent weights, one for each gate. */
import { spectralRadius } from './spectral-radius.ts';

export interface RadiusHealth {
  /** Of the parameter. */
  readonly name: string;
  /** PyTorch's gate, of cells that have gates. */
  readonly gate: string | undefined;
  readonly spectralRadius: number;
}

const GATES: Readonly<Record<number, readonly (string | undefined)[]>> = {
  1: [undefined],
  3: ['reset', 'update', 'candidate'],
  4: ['input', 'forget', 'candidate', 'output'],
};

/** None for other parameters. */
export function radiiOf(name: string, shape: readonly number[], values: Float32Array): readonly RadiusHealth[] {
  const [rows = 0, size = 0] = shape;
  if (!name.includes('weight_hh')) return [];
  return (GATES[rows / size] ?? []).map((gate, g) => ({
    name,
    gate,
    spectralRadius: spectralRadius(values.subarray(g * size * size, (g + 1) * size * size), size),
  }));
}
