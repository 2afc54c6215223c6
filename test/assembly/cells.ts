/** What the tests of the recurrent kernels share: random shapes, and states laid out in blocks of B rows. */
import fc from 'fast-check';
import { Matrix } from '../reference/matrix.ts';
import { Numbers } from '../reference/numbers.ts';
import { isPadding, randomParameters, type RecurrentParameters, type RecurrentShape } from '../reference/recurrent.ts';
import { expectClose, expectZeroPadding, type Core, type Panels } from './harness.ts';

/** 1 to 70, the edges of panels and tiles more often than the rest. */
export const sizes = fc.oneof(fc.constantFrom(1, 2, 5, 6, 7, 8, 9, 16, 17), {
  arbitrary: fc.integer({ min: 1, max: 70 }),
  weight: 2,
});

/** One draw of everything that a recurrent kernel is called with. */
export interface CellDraw {
  readonly shape: RecurrentShape;
  readonly hidden: number;
  readonly parameters: RecurrentParameters;
  readonly x: Matrix;
  readonly h0: Matrix;
  readonly c0: Matrix;
  /** Zero in padding. */
  readonly dy: Matrix;
  /** Zero where `finals` is false. */
  readonly dhn: Matrix;
  readonly dcn: Matrix;
  /** Whether gradients come in from the final states. */
  readonly finals: boolean;
  /** Whether the gradients with respect to the gates' outputs are asked for. */
  readonly traced: boolean;
}

/** `parts`: what can be held, the gates and then the states. */
export function cellDraws(gates: number, parts: number): fc.Arbitrary<CellDraw> {
  const choices = fc.record({
    steps: sizes,
    batch: sizes,
    hidden: sizes,
    input: fc.integer({ min: 1, max: 9 }),
    reverse: fc.boolean(),
    padded: fc.boolean(),
    finals: fc.boolean(),
    traced: fc.boolean(),
    holding: fc.boolean(),
    seed: fc.nat(),
  });
  return choices.map(({ steps, batch, hidden, input, reverse, padded, finals, traced, holding, seed }) => {
    const numbers = new Numbers(seed);
    const lengths = Array.from({ length: batch }, () => Math.floor(((numbers.next() + 1) / 2) * (steps + 1)));
    const held = holding && !padded ? holdSome(numbers, steps * batch, parts * hidden) : undefined;
    const shape: RecurrentShape = { steps, batch, reverse, lengths: padded ? lengths : undefined, held };
    const dy = numbers.matrix(steps * batch, hidden);
    zeroPaddingSteps(shape, dy);
    return {
      shape,
      hidden,
      parameters: randomParameters(numbers, gates, input, hidden),
      x: numbers.matrix(steps * batch, input),
      h0: numbers.matrix(batch, hidden),
      c0: numbers.matrix(batch, hidden),
      dy,
      dhn: finals ? numbers.matrix(batch, hidden) : new Matrix(batch, hidden),
      dcn: finals ? numbers.matrix(batch, hidden) : new Matrix(batch, hidden),
      finals,
      traced,
    };
  });
}

/** A third of the elements held at numbers of -1 to 1. */
function holdSome(numbers: Numbers, rows: number, cols: number): Matrix {
  const held = numbers.matrix(rows, cols);
  for (let k = 0; k < held.data.length; k++) if (numbers.next() < 1 / 3) held.data[k] = NaN;
  return held;
}

/** What is held, in the core's memory; where nothing is, no address. `order`: the core's, where it is another. */
export function placeHeld(core: Core, shape: RecurrentShape, hidden: number, order?: readonly number[]) {
  const { held } = shape;
  if (held === undefined) return { address: 0, stride: 0 };
  const segments = held.cols / hidden;
  const arranged = order ? reorderGates(held, segments, order) : held;
  return core.panels(held.rows, hidden, arranged.data, { segments });
}

/** Zeroes the rows of steps beyond an item's end. */
export function zeroPaddingSteps(shape: RecurrentShape, sequence: Matrix): void {
  for (let t = 0; t < shape.steps; t++) {
    for (let b = 0; b < shape.batch; b++) {
      if (!isPadding(shape, t, b)) continue;
      for (let c = 0; c < sequence.cols; c++) sequence.set(t * shape.batch + b, c, 0);
    }
  }
}

/** Columns in `gates` segments of equal width, put into another order: segment k of the result is segment order[k]. */
export function reorderGates(matrix: Matrix, gates: number, order: readonly number[]): Matrix {
  const width = matrix.cols / gates;
  const out = new Matrix(matrix.rows, order.length * width);
  for (let r = 0; r < matrix.rows; r++) {
    order.forEach((segment, k) => {
      for (let j = 0; j < width; j++) out.set(r, k * width + j, matrix.at(r, segment * width + j));
    });
  }
  return out;
}

/** lengths in the core's memory, or 0 for none. */
export function placeLengths(core: Core, shape: RecurrentShape): number {
  return shape.lengths === undefined ? 0 : core.ints(shape.lengths);
}

/** Block numbers of the initial state and of the state after step 0. */
function blocks(shape: RecurrentShape): { readonly initial: number; readonly first: number } {
  return shape.reverse ? { initial: shape.steps, first: 0 } : { initial: 0, first: 1 };
}

/** A state of steps + 1 blocks that holds `initial`; NaN in the other blocks. */
export function placeState(core: Core, shape: RecurrentShape, initial: Matrix): Panels {
  const rows = (shape.steps + 1) * shape.batch;
  const values = new Float64Array(rows * initial.cols).fill(Number.NaN);
  values.set(initial.data, blocks(shape).initial * initial.data.length);
  return core.panels(rows, initial.cols, values);
}

/** Checks a state, or the gradient of one, block by block; its missing columns must be zero. */
export function expectState(core: Core, shape: RecurrentShape, got: Panels, initial: Matrix, after: Matrix): void {
  const values = core.read(got);
  const block = initial.data.length;
  const at = blocks(shape);
  expectClose(values.subarray(at.initial * block, (at.initial + 1) * block), initial.data);
  expectClose(values.subarray(at.first * block, at.first * block + after.data.length), after.data);
  expectZeroPadding(core, got);
}

/** Checks a sequence at the steps that are not padding. */
export function expectSteps(core: Core, shape: RecurrentShape, got: Panels, want: Matrix): void {
  const values = new Matrix(want.rows, want.cols, core.read(got));
  zeroPaddingSteps(shape, values);
  expectClose(values.data, want.data);
}
