/** What a trained model can be written as, and what is said of it before it is. */
import { whyNotTfjs } from './tfjs.ts';
import { recurrentOnly, type AnyTrainedModel } from './trained-model.ts';

export const EXPORT_FORMATS = ['onnx', 'safetensors', 'tfjs', 'html', 'bundle'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];

/** The ending of the one file; of formats of several files that of a zip of them. */
export const ENDINGS: Readonly<Record<ExportFormat, string>> = {
  onnx: '.onnx',
  safetensors: '.zip',
  tfjs: '.zip',
  html: '.html',
  bundle: '.unrolled',
};

/** Those of several files: written as a folder, or as a zip where the name ends so. */
export function hasSeveralFiles(format: ExportFormat): boolean {
  return format === 'safetensors' || format === 'tfjs';
}

/** Why a model cannot be written in a format; undefined where it can. */
export function whyNot(model: AnyTrainedModel, format: ExportFormat): string | undefined {
  if (format === 'bundle') return undefined;
  const { architecture } = model.spec;
  const translates = model.codec.kind === 'translation';
  if (architecture === 'transformer' && !translates && (format === 'onnx' || format === 'html')) return undefined;
  if (architecture !== 'recurrent') {
    return format === 'tfjs'
      ? `TensorFlow.js has no layers for the architecture "${architecture}". A bundle holds the whole run.`
      : `Models of the architecture "${architecture}" are not written in this format yet. A bundle holds the whole run.`;
  }
  return format === 'tfjs' ? whyNotTfjs(recurrentOnly(model)) : undefined;
}
