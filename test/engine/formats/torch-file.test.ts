/** Files of torch.save: written here byte by byte, and by PyTorch itself where there is a Python that has it. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test as property } from '@fast-check/vitest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FormatError } from '../../../engine/errors.ts';
import { readTorchLegacy, readTorchZip } from '../../../engine/formats/torch-file.ts';
import { readSafetensors, type SafetensorsFile } from '../../../engine/formats/safetensors.ts';
import { zipNames } from '../../../engine/formats/zip.ts';
import { cases } from '../../property-cases.ts';
import { pythonWith } from '../../python.ts';
import { op, tensorOps, torchLegacy, torchZip } from './torch-writer.ts';

const bytesOf = (data: Float32Array | Float64Array | Uint16Array | BigInt64Array) =>
  new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
const numbers = Float32Array.from({ length: 12 }, (_, i) => Math.fround(Math.sin(i)));
const read = (bytes: Uint8Array) => readTorchZip(bytes, 'odd.pt', 1e9);
const named = (...names: readonly string[]) =>
  op.map(...names.map((name) => [op.text(name), tensorOps({ key: '0', elements: 12, shape: [3, 4] })] as const));
const values = ({ tensors }: SafetensorsFile, name: string) => [...(tensors.get(name)!.data as Float32Array)];

describe('a zip of torch.save', () => {
  test('gives its tensors by their names', () => {
    const file = read(torchZip(named('a.weight', 'b'), { 0: bytesOf(numbers) }));
    expect([...file.tensors.keys()]).toEqual(['a.weight', 'b']);
    expect(file.tensors.get('b')!.shape).toEqual([3, 4]);
    expect(values(file, 'b')).toEqual([...numbers]);
    expect(file.dtypes.get('b')).toBe('F32');
  });

  test('has views of one storage, transposed, shifted and repeated', () => {
    const views = op.map(
      [op.text('t'), tensorOps({ key: '0', elements: 12, shape: [4, 3], strides: [1, 4] })],
      [op.text('s'), tensorOps({ key: '0', elements: 12, shape: [2, 2], strides: [4, 2], offset: 5 })],
      [op.text('r'), tensorOps({ key: '0', elements: 12, shape: [2, 3], strides: [0, 1] })],
      [op.text('x'), tensorOps({ key: '0', elements: 12, shape: [], offset: 7 })],
      [op.text('e'), tensorOps({ key: '0', elements: 12, shape: [0, 5], strides: [5, 1] })],
    );
    const file = read(torchZip(views, { 0: bytesOf(numbers) }));
    const at = (...indices: number[]) => indices.map((i) => numbers[i]!);
    expect(values(file, 't')).toEqual(at(0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11));
    expect(values(file, 's')).toEqual(at(5, 7, 9, 11));
    expect(values(file, 'r')).toEqual(at(0, 1, 2, 0, 1, 2));
    expect(values(file, 'x')).toEqual(at(7));
    expect(values(file, 'e')).toEqual([]);
  });

  test.each([
    ['HalfStorage', 'F16', bytesOf(Uint16Array.of(0x3c00, 0xc000)), [1, -2]],
    ['BFloat16Storage', 'BF16', bytesOf(Uint16Array.of(0x3f80, 0xc000)), [1, -2]],
    ['DoubleStorage', 'F64', bytesOf(Float64Array.of(0.1, 2)), [0.1, 2]],
    ['LongStorage', 'I64', bytesOf(BigInt64Array.of(-1n, 2n)), [-1n, 2n]],
  ])('reads %s', (type, dtype, bytes, want) => {
    const object = op.map([op.text('w'), tensorOps({ key: 'k', type, elements: 2, shape: [2] })]);
    const file = read(torchZip(object, { k: bytes }));
    expect(file.dtypes.get('w')).toBe(dtype);
    expect(Array.from(file.tensors.get('w')!.data as Iterable<unknown>)).toEqual(want);
  });

  test('that a big-endian machine has written has its bytes turned', () => {
    const bytes = Uint8Array.from(bytesOf(numbers));
    for (let i = 0; i < bytes.length; i += 4) bytes.subarray(i, i + 4).reverse();
    expect(values(read(torchZip(named('w'), { 0: bytes }, 'big')), 'w')).toEqual([...numbers]);
    expect(values(read(torchZip(named('w'), { 0: bytesOf(numbers) }, 'little')), 'w')).toEqual([...numbers]);
    expect(() => read(torchZip(named('w'), { 0: bytes }, 'middle'))).toThrow(/byte order "middle"/u);
  });

  test.each(['state_dict', 'model_state_dict', 'model'])('of a checkpoint gives the weights under "%s"', (key) => {
    const optimizer = op.map([op.text('state'), named('exp_avg')]);
    const object = op.map([op.text('epoch'), op.int(3)], [op.text(key), named('w')], [op.text('optimizer'), optimizer]);
    expect([...read(torchZip(object, { 0: bytesOf(numbers) })).tensors.keys()]).toEqual(['w']);
  });

  test('of several modules gives them under their keys, and refuses weights that stand twice', () => {
    const modules = op.map([op.text('rnn'), named('w')], [op.text('head'), named('w')]);
    const storages = { 0: bytesOf(numbers) };
    expect([...read(torchZip(modules, storages)).tensors.keys()]).toEqual(['rnn.w', 'head.w']);
    const twice = op.map([op.text('model'), named('w')], [op.text('state_dict'), named('w')]);
    expect(() => read(torchZip(twice, storages))).toThrow('holds weights under "model" and under "state_dict"');
  });

  test('that is Lightning’s, with plain objects beside the weights, is read past them', () => {
    const beside = op.call(op.global('argparse', 'Namespace'));
    const state = op.map([op.text('lr'), op.int(1)]);
    const object = op.map(
      [op.text('hyper_parameters'), [...beside, ...state, 0x62]],
      [op.text('state_dict'), named('w')],
    );
    expect([...read(torchZip(object, { 0: bytesOf(numbers) })).tensors.keys()]).toEqual(['w']);
  });

  test.each<[string, readonly number[], RegExp]>([
    ['a class of its own', op.map([op.text('w'), op.call(op.global('__main__', 'Net'))]), /"__main__\.Net"/u],
    ['a command', op.call(op.global('os', 'system'), op.text('echo hello')), /"os\.system"/u],
    ['a command of another name', op.call(op.global('posix', 'system'), op.text('x')), /"posix\.system"/u],
    ['eval', op.call(op.global('builtins', 'eval'), op.text('1')), /"builtins\.eval"/u],
    ['getattr', op.call(op.global('builtins', 'getattr'), op.text('1')), /"builtins\.getattr"/u],
    ['a name of a prototype', op.call(op.global('torch', 'constructorStorage')), /"torch\.constructorStorage"/u],
    ['a nested loader', op.call(op.global('torch.storage', '_load_from_bytes')), /_load_from_bytes/u],
    ['an instruction that makes instances', [0x28, 0x69, ...op.global('os', 'system').slice(1)], /instruction 0x69/u],
    ['an extension', [0x82, 1], /instruction 0x82/u],
    ['a text', op.text('hello'), /holds one value/u],
    ['nothing', op.map(), /no tensors by their names/u],
    ['a tensor alone', tensorOps({ key: '0', elements: 12, shape: [2] }), /holds one tensor/u],
  ])('is refused with %s in it, and nothing runs', (_what, object, message) => {
    expect(() => read(torchZip(object, { 0: bytesOf(numbers) }))).toThrow(FormatError);
    expect(() => read(torchZip(object, { 0: bytesOf(numbers) }))).toThrow(message);
  });

  test.each([
    ['beyond its storage', { key: '0', elements: 12, shape: [3, 5] }, /reaches beyond its storage of 48 bytes/u],
    ['behind its storage', { key: '0', elements: 12, shape: [1], offset: 12 }, /reaches beyond its storage/u],
    ['of a storage that is missing', { key: '9', elements: 12, shape: [1] }, /storage "9" is missing/u],
    ['of endless size', { key: '0', elements: 12, shape: [1e9, 1e9], strides: [0, 0] }, /at most 500000000/u],
    ['of a storage of bool', { key: '0', type: 'BoolStorage', elements: 12, shape: [1] }, /no model here has/u],
  ])('is refused with a tensor %s', (_what, tensor, message) => {
    const object = op.map([op.text('w'), tensorOps(tensor)]);
    expect(() => read(torchZip(object, { 0: bytesOf(numbers) }))).toThrow(message);
  });

  test('with negative strides has no tensor', () => {
    const object = op.map([op.text('w'), tensorOps({ key: '0', elements: 12, shape: [2], strides: [-1] })]);
    expect(() => read(torchZip(object, { 0: bytesOf(numbers) }))).toThrow(/no tensors/u);
  });
});

describe('the form before zip files', () => {
  const legacy = (bytes = bytesOf(numbers), elements = 12) => {
    const tensor = tensorOps({ key: '7', elements: 12, shape: [4, 3], strides: [1, 4] }, true);
    return torchLegacy(op.map([op.text('w'), tensor]), { 7: { elements, bytes } });
  };

  test('gives its tensors by their names', () => {
    const file = readTorchLegacy(legacy(), 'odd.pth');
    expect(values(file, 'w').slice(0, 4)).toEqual([0, 4, 8, 1].map((i) => numbers[i]));
  });

  test('is refused where it is truncated or its list does not fit', () => {
    expect(() => readTorchLegacy(legacy().slice(0, -1), 'odd.pth')).toThrow(/truncated: a storage of 48 bytes/u);
    expect(() => readTorchLegacy(legacy(undefined, -1), 'odd.pth')).toThrow(FormatError);
    expect(() => readTorchLegacy(legacy(undefined, 0x7fffffff), 'odd.pth')).toThrow(/truncated/u);
  });
});

const samples = [
  { read, bytes: torchZip(named('a.weight', 'b'), { 0: bytesOf(numbers) }) },
  {
    read: (bytes: Uint8Array) => readTorchLegacy(bytes, 'odd.pth'),
    bytes: torchLegacy(op.map([op.text('w'), tensorOps({ key: '7', elements: 12, shape: [4, 3] }, true)]), {
      7: { elements: 12, bytes: bytesOf(numbers) },
    }),
  },
];

property.prop(
  [
    fc.constantFrom(...samples),
    fc.array(fc.record({ at: fc.nat(), value: fc.nat(255) }), { maxLength: 6 }),
    fc.option(fc.nat()),
  ],
  cases(1000),
)('a damaged file is read or refused in a sentence, never more', (sample, changes, cut) => {
  const bytes = sample.bytes.slice(0, cut === null ? sample.bytes.length : cut % sample.bytes.length);
  for (const { at, value } of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
  expectSentence(() => sample.read(bytes));
});

property.prop([fc.array(fc.constantFrom(...Array.from({ length: 256 }, (_, i) => i)), { maxLength: 60 })], cases(2000))(
  'any program of a pickle ends in a sentence',
  (body) => {
    expectSentence(() => read(torchZip(body, { 0: bytesOf(numbers) })));
  },
);

function expectSentence(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(FormatError);
    expect((error as Error).message.length).toBeLessThan(600);
  }
}

const withTorch = pythonWith('torch');
if (withTorch === undefined) console.warn('No Python here has torch: files that it writes are not read');

/** Files of PyTorch, and the same tensors as safetensors, written by hand. */
const WRITER = `
import json, struct, sys, collections
import torch
folder = sys.argv[1]
torch.manual_seed(3)
class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.emb = torch.nn.Embedding(9, 4)
        self.lstm = torch.nn.LSTM(4, 4, 2, bidirectional=True)
        self.out = torch.nn.Linear(8, 3)
net = Net()
state = net.state_dict()
shared = torch.arange(24.0).sin().reshape(4, 6)
odd = {"t": shared.t(), "half": shared[1:, ::2].half(), "bf": shared.bfloat16(), "double": shared.double(), "view": shared[2],
       "same": shared, "parameter": torch.nn.Parameter(shared[:, 3]), "long": torch.arange(5), "scalar": torch.tensor(2.5)}
optimizer = torch.optim.Adam(net.parameters())
net.out(torch.zeros(1, 8)).sum().backward()
optimizer.step()
def save(name, value, tensors, **options):
    torch.save(value, folder + "/" + name, **options)
    header, data = {}, b""
    for key, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        kind = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.float64: "F64", torch.int64: "I64"}
        raw = bytes(tensor.reshape(-1).view(torch.uint8) if tensor.dim() else tensor.reshape(1).view(torch.uint8))
        header[key] = {"dtype": kind[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    open(folder + "/" + name + ".safetensors", "wb").write(struct.pack("<Q", len(text)) + text + data)
save("state.pt", state, state)
save("state.pth", state, state, _use_new_zipfile_serialization=False)
save("odd.bin", odd, odd)
save("odd-legacy.bin", odd, odd, _use_new_zipfile_serialization=False)
for protocol in (3, 4, 5):
    save(f"protocol-{protocol}.pt", odd, odd, pickle_protocol=protocol)
save("training.ckpt", {"epoch": 3, "global_step": 12, "state_dict": state, "optimizer_states": [optimizer.state_dict()],
     "lr_schedulers": [], "hparams_name": "kwargs", "hyper_parameters": {"lr": 1e-3, "sizes": (1, 2)}, "best": float("inf"),
     "size": net.emb.weight.size(), "dtype": torch.float32}, state)
save("two.pt", {"model": state, "optimizer": optimizer.state_dict(), "scheduler": {"last": 1}}, state)
torch.save(net, folder + "/module.pt")
torch.jit.script(torch.nn.Linear(2, 2)).save(folder + "/script.pt")
`;

