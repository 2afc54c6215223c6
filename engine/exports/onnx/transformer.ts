/** The graph of a trained transformer that names labels (engine/models/transformer-model.ts) in ONNX. */
import { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { OnnxGraph } from '../../formats/onnx/model.ts';
import type { TransformerSpec } from '../../models/spec.ts';
import { transposed } from '../gates.ts';
import { weightOf, type AnyTrainedModel } from '../trained-model.ts';
import { addHead, addPooling, LOWEST } from './ends.ts';

const EPSILON = 1e-5;
/** Of an ONNX Cast. */
const FLOAT = 1;
const INT64 = 7;
const DOUBLE = 11;

/** What every layer needs beside what it reads. */
interface Around {
  readonly graph: GraphBuilder;
  readonly model: AnyTrainedModel;
  readonly spec: TransformerSpec;
  /** [.., .., T, T], true where a query sees a key. */
  readonly seen: string | undefined;
}

/** Time and batch are of any size; learned positions end where their table does. */
export function transformerGraph(model: AnyTrainedModel, spec: TransformerSpec): OnnxGraph {
  const { input, output, modelSize: D, form } = spec;
  if (input.kind !== 'tokens') throw new TypeError('A transformer reads symbols.');
  const graph = new GraphBuilder();
  const tokens = graph.input({ name: 'tokens', type: 'int64', shape: ['time', 'batch'], what: 'numbers of symbols' });
  const lengths =
    form === 'encoder'
      ? graph.input({
          name: 'lengths',
          type: 'int32',
          shape: ['batch'],
          what: 'steps of each item; what follows is padding',
        })
      : undefined;
  const T = graph.node('Gather', [graph.node('Shape', [tokens]), graph.scalar(0)]);
  const range = graph.node('Range', [graph.scalar(0), T, graph.scalar(1)]);
  const table = graph.constant('embedding.weight', [input.symbols, D], weightOf(model, 'embedding.weight'));
  const positions = graph.node('Unsqueeze', [addPositions(graph, model, spec, range), graph.integers(1)]);
  let x = graph.node('Add', [graph.node('Gather', [table, tokens]), positions]);

  const around = { graph, model, spec, seen: addMask(graph, range, lengths) };
  const name = form === 'encoder' ? 'encoder' : 'decoder';
  const attentions: string[] = [];
  for (let l = 0; l < spec.layers; l++) {
    const layer = `${name}.layers.${l}`;
    x = addResidual(around, `${layer}.norm1`, x, (inner) => {
      const { y, weights } = addAttention(around, `${layer}.self_attn`, inner);
      attentions.push(weights);
      return y;
    });
    x = addResidual(around, `${layer}.norm2`, x, (inner) => addFeedForward(around, layer, inner));
  }
  if (spec.norm === 'pre') x = addNorm(around, `${name}.norm`, x);
  const features = output.per === 'sequence' ? addPooling(graph, spec.pooling, x, undefined, lengths ?? '') : x;
  addHead(graph, model, features, D);
  attentions.forEach((weights, l) => {
    const shape = ['batch', spec.heads, 'time', 'time'];
    graph.output(
      { name: `attention_${l}`, type: 'float', shape, what: `weights of layer ${l + 1}: by head, query, key` },
      weights,
    );
  });
  return graph.build('unrolled_transformer');
}

/** [T, D] */
function addPositions(graph: GraphBuilder, model: AnyTrainedModel, spec: TransformerSpec, range: string): string {
  const { modelSize: D, positions, maxPositions } = spec;
  if (positions === 'learned') {
    const table = graph.constant('positions.weight', [maxPositions, D], weightOf(model, 'positions.weight'));
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

/** A decoder sees no later step; an encoder no padding. */
function addMask(graph: GraphBuilder, range: string, lengths: string | undefined): string {
  if (lengths === undefined) {
    const keys = graph.node('Unsqueeze', [range, graph.integers(0)]);
    return graph.node('LessOrEqual', [keys, graph.node('Unsqueeze', [range, graph.integers(1)])]);
  }
  const long = graph.node('Cast', [lengths], { to: INT64 });
  const keys = graph.node('Unsqueeze', [range, graph.integers(0, 1, 2)]);
  return graph.node('Less', [keys, graph.node('Unsqueeze', [long, graph.integers(1, 2, 3)])]);
}

function addResidual(around: Around, norm: string, x: string, sublayer: (inner: string) => string): string {
  const { graph, spec } = around;
  if (spec.norm === 'pre') return graph.node('Add', [x, sublayer(addNorm(around, norm, x))]);
  return addNorm(around, norm, graph.node('Add', [x, sublayer(x)]));
}

function addNorm({ graph, model, spec }: Around, name: string, x: string): string {
  const part = (kind: string): string =>
    graph.constant(`${name}.${kind}`, [spec.modelSize], weightOf(model, `${name}.${kind}`));
  return graph.node('LayerNormalization', [x, part('weight'), part('bias')], {
    axis: -1,
    epsilon: { float: EPSILON },
  });
}

function addAttention(around: Around, name: string, x: string): { readonly y: string; readonly weights: string } {
  const { graph, spec, seen } = around;
  const { modelSize: D, heads } = spec;
  const size = D / heads;
  const packed = addLinear(around, `${name}.in_proj_`, x, D, 3 * D);
  const parts = graph.nodes('Split', [packed, graph.integers(D, D, D)], 3, { axis: -1 });
  // [T, B, D] as [B, H, T, D / H], keys as [B, H, D / H, T].
  const [q = '', k = '', v = ''] = parts.map((part, i) => {
    const apart = graph.node('Reshape', [part, graph.integers(0, 0, heads, size)]);
    return graph.node('Transpose', [apart], { perm: i === 1 ? [1, 2, 3, 0] : [1, 2, 0, 3] });
  });
  const factor = graph.number('attention_factor', 1 / Math.sqrt(size));
  const scores = graph.node('Mul', [graph.node('MatMul', [q, k]), factor]);
  const masked = seen === undefined ? scores : graph.node('Where', [seen, scores, graph.number('lowest', LOWEST)]);
  const weights = graph.node('Softmax', [masked], { axis: -1 });
  const context = graph.node('Transpose', [graph.node('MatMul', [weights, v])], { perm: [2, 0, 1, 3] });
  const joined = graph.node('Reshape', [context, graph.integers(0, 0, D)]);
  return { y: addLinear(around, `${name}.out_proj.`, joined, D, D), weights };
}

function addFeedForward(around: Around, layer: string, x: string): string {
  const { graph, spec } = around;
  const { modelSize: D, feedForwardSize: F, activation } = spec;
  const inner = addLinear(around, `${layer}.linear1.`, x, D, F);
  return addLinear(
    around,
    `${layer}.linear2.`,
    activation === 'relu' ? graph.node('Relu', [inner]) : gelu(graph, inner),
    F,
    D,
  );
}

/** x (1 + erf(x / sqrt 2)) / 2 */
function gelu(graph: GraphBuilder, x: string): string {
  const erf = graph.node('Erf', [graph.node('Mul', [x, graph.number('inverse_root_2', Math.SQRT1_2)])]);
  const share = graph.node('Mul', [graph.node('Add', [erf, graph.number('one', 1)]), graph.number('half', 0.5)]);
  return graph.node('Mul', [x, share]);
}

/** `prefix` goes before "weight" and "bias". */
function addLinear({ graph, model }: Around, prefix: string, x: string, inputs: number, outputs: number): string {
  const weight = transposed(weightOf(model, `${prefix}weight`), outputs, inputs);
  const product = graph.node('MatMul', [x, graph.constant(`${prefix}weight`, [inputs, outputs], weight)]);
  return graph.node('Add', [product, graph.constant(`${prefix}bias`, [outputs], weightOf(model, `${prefix}bias`))]);
}
