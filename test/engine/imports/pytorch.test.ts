import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { FormatError, InputError, UnrolledError } from '../../../engine/errors.ts';
import type { AnyTrainedModel } from '../../../engine/exports/trained-model.ts';
import { pytorchExport } from '../../../engine/exports/pytorch/pytorch.ts';
import { readSafetensors, writeSafetensors, type Metadata, type Tensor } from '../../../engine/formats/safetensors.ts';
import { assembleImport, kindsFor } from '../../../engine/imports/assemble.ts';
import type { FoundRecurrent } from '../../../engine/imports/found-model.ts';
import { recognisePytorch } from '../../../engine/imports/pytorch.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { Numbers } from '../../reference/numbers.ts';
import {
  cardOf,
  KINDS,
  randomModel,
  randomTransformer,
  randomTranslator,
  TRANSFORMERS,
  TRANSLATORS,
} from '../exports/models.ts';

const numbers = new Numbers(3);
const tensor = (...shape: number[]): Tensor<Float32Array> => ({
  shape,
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => numbers.next()),
});

/** As PyTorch names them, under a prefix. */
function recurrent(prefix: string, gates: number, I: number, H: number, layers = 1, bidirectional = false) {
  const named: [string, Tensor][] = [];
  for (let l = 0; l < layers; l++) {
    for (const end of bidirectional ? [`l${l}`, `l${l}_reverse`] : [`l${l}`]) {
      const inputs = l === 0 ? I : H * (bidirectional ? 2 : 1);
      named.push([`${prefix}weight_ih_${end}`, tensor(gates * H, inputs)]);
      named.push([`${prefix}weight_hh_${end}`, tensor(gates * H, H)]);
      named.push([`${prefix}bias_ih_${end}`, tensor(gates * H)], [`${prefix}bias_hh_${end}`, tensor(gates * H)]);
    }
  }
  return named;
}

function linear(name: string, outputs: number, inputs: number): [string, Tensor][] {
  return [
    [`${name}.weight`, tensor(outputs, inputs)],
    [`${name}.bias`, tensor(outputs)],
  ];
}

function recognise(named: readonly (readonly [string, Tensor])[], metadata: Metadata = {}): FoundRecurrent {
  const found = recognisePytorch(readSafetensors(writeSafetensors(new Map(named), metadata), 'file'), 'file');
  if (found.architecture !== 'recurrent') throw new TypeError('It should be recurrent.');
  return found;
}

/** The values at the same places. */
const plain = (tensors: ReadonlyMap<string, Tensor>) =>
  [...tensors].map(([name, { shape, data }]) => [name, [...shape], [...(data as Float32Array)]]).sort();

describe('what was exported here', () => {
  test.each([
    ...KINDS.map(([name, family, choice]) => [name, () => randomModel(family, choice)] as const),
    ...TRANSFORMERS.map(([name, family, choice]) => [name, () => randomTransformer(family, choice)] as const),
    ...TRANSLATORS.map(([name, choice]) => [name, () => randomTranslator(choice)] as const),
  ])('comes back bit for bit: %s', (_name, make) => {
    const model: AnyTrainedModel = make();
    const [file] = pytorchExport(model, cardOf(model), {});
    const found = recognisePytorch(readSafetensors(file!.bytes, 'file'), 'file');
    const checkpoint = assembleImport(found, {}, 'file');
    expect(checkpoint.experiment).toEqual(model.experiment);
    expect(checkpoint.taskState).toEqual(model.taskState);
    expect(plain(checkpoint.model)).toEqual(plain(model.weights));
    expect(found.architecture === 'recurrent' ? found.missing : []).toEqual([]);
  });
});

test('the names that a file of ours has stay where only the kind is chosen', () => {
  const kinds = KINDS.map(([, family, choice]) => randomModel(family, choice));
  const model = kinds.find(({ codec }) => codec.kind === 'classification' && codec.input.kind === 'tokens')!;
  const [file] = pytorchExport(model, cardOf(model), {});
  const found = recognisePytorch(readSafetensors(file!.bytes, 'file'), 'file');
  const { input, output } = restoreCodec(assembleImport(found, { kind: 'classification' }, 'file').taskState);
  expect({ input, output }).toEqual({ input: model.codec.input, output: model.codec.output });
});

