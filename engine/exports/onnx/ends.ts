/** What stands above every model's layers in ONNX: pooling and head. */
import type { GraphBuilder } from '../../formats/onnx/graph.ts';
import type { Pooling } from '../../models/spec.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import { addLinear } from './linear.ts';

/** Below every number that a hidden state or a score can be. */
export const LOWEST = -3.4028234663852886e38;

/** [B, C] from y [T, B, C] of all steps within an item's length; `last`: [B, C], where it is there already. */
export function addPooling(
  graph: GraphBuilder,
  pooling: Pooling,
  y: string,
  last: string | undefined,
  lengths: string,
): string {
  if (pooling === 'last' && last !== undefined) return last;
  const T = graph.node('Gather', [graph.node('Shape', [y]), graph.scalar(0)]);
  const steps = graph.node('Unsqueeze', [
    graph.node('Range', [graph.scalar(0), T, graph.scalar(1)]),
    graph.integers(1),
  ]);
  const long = graph.node('Cast', [lengths], { to: 7 });
  if (pooling === 'last') {
    const ends = graph.node('Sub', [long, graph.scalar(1)]);
    const isEnd = graph.node('Unsqueeze', [graph.node('Equal', [steps, ends]), graph.integers(2)]);
    const kept = graph.node('Where', [isEnd, y, graph.number('zero', 0)]);
    return graph.node('ReduceSum', [kept, graph.integers(0)], { keepdims: 0 });
  }
  const inside = graph.node('Unsqueeze', [graph.node('Less', [steps, long]), graph.integers(2)]);
  if (pooling === 'max') {
    const masked = graph.node('Where', [inside, y, graph.number('lowest', LOWEST)]);
    return graph.node('ReduceMax', [masked], { axes: [0], keepdims: 0 });
  }
  const masked = graph.node('Where', [inside, y, graph.number('zero', 0)]);
  const sum = graph.node('ReduceSum', [masked, graph.integers(0)], { keepdims: 0 });
  const counts = graph.node('Unsqueeze', [graph.node('Cast', [lengths], { to: 1 }), graph.integers(1)]);
  return graph.node('Div', [sum, counts]);
}

/** `features`: [T, B, width] or [B, width]. */
export function addHead(graph: GraphBuilder, model: AnyTrainedModel, features: string, width: number): void {
  const { output } = model.spec;
  const count = output.kind === 'labels' ? output.count : output.width;
  const y = addLinear(graph, model, 'head.', features, width, count);
  const shape = output.per === 'step' ? ['time', 'batch', count] : ['batch', count];
  if (output.kind === 'values') {
    graph.output({ name: 'outputs', type: 'float', shape, what: 'normalised numbers' }, y);
    return;
  }
  const p = graph.node('Softmax', [y], { axis: -1 });
  graph.output({ name: 'probabilities', type: 'float', shape, what: 'of the labels' }, p);
  graph.output({ name: 'logits', type: 'float', shape, what: 'before the softmax' }, y);
}
