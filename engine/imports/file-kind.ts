/** What a file is, by its content; names and endings say nothing reliable. */
import { FormatError } from '../errors.ts';

/** Files that models are read from. */
export type ModelFileKind = 'zip' | 'safetensors' | 'json' | 'torch-legacy' | 'onnx';

/** Throws FormatError for every other kind of file: with its name and what to do with it. */
export function modelFileKind(bytes: Uint8Array, sourceName: string): ModelFileKind {
  if (bytes.length === 0) throw new FormatError(`${sourceName} is empty`);
  const binary = BINARY_KINDS.find(({ matches }) => matches(bytes));
  if (binary?.kind !== undefined) return binary.kind;
  if (binary !== undefined) throw refusal(sourceName, { ...binary, todo: binary.todo ?? pythonConversion(sourceName) });
  const text = textOf(bytes);
  if (text === undefined) {
    throw new FormatError(
      `${sourceName} is none of the kinds of file that models are read from: it begins with the bytes ${hexadecimal(bytes)}`,
      MODEL_KINDS,
    );
  }
  if (/^\ufeff?\s*\{/u.test(text) && !/\}\s*\n\s*\{/u.test(text)) return 'json';
  throw refusal(sourceName, textKind(text));
}

/** The refusal of a file that is no model, or none that can be read. */
export function refusal(sourceName: string, { what, todo }: Refused): FormatError {
  return new FormatError(`${sourceName} is ${what}`, todo);
}

export interface Refused {
  /** Completes "FILE is ...". */
  readonly what: string;
  readonly todo: string;
}

interface BinaryKind {
  readonly matches: (bytes: Uint8Array) => boolean;
  /** Absent: models are not read from it. */
  readonly kind?: ModelFileKind;
  readonly what: string;
  /** Absent: torch may read it. */
  readonly todo?: string;
}

export const MODEL_KINDS =
  'Models are read from bundles (.unrolled), safetensors, PyTorch files of weights (.pt, .pth, .ckpt, .bin), ONNX, and ' +
  'TensorFlow.js (model.json with its weights).';
const IMPORT_DATA = 'Data are imported in the app: open Data and choose Import. Here models are imported.';
const UNPACK = 'Unpack it first, and give the file of the model in it.';

/** Two lines of Python that write weights in a form that is read here. */
export function pythonConversion(sourceName: string): string {
  const file = JSON.stringify(sourceName);
  return (
    'Convert it with Python, if you trust the file (loading it runs code in it):\n' +
    'import torch; loaded = torch.load(' +
    file +
    ', map_location="cpu", weights_only=False)\n' +
    'torch.save(loaded.state_dict() if hasattr(loaded, "state_dict") else loaded, "weights.pt")'
  );
}

/** Keras has no form that is read here but that of TensorFlow.js. */
export const KERAS_TODO =
  'Convert it with Python: pip install tensorflowjs, then "tensorflowjs_converter --input_format keras FILE.h5 FOLDER" ' +
  '(save a .keras model as .h5 first: keras.models.load_model("FILE.keras").save("FILE.h5")), and import FOLDER/model.json. ' +
  'LSTM and SimpleRNN layers can be read so; a GRU only with PyTorch or ONNX, with its reset after the product.';

const ascii = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
const startsWith = (magic: Uint8Array, at = 0) => {
  return (bytes: Uint8Array) => magic.every((byte, i) => bytes[at + i] === byte);
};

/** The number that torch.save wrote first, before it wrote zip files: a pickle of 0x1950a86a20f9469cfc6c. */
const LEGACY_MAGIC = Uint8Array.of(0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e);

const BINARY_KINDS: readonly BinaryKind[] = [
  { matches: startsWith(Uint8Array.of(0x50, 0x4b, 3, 4)), kind: 'zip', what: 'a zip file' },
  { matches: isSafetensors, kind: 'safetensors', what: 'a safetensors file' },
  { matches: startsWith(LEGACY_MAGIC), kind: 'torch-legacy', what: 'a file of torch.save' },
  {
    matches: startsWith(Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a)),
    what: 'an HDF5 file, as Keras writes models (.h5); it cannot be read here',
    todo: KERAS_TODO,
  },
  {
    matches: startsWith(ascii('TFL3'), 4),
    what: 'a TensorFlow Lite model, which cannot be read here',
    todo: 'Export the model that it was made from: as TensorFlow.js, ONNX or safetensors.',
  },
  {
    matches: startsWith(ascii('GGUF')),
    what: 'a GGUF file of a large language model; the models here are recurrent networks and small transformers',
    todo: MODEL_KINDS,
  },
  {
    matches: startsWith(ascii('\x93NUMPY')),
    what: 'a NumPy array without the names that a model’s weights need',
    todo: 'Save all weights by their names: safetensors.numpy.save_file(weights, "model.safetensors").',
  },
  { matches: startsWith(Uint8Array.of(0x1f, 0x8b)), what: 'a gzip file', todo: UNPACK },
  { matches: startsWith(ascii('BZh')), what: 'a bzip2 file', todo: UNPACK },
  { matches: startsWith(Uint8Array.of(0xfd, 0x37, 0x7a, 0x58, 0x5a)), what: 'an xz file', todo: UNPACK },
  { matches: startsWith(Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd)), what: 'a Zstandard file', todo: UNPACK },
  { matches: startsWith(Uint8Array.of(0x37, 0x7a, 0xbc, 0xaf)), what: 'a 7z file', todo: UNPACK },
  { matches: startsWith(ascii('Rar!')), what: 'a RAR file', todo: UNPACK },
  { matches: startsWith(ascii('PAR1')), what: 'a Parquet file of data', todo: IMPORT_DATA },
  { matches: startsWith(ascii('SQLite format 3\0')), what: 'an SQLite database', todo: MODEL_KINDS },
  { matches: startsWith(ascii('%PDF')), what: 'a PDF document', todo: MODEL_KINDS },
  { matches: startsWith(ascii('\x89PNG')), what: 'a picture', todo: MODEL_KINDS },
  { matches: startsWith(Uint8Array.of(0xff, 0xd8, 0xff)), what: 'a picture', todo: MODEL_KINDS },
  { matches: isPickle, what: 'a Python pickle, but not a file of torch.save' },
  { matches: startsWith(ascii('ustar'), 257), what: 'a tar archive, as PyTorch wrote files before version 0.1.10' },
  { matches: isOldTar, what: 'a tar archive, as PyTorch wrote files before version 0.1.10' },
  { matches: isOnnx, kind: 'onnx', what: 'an ONNX model' },
];