describe('what comes from elsewhere', () => {
  test('is recognised under any prefix, with embedding and head', () => {
    const found = recognise([
      ...recurrent('model.encoder.lstm.', 4, 5, 6, 2, true),
      ['model.tok_emb.weight', tensor(11, 5)],
      ['model.fc.weight', tensor(3, 12)],
      ['model.fc.bias', tensor(3)],
    ]);
    expect(found).toMatchObject({
      cell: 'lstm',
      hiddenSize: 6,
      layers: 2,
      bidirectional: true,
      input: { kind: 'tokens', symbols: 11, embeddingSize: 5 },
      output: { count: 3 },
      own: null,
    });
    expect(found.mapped).toContainEqual({ from: 'model.fc.weight', to: 'head.weight', shape: [3, 12] });
    expect(found.mapped).toHaveLength(4 * 4 + 3);
    expect(kindsFor(found)).toEqual(['tagging', 'classification']);
  });

  test.each([
    ['rnn', 1],
    ['gru', 3],
    ['lstm', 4],
  ] as const)('tells the cell by the shapes: %s', (cell, gates) => {
    expect(recognise(recurrent('', gates, 3, 4)).cell).toBe(cell);
  });

  test('fills biases that are not there with zeros, and makes a head', () => {
    const found = recognise(recurrent('', 4, 3, 4).filter(([name]) => !name.startsWith('bias')));
    expect(found.missing.map(({ name, filledWith }) => [name, filledWith])).toEqual([
      ['recurrent.bias_ih_l0', 'zeros'],
      ['recurrent.bias_hh_l0', 'zeros'],
    ]);
    expect(kindsFor(found)[0]).toBe('regression');
    const checkpoint = assembleImport(found, { kind: 'regression', outputs: 5 }, 'file');
    expect(checkpoint.model.get('recurrent.bias_hh_l0')!.data).toEqual(new Float32Array(16));
    expect(checkpoint.model.get('head.weight')!.shape).toEqual([5, 4]);
    expect(checkpoint.model.get('head.weight')!.data.some((value) => value !== 0)).toBe(true);
  });

  test('takes names of symbols and labels, and says where they do not fit', () => {
    const found = recognise([...recurrent('', 4, 3, 4), ['emb.weight', tensor(3, 3)], ['out.weight', tensor(3, 4)]]);
    expect(kindsFor(found)[0]).toBe('language');
    const state = assembleImport(found, { kind: 'language', symbols: ['a', 'b', 'ö'] }, 'file').taskState;
    expect(restoreCodec(state).encode('öa').tokens).toEqual(Int32Array.of(2, 0));
    expect(() => assembleImport(found, { symbols: ['a', 'b'] }, 'file')).toThrow(InputError);
    expect(() => assembleImport(found, { symbols: ['a', 'a', 'b'] }, 'file')).toThrow(/2 different ones of 3/u);
    expect(() => assembleImport(found, { kind: 'regression' }, 'file')).toThrow(/can be language or tagging/u);
  });

  test('fits a task or is refused', () => {
    const model = randomModel('tagging');
    const found = { ...recognise([...model.weights].map(([name, value]) => [`x.${name}`, value] as const)), own: null };
    const task = { choice: { id: 'stress' }, state: model.taskState };
    const checkpoint = assembleImport(found, { task }, 'file');
    expect(checkpoint.experiment.task.id).toBe('stress');
    expect([...checkpoint.optimizer.keys()]).toEqual(['exp_avg', 'exp_avg_sq']);
    const other = { choice: { id: 'names-gender' }, state: randomModel('classification').taskState };
    expect(() => assembleImport(found, { task: other }, 'file')).toThrow(/takes 4 symbols or numbers, the task has 6/u);
  });

  test.each([
    ['nothing recurrent', [['fc.weight', tensor(3, 4)]], /no recurrent layer/u],
    [
      'a layer of another size',
      [...recurrent('', 4, 3, 4, 2).slice(0, 5), ['weight_hh_l1', tensor(16, 5)]],
      /needs \[16, 4\]/u,
    ],
    [
      'gates that are not whole',
      [
        ['weight_ih_l0', tensor(10, 3)],
        ['weight_hh_l0', tensor(10, 5)],
      ],
      /\[4 H, I\]/u,
    ],
    ['a missing input weight', [['weight_hh_l0', tensor(16, 4)]], /is missing/u],
    ['a projection', [...recurrent('', 4, 3, 4), ['weight_hr_l0', tensor(2, 4)]], /projects/u],
    [
      'a second stack',
      [...recurrent('a.', 4, 3, 4), ...recurrent('b.', 3, 3, 9)],
      /"a\.weight_ih_l0".*other recurrent/u,
    ],
    [
      'a hidden layer behind the stack',
      [...recurrent('r.', 4, 3, 4), ...linear('head.0', 9, 4), ...linear('head.2', 3, 9)],
      /"head\.2\.weight" \[3, 9\], "head\.2\.bias" \[3\] \(another linear layer\)/u,
    ],
    [
      'a hidden layer as wide as the stack',
      [...recurrent('r.', 4, 3, 4), ...linear('head.0', 4, 4), ...linear('head.2', 3, 4)],
      /"head\.0\.weight" \[4, 4\]/u,
    ],
    [
      'a layer before the stack',
      [...recurrent('r.', 4, 3, 4), ...linear('in', 3, 7), ...linear('out', 3, 4)],
      /"in\.weight" \[3, 7\]/u,
    ],
    ['two heads', [...recurrent('r.', 4, 3, 4), ...linear('a', 3, 4), ...linear('b', 2, 4)], /another linear layer/u],
    [
      'a normalization',
      [...recurrent('r.', 4, 3, 4), ...linear('out', 3, 4), ['ln.weight', tensor(4)], ['ln.bias', tensor(4)]],
      /"ln\.weight" \[4\], "ln\.bias" \[4\] \(a normalization\)/u,
    ],
    [
      'whole numbers',
      [...recurrent('r.', 4, 3, 4), ['bn.num_batches_tracked', { shape: [1], data: BigInt64Array.of(1n) }]],
      /batch normalization/u,
    ],
    ['a bias alone', [...recurrent('r.', 4, 3, 4), ['out.bias', tensor(3)]], /a bias without a weight/u],
    [
      'a layer after a gap',
      [...recurrent('r.', 4, 3, 4), ['r.weight_hh_l2', tensor(16, 4)]],
      /other recurrent layers/u,
    ],
    [
      'a table that may be an embedding or a linear layer',
      [...recurrent('r.', 4, 4, 4), ['x.weight', tensor(9, 4)]],
      /could be an embedding or a linear layer/u,
    ],
    [
      'a square layer before the stack',
      [...recurrent('r.', 4, 3, 4), ['x.weight', tensor(3, 3)], ...linear('out', 3, 4)],
      /could be an embedding or a linear layer/u,
    ],
  ] as [string, [string, Tensor][], RegExp][])('is refused: %s', (_what, named, message) => {
    expect(() => recognise(named)).toThrow(FormatError);
    expect(() => recognise(named)).toThrow(message);
  });
});

