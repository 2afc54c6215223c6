/**
 * What torch.save has written: tensors by their names, read without Python and without running anything. Two forms:
 *
 *     zip (since PyTorch 1.6)   NAME/data.pkl, a pickle whose persistent ids name storages; NAME/data/KEY, the bytes of
 *                               each; NAME/byteorder, "little" or "big"
 *     legacy                    four pickles (magic number, protocol 1001, sizes of C types, the object), a pickled list of
 *                               storages' keys, then for each key its number of elements as int64 and its bytes
 */
import { FormatError } from '../errors.ts';
import { widenBF16, widenF16 } from './half.ts';
import {
  PERSISTENT,
  PickleGlobal,
  PickleObject,
  readPickle,
  type PickleMap,
  type PickleRules,
  type PickleValue,
} from './pickle.ts';
import { elementsOf, type Dtype, type SafetensorsFile, type Tensor, type TensorData } from './safetensors.ts';
import { readZip } from './zip.ts';

/** Of all tensors together; a tensor may take the same stored numbers many times. */
const MAX_ELEMENTS = 500_000_000;
const MAX_DIMENSIONS = 64;
/** Dictionaries in dictionaries. */
const MAX_DEPTH = 8;

interface StorageType {
  readonly bytes: number;
  /** null: numbers that no model here has. */
  readonly dtype: Dtype | null;
}

/** By the name of the class. */
const STORAGES: Readonly<Record<string, StorageType>> = {
  FloatStorage: { bytes: 4, dtype: 'F32' },
  DoubleStorage: { bytes: 8, dtype: 'F64' },
  HalfStorage: { bytes: 2, dtype: 'F16' },
  BFloat16Storage: { bytes: 2, dtype: 'BF16' },
  LongStorage: { bytes: 8, dtype: 'I64' },
  IntStorage: { bytes: 4, dtype: 'I32' },
  ShortStorage: { bytes: 2, dtype: null },
  CharStorage: { bytes: 1, dtype: null },
  ByteStorage: { bytes: 1, dtype: 'U8' },
  BoolStorage: { bytes: 1, dtype: null },
  ComplexFloatStorage: { bytes: 8, dtype: null },
  ComplexDoubleStorage: { bytes: 16, dtype: null },
};

const STORAGE_NAME = /^torch\.(?:cuda\.)?(\w+Storage)$/u;
const DTYPE_NAME =
  /^torch\.(?:float16|bfloat16|float32|float64|u?int(?:8|16|32|64)|bool|half|float|double|long|complex(?:64|128))$/u;
const REBUILD = new Set(['torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor']);
const PARAMETER = 'torch._utils._rebuild_parameter';
const DICTIONARIES = new Set([
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
  'builtins.dict',
  '__builtin__.dict',
  'pytorch_lightning.utilities.parsing.AttributeDict',
  'lightning.pytorch.utilities.parsing.AttributeDict',
  'lightning_fabric.utilities.data.AttributeDict',
  'lightning.fabric.utilities.data.AttributeDict',
]);
/** What checkpoints hold beside weights; it is read past. */
const INERT = new Set([
  'argparse.Namespace',
  'torch.Size',
  'torch.device',
  'pathlib.PosixPath',
  'pathlib.WindowsPath',
  'pathlib.PurePosixPath',
  '_codecs.encode',
  'numpy.dtype',
  'numpy.core.multiarray.scalar',
  'numpy._core.multiarray.scalar',
  ...['int', 'float', 'bool', 'str', 'list', 'tuple', 'set', 'frozenset', 'complex'].flatMap((name) => [
    `builtins.${name}`,
    `__builtin__.${name}`,
  ]),
]);

const RULES: PickleRules = {
  allows: (name) =>
    REBUILD.has(name) ||
    name === PARAMETER ||
    DICTIONARIES.has(name) ||
    INERT.has(name) ||
    DTYPE_NAME.test(name) ||
    storageType(name) !== undefined,
  dictionaries: DICTIONARIES,
};

