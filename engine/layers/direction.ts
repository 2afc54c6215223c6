/**
 * One direction of one recurrent layer: its parameters, its buffers and its passes. Parameters have PyTorch's names and
 * two biases; blocks of the buffers are described with the kernels (engine/core/kernels.ts).
 */
import { ROW_BYTES, rowsOf, segmentsOf, type Matrix } from '../core/arena.ts';
import type { Kernels } from '../core/kernels.ts';
import type { Pass, Plan } from '../team/network.ts';
import type { Parameter } from '../team/parameters.ts';
import { runCellBackward, runCellForward, type CellBuffers, type CellSettings } from './cell-passes.ts';
import { CELLS, cellInitials, heldParts, type CellKind, type CellShape, type RecurrentInitial } from './cells.ts';
import { addTransposedProduct, keepTransposed, multiply } from './products.ts';

/** Rows of numbers, or symbols that stand for one-hot rows: a lookup in place of a product. */
export type RecurrentInput =
  | {
      readonly kind: 'matrix';
      readonly x: Matrix;
      /** Where the gradient of x is written; not computed where absent. */
      readonly dx?: Matrix | undefined;
    }
  | { readonly kind: 'symbols'; readonly ids: number; readonly count: number };

export interface DirectionOptions {
  /** Of the module: parameters are `name.weight_ih_l0` and so on. Empty: without prefix. */
  readonly name: string;
  readonly layer: number;
  readonly reverse: boolean;
  readonly cell: CellKind;
  /** Of the plain cell. */
  readonly relu: boolean;
  readonly hiddenSize: number;
  readonly steps: number;
  readonly input: RecurrentInput;
  readonly initial: RecurrentInitial;
  /** Address of int32 lengths, one an item; 0: all items have all steps. */
  readonly lengths: number;
  /** steps + 1 blocks for h. */
  readonly h: Matrix;
  /** steps blocks: the gradient of the layer's output, this direction's columns. */
  readonly dy: Matrix;
  /** Keep every gradient of every step, to be looked at; otherwise they live in room for a part of the sequence. */
  readonly trace: boolean;
  /** Gates and states can be held (`held`); not together with lengths. */
  readonly holding: boolean;
  /** W: no gradient goes back across multiples of so many steps; 0: all the way. Not in reverse, nor with lengths. */
  readonly window: number;
}

/** The buffers of some successive steps. */
interface Part extends CellBuffers {
  readonly rows: number;
  readonly ids: number;
  readonly x: Matrix | undefined;
  readonly dx: Matrix | undefined;
  /** h before each step. */
  readonly before: Matrix;
  /** Gate gradients as the input's product and as the recurrent one have them. */
  readonly forInput: Matrix;
  readonly forState: Matrix;
  readonly startGradient: RecurrentState;
}

/** The state before the first step and after the last, [batch, H]; c for the LSTM. */
export interface RecurrentState {
  readonly h: Matrix;
  readonly c: Matrix | undefined;
}

/**
 * Rows of gates that are worked on at a time, projected, run and (backward) summed into weight gradients while they are
 * in the second-level cache; as many as one pass of f32_gemm_tn sums.
 */
const ROWS_AT_A_TIME = 256;

export class Direction {
  readonly weightIh: Parameter;
  readonly weightHh: Parameter;
  readonly biasIh: Parameter;
  readonly biasHh: Parameter;
  /** Where the next pass starts; zeros unless somebody writes here. */
  readonly start: RecurrentState;
  /** The gradient that comes in from the final state, if any; set before the first pass. */
  finalGradient: RecurrentState | undefined;
  /**
   * steps blocks: the gates in the core's order, then c (LSTM), then h; a number holds that part at it, NaN leaves it
   * free. Whoever plans for holding writes all of it before the first pass.
   */
  readonly held: Matrix | undefined;
  readonly #options: DirectionOptions;
  readonly #shape: CellShape;
  readonly #settings: CellSettings;
  readonly #gradientOffset: number;
  readonly #stepsAtATime: number;
  readonly #partsBySteps = new Map<number, readonly Part[]>();
  readonly #gates: Matrix;
  readonly #dgates: Matrix;
  readonly #dactivations: Matrix | undefined;
  readonly #c: Matrix | undefined;
  readonly #dc: Matrix | undefined;
  readonly #dh: Matrix;
  /** What a part's gradients hand on to the part before. */
  readonly #dhLast: Matrix;
  readonly #dcLast: Matrix | undefined;
  /** GRU: W_hn h + b_hn. */
  readonly #q: Matrix | undefined;
  readonly #summedBias: number;
  /** W_hh and W_ih themselves, for gradients. */
  readonly #recurrent: Matrix;
  readonly #inputTransposed: Matrix | undefined;

