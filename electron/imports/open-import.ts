/** A file or several that a person brings: what they are, and what was recognised in them. */
import { FormatError } from '../../engine/errors.ts';
import { readCheckpoint, type Checkpoint } from '../../engine/formats/checkpoint.ts';
import { readSafetensors } from '../../engine/formats/safetensors.ts';
import { isZip, readZip } from '../../engine/formats/zip.ts';
import type { FoundModel } from '../../engine/imports/found-model.ts';
import { readLayersModelJson, recogniseLayersModel } from '../../engine/imports/layers-model.ts';
import { recognisePytorch } from '../../engine/imports/pytorch.ts';
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
  | { readonly kind: 'checkpoint'; readonly name: string; readonly checkpoint: Checkpoint; readonly bytes: Uint8Array }
  | { readonly kind: 'model'; readonly name: string; readonly found: FoundModel };

const CHECKPOINT_MARK = '{"__metadata__":{"checksum":"crc32c:';

/** Throws FormatError where the files are nothing that can be imported, or are damaged. */
export function openImport(files: readonly ImportedFile[]): OpenedImport {
  const json = files.find(({ name }) => name.toLowerCase().endsWith('.json'));
  const main = json ?? files.find(({ name }) => /\.(?:unrolled|safetensors|zip)$/iu.test(name)) ?? files[0];
  if (main === undefined) throw new FormatError('there is no file to import');
  const { name, bytes } = main;
  if (isZip(bytes)) {
    return isBundle(bytes) ? { kind: 'bundle', name, bundle: readBundle(bytes, name) } : openImport(unzip(main));
  }
  if (json) return { kind: 'model', name, found: layersModel(json, files) };
  const start = new TextDecoder('latin1').decode(bytes.subarray(8, 8 + CHECKPOINT_MARK.length));
  if (start === CHECKPOINT_MARK) return { kind: 'checkpoint', name, checkpoint: readCheckpoint(bytes, name), bytes };
  return { kind: 'model', name, found: recognisePytorch(readSafetensors(bytes, name), name) };
}

/** What matters in a zip of an export: its other files are for people and Python. */
function unzip({ name, bytes }: ImportedFile): readonly ImportedFile[] {
  const files = readZip(bytes, name, {
    accepts: (file) => /^[^/\\]{1,200}\.(?:safetensors|json|bin|py|md)$/iu.test(file),
    mostBytes: MOST_IMPORT_BYTES,
  });
  const all = [...files].map(([file, content]) => ({ name: file, bytes: content }));
  const weights = all.find((file) => file.name.endsWith('.safetensors'));
  const json = all.find((file) => file.name === 'model.json');
  if (json) return [json, ...all.filter((file) => file.name.endsWith('.bin'))];
  if (weights) return [weights];
  throw new FormatError(`${name} holds neither a safetensors file nor a model.json`);
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

/** The files that model.json names, which lie beside it; none for other files. */
export function filesBeside(json: ImportedFile): readonly string[] {
  if (!json.name.toLowerCase().endsWith('.json') || isZip(json.bytes)) return [];
  return readLayersModelJson(new TextDecoder().decode(json.bytes), json.name).paths;
}