function storageType(name: string): StorageType | undefined {
  const [, kind = ''] = STORAGE_NAME.exec(name) ?? [];
  return Object.hasOwn(STORAGES, kind) ? STORAGES[kind] : undefined;
}

/** Whether files of these names are a zip of torch.save. */
export function isTorchZip(names: readonly string[]): boolean {
  return names.some((name) => /^[^/]+\/data\.pkl$/u.test(name));
}

/** The weights of a zip. Throws FormatError, beginning with `sourceName`, where they cannot be read. */
export function readTorchZip(bytes: Uint8Array, sourceName: string, mostBytes: number): SafetensorsFile {
  const files = readZip(bytes, sourceName, {
    accepts: (name) => /^[^/\\]{1,200}\/(?:[.\w-]{1,100}\/){0,6}[.\w-]{1,200}$/u.test(name),
    mostBytes,
    mostFiles: 100_000,
  });
  const main = [...files.keys()].find((name) => /^[^/]+\/data\.pkl$/u.test(name));
  if (main === undefined) throw new FormatError(`${sourceName} has no data.pkl`);
  const root = main.slice(0, -'data.pkl'.length);
  if (files.has(`${root}constants.pkl`)) {
    throw new FormatError(`${sourceName} is a TorchScript program; weights alone are read`);
  }
  const order = new TextDecoder().decode(files.get(`${root}byteorder`) ?? new Uint8Array()).trim();
  if (order !== '' && order !== 'little' && order !== 'big') {
    throw new FormatError(
      `${sourceName} has the byte order ${JSON.stringify(order.slice(0, 20))}; it is little or big`,
    );
  }
  const { value } = readPickle(files.get(main)!, 0, `${sourceName} (data.pkl)`, RULES);
  const storage = (key: string) => files.get(`${root}data/${key}`);
  return weightsIn(value, { storage, isBigEndian: order === 'big' }, sourceName);
}

/** As readTorchZip, of the form before. Its bytes are little-endian on every machine. */
export function readTorchLegacy(bytes: Uint8Array, sourceName: string): SafetensorsFile {
  let at = 0;
  const next = (what: string): PickleValue => {
    const { value, end } = readPickle(bytes, at, `${sourceName} (${what})`, RULES);
    at = end;
    return value;
  };
  next('magic number');
  if (next('protocol') !== 1001)
    throw new FormatError(`${sourceName} is of a protocol of torch.save that is not known`);
  next('sizes');
  const root = next('object');
  const keys = next('storages');
  if (!Array.isArray(keys)) throw new FormatError(`${sourceName} has no list of its storages`);
  const types = new Map<string, StorageType>();
  collectStorages(root, types, new Set());
  const storages = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (const key of keys as readonly PickleValue[]) {
    const type = typeof key === 'string' ? types.get(key) : undefined;
    if (type === undefined || at + 8 > bytes.length) {
      throw new FormatError(`${sourceName} is damaged: its list of storages does not fit its tensors`);
    }
    const length = Number(view.getBigInt64(at, true)) * type.bytes;
    at += 8;
    if (!Number.isSafeInteger(length) || length < 0 || at + length > bytes.length) {
      throw new FormatError(`${sourceName} is truncated: a storage of ${length} bytes begins at byte ${at}`);
    }
    storages.set(key as string, bytes.subarray(at, at + length));
    at += length;
  }
  return weightsIn(root, { storage: (key) => storages.get(key), isBigEndian: false }, sourceName);
}

/** Types of all storages that tensors under a value refer to, by key. */
function collectStorages(value: PickleValue, types: Map<string, StorageType>, seen: Set<object>): void {
  const open: PickleValue[] = [value];
  while (open.length > 0) {
    const one = open.pop();
    if (typeof one !== 'object' || one === null || seen.has(one) || one instanceof Uint8Array) continue;
    seen.add(one);
    if (one instanceof Map) open.push(...one.keys(), ...one.values());
    else if (Array.isArray(one)) for (const member of one as readonly PickleValue[]) open.push(member);
    else if (one instanceof PickleObject) {
      const reference = one.kind === PERSISTENT ? storageReference(one) : undefined;
      if (reference) types.set(reference.key, reference.type);
      else for (const part of one.parts) open.push(part);
    }
  }
}

