/** The graph of a trained recurrent model (engine/models/recurrent-model.ts) in ONNX. */
import { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { OnnxGraph } from '../../formats/onnx/model.ts';
import { goesOnFromState, weightOf, type TrainedModel } from '../trained-model.ts';
import { addHead, addPooling } from './ends.ts';
import { addStack, addStates, giveStates, type States } from './recurrent-stack.ts';
import { addEmbedding, addLengths, addTokens } from './sequences.ts';

export function recurrentGraph(model: TrainedModel): OnnxGraph {
  const graph = new GraphBuilder();
  const x = addInput(graph, model);
  const perSequence = model.spec.output.per === 'sequence';
  const lengths = perSequence || model.spec.bidirectional ? addLengths(graph) : undefined;
  const start = goesOnFromState(model) ? addStart(graph, model) : undefined;
  const stack = addStack(graph, model, { ...model.spec, name: 'recurrent' }, { x, lengths, start });
  const { pooling, hiddenSize, bidirectional } = model.spec;
  const features = perSequence ? addPooling(graph, pooling, stack.y, stack.last, lengths ?? '') : stack.y;
  addHead(graph, model, features, hiddenSize * (bidirectional ? 2 : 1));
  if (start) giveStates(graph, model.spec, ['hn', 'cn'], 'after the last step', stack.end);
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
  return addEmbedding(graph, model, 'embedding', addTokens(graph), input.symbols, embeddingSize);
}

/** The state before the first step: given, or, for a generator, looked up where a label is given. */
function addStart(graph: GraphBuilder, model: TrainedModel): States {
  const { hiddenSize, layers, conditions } = model.spec;
  const { h, c } = addStates(graph, model.spec, 'to start from; zeros at the beginning');
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