describe.runIf(withTorch)('what PyTorch writes', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'unrolled-torch-files-'));
    const { status, stderr } = spawnSync(withTorch!, ['-c', WRITER, folder], { encoding: 'utf8' });
    expect(status, stderr).toBe(0);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string) => new Uint8Array(readFileSync(join(folder, name)));

  test.each([
    'state.pt',
    'state.pth',
    'odd.bin',
    'odd-legacy.bin',
    'protocol-3.pt',
    'protocol-4.pt',
    'protocol-5.pt',
    'training.ckpt',
    'two.pt',
  ])('%s has the same bits', (name) => {
    const bytes = file(name);
    const got = bytes[0] === 0x50 ? readTorchZip(bytes, name, 1e9) : readTorchLegacy(bytes, name);
    const want = readSafetensors(file(`${name}.safetensors`), name);
    expect(new Map([...got.tensors].sort())).toEqual(new Map([...want.tensors].sort()));
    expect(new Map([...got.dtypes].sort())).toEqual(new Map([...want.dtypes].sort()));
  });

  test('a whole module is refused by its class, a TorchScript program by its name', () => {
    expect(() => readTorchZip(file('module.pt'), 'module.pt', 1e9)).toThrow(/Python object of "__main__\.Net"/u);
    expect(zipNames(file('script.pt'), 'script.pt').some((name) => name.endsWith('constants.pkl'))).toBe(true);
    expect(() => readTorchZip(file('script.pt'), 'script.pt', 1e9)).toThrow(/TorchScript program/u);
  });
});