interface Storages {
  readonly storage: (key: string) => Uint8Array | undefined;
  readonly isBigEndian: boolean;
}

interface TensorReference {
  readonly key: string;
  readonly type: StorageType;
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Where training programs put the weights. */
const WEIGHTS_KEYS = new Set(
  'state_dict model_state_dict model_state model net network module weights params'.split(' '),
);
/** What is no part of the model. */
const NO_WEIGHTS =
  /^(?:optim\w*|\w*sched\w*|(?:grad_?)?scaler\w*|amp\w*|ema\w*|callbacks?|loops?|hyper_?param\w*|config\w*|args|metrics?|rng\w*)$/iu;

function weightsIn(root: PickleValue, storages: Storages, sourceName: string): SafetensorsFile {
  if (!(root instanceof Map)) {
    throw new FormatError(`${sourceName} holds ${describeValue(root)}, not weights by their names`);
  }
  const found = new Map<string, TensorReference>();
  collect(chosen(root, sourceName), '', 0, found, sourceName);
  if (found.size === 0) throw new FormatError(`${sourceName} holds no tensors by their names`);
  const elements = [...found.values()].reduce((sum, { shape }) => sum + elementsOf(shape), 0);
  if (elements > MAX_ELEMENTS) {
    throw new FormatError(`${sourceName} has ${elements} numbers in its tensors; at most ${MAX_ELEMENTS} are read`);
  }
  const tensors = new Map<string, Tensor>();
  const dtypes = new Map<string, Dtype>();
  for (const [name, reference] of found) {
    const place = `${sourceName}: tensor ${JSON.stringify(name.slice(0, 120))}`;
    const { dtype } = reference.type;
    if (dtype === null) throw new FormatError(`${place} has numbers of a type that no model here has`);
    tensors.set(name, { shape: reference.shape, data: gathered(reference, dtype, storages, place) });
    dtypes.set(name, dtype);
  }
  return { tensors, dtypes, metadata: {} };
}

/** The dictionary of the weights, in a checkpoint or by itself. Throws FormatError where there are several. */
function chosen(root: PickleMap, sourceName: string): PickleMap {
  const within = [...root].flatMap(([key, value]) =>
    typeof key === 'string' && value instanceof Map && !NO_WEIGHTS.test(key) && hasTensors(value, 0)
      ? [{ key, value }]
      : [],
  );
  const first = within.find(({ key }) => WEIGHTS_KEYS.has(key));
  if (first === undefined) return root;
  const second = within.find(({ key }) => key !== first.key);
  if (second !== undefined) {
    throw new FormatError(
      `${sourceName} holds weights under ${JSON.stringify(first.key)} and under ${JSON.stringify(second.key.slice(0, 80))}`,
      `Save those alone that are meant: torch.save(torch.load(FILE)["${first.key}"], "weights.pt").`,
    );
  }
  return first.value;
}

function hasTensors(map: PickleMap, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  return [...map.values()].some((value) =>
    value instanceof Map ? hasTensors(value, depth + 1) : tensorReference(value) !== undefined,
  );
}

/** Tensors by their names; those of a dictionary within get its key before theirs. */
function collect(
  map: PickleMap,
  prefix: string,
  depth: number,
  found: Map<string, TensorReference>,
  sourceName: string,
): void {
  if (depth > MAX_DEPTH) throw new FormatError(`${sourceName} has dictionaries more than ${MAX_DEPTH} deep`);
  for (const [key, value] of map) {
    if (typeof key !== 'string') continue;
    const name = `${prefix}${key}`;
    const reference = tensorReference(value);
    if (reference !== undefined) {
      if (found.has(name)) throw new FormatError(`${sourceName} has the tensor ${JSON.stringify(name)} twice`);
      found.set(name, reference);
    } else if (value instanceof Map && !(depth === 0 && NO_WEIGHTS.test(key))) {
      collect(value, `${name}.`, depth + 1, found, sourceName);
    }
  }
}

function tensorReference(value: PickleValue | undefined): TensorReference | undefined {
  if (!(value instanceof PickleObject)) return undefined;
  if (value.kind === PARAMETER) return tensorReference(value.parts[0]);
  if (!REBUILD.has(value.kind)) return undefined;
  const [storage, offset, shape, strides] = value.parts;
  const reference = storage instanceof PickleObject ? storageReference(storage) : undefined;
  if (reference === undefined || !isCount(offset) || !isCounts(shape) || !isCounts(strides)) return undefined;
  if (shape.length !== strides.length || shape.length > MAX_DIMENSIONS) return undefined;
  return { ...reference, offset: offset + reference.offset, shape, strides };
}

/** ("storage", type, key, device, elements), in the legacy form with a view of another storage behind. */
function storageReference({
  kind,
  parts,
}: PickleObject): { key: string; type: StorageType; offset: number } | undefined {
  const [id] = parts;
  if (kind !== PERSISTENT || !Array.isArray(id)) return undefined;
  const [what, type, key, , , view] = id as readonly PickleValue[];
  const known = type instanceof PickleGlobal ? storageType(type.name) : undefined;
  if (what !== 'storage' || known === undefined || (typeof key !== 'string' && typeof key !== 'number'))
    return undefined;
  if (view === undefined || view === null) return { key: String(key), type: known, offset: 0 };
  const [, offset] = Array.isArray(view) ? (view as readonly PickleValue[]) : [];
  return isCount(offset) ? { key: String(key), type: known, offset } : undefined;
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function isCounts(value: PickleValue | undefined): value is readonly number[] {
  return Array.isArray(value) && (value as readonly PickleValue[]).every(isCount);
}

/** The elements in row-major order. */
function gathered(
  { key, type, offset, shape, strides }: TensorReference,
  dtype: Dtype,
  { storage, isBigEndian }: Storages,
  place: string,
): TensorData {
  const bytes = storage(key);
  if (bytes === undefined) throw new FormatError(`${place} is damaged: its storage ${JSON.stringify(key)} is missing`);
  const count = elementsOf(shape);
  const last = shape.reduce((sum, size, d) => sum + (size - 1) * strides[d]!, offset);
  if (count > 0 && (!Number.isSafeInteger(last) || (last + 1) * type.bytes > bytes.length)) {
    throw new FormatError(`${place} is damaged: it reaches beyond its storage of ${bytes.length} bytes`);
  }
  const result = new Uint8Array(count * type.bytes);
  const index = new Array<number>(shape.length).fill(0);
  let from = offset;
  for (let n = 0; n < count; n++) {
    for (let b = 0; b < type.bytes; b++) {
      result[n * type.bytes + b] = bytes[from * type.bytes + (isBigEndian ? type.bytes - 1 - b : b)]!;
    }
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d]!;
      if (++index[d]! < shape[d]!) break;
      from -= strides[d]! * shape[d]!;
      index[d] = 0;
    }
  }
  return typed(dtype, result);
}

function typed(dtype: Dtype, { buffer }: Uint8Array<ArrayBuffer>): TensorData {
  switch (dtype) {
    case 'F16':
      return widenF16(new Uint16Array(buffer));
    case 'BF16':
      return widenBF16(new Uint16Array(buffer));
    case 'F32':
      return new Float32Array(buffer);
    case 'F64':
      return new Float64Array(buffer);
    case 'I32':
      return new Int32Array(buffer);
    case 'I64':
      return new BigInt64Array(buffer);
    case 'U8':
      return new Uint8Array(buffer);
  }
}

function describeValue(value: PickleValue): string {
  if (tensorReference(value) !== undefined) return 'one tensor';
  return Array.isArray(value) ? 'a list' : 'one value';
}
