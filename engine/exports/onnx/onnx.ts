/** A trained model as an ONNX file. */
import { encodeOnnx, type OnnxGraph } from '../../formats/onnx/model.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import { portableTask } from '../portable-task.ts';
import { PRODUCER, type Card } from '../card.ts';
import { graphOf } from './graph.ts';

export interface OnnxExport {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly graph: OnnxGraph;
}

/** The file, and the graph that it holds. Vocabulary, labels, normaliser and card are in its metadata. */
export function onnxExport(model: AnyTrainedModel, card: Card): OnnxExport {
  const graph = graphOf(model);
  const about = {
    producer: PRODUCER,
    version: card.version,
    description: card.markdown,
    metadata: {
      task: model.experiment.task.id,
      kind: model.codec.kind,
      ...Object.fromEntries(Object.entries(portableTask(model)).map(([name, value]) => [name, JSON.stringify(value)])),
      task_state: JSON.stringify(model.taskState),
      experiment: JSON.stringify(model.experiment),
      update: String(model.update),
      card: card.markdown,
    },
  };
  return { bytes: encodeOnnx(graph, about), graph };
}
