/** What the worker tells of one pass of a model over one sequence, for one of its layers. */
import type { Cell } from '../../engine/experiment/experiment.ts';
import type { DerivedFrom } from '../../engine/explain/derived-parts.ts';
import type { SequenceText } from '../../engine/explain/properties.ts';
import type { PartName } from '../views/gates/geometry.ts';

/** Values of the units of a layer over time, [T, H] time-major, by the part of the cell. */
export type PartTraces = Readonly<Partial<Record<PartName, Float32Array>>>;

export interface Recording {
  readonly cell: Cell;
  /** T */
  readonly steps: number;
  /** H */
  readonly units: number;
  /** The direction that it was read in. */
  readonly reverse: boolean;
  /** By the engine's names, which are those of a cell's parts; views/gates/parts.ts tells what follows from them. */
  readonly traces: DerivedFrom['traces'];
  readonly start?: NonNullable<DerivedFrom['start']>;
  /** Of the loss by each part; absent where the input has no target. */
  readonly gradients: PartTraces | undefined;
  /** [T, N] or [N]: probabilities, or numbers. */
  readonly outputs: Float32Array;
  /** N */
  readonly outputWidth: number;
  /** The mean over what is asked; null where nothing is. */
  readonly loss: number | null;
}

/** The sequence itself. */
export interface Reading {
  readonly steps: number;
  /** One a step, as it is shown. */
  readonly labels: readonly string[];
  /** What properties are told of (engine/explain/properties.ts). */
  readonly text: SequenceText;
  /** [T, I] */
  readonly series: { readonly values: Float32Array; readonly names: readonly string[] } | undefined;
  /** What should be answered: one a step, or one; empty where nothing is known. */
  readonly targets: readonly string[];
}
