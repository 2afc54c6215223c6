/** What a trained model can be written as, and what is said of it before it is. */
import type { TaskKind } from '../tasks/task.ts';
import { whyNotTfjs } from './tfjs.ts';
import { recurrentOnly, type AnyTrainedModel } from './trained-model.ts';

export const EXPORT_FORMATS = ['onnx', 'safetensors', 'tfjs', 'html', 'bundle'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

const ENDINGS = { onnx: '.onnx', safetensors: '.zip', tfjs: '.zip', html: '.html', bundle: '.unrolled' } as const;

/** Several files are written as a folder, or as a zip where the name ends so. Translators are two files of ONNX. */
export function hasSeveralFiles(format: ExportFormat, kind: TaskKind): boolean {
  return format === 'safetensors' || format === 'tfjs' || (format === 'onnx' && kind === 'translation');
}

/** The ending of the one file; where there are several, that of a zip of them. */
export function endingOf(format: ExportFormat, kind: TaskKind): string {
  return hasSeveralFiles(format, kind) ? '.zip' : ENDINGS[format];
}

/** Why a model cannot be written in a format; undefined where it can. */
export function whyNot(model: AnyTrainedModel, format: ExportFormat): string | undefined {
  if (format !== 'tfjs') return undefined;
  const { architecture } = model.spec;
  return architecture === 'recurrent'
    ? whyNotTfjs(recurrentOnly(model))
    : `TensorFlow.js has no layers for the architecture "${architecture}". A bundle holds the whole run.`;
}
