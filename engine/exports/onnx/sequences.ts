/** Symbols and lengths of sequences in ONNX. */
import type { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { ModelSpec } from '../../models/spec.ts';
import { weightOf, type AnyTrainedModel } from '../trained-model.ts';

/** Of an ONNX Cast. */
export const FLOAT = 1;
export const INT64 = 7;
export const DOUBLE = 11;

export interface SourceInputs {
  /** int64 [S, B] */
  readonly tokens: string;
  /** int32 [B] */
  readonly lengths: string;
}

/** How many symbols a translator reads, and how many it writes. */
export function symbolsOf({ input, output }: ModelSpec): { readonly source: number; readonly target: number } {
  if (input.kind !== 'tokens' || output.kind !== 'labels')
    throw new TypeError('A translator reads and writes symbols.');
  return { source: input.symbols, target: output.count };
}

/** int64 [T, B] */
export function addTokens(graph: GraphBuilder, what = 'numbers of symbols'): string {
  return graph.input({ name: 'tokens', type: 'int64', shape: ['time', 'batch'], what });
}

/** int32 [B] */
export function addLengths(graph: GraphBuilder): string {
  return graph.input({
    name: 'lengths',
    type: 'int32',
    shape: ['batch'],
    what: 'steps of each item; what follows is padding',
  });
}

/** What a translator's encoder is given. */
export function addSource(graph: GraphBuilder): SourceInputs {
  return {
    tokens: graph.input({
      name: 'source_tokens',
      type: 'int64',
      shape: ['source_time', 'batch'],
      what: 'numbers of the source’s symbols',
    }),
    lengths: addSourceLengths(graph),
  };
}

export function addSourceLengths(graph: GraphBuilder): string {
  return graph.input({
    name: 'source_lengths',
    type: 'int32',
    shape: ['batch'],
    what: 'symbols of each source; what follows is padding',
  });
}

/** Symbols as vectors, [T, B, E], by the table `name`.weight; one-hot where `size` is 0. */
export function addEmbedding(
  graph: GraphBuilder,
  model: AnyTrainedModel,
  name: string,
  tokens: string,
  symbols: number,
  size: number,
): string {
  if (size === 0) {
    const offOn = graph.constant('off_on', [2], Float32Array.of(0, 1));
    return graph.node('OneHot', [tokens, graph.scalar(symbols), offOn], { axis: -1 });
  }
  const table = graph.constant(`${name}.weight`, [symbols, size], weightOf(model, `${name}.weight`));
  return graph.node('Gather', [table, tokens]);
}

/** How large a tensor is along one of its axes, without dimensions. */
export function addSize(graph: GraphBuilder, x: string, axis: number): string {
  return graph.node('Gather', [graph.node('Shape', [x]), graph.scalar(axis)]);
}

/** [B, steps], true within an item's length. `range`: 0, 1, ..., steps - 1. */
export function addInside(graph: GraphBuilder, range: string, lengths: string): string {
  const long = graph.node('Unsqueeze', [graph.node('Cast', [lengths], { to: INT64 }), graph.integers(1)]);
  return graph.node('Less', [graph.node('Unsqueeze', [range, graph.integers(0)]), long]);
}

/** From, from + 1, ..., to - 1; both without dimensions. */
export function addRange(graph: GraphBuilder, from: string, to: string): string {
  return graph.node('Range', [from, to, graph.scalar(1)]);
}
