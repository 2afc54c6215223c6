/**
 * The graphs of a trained encoder-decoder (engine/models/encoder-decoder-model.ts) in ONNX: one reads a source, the other
 * writes one symbol or several, from the state that it is given to the one that it gives back. Outputs of the encoder that
 * the decoder takes have the same names there.
 */
import { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { OnnxGraph } from '../../formats/onnx/model.ts';
import type { EncoderDecoderSpec } from '../../models/spec.ts';
import { joined, transposed } from '../gates.ts';
import { weightOf, type AnyTrainedModel } from '../trained-model.ts';
import { addHead, LOWEST } from './ends.ts';
import { addLinear, addProduct } from './linear.ts';
import { addStack, addStates, giveStates, type States } from './recurrent-stack.ts';
import {
  addEmbedding,
  addInside,
  addRange,
  addSize,
  addSource,
  addSourceLengths,
  addTokens,
  symbolsOf,
} from './sequences.ts';

const MEMORY = 'memory';
const KEYS = 'memory_keys';

export function encoderGraph(model: AnyTrainedModel, spec: EncoderDecoderSpec): OnnxGraph {
  const graph = new GraphBuilder();
  const { tokens, lengths } = addSource(graph);
  const x = addEmbedding(graph, model, 'source_embedding', tokens, symbolsOf(spec).source, spec.embeddingSize);
  const { y, end } = addStack(graph, model, { ...spec, name: 'encoder' }, { x, lengths });
  const start = spec.bidirectional ? addBridges(graph, model, spec, end) : end;
  giveStates(graph, spec, ['h0', 'c0'], 'for the decoder to start from', start);
  if (spec.attention !== 'none') {
    giveOfSource(graph, MEMORY, memorySize(spec), 'what the encoder makes of each symbol; zeros after the last one', y);
  }
  const keys = keysOf(spec);
  if (keys) {
    const weight = weightOf(model, keys.weight);
    const projected = addProduct(graph, keys.weight, y, weight, memorySize(spec), keys.size);
    giveOfSource(graph, KEYS, keys.size, 'what a step’s query is compared with', projected);
  }
  return graph.build(`unrolled_${spec.cell}_encoder`);
}

export function decoderGraph(model: AnyTrainedModel, spec: EncoderDecoderSpec): OnnxGraph {
  const { hiddenSize, attention, embeddingSize } = spec;
  const graph = new GraphBuilder();
  const tokens = addTokens(graph, 'numbers of the symbols written before; the first is the start');
  const start = addStates(graph, spec, 'to go on from; at the beginning the encoder’s');
  const x = addEmbedding(graph, model, 'target_embedding', tokens, symbolsOf(spec).target, embeddingSize);
  const stack = { ...spec, name: 'decoder', bidirectional: false };
  const { y, end } = addStack(graph, model, stack, { x, start });
  const looked = attention === 'none' ? undefined : addLooking(graph, model, spec, y);
  addHead(graph, model, looked?.y ?? y, hiddenSize);
  giveStates(graph, spec, ['hn', 'cn'], 'after the last step: give it back to go on', end);
  if (looked) {
    graph.output(
      {
        name: 'attention',
        type: 'float',
        shape: ['batch', 'time', 'source_time'],
        what: 'weights of the source’s symbols at each step',
      },
      looked.weights,
    );
  }
  return graph.build(`unrolled_${spec.cell}_decoder`);
}

function memorySize({ hiddenSize, bidirectional }: EncoderDecoderSpec): number {
  return hiddenSize * (bidirectional ? 2 : 1);
}

/** Of the kinds of attention whose keys are not the memory itself: the weight that makes them of it. */
function keysOf({ attention, attentionSize, hiddenSize }: EncoderDecoderSpec) {
  if (attention === 'additive') return { weight: 'attention.w_key', size: attentionSize };
  return attention === 'general' ? { weight: 'attention.w', size: hiddenSize } : undefined;
}

function giveOfSource(graph: GraphBuilder, name: string, size: number, what: string, value: string): void {
  graph.output({ name, type: 'float', shape: ['source_time', 'batch', size], what }, value);
}

function takeOfSource(graph: GraphBuilder, name: string, size: number): string {
  return graph.input({ name, type: 'float', shape: ['source_time', 'batch', size], what: 'the encoder’s' });
}

/** From the last states of both directions, [L * 2, B, H], to the decoder's first, [L, B, H]. */
function addBridges(graph: GraphBuilder, model: AnyTrainedModel, spec: EncoderDecoderSpec, { h, c }: States): States {
  const { layers, hiddenSize: H } = spec;
  const bridged = (part: 'h' | 'c', state: string) => {
    const of = (kind: string) => Array.from({ length: layers }, (_, l) => `bridge.${part}_l${l}.${kind}`);
    const weights = of('weight').map((name) => transposed(weightOf(model, name), H, 2 * H));
    const biases = of('bias').map((name) => weightOf(model, name));
    const apart = graph.node('Reshape', [state, graph.integers(layers, 2, -1, H)]);
    // [L, 2, B, H] to [L, B, 2 * H].
    const both = graph.node('Reshape', [
      graph.node('Transpose', [apart], { perm: [0, 2, 1, 3] }),
      graph.integers(0, 0, -1),
    ]);
    const weight = graph.constant(`bridge.${part}.weight`, [layers, 2 * H, H], joined(...weights));
    const bias = graph.constant(`bridge.${part}.bias`, [layers, 1, H], joined(...biases));
    return graph.node('Add', [graph.node('MatMul', [both, weight]), bias]);
  };
  return { h: bridged('h', h), c: c === undefined ? undefined : bridged('c', c) };
}

/** tanh(W [context; h]) of the decoder's states [T, B, H], and the weights [B, T, S] that make the context. */
function addLooking(graph: GraphBuilder, model: AnyTrainedModel, spec: EncoderDecoderSpec, states: string) {
  const { hiddenSize: H } = spec;
  const D = memorySize(spec);
  const memory = takeOfSource(graph, MEMORY, D);
  const keys = keysOf(spec);
  const key = keys ? takeOfSource(graph, KEYS, keys.size) : memory;
  const lengths = addSourceLengths(graph);
  const range = addRange(graph, graph.scalar(0), addSize(graph, memory, 0));
  const inside = graph.node('Unsqueeze', [addInside(graph, range, lengths), graph.integers(1)]);
  const scores = addScores(graph, model, spec, states, key);
  const masked = graph.node('Where', [inside, scores, graph.number('lowest', LOWEST)]);
  const weights = graph.node('Softmax', [masked], { axis: -1 });
  const values = graph.node('Transpose', [memory], { perm: [1, 0, 2] });
  const context = graph.node('Transpose', [graph.node('MatMul', [weights, values])], { perm: [1, 0, 2] });
  const features = graph.node('Concat', [context, states], { axis: 2 });
  return { y: graph.node('Tanh', [addLinear(graph, model, 'combine.', features, D + H, H)]), weights };
}

/** [B, T, S] of queries [T, B, H] and keys [S, B, K] (engine/layers/source-attention.ts). */
function addScores(
  graph: GraphBuilder,
  model: AnyTrainedModel,
  { attention, attentionSize: A, hiddenSize: H }: EncoderDecoderSpec,
  queries: string,
  keys: string,
): string {
  if (attention === 'additive') {
    const query = addProduct(graph, 'attention.w_query', queries, weightOf(model, 'attention.w_query'), H, A);
    // [B, T, 1, A] and [B, 1, S, A].
    const q = graph.node('Unsqueeze', [graph.node('Transpose', [query], { perm: [1, 0, 2] }), graph.integers(2)]);
    const k = graph.node('Unsqueeze', [graph.node('Transpose', [keys], { perm: [1, 0, 2] }), graph.integers(1)]);
    const v = graph.constant('attention.v', [A], weightOf(model, 'attention.v'));
    return graph.node('MatMul', [graph.node('Tanh', [graph.node('Add', [q, k])]), v]);
  }
  const q = graph.node('Transpose', [queries], { perm: [1, 0, 2] });
  const k = graph.node('Transpose', [keys], { perm: [1, 2, 0] });
  const products = graph.node('MatMul', [q, k]);
  return attention === 'scaled-dot'
    ? graph.node('Mul', [products, graph.number('attention_factor', 1 / Math.sqrt(H))])
    : products;
}