describe('numbers that are not numbers of a model', () => {
  const broken = (value: number) => {
    const named = recurrent('r.', 4, 3, 4);
    (named[1]![1].data as Float32Array)[4 * 5 + 2] = value;
    return named;
  };

  test.each([
    [NaN, 'NaN'],
    [Infinity, 'infinity'],
    [-Infinity, 'minus infinity'],
  ])('are refused with their place: %s', (value, shown) => {
    expect(() => recognise(broken(value))).toThrow(FormatError);
    expect(() => recognise(broken(value))).toThrow(`file: tensor "r.weight_hh_l0" has ${shown} at index [5, 2]`);
  });

  test('are refused where float32 has none so large', () => {
    const wide = recurrent('r.', 4, 3, 4).map(
      ([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data as Float32Array) }] as const,
    );
    (wide[0]![1].data as Float64Array)[1] = -1e39;
    expect(() => recognise(wide)).toThrow(
      '"r.weight_ih_l0" has -1e+39, which is too large for float32 at index [0, 1]',
    );
  });
});

describe('numbers of another type', () => {
  test('of float64 are kept exactly or counted as rounded', () => {
    const wide = recurrent('', 4, 3, 4).map(
      ([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data as Float32Array) }] as const,
    );
    expect(recognise(wide).conversions).toEqual([{ from: 'F64', tensors: 4, rounded: 0 }]);
    (wide[0]![1].data as Float64Array)[1] = 0.1;
    const found = recognise(wide);
    expect(found.conversions).toEqual([{ from: 'F64', tensors: 4, rounded: 1 }]);
    expect(found.tensors.get('recurrent.weight_ih_l0')!.data[1]).toBe(Math.fround(0.1));
  });

  test.each([
    ['F16', 0x3555, 0.333251953125],
    ['BF16', 0x3eab, 0.333984375],
  ])('%s is widened exactly', (dtype, bits, value) => {
    const named = recurrent('', 4, 3, 4);
    const bytes = halfFile(dtype, named, bits);
    const found = recognisePytorch(readSafetensors(bytes, 'file'), 'file');
    expect(found.conversions).toEqual([{ from: dtype, tensors: 4, rounded: 0 }]);
    expect(new Set(found.tensors.get('recurrent.weight_hh_l0')!.data)).toEqual(new Set([value]));
  });
});

