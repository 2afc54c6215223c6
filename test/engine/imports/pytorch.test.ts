import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import { FormatError, InputError, UnrolledError } from '../../../engine/errors.ts';
import { pytorchExport } from '../../../engine/exports/pytorch/pytorch.ts';
import { readSafetensors, writeSafetensors, type Tensor } from '../../../engine/formats/safetensors.ts';
import { assembleImport, kindsFor } from '../../../engine/imports/assemble.ts';
import { recognisePytorch } from '../../../engine/imports/pytorch.ts';
import { restoreCodec } from '../../../engine/tasks/restore.ts';
import { Numbers } from '../../reference/numbers.ts';
import { cardOf, KINDS, randomModel } from '../exports/models.ts';

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

function recognise(named: readonly (readonly [string, Tensor])[]) {
  return recognisePytorch(readSafetensors(writeSafetensors(new Map(named)), 'file'), 'file');
}

describe('what was exported here', () => {
  test.each(KINDS)('comes back bit for bit: %s', (_name, family, choice) => {
    const model = randomModel(family, choice);
    const [file] = pytorchExport(model, cardOf(model), {});
    const found = recognisePytorch(readSafetensors(file!.bytes, 'file'), 'file');
    const checkpoint = assembleImport(found, {}, 'file');
    expect(checkpoint.experiment).toEqual(model.experiment);
    expect(checkpoint.taskState).toEqual(model.taskState);
    const plain = (tensors: ReadonlyMap<string, Tensor>) =>
      [...tensors].map(([name, { shape, data }]) => [name, [...shape], [...(data as Float32Array)]]).sort();
    expect(plain(checkpoint.model)).toEqual(plain(model.weights));
    expect(found.leftOver).toEqual([]);
    expect(found.missing).toEqual([]);
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
      ['model.norm.weight', tensor(12)],
    ]);
    expect(found).toMatchObject({
      cell: 'lstm',
      hiddenSize: 6,
      layers: 2,
      bidirectional: true,
      input: { kind: 'tokens', symbols: 11, embeddingSize: 5 },
      output: { count: 3 },
      leftOver: [{ name: 'model.norm.weight', shape: [12] }],
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

  test('takes the larger of two stacks and leaves the other', () => {
    const found = recognise([...recurrent('a.', 4, 3, 4), ...recurrent('b.', 3, 3, 9)]);
    expect(found).toMatchObject({ cell: 'gru', hiddenSize: 9 });
    expect(found.leftOver.map(({ name }) => name)).toContain('a.weight_hh_l0');
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
  ] as [string, [string, Tensor][], RegExp][])('is refused: %s', (_what, named, message) => {
    expect(() => recognise(named)).toThrow(FormatError);
    expect(() => recognise(named)).toThrow(message);
  });
});

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
