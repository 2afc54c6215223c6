/** One direction of one recurrent layer in float64, whichever the cell, with everything that the engine names in traces. */
import { gruBackward, gruForward } from '../../reference/gru.ts';
import { lstmBackward, lstmForward } from '../../reference/lstm.ts';
import type { Matrix } from '../../reference/matrix.ts';
import { isPadding, type RecurrentParameters, type RecurrentShape } from '../../reference/recurrent.ts';
import { rnnBackward, rnnForward } from '../../reference/rnn.ts';
import type { CellKind } from '../../../engine/layers/cells.ts';

/** By the name behind the layer's: 'forget', 'hidden.gradient'. NaN where the core promises nothing. */
export type Traces = ReadonlyMap<string, Matrix>;

export interface CellTwin {
  /** [T * B, H], zero in padding. */
  readonly y: Matrix;
  readonly hn: Matrix;
  readonly cn: Matrix;
  readonly traces: Traces;
  backward(dy: Matrix, dhn: Matrix, dcn: Matrix): CellGradients;
}

export interface CellGradients {
  readonly x: Matrix;
  readonly h0: Matrix;
  readonly c0: Matrix;
  readonly parameters: RecurrentParameters;
  readonly traces: Traces;
}

/** c0 counts for the LSTM alone. */
export function runCell(
  cell: CellKind,
  relu: boolean,
  shape: RecurrentShape,
  x: Matrix,
  p: RecurrentParameters,
  h0: Matrix,
  c0: Matrix,
): CellTwin {
  if (cell === 'lstm') return runLstm(shape, x, p, h0, c0);
  return cell === 'gru' ? runGru(shape, x, p, h0, c0) : runRnn(relu, shape, x, p, h0, c0);
}

function runRnn(relu: boolean, shape: RecurrentShape, x: Matrix, p: RecurrentParameters, h0: Matrix, c0: Matrix) {
  const nonlinearity = relu ? 'relu' : 'tanh';
  const forward = rnnForward(shape, nonlinearity, x, p, h0);
  return {
    y: forward.y,
    hn: forward.hn,
    cn: c0,
    traces: new Map([
      ['preactivation', inPadding(shape, forward.s, NaN)],
      ['hidden', forward.h],
    ]),
    backward(dy: Matrix, dhn: Matrix, dcn: Matrix): CellGradients {
      const gradients = rnnBackward(shape, nonlinearity, x, p, forward, dy, dhn);
      const traces = new Map([
        ['preactivation.gradient', gradients.s],
        ['hidden.gradient', gradients.h],
      ]);
      return { ...gradients, c0: dcn, traces };
    },
  };
}

const LSTM_GATES = ['input', 'forget', 'candidate', 'output'];
const GRU_GATES = ['reset', 'update', 'candidate'];

function runLstm(shape: RecurrentShape, x: Matrix, p: RecurrentParameters, h0: Matrix, c0: Matrix): CellTwin {
  const forward = lstmForward(shape, x, p, h0, c0);
  const gates = segments(LSTM_GATES, forward.gates, '');
  inPadding(shape, gates.get('forget')!, 1);
  return {
    ...forward,
    traces: new Map([...gates, ['hidden', forward.h], ['cell', forward.c]]),
    backward(dy, dhn, dcn) {
      const gradients = lstmBackward(shape, x, p, forward, dy, dhn, dcn);
      const traces = new Map([
        ...segments(LSTM_GATES, gradients.activations, '.gradient'),
        ...segments(LSTM_GATES, gradients.preactivations, '.preactivation.gradient'),
        ['hidden.gradient', gradients.h],
        ['cell.gradient', gradients.c],
      ] as [string, Matrix][]);
      return { ...gradients, traces };
    },
  };
}

function runGru(shape: RecurrentShape, x: Matrix, p: RecurrentParameters, h0: Matrix, c0: Matrix): CellTwin {
  const forward = gruForward(shape, x, p, h0);
  const gates = segments(GRU_GATES, forward.gates, '');
  inPadding(shape, gates.get('update')!, 1);
  return {
    ...forward,
    cn: c0,
    traces: new Map([...gates, ['hidden', forward.h], ['recurrent', inPadding(shape, forward.q.copy(), NaN)]]),
    backward(dy, dhn, dcn) {
      const gradients = gruBackward(shape, x, p, forward, dy, dhn);
      const traces = new Map([
        ...segments(GRU_GATES, gradients.activations, '.gradient'),
        ...segments(GRU_GATES, gradients.preactivations, '.preactivation.gradient'),
        ['hidden.gradient', gradients.h],
        ['recurrent.gradient', gradients.q],
      ] as [string, Matrix][]);
      return { ...gradients, c0: dcn, traces };
    },
  };
}

/** Equal parts of the columns, by name. */
function segments(names: readonly string[], whole: Matrix, suffix: string): Map<string, Matrix> {
  const width = whole.cols / names.length;
  return new Map(names.map((name, k) => [name + suffix, whole.colsFrom(k * width, width)]));
}

/** Puts `value` into the rows of padding; returns the matrix. */
function inPadding(shape: RecurrentShape, matrix: Matrix, value: number): Matrix {
  for (let row = 0; row < matrix.rows; row++) {
    if (!isPadding(shape, Math.floor(row / shape.batch), row % shape.batch)) continue;
    for (let c = 0; c < matrix.cols; c++) matrix.set(row, c, value);
  }
  return matrix;
}
