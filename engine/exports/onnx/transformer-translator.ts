/**
 * The graphs of a trained transformer that translates (engine/models/transformer-model.ts) in ONNX: one reads a source, the
 * other writes one symbol or several, from the keys and values of what was written before to those of all. Outputs of the
 * encoder that the decoder takes have the same names there.
 */
import { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { OnnxGraph, Port } from '../../formats/onnx/model.ts';
import type { TransformerSpec } from '../../models/spec.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import { addHead } from './ends.ts';
import { addInside, addRange, addSize, addSource, addSourceLengths, addTokens, symbolsOf } from './sequences.ts';
import {
  addCrossAttention,
  addFeedForward,
  addLastNorm,
  addLayers,
  addMemoryPairs,
  addPlacedEmbedding,
  addResidual,
  addSelfAttention,
  giveWeights,
  type Around,
  type Attended,
  type Pairs,
} from './transformer-layers.ts';

export function transformerEncoderGraph(model: AnyTrainedModel, spec: TransformerSpec): OnnxGraph {
  const graph = new GraphBuilder();
  const around = { graph, model, spec };
  const { tokens, lengths } = addSource(graph);
  const range = addRange(graph, graph.scalar(0), addSize(graph, tokens, 0));
  const x = addPlacedEmbedding(around, 'source_', tokens, symbolsOf(spec).source, range);
  const seen = graph.node('Unsqueeze', [addInside(graph, range, lengths), graph.integers(1, 2)]);
  const { y, weights } = addLayers(around, 'encoder', x, seen);
  const pairs = weights.map((_, l) => addMemoryPairs(around, `decoder.layers.${l}.multihead_attn`, y));
  givePairs(around, 'memory', 'source_time', 'the decoder’s layers look at', pairs);
  const shape = ['source_time', 'batch', spec.modelSize];
  graph.output({ name: 'memory', type: 'float', shape, what: 'what the encoder makes of each symbol' }, y);
  weights.forEach((one, l) => {
    giveWeights(around, `attention_${l}`, ['source_time', 'source_time'], `weights of layer ${l + 1}`, one);
  });
  return graph.build('unrolled_transformer_encoder');
}

export function transformerDecoderGraph(model: AnyTrainedModel, spec: TransformerSpec): OnnxGraph {
  const graph = new GraphBuilder();
  const around = { graph, model, spec };
  const tokens = addTokens(graph, 'numbers of the symbols that follow what was written; the first is the start');
  const past = takePairs(around, 'past', 'past_time', 'of what was written before; at the beginning past_time is 0');
  const memory = takePairs(around, 'memory', 'source_time', 'of the source: the encoder’s');
  const lengths = addSourceLengths(graph);

  const before = addSize(graph, past.keys, 3);
  const all = graph.node('Add', [before, addSize(graph, tokens, 0)]);
  const range = addRange(graph, before, all);
  const keyRange = graph.node('Unsqueeze', [addRange(graph, graph.scalar(0), all), graph.integers(0)]);
  const written = graph.node('LessOrEqual', [keyRange, graph.node('Unsqueeze', [range, graph.integers(1)])]);
  const sourceRange = addRange(graph, graph.scalar(0), addSize(graph, memory.keys, 3));
  const inside = graph.node('Unsqueeze', [addInside(graph, sourceRange, lengths), graph.integers(1, 2)]);

  const layers: DecoderLayer[] = [];
  let y = addPlacedEmbedding(around, 'target_', tokens, symbolsOf(spec).target, range);
  for (let l = 0; l < spec.layers; l++) {
    const layer = addDecoderLayer(
      around,
      `decoder.layers.${l}`,
      y,
      { past: addLayerOf(graph, past, l), seen: written },
      { pairs: addLayerOf(graph, memory, l), seen: inside },
    );
    layers.push(layer);
    ({ y } = layer);
  }
  addHead(graph, model, addLastNorm(around, 'decoder', y), spec.modelSize);
  const present = layers.map(({ self }) => self.pairs);
  givePairs(
    around,
    'present',
    'present_time',
    'of all that was written: give them back as past ones to go on',
    present,
  );
  layers.forEach(({ cross }, l) => {
    const what = `weights of the source in layer ${l + 1}`;
    giveWeights(around, `attention_${l}`, ['time', 'source_time'], what, cross.weights);
  });
  layers.forEach(({ self }, l) => {
    const what = `weights of what was written in layer ${l + 1}`;
    giveWeights(around, `self_attention_${l}`, ['time', 'present_time'], what, self.weights);
  });
  return graph.build('unrolled_transformer_decoder');
}

interface DecoderLayer {
  readonly y: string;
  readonly self: Attended;
  readonly cross: Attended;
}

function addDecoderLayer(
  around: Around,
  name: string,
  x: string,
  own: { readonly past: Pairs; readonly seen: string },
  source: { readonly pairs: Pairs; readonly seen: string },
): DecoderLayer {
  const first = addResidual(around, `${name}.norm1`, x, (inner) =>
    addSelfAttention(around, `${name}.self_attn`, inner, own.seen, own.past),
  );
  const second = addResidual(around, `${name}.norm2`, first.y, (inner) =>
    addCrossAttention(around, `${name}.multihead_attn`, inner, source.pairs, source.seen),
  );
  const third = addResidual(around, `${name}.norm3`, second.y, (inner) => addFeedForward(around, name, inner));
  return { y: third.y, self: first.inner, cross: second.inner };
}

/** Keys and values of every layer, [L, B, heads, S, D / heads] each. */
function pairPorts({ spec }: Around, name: string, steps: string, what: string): readonly [Port, Port] {
  const { layers, heads, modelSize } = spec;
  const port = (part: string): Port => ({
    name: `${name}_${part}`,
    type: 'float',
    shape: [layers, 'batch', heads, steps, modelSize / heads],
    what: `${part} ${what}`,
  });
  return [port('keys'), port('values')];
}

function takePairs(around: Around, name: string, steps: string, what: string): Pairs {
  const [keys, values] = pairPorts(around, name, steps, what);
  return { keys: around.graph.input(keys), values: around.graph.input(values) };
}

function givePairs(around: Around, name: string, steps: string, what: string, layers: readonly Pairs[]): void {
  const { graph } = around;
  const [keys, values] = pairPorts(around, name, steps, what);
  const together = (all: readonly string[]) =>
    graph.node(
      'Concat',
      all.map((one) => graph.node('Unsqueeze', [one, graph.integers(0)])),
      { axis: 0 },
    );
  graph.output(keys, together(layers.map((pairs) => pairs.keys)));
  graph.output(values, together(layers.map((pairs) => pairs.values)));
}

function addLayerOf(graph: GraphBuilder, { keys, values }: Pairs, layer: number): Pairs {
  const own = (all: string) => graph.node('Gather', [all, graph.scalar(layer)]);
  return { keys: own(keys), values: own(values) };
}
