/**
 * A network's parameters: PyTorch's names and shapes outside, panels inside. All of them lie in one region, their
 * gradients and optimizer state in regions of the same layout, so that an optimizer runs over plain floats.
 */
import { Arena, LANES, ROW_BYTES, columnOffsets, panelsOf, type Matrix } from '../core/arena.ts';

/** How a parameter is first filled (engine/models/initialise.ts). */
export type Initial =
  | { readonly kind: 'constant'; readonly value: number }
  | { readonly kind: 'uniform'; readonly bound: number }
  | { readonly kind: 'normal'; readonly deviation: number }
  /** Glorot & Bengio 2010, uniform, for each block of `rows` rows. */
  | { readonly kind: 'xavier'; readonly gain: number; readonly rows: number }
  /** Saxe et al. 2014, for each block of `rows` rows (a gate). */
  | { readonly kind: 'orthogonal'; readonly gain: number; readonly rows: number }
  /** The identity times `gain`, for each square block. */
  | { readonly kind: 'identity'; readonly gain: number }
  /** An LSTM's bias (Tallec & Ollivier 2018): forget gate log(u), u uniform in [1, steps - 1], input gate -log(u), others 0. */
  | { readonly kind: 'chrono'; readonly steps: number }
  /** A vector of equal blocks, one value each (the gates of a bias). */
  | { readonly kind: 'blocks'; readonly blocks: readonly Initial[] };

export interface Parameter {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initial: Initial;
  /** Address in the region of the parameters themselves. */
  readonly at: number;
  /** As the kernels see it: a matrix, or a vector as a matrix of one row whose panels follow each other. */
  readonly matrix: Matrix;
  /** Byte offsets from `at`: element [i, j] lies at first[i] + second[j]; a vector has second = [0]. */
  readonly first: Uint32Array;
  readonly second: Uint32Array;
}

export class Parameters {
  readonly list: Parameter[] = [];
  readonly #arena: Arena;
  readonly #start: number;

  constructor(start: number) {
    this.#arena = new Arena(start);
    this.#start = this.#arena.end;
  }

  get start(): number {
    return this.#start;
  }

  /** Bytes of the region; a multiple of 64. */
  get bytes(): number {
    return this.#arena.end - this.#start;
  }

  get count(): number {
    return this.list.reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
  }

  /** [N] in segments. `order[k]` names the segment of the shape that is stored k-th (default: as it is). */
  vector(name: string, segments: readonly number[], initial: Initial, order?: readonly number[]): Parameter {
    const stored = arrange(segments, order);
    const panels = stored.reduce((sum, width) => sum + panelsOf(width), 0);
    const at = this.#arena.take(panels * ROW_BYTES);
    const matrix: Matrix = { at, rows: 1, segments: stored, panels, stride: ROW_BYTES };
    const first = disarrange(columnOffsets(matrix), segments, order);
    return this.#add({ name, shape: [first.length], initial, at, matrix, first, second: Uint32Array.of(0) });
  }

  /**
   * PyTorch's weight [N, K] (out, in), stored transposed: rows are inputs (their segments padded to panels, as
   * activations are), columns outputs. `order` arranges the output segments.
   */
  weight(
    name: string,
    outputs: readonly number[],
    inputs: readonly number[],
    initial: Initial,
    order?: readonly number[],
  ): Parameter {
    const rows = inputs.reduce((sum, width) => sum + panelsOf(width) * LANES, 0);
    const matrix = this.#arena.matrix(rows, arrange(outputs, order));
    const first = disarrange(columnOffsets(matrix), outputs, order);
    const second: number[] = [];
    let row = 0;
    for (const width of inputs) {
      for (let k = 0; k < width; k++) second.push((row + k) * ROW_BYTES);
      row += panelsOf(width) * LANES;
    }
    const shape = [first.length, second.length];
    return this.#add({ name, shape, initial, at: matrix.at, matrix, first, second: Uint32Array.from(second) });
  }

  /** A weight [N, V] whose inputs are symbols: stored as V rows that are looked up, not multiplied. */
  lookupWeight(
    name: string,
    outputs: readonly number[],
    symbols: number,
    initial: Initial,
    order?: readonly number[],
  ): Parameter {
    const matrix = this.#arena.matrix(symbols, arrange(outputs, order));
    const first = disarrange(columnOffsets(matrix), outputs, order);
    const second = Uint32Array.from({ length: symbols }, (_, v) => v * ROW_BYTES);
    return this.#add({ name, shape: [first.length, symbols], initial, at: matrix.at, matrix, first, second });
  }

  /** An embedding's weight [V, E], stored as it is, columns in segments. */
  table(name: string, rows: number, segments: readonly number[], initial: Initial): Parameter {
    const matrix = this.#arena.matrix(rows, segments);
    const first = Uint32Array.from({ length: rows }, (_, r) => r * ROW_BYTES);
    const second = columnOffsets(matrix);
    return this.#add({ name, shape: [rows, second.length], initial, at: matrix.at, matrix, first, second });
  }

  #add(parameter: Parameter): Parameter {
    this.list.push(parameter);
    return parameter;
  }
}

function arrange(segments: readonly number[], order: readonly number[] | undefined): readonly number[] {
  return order ? order.map((index) => segments[index] ?? 0) : segments;
}

// From the offsets of stored columns to those of the shape's own order.
function disarrange(
  stored: Uint32Array,
  segments: readonly number[],
  order: readonly number[] | undefined,
): Uint32Array {
  if (!order) return stored;
  const result = new Uint32Array(stored.length);
  let from = 0;
  for (const index of order) {
    const to = segments.slice(0, index).reduce((sum, width) => sum + width, 0);
    const width = segments[index] ?? 0;
    result.set(stored.subarray(from, from + width), to);
    from += width;
  }
  return result;
}

/** Row-major values of a parameter, or of what lies in a region of the same layout `offset` bytes further on. */
export function readParameter(f32: Float32Array, parameter: Parameter, offset = 0): Float32Array {
  const { first, second } = parameter;
  const out = new Float32Array(first.length * second.length);
  const base = parameter.at + offset;
  let next = 0;
  for (const row of first) {
    for (const column of second) out[next++] = f32[(base + row + column) / 4] ?? NaN;
  }
  return out;
}

/** The reverse. Throws where the number of values is not the parameter's. */
export function writeParameter(f32: Float32Array, parameter: Parameter, values: ArrayLike<number>, offset = 0): void {
  const { first, second } = parameter;
  if (values.length !== first.length * second.length) {
    throw new Error(`${parameter.name} holds ${first.length * second.length} values, not ${values.length}.`);
  }
  const base = parameter.at + offset;
  let next = 0;
  for (const row of first) {
    for (const column of second) f32[(base + row + column) / 4] = values[next++] ?? NaN;
  }
}
