/** A trained model as ONNX: one file, or of a translator its encoder and its decoder. */
import { encodeOnnx } from '../../formats/onnx/model.ts';
import { PRODUCER, type Card } from '../card.ts';
import type { ExportedFile } from '../files.ts';
import { portableTask } from '../portable-task.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import { graphsOf } from './graphs.ts';

/** Vocabulary, labels, normaliser and card are in the metadata of each file. */
export function onnxExport(model: AnyTrainedModel, card: Card): readonly ExportedFile[] {
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
  return graphsOf(model).map(({ name, graph }) => ({ name, bytes: encodeOnnx(graph, about) }));
}
