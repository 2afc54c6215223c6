/** The recurrent kernels, called on planned buffers. Contract of blocks and segments: engine/core/kernels.ts. */
import type { Matrix } from '../core/arena.ts';
import type { Kernels } from '../core/kernels.ts';
import type { CellKind } from './cells.ts';

/** What does not change from pass to pass. */
export interface CellSettings {
  readonly cell: CellKind;
  /** Of the plain cell. */
  readonly relu: boolean;
  readonly reverse: boolean;
  /** Items of this thread. */
  readonly batch: number;
  /** Address of int32 lengths; 0: none. */
  readonly lengths: number;
}

/** Buffers of a stretch of steps; which are there depends on the cell. */
export interface CellBuffers {
  readonly steps: number;
  readonly gates: Matrix;
  readonly h: Matrix;
  readonly c: Matrix | undefined;
  readonly q: Matrix | undefined;
  readonly dy: Matrix;
  readonly dh: Matrix;
  readonly dc: Matrix | undefined;
  readonly dgates: Matrix;
  readonly dactivations: Matrix | undefined;
  /** Values that gates and states are held at, NaN where they are free; not together with lengths. */
  readonly held: Matrix | undefined;
}

/** weight: W_hh transposed. recurrentBias: address of b_hn, for the GRU. */
export function runCellForward(
  kernels: Kernels,
  { cell, relu, reverse, batch, lengths }: CellSettings,
  { steps, gates, h, c, q, held }: CellBuffers,
  weight: Matrix,
  recurrentBias: number,
): void {
  const backwards = reverse ? 1 : 0;
  if (cell === 'rnn') {
    kernels.f32_rnn_forward(
      relu ? 1 : 0,
      steps,
      batch,
      h.panels,
      backwards,
      lengths,
      gates.at,
      gates.stride,
      h.at,
      h.stride,
      weight.at,
      weight.stride,
      held?.at ?? 0,
      held?.stride ?? 0,
    );
  } else if (cell === 'lstm' && c) {
    kernels.f32_lstm_forward(
      steps,
      batch,
      h.panels,
      backwards,
      lengths,
      gates.at,
      gates.stride,
      h.at,
      h.stride,
      c.at,
      c.stride,
      weight.at,
      weight.stride,
      held?.at ?? 0,
      held?.stride ?? 0,
    );
  } else if (q) {
    kernels.f32_gru_forward(
      steps,
      batch,
      h.panels,
      backwards,
      lengths,
      gates.at,
      gates.stride,
      q.at,
      q.stride,
      h.at,
      h.stride,
      weight.at,
      weight.stride,
      recurrentBias,
      held?.at ?? 0,
      held?.stride ?? 0,
    );
  }
}

/** weight: W_hh. dhn, dcn: gradients that come in from the state after the last step. */
export function runCellBackward(
  kernels: Kernels,
  { cell, relu, reverse, batch, lengths }: CellSettings,
  { steps, gates, h, c, q, dy, dh, dc, dgates, dactivations, held }: CellBuffers,
  weight: Matrix,
  dhn: Matrix | undefined,
  dcn: Matrix | undefined,
): void {
  const backwards = reverse ? 1 : 0;
  if (cell === 'rnn') {
    kernels.f32_rnn_backward(
      relu ? 1 : 0,
      steps,
      batch,
      h.panels,
      backwards,
      lengths,
      h.at,
      h.stride,
      dy.at,
      dy.stride,
      dhn?.at ?? 0,
      dhn?.stride ?? 0,
      weight.at,
      weight.stride,
      dh.at,
      dh.stride,
      dgates.at,
      dgates.stride,
      held?.at ?? 0,
      held?.stride ?? 0,
    );
  } else if (cell === 'lstm' && c && dc) {
    kernels.f32_lstm_backward(
      steps,
      batch,
      h.panels,
      backwards,
      lengths,
      gates.at,
      gates.stride,
      c.at,
      c.stride,
      dy.at,
      dy.stride,
      dhn?.at ?? 0,
      dhn?.stride ?? 0,
      dcn?.at ?? 0,
      dcn?.stride ?? 0,
      weight.at,
      weight.stride,
      dh.at,
      dh.stride,
      dc.at,
      dc.stride,
      dgates.at,
      dgates.stride,
      dactivations?.at ?? 0,
      dactivations?.stride ?? 0,
      held?.at ?? 0,
      held?.stride ?? 0,
    );
  } else if (q) {
    kernels.f32_gru_backward(
      steps,
      batch,
      h.panels,
      backwards,
      lengths,
      gates.at,
      gates.stride,
      q.at,
      q.stride,
      h.at,
      h.stride,
      dy.at,
      dy.stride,
      dhn?.at ?? 0,
      dhn?.stride ?? 0,
      weight.at,
      weight.stride,
      dh.at,
      dh.stride,
      dgates.at,
      dgates.stride,
      dactivations?.at ?? 0,
      dactivations?.stride ?? 0,
      held?.at ?? 0,
      held?.stride ?? 0,
    );
  }
}
