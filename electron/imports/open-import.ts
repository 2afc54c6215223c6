/** A file or several that a person brings: what they are, and what was recognized in them. */
import { FormatError } from '../../engine/errors.ts';
import { readCheckpoint, type Checkpoint } from '../../engine/formats/checkpoint.ts';
import { readSafetensors, type SafetensorsFile } from '../../engine/formats/safetensors.ts';
import { isTorchZip, readTorchLegacy, readTorchZip } from '../../engine/formats/torch-file.ts';
import { isZip, readZip, zipNames } from '../../engine/formats/zip.ts';
import { KERAS_TODO, modelFileKind, MODEL_KINDS, pythonConversion, refusal } from '../../engine/imports/file-kind.ts';
import type { FoundModel } from '../../engine/imports/found-model.ts';
import { readLayersModelJson, recogniseLayersModel } from '../../engine/imports/layers-model.ts';
import { readOwnOnnx } from '../../engine/imports/onnx.ts';
import { recogniseOwn, recognisePytorch } from '../../engine/imports/pytorch.ts';
import { isBundle, readBundle, type ReadBundle } from '../exports/bundle.ts';

/** Of everything that is brought at once, as it is and unpacked. */
export const MOST_IMPORT_BYTES = 2_000_000_000;

export interface ImportedFile {
  /** Without folders. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

export type OpenedImport =
  | { readonly kind: 'bundle'; readonly name: string; readonly bundle: ReadBundle }
  /** A checkpoint of this program by itself. */
  | { readonly kind: 'checkpoint'; readonly name: string; readonly checkpoint: Checkpoint }
  | { readonly kind: 'model'; readonly name: string; readonly found: FoundModel };

const CHECKPOINT_MARK = '{"__metadata__":{"checksum":"crc32c:';

/** Throws FormatError where the files are nothing that can be imported, or are damaged. */
export function openImport(files: readonly ImportedFile[]): OpenedImport {
  const main = mainFile(files);
  if (main === undefined) throw new FormatError('there is no file to import');
  const { name, bytes } = main;
  const kind = modelFileKind(bytes, name);
  switch (kind) {
    case 'zip':
      return openZip(main);
    case 'json':
      return { kind: 'model', name, found: layersModel(main, files) };
    case 'safetensors':
      return openSafetensors(main);
    case 'torch-legacy':
      return openTorch(name, () => readTorchLegacy(bytes, name));
    case 'onnx':
      return openOnnx(main, files);
  }
}

/** Of several files the one that names the others, or says most. */
function mainFile(files: readonly ImportedFile[]): ImportedFile | undefined {
  const named = (pattern: RegExp) => files.find(({ name }) => pattern.test(name));
  return named(/\.json$/iu) ?? named(/\.(?:unrolled|safetensors|zip|pt|pth|ckpt|onnx)$/iu) ?? files[0];
}

function openSafetensors({ name, bytes }: ImportedFile): OpenedImport {
  const start = new TextDecoder('latin1').decode(bytes.subarray(8, 8 + CHECKPOINT_MARK.length));
  if (start === CHECKPOINT_MARK) return { kind: 'checkpoint', name, checkpoint: readCheckpoint(bytes, name) };
  return { kind: 'model', name, found: recognisePytorch(readSafetensors(bytes, name), name) };
}

function openZip(file: ImportedFile): OpenedImport {
  const { name, bytes } = file;
  if (isBundle(bytes)) return { kind: 'bundle', name, bundle: readBundle(bytes, name) };
  const names = zipNames(bytes, name);
  if (isTorchZip(names)) return openTorch(name, () => readTorchZip(bytes, name, MOST_IMPORT_BYTES));
  const has = (pattern: RegExp) => names.some((one) => pattern.test(one));
  if (has(/^model\.weights\.h5$/u)) {
    throw refusal(name, { what: 'a Keras model (.keras), which cannot be read here', todo: KERAS_TODO });
  }
  if (has(/^\[Content_Types\]\.xml$/u)) {
    const todo = 'Data are imported in the app: save the table as CSV, open Data and choose Import.';
    throw refusal(name, { what: 'a document of an office program, not a model', todo });
  }
  if (has(/^(?:[^/]+\/)?saved_model\.pb$/u)) {
    const todo = 'Convert it with tensorflowjs_converter to a model.json with its weights, and import that.';
    throw refusal(name, { what: 'a TensorFlow SavedModel, which cannot be read here', todo });
  }
  if (names.length > 0 && names.every((one) => one.endsWith('.npy'))) {
    const todo = 'Save its arrays with safetensors.numpy.save_file(dict(numpy.load(FILE)), "model.safetensors").';
    throw refusal(name, { what: 'an archive of NumPy arrays, which cannot be read here', todo });
  }
  return openImport(unzip(file));
}

/** A translator is two files; the one that was not chosen is taken where it came along. */
function openOnnx({ name, bytes }: ImportedFile, files: readonly ImportedFile[]): OpenedImport {
  const others = files.filter((file) => file.name !== name && /\.onnx$/iu.test(file.name));
  const { own, tensors } = readOwnOnnx([{ name, bytes }, ...others]);
  return { kind: 'model', name, found: recogniseOwn(own, tensors, name, 'onnx') };
}

/** Throws FormatError with two lines of Python that convert the file where it holds more than weights. */
function openTorch(name: string, read: () => SafetensorsFile): OpenedImport {
  let file: SafetensorsFile;
  try {
    file = read();
  } catch (error) {
    throw error instanceof FormatError ? new FormatError(error.message, error.hint ?? pythonConversion(name)) : error;
  }
  return { kind: 'model', name, found: recognisePytorch(file, name, 'torch') };
}

/** What matters in a zip of an export: its other files are for people and Python. */
function unzip({ name, bytes }: ImportedFile): readonly ImportedFile[] {
  const files = readZip(bytes, name, {
    accepts: (file) => /^[^/\\]{1,200}\.(?:safetensors|json|bin|py|md|onnx)$/iu.test(file),
    mostBytes: MOST_IMPORT_BYTES,
  });
  const all = [...files].map(([file, content]) => ({ name: file, bytes: content }));
  const weights = all.find((file) => file.name.endsWith('.safetensors'));
  const json = all.find((file) => file.name === 'model.json');
  if (json) return [json, ...all.filter((file) => file.name.endsWith('.bin'))];
  if (weights) return [weights];
  const graphs = all.filter((file) => file.name.endsWith('.onnx'));
  if (graphs.length > 0) return graphs;
  throw new FormatError(`${name} is a zip file without a model in it`, MODEL_KINDS);
}

function layersModel(json: ImportedFile, files: readonly ImportedFile[]): FoundModel {
  const described = readLayersModelJson(new TextDecoder().decode(json.bytes), json.name);
  const parts = described.paths.map((path) => {
    const part = files.find((file) => file.name === path);
    if (part === undefined) {
      throw new FormatError(`${json.name} needs its file of weights ${JSON.stringify(path)}; bring both together`);
    }
    return part.bytes;
  });
  const weights = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    weights.set(part, at);
    at += part.length;
  }
  return recogniseLayersModel(described, weights, json.name);
}

/** The files that belong to one and lie beside it: what model.json names, the other half of a translator in ONNX. */
export function filesBeside(json: ImportedFile): readonly string[] {
  const half = /^(.*)(encoder|decoder)\.onnx$/u.exec(json.name);
  if (half) return [`${half[1]}${half[2] === 'encoder' ? 'decoder' : 'encoder'}.onnx`];
  if (!json.name.toLowerCase().endsWith('.json') || isZip(json.bytes)) return [];
  return readLayersModelJson(new TextDecoder().decode(json.bytes), json.name).paths;
}
