/** Products with weights in ONNX, which takes them as [inputs, outputs]; PyTorch keeps [outputs, inputs]. */
import type { GraphBuilder } from '../../formats/onnx/graph.ts';
import { transposed } from '../gates.ts';
import { weightOf, type AnyTrainedModel } from '../trained-model.ts';

/** x W^T + b, PyTorch's Linear; `prefix` goes before "weight" and "bias". */
export function addLinear(
  graph: GraphBuilder,
  model: AnyTrainedModel,
  prefix: string,
  x: string,
  inputs: number,
  outputs: number,
): string {
  const names = [`${prefix}weight`, `${prefix}bias`] as const;
  const product = addProduct(graph, names[0], x, weightOf(model, names[0]), inputs, outputs);
  return graph.node('Add', [product, graph.constant(names[1], [outputs], weightOf(model, names[1]))]);
}

/** x W^T, the weight kept under `name`. */
export function addProduct(
  graph: GraphBuilder,
  name: string,
  x: string,
  weight: Float32Array,
  inputs: number,
  outputs: number,
): string {
  return graph.node('MatMul', [x, graph.constant(name, [inputs, outputs], transposed(weight, outputs, inputs))]);
}
