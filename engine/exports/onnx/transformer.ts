/** The graph of a trained transformer that names labels (engine/models/transformer-model.ts) in ONNX. */
import { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { OnnxGraph } from '../../formats/onnx/model.ts';
import type { TransformerSpec } from '../../models/spec.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import { addHead, addPooling } from './ends.ts';
import { addInside, addLengths, addRange, addSize, addTokens } from './sequences.ts';
import { addLayers, addPlacedEmbedding, giveWeights } from './transformer-layers.ts';

/** Time and batch are of any size; learned positions end where their table does. */
export function transformerGraph(model: AnyTrainedModel, spec: TransformerSpec): OnnxGraph {
  const { input, output, modelSize, form } = spec;
  if (input.kind !== 'tokens') throw new TypeError('A transformer reads symbols.');
  const graph = new GraphBuilder();
  const around = { graph, model, spec };
  const tokens = addTokens(graph);
  const lengths = form === 'encoder' ? addLengths(graph) : undefined;
  const range = addRange(graph, graph.scalar(0), addSize(graph, tokens, 0));
  const x = addPlacedEmbedding(around, '', tokens, input.symbols, range);
  const seen = addMask(graph, range, lengths);
  const { y, weights } = addLayers(around, form === 'encoder' ? 'encoder' : 'decoder', x, seen);
  const features = output.per === 'sequence' ? addPooling(graph, spec.pooling, y, undefined, lengths ?? '') : y;
  addHead(graph, model, features, modelSize);
  weights.forEach((one, l) => {
    giveWeights(around, `attention_${l}`, ['time', 'time'], `weights of layer ${l + 1}`, one);
  });
  return graph.build('unrolled_transformer');
}

/** A decoder sees no later step; an encoder no padding. */
function addMask(graph: GraphBuilder, range: string, lengths: string | undefined): string {
  if (lengths !== undefined) {
    return graph.node('Unsqueeze', [addInside(graph, range, lengths), graph.integers(1, 2)]);
  }
  const keys = graph.node('Unsqueeze', [range, graph.integers(0)]);
  return graph.node('LessOrEqual', [keys, graph.node('Unsqueeze', [range, graph.integers(1)])]);
}