describe('a head that is tied to the embedding', () => {
  const shared = (): [string, Tensor][] => [['emb.weight', tensor(9, 4)], ...recurrent('r.', 4, 4, 4)];
  const tied = (found: FoundRecurrent, choice = {}) => {
    const { model } = assembleImport(found, { kind: 'language', ...choice }, 'file');
    return (
      plain(new Map([['w', model.get('head.weight')!]])).join() ===
      plain(new Map([['w', model.get('embedding.weight')!]])).join()
    );
  };

  test('is found where the metadata give it another name', () => {
    const found = recognise([...shared(), ['out.bias', tensor(9)]], { 'out.weight': 'emb.weight' });
    expect(found).toMatchObject({ output: { count: 9 }, missing: [] });
    expect(tied(found)).toBe(true);
  });

  test('is found where the file has only its bias', () => {
    const bias = tensor(9);
    const found = recognise([...shared(), ['out.bias', bias]]);
    expect(found.mapped).toContainEqual({ from: 'emb.weight', to: 'head.weight', shape: [9, 4] });
    expect(found.tensors.get('head.bias')!.data).toEqual(bias.data);
    expect(tied(found)).toBe(true);
  });

  test('is found where the file has it twice', () => {
    const [embedding, ...others] = shared();
    const found = recognise([embedding!, ...others, ['decoder.weight', embedding![1]]]);
    expect(found).toMatchObject({ output: { count: 9 }, input: { symbols: 9 } });
    expect(tied(found)).toBe(true);
  });

  test('is what a language model without a head gets, unless a new one is asked for', () => {
    const found = recognise(shared());
    expect(found).toMatchObject({ output: null, canTieHead: true });
    expect(kindsFor(found)[0]).toBe('language');
    expect(tied(found)).toBe(true);
    expect(tied(found, { head: 'new' })).toBe(false);
    expect(tied(found, { kind: 'tagging', outputs: 9, head: 'tied' })).toBe(true);
    expect(() => assembleImport(found, { kind: 'tagging', outputs: 3, head: 'tied' }, 'file')).toThrow(
      /cannot be tied/u,
    );
    const other = recognise([['emb.weight', tensor(9, 3)], ...recurrent('r.', 4, 3, 4)]);
    expect(other.canTieHead).toBe(false);
    expect(() => assembleImport(other, { kind: 'language', head: 'tied' }, 'file')).toThrow(InputError);
  });
});

/** Every number of the file is the same 16 bits. */
function halfFile(dtype: string, named: readonly (readonly [string, Tensor])[], bits: number): Uint8Array {
  let at = 0;
  const entries = named.map(([name, { shape, data }]) => {
    const begin = at;
    at += data.length * 2;
    return [name, { dtype, shape, data_offsets: [begin, at] }] as const;
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const bytes = new Uint8Array(8 + header.length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  for (let i = 8 + header.length; i < bytes.length; i += 2) new DataView(bytes.buffer).setUint16(i, bits, true);
  return bytes;
}

/** A file that is right, and changes to it. */
const whole = (() => {
  const model = randomModel('classification', { embeddingSize: 3 });
  return pytorchExport(model, cardOf(model), {})[0]!.bytes;
})();

property.prop([
  fc.array(fc.record({ at: fc.nat(whole.length - 1), value: fc.nat(255) }), { maxLength: 8 }),
  fc.nat(whole.length),
])('a damaged file is read or refused in a sentence, never more', (changes, end) => {
  const bytes = whole.slice(0, end % 3 === 0 ? end : whole.length);
  for (const { at, value } of changes) if (at < bytes.length) bytes[at] = value;
  try {
    assembleImport(recognisePytorch(readSafetensors(bytes, 'file'), 'file'), {}, 'file');
  } catch (error) {
    expect(error).toBeInstanceOf(UnrolledError);
    expect((error as Error).message.length).toBeLessThan(1000);
  }
});
