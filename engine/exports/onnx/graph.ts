/** The graph of a trained model in ONNX; of recurrent ones (engine/models/recurrent-model.ts) here. */
import { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { OnnxGraph } from '../../formats/onnx/model.ts';
import { goesOnFromState, recurrentOnly, weightOf, type AnyTrainedModel, type TrainedModel } from '../trained-model.ts';
import { addHead, addPooling } from './ends.ts';
import { addStack, type States } from './recurrent.ts';
import { transformerGraph } from './transformer.ts';

/** Throws UnrolledError where there is none. */
export function graphOf(model: AnyTrainedModel): OnnxGraph {
  const { spec } = model;
  if (spec.architecture === 'transformer' && spec.form !== 'encoder-decoder') return transformerGraph(model, spec);
  return recurrentGraph(recurrentOnly(model));
}

function recurrentGraph(model: TrainedModel): OnnxGraph {
  const graph = new GraphBuilder();
  const x = addInput(graph, model);
  const perSequence = model.spec.output.per === 'sequence';
  const lengths =
    perSequence || model.spec.bidirectional
      ? graph.input({
          name: 'lengths',
          type: 'int32',
          shape: ['batch'],
          what: 'steps of each item; what follows is padding',
        })
      : undefined;
  const start = goesOnFromState(model) ? addStart(graph, model) : undefined;
  const stack = addStack(graph, model, { x, lengths, start });
  const { pooling, hiddenSize, bidirectional } = model.spec;
  const features = perSequence ? addPooling(graph, pooling, stack.y, stack.last, lengths ?? '') : stack.y;
  addHead(graph, model, features, hiddenSize * (bidirectional ? 2 : 1));
  if (start) addEnd(graph, model, stack.end);
  return graph.build(`unrolled_${model.spec.cell}`);
}

/** [T, B, I]: numbers as they are, symbols embedded or one-hot. */
function addInput(graph: GraphBuilder, model: TrainedModel): string {
  const { input, embeddingSize } = model.spec;
  if (input.kind === 'values') {
    return graph.input({
      name: 'values',
      type: 'float',
      shape: ['time', 'batch', input.width],
      what: 'normalised numbers at each step',
    });
  }
  const tokens = graph.input({ name: 'tokens', type: 'int64', shape: ['time', 'batch'], what: 'numbers of symbols' });
  if (embeddingSize > 0) {
    const table = weightOf(model, 'embedding.weight');
    return graph.node('Gather', [graph.constant('embedding.weight', [input.symbols, embeddingSize], table), tokens]);
  }
  const offOn = graph.constant('off_on', [2], Float32Array.of(0, 1));
  return graph.node('OneHot', [tokens, graph.scalar(input.symbols), offOn], { axis: -1 });
}

/** The state before the first step: given, or, for a generator, looked up where a label is given. */
function addStart(graph: GraphBuilder, model: TrainedModel): States {
  const { hiddenSize, layers, cell, conditions } = model.spec;
  const shape = [layers, 'batch', hiddenSize];
  const given = (name: string, what: string) => graph.input({ name, type: 'float', shape, what });
  const h = given('h0', 'hidden state to start from; zeros at the beginning');
  const c = cell === 'lstm' ? given('c0', 'cell state to start from; zeros at the beginning') : undefined;
  if (conditions === 0) return { h, c };

  const label = graph.input({
    name: 'label',
    type: 'int64',
    shape: ['batch'],
    what: 'number of the label to grow from; -1: go on from h0' + (c ? ' and c0' : ''),
  });
  const states = layers * (c ? 2 : 1);
  const table = graph.constant('initial.weight', [conditions, states * hiddenSize], weightOf(model, 'initial.weight'));
  // [B, states * H] to [states, B, H].
  const rows = graph.node('Gather', [table, label]);
  const split = graph.node('Reshape', [rows, graph.integers(0, states, hiddenSize)]);
  const looked = graph.node('Transpose', [split], { perm: [1, 0, 2] });
  const known = graph.node('GreaterOrEqual', [label, graph.scalar(0)]);
  const chosen = graph.node('Reshape', [known, graph.integers(1, -1, 1)]);
  const choose = (from: number, other: string) => {
    const part = graph.node('Slice', [
      looked,
      graph.integers(from * layers),
      graph.integers((from + 1) * layers),
      graph.integers(0),
    ]);
    return graph.node('Where', [chosen, part, other]);
  };
  return { h: choose(0, h), c: c && choose(1, c) };
}

function addEnd(graph: GraphBuilder, model: TrainedModel, { h, c }: States): void {
  const shape = [model.spec.layers, 'batch', model.spec.hiddenSize];
  graph.output({ name: 'hn', type: 'float', shape, what: 'hidden state after the last step' }, h);
  if (c !== undefined) {
    graph.output({ name: 'cn', type: 'float', shape, what: 'cell state after the last step' }, c);
  }
}