/** 8 bytes of a length that the file has, then "{". */
function isSafetensors(bytes: Uint8Array): boolean {
  if (bytes.length < 10 || bytes[8] !== 0x7b) return false;
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  return length >= 2n && length <= 100_000_000n;
}

function isPickle(bytes: Uint8Array): boolean {
  return bytes[0] === 0x80 && bytes[1]! >= 2 && bytes[1]! <= 5 && bytes.at(-1) === 0x2e;
}

/** Without the mark of later ones: the first file's name, its mode as octal digits, and what torch called it. */
function isOldTar(bytes: Uint8Array): boolean {
  const name = String.fromCharCode(...bytes.subarray(0, 8));
  return bytes.length >= 512 && /^(?:sys_info|pickle|storages|tensors)\0?/u.test(name) && bytes[100] === 0x30;
}

/** A message that begins with its field 1 (ir_version, a small number) and goes on with a field of a model. */
function isOnnx(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x08 || bytes.length < 8) return false;
  const second = bytes[2]!;
  return bytes[1]! >= 1 && bytes[1]! < 64 && [0x12, 0x1a, 0x22, 0x28, 0x32, 0x3a, 0x42].includes(second);
}

/** All of it where it is text in UTF-8 or UTF-16. */
function textOf(bytes: Uint8Array): string | undefined {
  const start = bytes.subarray(0, 65_536);
  const marked = (start[0] === 0xff && start[1] === 0xfe) || (start[0] === 0xfe && start[1] === 0xff);
  if (!marked && start.includes(0)) return undefined;
  const encoding = start[0] === 0xff ? 'utf-16le' : start[0] === 0xfe ? 'utf-16be' : 'utf-8';
  const text = new TextDecoder(encoding).decode(start);
  if (encoding !== 'utf-8') return text;
  // Other encodings of text have few characters that UTF-8 does not know, and no control characters.
  const odd = text.match(/[\u0000-\u0008\u000e-\u001a\u001c-\u001f]/gu)?.length ?? 0;
  const unknown = text.match(/\ufffd/gu)?.length ?? 0;
  return odd === 0 && unknown <= text.length / 5 ? text : undefined;
}

function textKind(text: string): Refused {
  const trimmed = text.replace(/^\ufeff/u, '').trimStart();
  if (/^<(?:!doctype html|html)/iu.test(trimmed)) {
    return /id="(?:weights|core-relaxed)"/u.test(text) || /id="player"/u.test(text)
      ? {
          what: 'a page of the format "html", which runs its model but is not read back',
          todo: 'Export the run as a bundle, or as safetensors or ONNX, and import that.',
        }
      : { what: 'a web page', todo: MODEL_KINDS };
  }
  const table = /^[^\n]*[,;\t][^\n]*\r?\n/u.test(trimmed);
  if (/^[[{]/u.test(trimmed)) return { what: 'JSON, but not the model.json of TensorFlow.js', todo: IMPORT_DATA };
  return { what: table ? 'a table as text (CSV or the like), not a model' : 'text, not a model', todo: IMPORT_DATA };
}

function hexadecimal(bytes: Uint8Array): string {
  return Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
