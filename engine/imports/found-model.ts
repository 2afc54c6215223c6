/** What was recognised in a file of weights that another program may have written. */
import { FormatError } from '../errors.ts';
import type { Experiment, Pooling } from '../experiment/experiment.ts';
import { parseExperiment } from '../experiment/schema.ts';
import type { FloatTensors } from '../formats/checkpoint.ts';
import type { JsonValue } from '../json.ts';
import type { CellKind } from '../layers/cells.ts';
import { restoreCodec } from '../tasks/restore.ts';
import type { TaskState } from '../tasks/task.ts';
import type { Conversion } from './weights.ts';

/** A tensor of the file and the place that it has in the model. */
export interface MappedTensor {
  readonly from: string;
  /** By the engine's name. */
  readonly to: string;
  /** In the model. */
  readonly shape: readonly number[];
}

export interface NamedShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** What the file of an export of this program says of itself. */
export interface OwnAccount {
  readonly experiment: Experiment;
  readonly taskState: TaskState;
  readonly update: number;
}

/** The kinds of file that models come in. */
export type ImportFormat = 'safetensors' | 'torch' | 'onnx' | 'layers-model';

export type FoundModel = FoundRecurrent | FoundOwn;

interface Found {
  readonly format: ImportFormat;
  /** By the engine's names. */
  readonly tensors: FloatTensors;
  readonly mapped: readonly MappedTensor[];
  readonly conversions: readonly Conversion[];
}

/** A model of another architecture, which an export of this program describes. */
export interface FoundOwn extends Found {
  readonly architecture: 'encoder-decoder' | 'transformer';
  readonly own: OwnAccount;
}

export interface FoundRecurrent extends Found {
  readonly architecture: 'recurrent';
  readonly cell: CellKind;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  /** Of the plain cell: relu in place of tanh; null: the file does not say. */
  readonly relu: boolean | null;
  /** null: the file does not say. */
  readonly pooling: Pooling | null;
  readonly input:
    | { readonly kind: 'tokens'; readonly symbols: number; readonly embeddingSize: number }
    /** Symbols one-hot or numbers: the file does not say. */
    | { readonly kind: 'unknown'; readonly width: number };
  /** null: there is no head. `per`, `kind`: null where the file does not say. */
  readonly output: {
    readonly count: number;
    readonly kind: 'labels' | 'values' | null;
    readonly per: 'step' | 'sequence' | null;
  } | null;
  /** Labels that sequences grow from; 0: none. */
  readonly conditions: number;
  /** Of the model, not in the file. */
  readonly missing: readonly (NamedShape & { readonly filledWith: 'zeros' })[];
  /** There is no head, and the embedding has the shape of one: it may be the head too. */
  readonly canTieHead: boolean;
  readonly own: OwnAccount | null;
}

/** What a file says of itself, where it is whole; null where it says nothing or it cannot be read. */
export function ownAccount(
  experiment: JsonValue | undefined,
  taskState: JsonValue | undefined,
  update: number,
): OwnAccount | null {
  if (experiment === undefined || typeof taskState !== 'object' || taskState === null || Array.isArray(taskState)) {
    return null;
  }
  try {
    restoreCodec(taskState);
    const known = parseExperiment(experiment);
    return {
      experiment: known,
      taskState: taskState as TaskState,
      update: Number.isSafeInteger(update) && update >= 0 ? update : 0,
    };
  } catch {
    return null;
  }
}

export function sizes(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

/** Throws FormatError: what was found is not what a model of the program can be. */
export function refuse(sourceName: string, why: string): never {
  throw new FormatError(`${sourceName}: ${why}`);
}
