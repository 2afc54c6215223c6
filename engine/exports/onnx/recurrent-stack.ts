/**
 * A stack of recurrent layers as nodes of ONNX (https://onnx.ai/onnx/operators: RNN, LSTM, GRU). Gate orders differ from
 * PyTorch's: i, o, f, c for the LSTM; z, r, h for the GRU, whose reset comes after the product with
 * linear_before_reset = 1.
 */
import type { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { Attribute } from '../../formats/onnx/model.ts';
import type { RecurrentSpec } from '../../models/spec.ts';
import { joined, permuteBlocks } from '../gates.ts';
import { weightOf, type AnyTrainedModel } from '../trained-model.ts';

const CELLS = {
  rnn: { op: 'RNN', order: [0] },
  lstm: { op: 'LSTM', order: [0, 3, 1, 2] },
  gru: { op: 'GRU', order: [1, 0, 2] },
} as const;

/** States of all layers and directions, [layers * directions, B, H] each, as PyTorch orders them. */
export interface States {
  readonly h: string;
  /** Of the LSTM. */
  readonly c?: string | undefined;
}

export interface StackShape extends Pick<RecurrentSpec, 'cell' | 'relu' | 'hiddenSize' | 'layers' | 'bidirectional'> {
  /** What PyTorch's names of its weights begin with: 'recurrent', 'encoder', 'decoder'. */
  readonly name: string;
}

export interface StackInput {
  /** [T, B, I] */
  readonly x: string;
  /** int32 [B]; absent: every item has T steps. */
  readonly lengths?: string | undefined;
  /** Absent: zeros. */
  readonly start?: States | undefined;
}

export interface StackOutput {
  /** [T, B, directions * H], zero after an item's length. */
  readonly y: string;
  /** [B, directions * H], the top layer's last states. */
  readonly last: string;
  readonly end: States;
}

export function addStack(
  graph: GraphBuilder,
  model: AnyTrainedModel,
  stack: StackShape,
  input: StackInput,
): StackOutput {
  const { cell, hiddenSize, layers, bidirectional, relu } = stack;
  const directions = bidirectional ? 2 : 1;
  const attributes: Record<string, Attribute> = {
    hidden_size: hiddenSize,
    direction: bidirectional ? 'bidirectional' : 'forward',
  };
  if (cell === 'gru') attributes['linear_before_reset'] = 1;
  if (relu) attributes['activations'] = Array.from({ length: directions }, () => 'Relu');
  let { x } = input;
  let last = '';
  const h: string[] = [];
  const c: string[] = [];
  for (let l = 0; l < layers; l++) {
    const [W, R, B] = addWeights(graph, model, stack, l);
    const starts = input.start === undefined ? [] : startOf(graph, input.start, l, directions, layers);
    const outputs = graph.nodes(
      CELLS[cell].op,
      trimmed([x, W, R, B, input.lengths ?? '', ...starts]),
      cell === 'lstm' ? 3 : 2,
      attributes,
    );
    const [y = '', yh = '', yc] = outputs;
    h.push(yh);
    if (yc !== undefined) c.push(yc);
    // [T, D, B, H] to [T, B, D * H].
    x = graph.node('Reshape', [graph.node('Transpose', [y], { perm: [0, 2, 1, 3] }), graph.integers(0, 0, -1)]);
    last = graph.node('Reshape', [graph.node('Transpose', [yh], { perm: [1, 0, 2] }), graph.integers(0, -1)]);
  }
  const together = (states: readonly string[]) => {
    const [only = ''] = states;
    return states.length === 1 ? only : graph.node('Concat', states, { axis: 0 });
  };
  return { y: x, last, end: { h: together(h), ...(c.length > 0 ? { c: together(c) } : {}) } };
}

type StateShape = Pick<StackShape, 'cell' | 'hiddenSize' | 'layers'>;

/** The states h0 and c0 that a stack in one direction starts from, as inputs. */
export function addStates(graph: GraphBuilder, { cell, hiddenSize, layers }: StateShape, what: string): States {
  const shape = [layers, 'batch', hiddenSize];
  const given = (name: string, state: string) =>
    graph.input({ name, type: 'float', shape, what: `${state} state ${what}` });
  return { h: given('h0', 'hidden'), c: cell === 'lstm' ? given('c0', 'cell') : undefined };
}

/** States of a stack in one direction as outputs. */
export function giveStates(
  graph: GraphBuilder,
  { hiddenSize, layers }: StateShape,
  [hidden, cell]: readonly [string, string],
  what: string,
  { h, c }: States,
): void {
  const shape = [layers, 'batch', hiddenSize];
  graph.output({ name: hidden, type: 'float', shape, what: `hidden state ${what}` }, h);
  if (c !== undefined) graph.output({ name: cell, type: 'float', shape, what: `cell state ${what}` }, c);
}

/** W [D, gates * H, I], R [D, gates * H, H] and B [D, 2 * gates * H] of one layer. */
function addWeights(
  graph: GraphBuilder,
  model: AnyTrainedModel,
  { name: stack, cell, hiddenSize: H, bidirectional }: StackShape,
  layer: number,
): readonly [string, string, string] {
  const { order } = CELLS[cell];
  const suffixes = bidirectional ? [`l${layer}`, `l${layer}_reverse`] : [`l${layer}`];
  const permuted = (name: string) => {
    const data = weightOf(model, `${stack}.${name}`);
    return permuteBlocks(data, data.length / order.length, order);
  };
  const rows = order.length * H;
  const D = suffixes.length;
  const W = joined(...suffixes.map((suffix) => permuted(`weight_ih_${suffix}`)));
  const R = joined(...suffixes.map((suffix) => permuted(`weight_hh_${suffix}`)));
  const B = joined(...suffixes.flatMap((suffix) => [permuted(`bias_ih_${suffix}`), permuted(`bias_hh_${suffix}`)]));
  return [
    graph.constant(`${stack}.l${layer}.W`, [D, rows, W.length / (D * rows)], W),
    graph.constant(`${stack}.l${layer}.R`, [D, rows, H], R),
    graph.constant(`${stack}.l${layer}.B`, [D, 2 * rows], B),
  ];
}

function startOf(graph: GraphBuilder, { h, c }: States, layer: number, D: number, layers: number): readonly string[] {
  const slice = (state: string) =>
    layers === 1
      ? state
      : graph.node('Slice', [state, graph.integers(layer * D), graph.integers((layer + 1) * D), graph.integers(0)]);
  return [slice(h), ...(c === undefined ? [] : [slice(c)])];
}

/** Without the optional inputs at the end that are left out. */
function trimmed(inputs: readonly string[]): readonly string[] {
  return inputs.slice(0, inputs.findLastIndex((name) => name !== '') + 1);
}