  constructor(plan: Plan, options: DirectionOptions) {
    const { name, layer, reverse, cell, hiddenSize, steps, input, initial, trace } = options;
    const { parameters, activations, derived, share } = plan;
    const shape = CELLS[cell];
    const segments = shape.gates.map(() => hiddenSize);
    const suffix = `l${layer}${reverse ? '_reverse' : ''}`;
    const prefix = name === '' ? '' : `${name}.`;
    const inputs = input.kind === 'symbols' ? [input.count] : input.x.segments;
    const inputSize = inputs.reduce((sum, width) => sum + width, 0);
    const initials = cellInitials(cell, inputSize, hiddenSize, initial);
    const order = shape.inputOrder;

    this.#options = options;
    this.#shape = shape;
    this.#settings = { cell, relu: options.relu, reverse, batch: share.batch, lengths: options.lengths };
    this.#gradientOffset = plan.gradientOffset;
    const weightName = `${prefix}weight_ih_${suffix}`;
    this.weightIh =
      input.kind === 'symbols'
        ? parameters.lookupWeight(weightName, segments, input.count, initials.inputWeight, order)
        : parameters.weight(weightName, segments, inputs, initials.inputWeight, order);
    this.weightHh = parameters.weight(`${prefix}weight_hh_${suffix}`, segments, [hiddenSize], initials.recurrentWeight);
    this.biasIh = parameters.vector(`${prefix}bias_ih_${suffix}`, segments, initials.inputBias, order);
    this.biasHh = parameters.vector(`${prefix}bias_hh_${suffix}`, segments, initials.recurrentBias);

    this.#recurrent = keepTransposed(plan, this.weightHh);
    this.#inputTransposed = input.kind === 'matrix' && input.dx ? keepTransposed(plan, this.weightIh) : undefined;
    this.#summedBias = derived.floats(this.biasIh.matrix.panels * 8);
    plan.refresh.push(({ kernels }) => {
      this.#sumBiases(kernels);
    });

    // The kernels know lengths from the first step on: items that differ in length are gone through as a whole.
    const fitting = Math.max(1, Math.floor(ROWS_AT_A_TIME / Math.max(1, share.batch)));
    const { window } = options;
    if (window > 0 && (reverse || options.lengths !== 0)) throw new RangeError('Such a sequence has no windows.');
    const stretch = window > 0 ? largestDivisor(window, fitting) : fitting;
    this.#stepsAtATime = options.lengths === 0 ? Math.min(steps, stretch) : steps;
    const kept = trace ? steps : this.#stepsAtATime;
    const rows = steps * share.batch;
    this.#gates = activations.matrix(rows, segments);
    this.#dgates = activations.matrix(
      kept * share.batch,
      shape.gradients.map(() => hiddenSize),
    );
    this.#dactivations = trace && cell !== 'rnn' ? activations.matrix(rows, segments) : undefined;
    this.#dh = activations.matrix((kept + 1) * share.batch, [hiddenSize]);
    this.#c = shape.cellState ? activations.matrix((steps + 1) * share.batch, [hiddenSize]) : undefined;
    this.#dc = shape.cellState ? activations.matrix((kept + 1) * share.batch, [hiddenSize]) : undefined;
    this.#dhLast = activations.matrix(share.batch, [hiddenSize]);
    this.#dcLast = shape.cellState ? activations.matrix(share.batch, [hiddenSize]) : undefined;
    this.held = options.holding
      ? activations.matrix(
          rows,
          heldParts(cell).map(() => hiddenSize),
        )
      : undefined;
    this.#q = cell === 'gru' ? activations.matrix(rows, [hiddenSize]) : undefined;
    this.start = {
      h: activations.matrix(share.batch, [hiddenSize]),
      c: shape.cellState ? activations.matrix(share.batch, [hiddenSize]) : undefined,
    };
    this.#publish(plan, `${prefix}l${layer}${reverse ? '.reverse' : ''}.`);
  }

  /** The state that the last pass ended in, after `steps` steps: a view. */
  final(steps: number): RecurrentState {
    const { reverse, h } = this.#options;
    const from = reverse ? 0 : steps * this.#settings.batch;
    return { h: rowsOf(h, from, this.#settings.batch), c: this.#c && rowsOf(this.#c, from, this.#settings.batch) };
  }

  /** The gradient with respect to the initial state, after a backward pass over `steps` steps: a view. */
  startGradient(steps: number): RecurrentState {
    const [first] = this.#parts(steps);
    if (!first) throw new Error('A sequence has at least one step.');
    return first.startGradient;
  }

  /** All of them, in blocks of `batch` rows: the one before the first step first. */
  get states(): RecurrentState {
    return { h: this.#options.h, c: this.#c };
  }

  /** Steps `from` to the last, forward in time, from the state that step `from` - 1 has left. */
  forward({ core: { kernels }, steps }: Pass, from = 0): void {
    if (from === 0) this.#enterState(kernels, steps);
    const recurrentBias = this.biasHh.at + (this.biasHh.matrix.panels / 3) * 2 * ROW_BYTES;
    for (const part of from === 0 ? this.#parts(steps) : [this.#part(from, steps - from)]) {
      this.#projectInput(kernels, part);
      runCellForward(kernels, this.#settings, part, this.weightHh.matrix, recurrentBias);
    }
  }

  /** Adds to the parameters' gradients; adds to dx where `accumulate`, else writes it. */
  backward({ core: { kernels }, steps }: Pass, accumulate: boolean): void {
    let dhn = this.finalGradient?.h;
    let dcn = this.finalGradient?.c;
    const { window } = this.#options;
    let end = steps;
    for (const part of this.#parts(steps).toReversed()) {
      if (window > 0 && end < steps && end % window === 0) [dhn, dcn] = [undefined, undefined];
      end -= part.steps;
      runCellBackward(kernels, this.#settings, part, this.#recurrent, dhn, dcn);
      this.#addGradients(kernels, part, accumulate);
      // What the part says of its initial state goes on to the part before, from a place of its own: the gradients'
      // room may be used again.
      dhn = this.#dhLast;
      dcn = this.#dcLast;
      copyRows(kernels, this.#settings.batch, part.startGradient.h, dhn);
      if (dcn && part.startGradient.c) copyRows(kernels, this.#settings.batch, part.startGradient.c, dcn);
    }
    if (this.#options.cell === 'gru') return;
    // Both biases are added to the same sums, so their gradients are equal.
    const ih = this.biasIh.at + this.#gradientOffset;
    kernels.f32_add(this.biasIh.matrix.panels * 8, ih, this.biasHh.at + this.#gradientOffset, ih);
  }

  // The parts of a sequence in the order of computation. A sequence's length recurs, so its parts are kept.
  #parts(steps: number): readonly Part[] {
    const known = this.#partsBySteps.get(steps);
    if (known) return known;
    const parts: Part[] = [];
    for (let done = 0; done < steps; done += this.#stepsAtATime) {
      const count = Math.min(this.#stepsAtATime, steps - done);
      parts.push(this.#part(this.#options.reverse ? steps - done - count : done, count));
    }
    this.#partsBySteps.set(steps, parts);
    return parts;
  }

  #part(from: number, steps: number): Part {
    const { input, reverse, trace, cell } = this.#options;
    const { batch } = this.#settings;
    const rows = steps * batch;
    const down = from * batch;
    const stretch = (matrix: Matrix) => rowsOf(matrix, down, rows);
    const states = (matrix: Matrix) => rowsOf(matrix, down, rows + batch);
    const kept = trace ? down : 0;
    const start = reverse ? rows : 0;
    const gates = this.#shape.gates.length;
    const dgates = rowsOf(this.#dgates, kept, rows);
    const dh = rowsOf(this.#dh, kept, rows + batch);
    const dc = this.#dc && rowsOf(this.#dc, kept, rows + batch);
    return {
      steps,
      rows,
      ids: input.kind === 'symbols' ? input.ids + down * 4 : 0,
      x: input.kind === 'matrix' ? stretch(input.x) : undefined,
      dx: input.kind === 'matrix' && input.dx ? stretch(input.dx) : undefined,
      gates: stretch(this.#gates),
      h: states(this.#options.h),
      before: rowsOf(this.#options.h, down + (reverse ? batch : 0), rows),
      c: this.#c && states(this.#c),
      q: this.#q && stretch(this.#q),
      dy: stretch(this.#options.dy),
      dh,
      dc,
      dgates,
      forInput: segmentsOf(dgates, 0, gates),
      forState: cell === 'gru' ? segmentsOf(dgates, 1, gates) : dgates,
      dactivations: this.#dactivations && stretch(this.#dactivations),
      held: this.held && stretch(this.held),
      startGradient: { h: rowsOf(dh, start, batch), c: dc && rowsOf(dc, start, batch) },
    };
  }

  #addGradients(kernels: Kernels, part: Part, accumulate: boolean): void {
    const { input, cell } = this.#options;
    const { rows, before, forInput, forState, ids, x, dx } = part;
    const offset = this.#gradientOffset;
    addTransposedProduct(kernels, rows, before, forState, this.weightHh.matrix, offset);
    kernels.f32_sum_rows(rows, forState.panels, forState.at, forState.stride, this.biasHh.at + offset);
    if (cell === 'gru') {
      kernels.f32_sum_rows(rows, forInput.panels, forInput.at, forInput.stride, this.biasIh.at + offset);
    }
    const { matrix } = this.weightIh;
    if (input.kind === 'symbols') {
      const table = matrix.at + offset;
      kernels.f32_scatter_add_rows(rows, forInput.panels, ids, forInput.at, forInput.stride, table, matrix.stride);
    }
    if (x) addTransposedProduct(kernels, rows, x, forInput, matrix, offset);
    if (dx && this.#inputTransposed) {
      multiply(kernels, rows, forInput, this.#inputTransposed, accumulate ? { matrix: dx } : 'zero', dx);
    }
  }

  #sumBiases(kernels: Kernels): void {
    const { panels } = this.biasIh.matrix;
    const to = this.#summedBias;
    if (this.#options.cell !== 'gru') {
      kernels.f32_add(panels * 8, this.biasIh.at, this.biasHh.at, to);
      return;
    }
    // Stored n, r, z and r, z, n: b_hn stays out, it goes through the reset gate.
    const gate = (panels * 8) / 3;
    kernels.f32_scale(gate, this.biasIh.at, 1, to);
    kernels.f32_add(2 * gate, this.biasIh.at + gate * 4, this.biasHh.at, to + gate * 4);
  }

  #enterState(kernels: Kernels, steps: number): void {
    const { reverse, h } = this.#options;
    const { batch } = this.#settings;
    const from = reverse ? steps * batch : 0;
    copyRows(kernels, batch, this.start.h, rowsOf(h, from, batch));
    if (this.start.c && this.#c) copyRows(kernels, batch, this.start.c, rowsOf(this.#c, from, batch));
  }

  #projectInput(kernels: Kernels, { rows, ids, x, gates }: Part): void {
    const { matrix } = this.weightIh;
    const bias = this.#summedBias;
    if (x) multiply(kernels, rows, x, matrix, { row: bias }, gates);
    else kernels.f32_gather_rows(rows, gates.panels, ids, matrix.at, matrix.stride, bias, gates.at, gates.stride);
  }

  // Names what people look into. Blocks of h and c: the initial state comes first forward in time, last in reverse.
  #publish(plan: Plan, prefix: string): void {
    const { h, reverse, cell } = this.#options;
    const skip = reverse ? 0 : this.#settings.batch;
    const { gates, gradients } = this.#shape;
    const add = (name: string, matrix: Matrix, rowsBefore: number) => {
      plan.traces.push({ name: prefix + name, matrix, time: true, skip: rowsBefore });
    };
    gates.forEach((gate, k) => {
      add(gate, segmentsOf(this.#gates, k, 1), 0);
    });
    add('hidden', h, skip);
    if (this.#c) add('cell', this.#c, skip);
    if (this.#q) add('recurrent', this.#q, 0);
    if (!this.#options.trace) return;
    add('hidden.gradient', this.#dh, skip);
    if (this.#dc) add('cell.gradient', this.#dc, skip);
    gradients.forEach((gate, k) => {
      const name = cell === 'rnn' || gate === 'recurrent' ? `${gate}.gradient` : `${gate}.preactivation.gradient`;
      add(name, segmentsOf(this.#dgates, k, 1), 0);
    });
    const activations = this.#dactivations;
    if (!activations) return;
    gates.forEach((gate, k) => {
      add(`${gate}.gradient`, segmentsOf(activations, k, 1), 0);
    });
  }
}

/** to = from, `rows` rows. */
export function copyRows(kernels: Kernels, rows: number, from: Matrix, to: Matrix): void {
  kernels.f32_copy_rows(rows, from.panels, from.at, from.stride, to.at, to.stride);
}

/** Parts of a window end where it does. */
function largestDivisor(of: number, most: number): number {
  let divisor = Math.min(of, most);
  while (of % divisor !== 0) divisor--;
  return divisor;
}
