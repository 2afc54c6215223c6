/**
 * A trained model for PyTorch: model.safetensors with PyTorch's own names and shapes, and a Python file that defines
 * the model, loads the weights strictly and reproduces the prediction in example.json. It needs torch alone.
 */
import { writeSafetensors } from '../../formats/safetensors.ts';
import { PRODUCER, type Card } from '../card.ts';
import { textFile, type ExportedFile } from '../files.ts';
import { portableTask } from '../portable-task.ts';
import type { AnyTrainedModel } from '../trained-model.ts';
import type { Answer } from './answer.ts';
import { pythonFile } from './python-file.ts';

/** `answer`: of answerOf(model). */
export function pytorchExport(model: AnyTrainedModel, card: Card, answer: Answer): readonly ExportedFile[] {
  return [
    { name: 'model.safetensors', bytes: writeSafetensors(model.weights, safetensorsMetadata(model, card)) },
    textFile('model.py', pythonFile(model, card)),
    textFile('example.json', `${JSON.stringify(answer)}\n`),
    textFile('README.md', card.markdown),
  ];
}

function safetensorsMetadata(model: AnyTrainedModel, card: Card): Readonly<Record<string, string>> {
  return {
    format: 'pt',
    producer: `${PRODUCER} ${card.version}`,
    experiment: JSON.stringify(model.experiment),
    taskState: JSON.stringify(model.taskState),
    update: String(model.update),
    task: JSON.stringify(portableTask(model)),
    card: card.markdown,
  };
}
