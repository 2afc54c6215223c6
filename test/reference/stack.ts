/**
 * Recurrent layers on top of each other, in one or two directions, out of the one-layer twins. The parts are numbered
 * layer * directions + direction; h0, c0, hn and cn are [layers * directions, B, H], one block of B rows a part. With two
 * directions a layer's output is [forward | backward], 2H wide.
 */
import { gruBackward, gruForward } from './gru.ts';
import { lstmBackward, lstmForward } from './lstm.ts';
import { joinCols, joinRows, sum, type Matrix } from './matrix.ts';
import { rnnBackward, rnnForward, type Nonlinearity } from './rnn.ts';
import type { RecurrentParameters, RecurrentShape } from './recurrent.ts';

export type Cell = 'rnn' | 'lstm' | 'gru';

export interface StackShape {
  readonly cell: Cell;
  /** Of the rnn. */
  readonly nonlinearity: Nonlinearity;
  readonly layers: number;
  readonly directions: 1 | 2;
  readonly steps: number;
  readonly batch: number;
  readonly lengths?: readonly number[] | undefined;
}

export interface StackForward {
  /** [T * B, directions * H]. */
  readonly y: Matrix;
  readonly hn: Matrix;
  readonly cn: Matrix;
  /** The gradients of the whole stack from those of its results. */
  backward(dy: Matrix, dhn: Matrix, dcn: Matrix): StackGradients;
}

export interface StackGradients {
  readonly x: Matrix;
  readonly h0: Matrix;
  readonly c0: Matrix;
  /** By part. */
  readonly parameters: readonly RecurrentParameters[];
}

/** What an outside file calls a part's parameters: PyTorch's names. */
export function parameterNames(
  part: number,
  directions: 1 | 2,
): { readonly [key in keyof RecurrentParameters]: string } {
  const suffix = `l${Math.floor(part / directions)}${part % directions === 1 ? '_reverse' : ''}`;
  return {
    weightIh: `weight_ih_${suffix}`,
    weightHh: `weight_hh_${suffix}`,
    biasIh: `bias_ih_${suffix}`,
    biasHh: `bias_hh_${suffix}`,
  };
}

/** c0 counts for the lstm alone; other cells hand it through. */
export function stackForward(
  shape: StackShape,
  x: Matrix,
  parameters: readonly RecurrentParameters[],
  h0: Matrix,
  c0: Matrix,
): StackForward {
  const { layers, directions, batch } = shape;
  const parts: PartForward[] = [];
  let input = x;
  for (let layer = 0; layer < layers; layer++) {
    for (let direction = 0; direction < directions; direction++) {
      const part = layer * directions + direction;
      const first = part * batch;
      parts.push(
        partForward(
          shape,
          direction === 1,
          input,
          parameters[part]!,
          h0.rowsFrom(first, batch),
          c0.rowsFrom(first, batch),
        ),
      );
    }
    const outputs = parts.slice(-directions).map((part) => part.y);
    input = outputs.length === 1 ? outputs[0]! : joinCols(outputs[0]!, outputs[1]!);
  }

  function backward(dy: Matrix, dhn: Matrix, dcn: Matrix): StackGradients {
    const gradients: PartGradients[] = [];
    let dOutput = dy;
    for (let layer = layers - 1; layer >= 0; layer--) {
      let dInput: Matrix | undefined;
      for (let direction = 0; direction < directions; direction++) {
        const index = layer * directions + direction;
        const part = parts[index]!;
        const H = part.y.cols;
        const gradient = part.backward(
          dOutput.colsFrom(direction * H, H),
          dhn.rowsFrom(index * batch, batch),
          dcn.rowsFrom(index * batch, batch),
        );
        gradients[index] = gradient;
        dInput = dInput === undefined ? gradient.x : sum(dInput, gradient.x);
      }
      dOutput = dInput!;
    }
    return {
      x: dOutput,
      h0: joinRows(gradients.map((gradient) => gradient.h0)),
      c0: joinRows(gradients.map((gradient) => gradient.c0)),
      parameters: gradients.map((gradient) => gradient.parameters),
    };
  }

  return {
    y: input,
    hn: joinRows(parts.map((part) => part.hn)),
    cn: joinRows(parts.map((part) => part.cn)),
    backward,
  };
}

interface PartForward {
  readonly y: Matrix;
  readonly hn: Matrix;
  readonly cn: Matrix;
  backward(dy: Matrix, dhn: Matrix, dcn: Matrix): PartGradients;
}

interface PartGradients {
  readonly x: Matrix;
  readonly h0: Matrix;
  readonly c0: Matrix;
  readonly parameters: RecurrentParameters;
}

/** One layer in one direction, whichever the cell. */
function partForward(
  stack: StackShape,
  reverse: boolean,
  x: Matrix,
  p: RecurrentParameters,
  h0: Matrix,
  c0: Matrix,
): PartForward {
  const shape: RecurrentShape = { steps: stack.steps, batch: stack.batch, reverse, lengths: stack.lengths };
  if (stack.cell === 'lstm') {
    const forward = lstmForward(shape, x, p, h0, c0);
    return { ...forward, backward: (dy, dhn, dcn) => lstmBackward(shape, x, p, forward, dy, dhn, dcn) };
  }
  if (stack.cell === 'gru') {
    const forward = gruForward(shape, x, p, h0);
    const backward: PartForward['backward'] = (dy, dhn, dcn) => ({
      ...gruBackward(shape, x, p, forward, dy, dhn),
      c0: dcn,
    });
    return { ...forward, cn: c0, backward };
  }
  const forward = rnnForward(shape, stack.nonlinearity, x, p, h0);
  const backward: PartForward['backward'] = (dy, dhn, dcn) => ({
    ...rnnBackward(shape, stack.nonlinearity, x, p, forward, dy, dhn),
    c0: dcn,
  });
  return { ...forward, cn: c0, backward };
}
