/** Layers of a transformer (engine/layers/transformer-layer.ts) as nodes of ONNX. */
import type { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { TransformerSpec } from '../../models/spec.ts';
import { weightOf, type AnyTrainedModel } from '../trained-model.ts';
import { LOWEST } from './ends.ts';
import { addLinear, addProduct } from './linear.ts';
import { addEmbedding, DOUBLE, FLOAT } from './sequences.ts';

const EPSILON = 1e-5;

/** What every layer needs beside what it reads. */
export interface Around {
  readonly graph: GraphBuilder;
  readonly model: AnyTrainedModel;
  readonly spec: TransformerSpec;
}

/** Keys and values by head, [B, heads, S, D / heads] each. */
export interface Pairs {
  readonly keys: string;
  readonly values: string;
}

export interface Sublayer {
  /** [T, B, D] */
  readonly y: string;
}

export interface Attended extends Sublayer {
  /** [B, heads, T, S] */
  readonly weights: string;
  /** What was looked at. */
  readonly pairs: Pairs;
}

/** Symbols [T, B] with their positions `range` [T], as [T, B, D]. `prefix`: before the tables' names. */
export function addPlacedEmbedding(
  { graph, model, spec }: Around,
  prefix: '' | 'source_' | 'target_',
  tokens: string,
  symbols: number,
  range: string,
): string {
  const x = addEmbedding(graph, model, `${prefix}embedding`, tokens, symbols, spec.modelSize);
  const positions = addPositions({ graph, model, spec }, `${prefix}positions.weight`, range);
  return graph.node('Add', [x, graph.node('Unsqueeze', [positions, graph.integers(1)])]);
}

/** [T, D] */
function addPositions({ graph, model, spec }: Around, learned: string, range: string): string {
  const { modelSize: D, positions, maxPositions } = spec;
  if (positions === 'learned') {
    const table = graph.constant(learned, [maxPositions, D], weightOf(model, learned));
    return graph.node('Gather', [table, range]);
  }
  // Sines and cosines in turn (Vaswani et al. 2017, section 3.5). In float64 up to a full turn: late steps' angles are large.
  const pairs = D / 2;
  const frequencies = Float64Array.from({ length: pairs }, (_, k) => 10_000 ** ((-2 * k) / D));
  const steps = graph.node('Unsqueeze', [graph.node('Cast', [range], { to: DOUBLE }), graph.integers(1)]);
  const all = graph.node('Mul', [steps, graph.constant('frequencies', [1, pairs], frequencies)]);
  const turn = graph.constant('full_turn', [], Float64Array.of(2 * Math.PI));
  const angles = graph.node('Cast', [graph.node('Mod', [all, turn], { fmod: 1 })], { to: FLOAT });
  const apart = (op: string): string => graph.node('Unsqueeze', [graph.node(op, [angles]), graph.integers(2)]);
  const inTurn = graph.node('Concat', [apart('Sin'), apart('Cos')], { axis: 2 });
  return graph.node('Reshape', [inTurn, graph.integers(0, D)]);
}

/** All layers over their own input alone, and the normalisation at their end. `seen` [.., .., T, T]: which key a query sees. */
export function addLayers(
  around: Around,
  name: 'encoder' | 'decoder',
  x: string,
  seen: string,
): { readonly y: string; readonly weights: readonly string[] } {
  const weights: string[] = [];
  let y = x;
  for (let l = 0; l < around.spec.layers; l++) {
    const layer = `${name}.layers.${l}`;
    const attended = addResidual(around, `${layer}.norm1`, y, (inner) =>
      addSelfAttention(around, `${layer}.self_attn`, inner, seen),
    );
    weights.push(attended.inner.weights);
    ({ y } = addResidual(around, `${layer}.norm2`, attended.y, (inner) => addFeedForward(around, layer, inner)));
  }
  return { y: addLastNorm(around, name, y), weights };
}

/** x and what a sublayer makes of it added up, normalised before (pre-norm) or after; `inner`: the sublayer's own. */
export function addResidual<S extends Sublayer>(
  around: Around,
  norm: string,
  x: string,
  sublayer: (x: string) => S,
): { readonly y: string; readonly inner: S } {
  const { graph, spec } = around;
  const inner = sublayer(spec.norm === 'pre' ? addNorm(around, norm, x) : x);
  const sum = graph.node('Add', [x, inner.y]);
  return { y: spec.norm === 'pre' ? sum : addNorm(around, norm, sum), inner };
}

/** What pre-norm has above all layers. */
export function addLastNorm(around: Around, name: 'encoder' | 'decoder', x: string): string {
  return around.spec.norm === 'pre' ? addNorm(around, `${name}.norm`, x) : x;
}

function addNorm({ graph, model, spec }: Around, name: string, x: string): string {
  const part = (kind: string): string =>
    graph.constant(`${name}.${kind}`, [spec.modelSize], weightOf(model, `${name}.${kind}`));
  return graph.node('LayerNormalization', [x, part('weight'), part('bias')], {
    axis: -1,
    epsilon: { float: EPSILON },
  });
}

/** `past`: keys and values of earlier steps, which come before x's own. */
export function addSelfAttention(around: Around, name: string, x: string, seen: string, past?: Pairs): Attended {
  const { graph, model, spec } = around;
  const { modelSize: D } = spec;
  const packed = addLinear(graph, model, `${name}.in_proj_`, x, D, 3 * D);
  const [q = '', k = '', v = ''] = graph.nodes('Split', [packed, graph.integers(D, D, D)], 3, { axis: -1 });
  const own = { keys: addHeads(around, k), values: addHeads(around, v) };
  const pairs = past
    ? {
        keys: graph.node('Concat', [past.keys, own.keys], { axis: 2 }),
        values: graph.node('Concat', [past.values, own.values], { axis: 2 }),
      }
    : own;
  return addAttention(around, name, addHeads(around, q), pairs, seen);
}

/** Attention over a memory whose keys and values addMemoryPairs has made. */
export function addCrossAttention(around: Around, name: string, x: string, pairs: Pairs, seen: string): Attended {
  return addAttention(around, name, addHeads(around, addPartOfProjection(around, name, x, 0)), pairs, seen);
}

/** Of a memory [S, B, D], what attention `name` looks at. */
export function addMemoryPairs(around: Around, name: string, memory: string): Pairs {
  const part = (which: number) => addHeads(around, addPartOfProjection(around, name, memory, which));
  return { keys: part(1), values: part(2) };
}

/** One of the three projections that in_proj packs: queries 0, keys 1, values 2. */
function addPartOfProjection({ graph, model, spec }: Around, name: string, x: string, which: number): string {
  const { modelSize: D } = spec;
  const kind = ['q', 'k', 'v'][which] ?? '';
  const rows = (packed: string, size: number) => weightOf(model, packed).subarray(which * size, (which + 1) * size);
  const weight = rows(`${name}.in_proj_weight`, D * D);
  const product = addProduct(graph, `${name}.${kind}_proj_weight`, x, weight, D, D);
  return graph.node('Add', [
    product,
    graph.constant(`${name}.${kind}_proj_bias`, [D], rows(`${name}.in_proj_bias`, D)),
  ]);
}

/** [T, B, D] as [B, heads, T, D / heads]. */
function addHeads({ graph, spec }: Around, x: string): string {
  const { modelSize: D, heads } = spec;
  const apart = graph.node('Reshape', [x, graph.integers(0, 0, heads, D / heads)]);
  return graph.node('Transpose', [apart], { perm: [1, 2, 0, 3] });
}

function addAttention(around: Around, name: string, queries: string, pairs: Pairs, seen: string): Attended {
  const { graph, model, spec } = around;
  const { modelSize: D, heads } = spec;
  const factor = graph.number('attention_factor', 1 / Math.sqrt(D / heads));
  const keys = graph.node('Transpose', [pairs.keys], { perm: [0, 1, 3, 2] });
  const scores = graph.node('Mul', [graph.node('MatMul', [queries, keys]), factor]);
  const masked = graph.node('Where', [seen, scores, graph.number('lowest', LOWEST)]);
  const weights = graph.node('Softmax', [masked], { axis: -1 });
  const context = graph.node('Transpose', [graph.node('MatMul', [weights, pairs.values])], { perm: [2, 0, 1, 3] });
  const joined = graph.node('Reshape', [context, graph.integers(0, 0, D)]);
  return { y: addLinear(graph, model, `${name}.out_proj.`, joined, D, D), weights, pairs };
}

export function addFeedForward({ graph, model, spec }: Around, layer: string, x: string): Sublayer {
  const { modelSize: D, feedForwardSize: F, activation } = spec;
  const inner = addLinear(graph, model, `${layer}.linear1.`, x, D, F);
  const active = activation === 'relu' ? graph.node('Relu', [inner]) : addGelu(graph, inner);
  return { y: addLinear(graph, model, `${layer}.linear2.`, active, F, D) };
}

/** x (1 + erf(x / sqrt 2)) / 2 */
function addGelu(graph: GraphBuilder, x: string): string {
  const erf = graph.node('Erf', [graph.node('Mul', [x, graph.number('inverse_root_2', Math.SQRT1_2)])]);
  const share = graph.node('Mul', [graph.node('Add', [erf, graph.number('one', 1)]), graph.number('half', 0.5)]);
  return graph.node('Mul', [x, share]);
}

/** Weights of attention as an output; `steps`: what the sizes of queries and keys are called. */
export function giveWeights(
  { graph, spec }: Around,
  name: string,
  steps: readonly [string, string],
  what: string,
  weights: string,
): void {
  graph.output(
    { name, type: 'float', shape: ['batch', spec.heads, ...steps], what: `${what}: by head, query, key` },
    weights,
  );
}
