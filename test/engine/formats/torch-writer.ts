/** Writes pickles and files of torch.save by hand, so that tests need no Python. */
import { zipSync } from 'fflate';

const latin1 = (text: string) => Array.from(text, (character) => character.charCodeAt(0));
const int32 = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255, (value >> 24) & 255];

/** Instructions of a pickle. */
export const op = {
  text: (value: string) => {
    const bytes = [...new TextEncoder().encode(value)];
    return [0x58, ...int32(bytes.length), ...bytes];
  },
  int: (value: number) => [0x4a, ...int32(value)],
  global: (module: string, name: string) => [0x63, ...latin1(`${module}\n${name}\n`)],
  tuple: (...parts: readonly (readonly number[])[]) => [0x28, ...parts.flat(), 0x74],
  call: (callable: readonly number[], ...parts: readonly (readonly number[])[]) => [
    ...callable,
    ...op.tuple(...parts),
    0x52,
  ],
  map: (...entries: readonly (readonly [readonly number[], readonly number[]])[]) => [
    0x7d,
    0x28,
    ...entries.flatMap(([key, value]) => [...key, ...value]),
    0x75,
  ],
  pickle: (body: readonly number[]) => [0x80, 2, ...body, 0x2e],
};

export interface WrittenTensor {
  readonly key: string;
  readonly type?: string;
  readonly elements: number;
  readonly shape: readonly number[];
  readonly strides?: readonly number[];
  readonly offset?: number;
}

export function tensorOps(tensor: WrittenTensor, legacy = false): number[] {
  const { key, type = 'FloatStorage', elements, shape, offset = 0 } = tensor;
  const strides = tensor.strides ?? shape.map((_, d) => shape.slice(d + 1).reduce((a, b) => a * b, 1));
  const id = [op.text('storage'), op.global('torch', type), op.text(key), op.text('cpu'), op.int(elements)];
  return op.call(
    op.global('torch._utils', '_rebuild_tensor_v2'),
    [...op.tuple(...id, ...(legacy ? [[0x4e]] : [])), 0x51],
    op.int(offset),
    op.tuple(...shape.map(op.int)),
    op.tuple(...strides.map(op.int)),
    [0x89],
    op.call(op.global('collections', 'OrderedDict')),
  );
}

export function torchZip(
  object: readonly number[],
  storages: Readonly<Record<string, Uint8Array>>,
  byteorder?: string,
): Uint8Array {
  const files = {
    'odd/data.pkl': Uint8Array.from(op.pickle(object)),
    ...Object.fromEntries(Object.entries(storages).map(([key, bytes]) => [`odd/data/${key}`, bytes])),
    'odd/version': Uint8Array.of(0x33, 0x0a),
    ...(byteorder === undefined ? {} : { 'odd/byteorder': new TextEncoder().encode(byteorder) }),
  };
  return zipSync(files, { level: 0 });
}

export function torchLegacy(
  object: readonly number[],
  storages: Readonly<Record<string, { readonly elements: number; readonly bytes: Uint8Array }>>,
): Uint8Array {
  const magic = [0x80, 2, 0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
  const keys = Object.keys(storages);
  const list = [0x5d, 0x28, ...keys.flatMap(op.text), 0x65];
  return Uint8Array.from([
    ...magic,
    ...op.pickle(op.int(1001)),
    ...op.pickle(op.map([op.text('little_endian'), [0x88]])),
    ...op.pickle(object),
    ...op.pickle(list),
    ...Object.values(storages).flatMap(({ elements, bytes }) => [...int32(elements), 0, 0, 0, 0, ...bytes]),
  ]);
}
