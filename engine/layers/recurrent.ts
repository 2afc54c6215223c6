/**
 * A stack of recurrent layers, one or two directions each, dropout between them; PyTorch's RNN, LSTM and GRU. The
 * directions' hidden states lie side by side, so that a layer's output is one matrix without copying; where items have
 * lengths, the output is a copy in which padding is zero.
 */
import { rowsOf, segmentsOf, type Matrix } from '../core/arena.ts';
import type { Kernels } from '../core/kernels.ts';
import type { Pass, Plan } from '../team/network.ts';
import type { CellKind, RecurrentInitial } from './cells.ts';
import { Direction, copyRows, type RecurrentInput } from './direction.ts';
import { Dropout } from './dropout.ts';

export interface RecurrentOptions {
  /** Of the module, 'recurrent'; parameters are `name.weight_ih_l0` and so on. Empty: without prefix. */
  readonly name: string;
  readonly cell: CellKind;
  readonly relu: boolean;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly bidirectional: boolean;
  readonly steps: number;
  readonly input: RecurrentInput;
  readonly initial: RecurrentInitial;
  readonly lengths: number;
  readonly trace: boolean;
  readonly holding: boolean;
  /** W: no gradient goes back across multiples of so many steps; absent: all the way. */
  readonly window?: number | undefined;
  /** Each pass leaves its final state where the next one starts. */
  readonly stateful: boolean;
  readonly dropout: boolean;
  readonly seed: number;
  /** Of its dropouts. Default: 2. */
  readonly firstStream?: number;
}

interface Layer {
  readonly directions: readonly Direction[];
  /** The directions' states side by side, padding as the core leaves it. */
  readonly hidden: Matrix;
  /** What goes up: hidden itself, or a copy with padding zero. */
  readonly y: Matrix;
  readonly dy: Matrix;
  /** Between this layer's output and the next one's input. */
  readonly dropout: Dropout | undefined;
}

export class Recurrent {
  readonly layers: readonly Layer[];
  readonly #options: RecurrentOptions;
  readonly #batch: number;

  constructor(plan: Plan, options: RecurrentOptions) {
    const { layers, dropout, seed } = options;
    this.#options = options;
    this.#batch = plan.share.batch;
    const list: Layer[] = [];
    let input = options.input;
    for (let l = 0; l < layers; l++) {
      const layer = this.#layer(plan, l, input);
      const between =
        dropout && l + 1 < layers
          ? new Dropout(plan, { x: layer.y, dx: layer.dy, time: true, seed, stream: l + (options.firstStream ?? 2) })
          : undefined;
      list.push({ ...layer, dropout: between });
      input = { kind: 'matrix', x: between?.y ?? layer.y, dx: layer.dy };
    }
    this.layers = list;
  }

  /** [steps * batch, directions * H], padding zero. */
  get y(): Matrix {
    return this.#top.y;
  }

  /** The gradient of y, to be filled before `backward`. */
  get dy(): Matrix {
    return this.#top.dy;
  }

  /** Layer 0 forward, layer 0 reverse, layer 1 forward, ... as PyTorch orders states. */
  get directions(): readonly Direction[] {
    return this.layers.flatMap((layer) => layer.directions);
  }

  get #top(): Layer {
    const top = this.layers.at(-1);
    if (!top) throw new Error('A recurrent network has at least one layer.');
    return top;
  }

  /** The next pass starts from a state of zeros. */
  clearState(kernels: Kernels): void {
    for (const { start } of this.directions) {
      for (const state of [start.h, start.c]) {
        if (state) kernels.f32_fill((state.panels * state.stride) / 4, 0, state.at);
      }
    }
  }

  /** Steps `from` to the last; above 0 only where all directions go forward in time and items have all steps. */
  forward(pass: Pass, from = 0): void {
    const { kernels } = pass.core;
    const { stateful, lengths } = this.#options;
    const rows = pass.steps * this.#batch;
    for (const { directions, hidden, y, dropout } of this.layers) {
      for (const direction of directions) {
        direction.forward(pass, from);
        if (stateful) this.#carry(kernels, direction, pass.steps);
      }
      if (lengths !== 0) {
        copyRows(kernels, rows, hidden, y);
        kernels.f32_zero_padding(pass.steps, this.#batch, y.panels, y.at, y.stride, lengths);
      }
      dropout?.forward(pass, from);
    }
  }

  backward(pass: Pass): void {
    const { kernels } = pass.core;
    const { lengths } = this.#options;
    for (const { directions, dy, dropout } of this.layers.toReversed()) {
      dropout?.backward(pass);
      if (lengths !== 0) kernels.f32_zero_padding(pass.steps, this.#batch, dy.panels, dy.at, dy.stride, lengths);
      directions.forEach((direction, index) => {
        direction.backward(pass, index > 0);
      });
    }
  }

  #layer(plan: Plan, layer: number, input: RecurrentInput): Omit<Layer, 'dropout'> {
    const {
      name,
      cell,
      relu,
      hiddenSize,
      bidirectional,
      steps,
      initial,
      lengths,
      trace,
      holding,
      window = 0,
    } = this.#options;
    const { activations, share } = plan;
    const rows = steps * share.batch;
    const segments = bidirectional ? [hiddenSize, hiddenSize] : [hiddenSize];
    // One block more than a direction's states where there are two: the reverse one starts a block later, so that
    // both have their step t in block t + 1.
    const states = activations.matrix((steps + segments.length) * share.batch, segments);
    const hidden = rowsOf(states, share.batch, rows);
    const y = lengths === 0 ? hidden : activations.matrix(rows, segments);
    const dy = activations.matrix(rows, segments);
    const directions = segments.map(
      (_, index) =>
        new Direction(plan, {
          name,
          layer,
          reverse: index === 1,
          cell,
          relu,
          hiddenSize,
          steps,
          input,
          initial,
          lengths,
          h: rowsOf(segmentsOf(states, index, 1), index * share.batch, (steps + 1) * share.batch),
          dy: segmentsOf(dy, index, 1),
          trace,
          holding,
          window,
        }),
    );
    return { directions, hidden, y, dy };
  }

  #carry(kernels: Kernels, direction: Direction, steps: number): void {
    const { h, c } = direction.final(steps);
    copyRows(kernels, this.#batch, h, direction.start.h);
    if (c && direction.start.c) copyRows(kernels, this.#batch, c, direction.start.c);
  }
}
