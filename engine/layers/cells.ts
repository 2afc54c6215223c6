/** What tells the recurrent cells apart: their gates, in PyTorch's order and in the core's, and how they are first filled. */
import type { Initial } from '../team/parameters.ts';

export type CellKind = 'rnn' | 'lstm' | 'gru';

export interface CellShape {
  /** Gates in the order of the core's buffers, by the names that traces have. */
  readonly gates: readonly string[];
  /** Segments of gate gradients. */
  readonly gradients: readonly string[];
  /** Which of PyTorch's gates is stored k-th in the input's weight and bias; absent: the same order. */
  readonly inputOrder?: readonly number[];
  /** A cell state beside the hidden state. */
  readonly cellState: boolean;
}

export const CELLS: Readonly<Record<CellKind, CellShape>> = {
  rnn: { gates: ['preactivation'], gradients: ['preactivation'], cellState: false },
  lstm: {
    gates: ['input', 'forget', 'candidate', 'output'],
    gradients: ['input', 'forget', 'candidate', 'output'],
    cellState: true,
  },
  // PyTorch: r, z, n. The core keeps n first, so that r, z and the recurrent part of n lie together in the gradients.
  gru: {
    gates: ['candidate', 'reset', 'update'],
    gradients: ['candidate', 'reset', 'update', 'recurrent'],
    inputOrder: [2, 0, 1],
    cellState: false,
  },
};

/** What of a cell can be held, in the order of the core's buffer. */
export function heldParts(cell: CellKind): readonly string[] {
  const gates = cell === 'rnn' ? [] : CELLS[cell].gates;
  return [...gates, ...(CELLS[cell].cellState ? ['cell'] : []), 'hidden'];
}

export interface RecurrentInitial {
  readonly recurrent: 'uniform' | 'xavier' | 'orthogonal' | 'normal' | 'identity';
  readonly input: 'uniform' | 'xavier' | 'normal';
  /** Multiplies the recurrent weights. */
  readonly recurrentScale: number;
  /** Of the LSTM: b_ih of the forget gate; b_hh is 0 there. null: like the other gates (Jozefowicz et al. 2015 advise 1). */
  readonly forgetBias: number | null;
  /** Of the LSTM, in place of that: forget and input biases for memories of up to so many steps (Tallec & Ollivier 2018). */
  readonly chronoSteps?: number | undefined;
}

/** PyTorch's: everything uniform within 1 / sqrt(H). */
export const PYTORCH_INITIAL: RecurrentInitial = {
  recurrent: 'uniform',
  input: 'uniform',
  recurrentScale: 1,
  forgetBias: null,
};

export interface CellInitials {
  readonly inputWeight: Initial;
  readonly recurrentWeight: Initial;
  readonly inputBias: Initial;
  readonly recurrentBias: Initial;
}

export function cellInitials(cell: CellKind, inputs: number, hidden: number, choice: RecurrentInitial): CellInitials {
  const bound = 1 / Math.sqrt(hidden);
  const gain = choice.recurrentScale;
  const recurrentWeight: Record<RecurrentInitial['recurrent'], Initial> = {
    uniform: { kind: 'uniform', bound: gain * bound },
    normal: { kind: 'normal', deviation: gain * bound },
    xavier: { kind: 'xavier', gain, rows: hidden },
    orthogonal: { kind: 'orthogonal', gain, rows: hidden },
    identity: { kind: 'identity', gain },
  };
  const inputWeight: Record<RecurrentInitial['input'], Initial> = {
    uniform: { kind: 'uniform', bound },
    normal: { kind: 'normal', deviation: 1 / Math.sqrt(inputs) },
    xavier: { kind: 'xavier', gain: 1, rows: hidden },
  };
  const bias: Initial = choice.recurrent === 'uniform' ? { kind: 'uniform', bound } : { kind: 'constant', value: 0 };
  const withForget = (value: number): Initial =>
    cell === 'lstm' && choice.forgetBias !== null
      ? { kind: 'blocks', blocks: [bias, { kind: 'constant', value }, bias, bias] }
      : bias;
  const chrono: Initial | undefined =
    cell === 'lstm' && choice.chronoSteps !== undefined ? { kind: 'chrono', steps: choice.chronoSteps } : undefined;
  return {
    inputWeight: inputWeight[choice.input],
    recurrentWeight: recurrentWeight[choice.recurrent],
    inputBias: chrono ?? withForget(choice.forgetBias ?? 0),
    recurrentBias: chrono ? { kind: 'constant', value: 0 } : withForget(0),
  };
}
