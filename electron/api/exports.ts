/** Trained models on their way out, as files for other programs, and in, from files that others have written. */
import * as v from 'valibot';
import { EXPORT_FORMATS } from '../../engine/exports/formats.ts';
import { HEAD_CHOICES, IMPORT_KINDS } from '../../engine/imports/assemble.ts';
import { call, failureSchema } from './call.ts';
import { runInfo } from './runs.ts';
import { bytes, count, done, id, json, name, origin } from './values.ts';

export const exportFormat = v.picklist(EXPORT_FORMATS);

export const exportSnippet = v.object({
  title: v.string(),
  language: v.picklist(['python', 'javascript']),
  code: v.string(),
});

/** What goes into a model and what comes out of it, where the format names it. */
export const port = v.object({
  name: v.string(),
  type: v.string(),
  shape: v.array(v.union([v.number(), v.string()])),
  what: v.string(),
});

export const exportPreview = v.object({
  /** Why the model cannot be written in this format; everything else is empty then. */
  refused: v.nullable(v.string()),
  /** What the file might be called. */
  fileName: v.string(),
  files: v.array(v.object({ name: v.string(), bytes: count })),
  /** Of formats that name what goes in and comes out: one for each file that is a model. */
  graphs: v.array(v.object({ file: v.string(), inputs: v.array(port), outputs: v.array(port) })),
  snippets: v.array(exportSnippet),
  /** Markdown. */
  card: v.string(),
});
export type ExportPreview = v.InferOutput<typeof exportPreview>;

const what = { run: id, update: count, format: exportFormat };

export const exportProgress = v.object({
  export: id,
  state: v.picklist(['working', 'done', 'failed', 'cancelled']),
  /** 0 to 1. */
  fraction: v.number(),
  bytes: count,
  failure: v.nullable(failureSchema),
});
export type ExportProgress = v.InferOutput<typeof exportProgress>;

export const exports = {
  /** What would be written and how it is used. */
  preview: call(v.strictObject(what), exportPreview),
  /**
   * Begins to write; events tell how far it is. `path`: where to, for hosts with the system's dialogs; without it the
   * file is kept until the face has read it piece by piece.
   */
  begin: call(
    v.strictObject({ ...what, path: v.optional(v.pipe(v.string(), v.minLength(1))) }),
    v.object({ export: id }),
  ),
  cancel: call(v.strictObject({ export: id }), done),
  /** Of a file that is kept: at most a mebibyte from `offset` on. */
  read: call(v.strictObject({ export: id, offset: count }), v.object({ bytes })),
  /** The kept file may go. */
  finish: call(v.strictObject({ export: id }), done),
};

const namedShape = v.object({ name: v.string(), shape: v.array(count) });

/** What was recognised in files of weights. */
export const foundModel = v.object({
  format: v.picklist(['safetensors', 'torch', 'onnx', 'layers-model']),
  architecture: v.string(),
  /** null: the file does not say. */
  relu: v.nullable(v.boolean()),
  pooling: v.nullable(v.picklist(['last', 'mean', 'max'])),
  /** Symbols or numbers of the input. */
  inputs: count,
  /** null: there is no head. */
  outputs: v.nullable(count),
  mapped: v.array(v.object({ from: v.string(), to: v.string(), shape: v.array(count) })),
  missing: v.array(v.object({ ...namedShape.entries, filledWith: v.picklist(['zeros']) })),
  /** There is no head, and the embedding can be the head too. */
  canTieHead: v.boolean(),
  /** Tensors of another type that have become float32, with how many numbers were rounded. */
  conversions: v.array(v.object({ from: v.picklist(['F16', 'BF16', 'F64']), tensors: count, rounded: count })),
  /** What it can be, the likeliest first. */
  kinds: v.array(v.picklist(IMPORT_KINDS)),
  /** The task that the file itself names, where it was written by this program. */
  task: v.nullable(v.string()),
});
export type FoundModelInfo = v.InferOutput<typeof foundModel>;

/** What a bundle holds. */
export const bundleInfo = v.object({
  name: v.string(),
  task: v.string(),
  update: count,
  checkpoints: count,
  note: v.string(),
  /** Of the program that wrote it. */
  program: v.string(),
  /** The data that it was trained on; `here`: the same are in this workspace or come with the program. */
  dataset: v.nullable(v.object({ id: v.string(), origin, here: v.boolean() })),
});
export type BundleInfo = v.InferOutput<typeof bundleInfo>;

export const modelImport = v.object({
  import: id,
  /** What the run might be called. */
  name: v.string(),
  bundle: v.nullable(bundleInfo),
  model: v.nullable(foundModel),
});
export type ModelImport = v.InferOutput<typeof modelImport>;

/** What a file of weights does not say. */
export const importChoice = v.strictObject({
  kind: v.optional(v.picklist(IMPORT_KINDS)),
  symbols: v.optional(v.array(v.string())),
  labels: v.optional(v.array(v.string())),
  relu: v.optional(v.boolean()),
  pooling: v.optional(v.picklist(['last', 'mean', 'max'])),
  outputs: v.optional(v.pipe(count, v.minValue(1), v.maxValue(100_000))),
  /** Where there is no head: the embedding's weights again, or new ones. */
  head: v.optional(v.picklist(HEAD_CHOICES)),
  /** As an experiment names it, with its options: the model becomes one of this task, if it fits. */
  task: v.optional(json),
});
export type ImportChoiceInfo = v.InferOutput<typeof importChoice>;

export const models = {
  /** Begins an import from a file that the back can read itself, with those beside it that it names. */
  importFile: call(v.strictObject({ path: v.string() }), v.object({ import: id })),
  /** Begins an import whose files the face sends piece by piece, one after the other. */
  importBegin: call(
    v.strictObject({
      files: v.pipe(v.array(v.strictObject({ name, bytes: count })), v.minLength(1), v.maxLength(100)),
    }),
    v.object({ import: id }),
  ),
  importChunk: call(v.strictObject({ import: id, file: count, bytes }), done),
  /** Recognises what has come. */
  importPreview: call(v.strictObject({ import: id }), modelImport),
  /** Makes a run of it. */
  importSave: call(v.strictObject({ import: id, name, choice: v.optional(importChoice, {}) }), runInfo),
  importCancel: call(v.strictObject({ import: id }), done),
};
