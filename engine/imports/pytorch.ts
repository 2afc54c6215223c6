/**
 * Weights with the names that PyTorch gives the tensors of RNN, LSTM and GRU (`PREFIX.weight_ih_l0`, ...), with an
 * embedding and a linear head where there are such, whatever their modules are called.
 */
import type { FloatTensors } from '../formats/checkpoint.ts';
import { FormatError } from '../errors.ts';
import { parseJson } from '../formats/json.ts';
import type { Metadata, SafetensorsFile, Tensor } from '../formats/safetensors.ts';
import type { JsonValue } from '../json.ts';
import type { CellKind } from '../layers/cells.ts';
import { findEnds } from './ends.ts';
import {
  ownAccount,
  refuse,
  sizes,
  type FoundModel,
  type FoundOwn,
  type FoundRecurrent,
  type ImportFormat,
  type MappedTensor,
  type NamedShape,
  type OwnAccount,
} from './found-model.ts';
import { refuseLeftOver } from './left-over.ts';
import { weightsOf, type Weights } from './weights.ts';

const RECURRENT = /^(.*?)(weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)_l(\d{1,3})(_reverse)?$/su;
const CELLS: Readonly<Record<number, CellKind>> = { 1: 'rnn', 3: 'gru', 4: 'lstm' };
/** As experiments allow. */
const MOST_LAYERS = 32;

type Floats = FloatTensors;

/**
 * The model of a file: of an export of this program any, otherwise the largest recurrent stack with its embedding and
 * head. Throws FormatError where the file has more than such a model, or none.
 */
export function recognisePytorch(
  file: SafetensorsFile,
  sourceName: string,
  format: ImportFormat = 'safetensors',
): FoundModel {
  const weights = weightsOf(file, sourceName);
  const own = accountOf(file.metadata);
  if (own !== null && own.experiment.model.architecture !== 'recurrent') {
    return ownModel(own.experiment.model.architecture, own, weights, format, sourceName);
  }
  return recurrentModel(weights, own, format, sourceName);
}

/** The model of an export of this program, from its tensors by the engine's names. */
export function recogniseOwn(
  own: OwnAccount,
  tensors: FloatTensors,
  sourceName: string,
  format: ImportFormat,
): FoundModel {
  const { architecture } = own.experiment.model;
  const weights = weightsOf({ tensors, dtypes: new Map(), metadata: {} }, sourceName);
  return architecture === 'recurrent'
    ? recurrentModel(weights, own, format, sourceName)
    : ownModel(architecture, own, weights, format, sourceName);
}

/** An export of this program says itself what its tensors are; they are checked against that when it is assembled. */
function ownModel(
  architecture: FoundOwn['architecture'],
  own: OwnAccount,
  { floats: tensors, others, conversions }: Weights,
  format: ImportFormat,
  sourceName: string,
): FoundOwn {
  refuseLeftOver(others, sourceName, 'its model has no whole numbers among its weights');
  const mapped = [...tensors].map(([name, { shape }]) => ({ from: name, to: name, shape }));
  return { architecture, format, tensors, mapped, conversions, own };
}

function recurrentModel(
  { floats, others, conversions }: Weights,
  own: OwnAccount | null,
  format: ImportFormat,
  sourceName: string,
): FoundRecurrent {
  const prefix = largestStack(floats, sourceName);
  const stack = readStack(floats, prefix, sourceName);
  const taken = new Map<string, MappedTensor>(stack.mapped.map((one) => [one.from, one]));
  const tensors = new Map(stack.tensors);
  const mapped = [...stack.mapped];
  const missing = [...stack.missing];
  const take = (from: string, to: string, shape: readonly number[]): void => {
    const tensor = floats.get(from);
    if (tensor === undefined) return;
    const one = { from, to, shape };
    taken.set(from, one);
    mapped.push(one);
    tensors.set(to, { shape, data: tensor.data });
  };
  const { hiddenSize, layers, inputSize, bidirectional, cell } = stack;
  const free = new Map([...floats].filter(([name]) => !taken.has(name)));
  const ownStates = layers * (cell === 'lstm' ? 2 : 1) * hiddenSize;
  const initial = own && free.get('initial.weight');
  const conditions = initial?.shape[1] === ownStates ? (initial.shape[0] ?? 0) : 0;
  if (conditions > 0) take('initial.weight', 'initial.weight', [conditions, ownStates]);
  free.delete(conditions > 0 ? 'initial.weight' : '');

  const width = hiddenSize * (bidirectional ? 2 : 1);
  const ends = findEnds(free, { prefix, inputSize, width }, sourceName);
  const symbols = ends.embedding === undefined ? 0 : (floats.get(ends.embedding)?.shape[0] ?? 0);
  if (ends.embedding !== undefined) take(ends.embedding, 'embedding.weight', [symbols, inputSize]);
  const count = ends.head === undefined ? 0 : (floats.get(ends.head)?.shape[0] ?? 0);
  if (ends.head !== undefined) {
    take(ends.head, 'head.weight', [count, width]);
    if (ends.headBias !== undefined) take(ends.headBias, 'head.bias', [count]);
    else missing.push({ name: 'head.bias', shape: [count], filledWith: 'zeros' });
  }
  const leftOver = [...free].flatMap(([name, { shape }]) => (taken.has(name) ? [] : [{ name, shape }]));
  refuseLeftOver([...leftOver, ...others], sourceName);
  return {
    architecture: 'recurrent',
    format,
    cell,
    hiddenSize,
    layers,
    bidirectional,
    relu: cell === 'rnn' ? null : false,
    pooling: null,
    input:
      ends.embedding === undefined
        ? { kind: 'unknown', width: inputSize }
        : { kind: 'tokens', symbols, embeddingSize: inputSize },
    output: ends.head === undefined ? null : { count, kind: null, per: null },
    conditions,
    tensors,
    mapped,
    conversions,
    missing,
    canTieHead: ends.head === undefined && ends.embedding !== undefined && inputSize === width,
    own,
  };
}

function largestStack(floats: Floats, sourceName: string): string {
  const found = new Map<string, number>();
  for (const [name, { data }] of floats) {
    const match = RECURRENT.exec(name);
    if (match) found.set(match[1] ?? '', (found.get(match[1] ?? '') ?? 0) + data.length);
  }
  const [largest] = [...found].sort(([, a], [, b]) => b - a);
  if (largest === undefined) {
    const names = [...floats.keys()].slice(0, 6).map((name) => JSON.stringify(name.slice(0, 80)));
    throw new FormatError(
      `${sourceName} has no recurrent layer by PyTorch’s names ("weight_ih_l0", "weight_hh_l0", with any prefix); ` +
        (names.length === 0 ? 'it has no float tensors at all' : `it has ${names.join(', ')}`),
    );
  }
  return largest[0];
}

interface Stack {
  readonly cell: CellKind;
  readonly hiddenSize: number;
  readonly layers: number;
  readonly inputSize: number;
  readonly bidirectional: boolean;
  readonly tensors: FloatTensors;
  readonly mapped: readonly MappedTensor[];
  readonly missing: readonly (NamedShape & { readonly filledWith: 'zeros' })[];
}

function readStack(floats: Floats, prefix: string, sourceName: string): Stack {
  const at = (part: string) => floats.get(`${prefix}${part}`);
  const shown = JSON.stringify(`${prefix.slice(0, 80)}weight_hh_l0`);
  const recurrent = at('weight_hh_l0');
  const input = at('weight_ih_l0');
  if (recurrent === undefined || input === undefined) {
    return refuse(sourceName, `${shown} or its weight_ih_l0 is missing; a stack of recurrent layers begins with them`);
  }
  if (at('weight_hr_l0') !== undefined) {
    return refuse(sourceName, 'its LSTM projects the hidden state (weight_hr_l0), which the models here do not have');
  }
  const [rows = 0, hiddenSize = 0] = recurrent.shape;
  const cell = CELLS[rows / hiddenSize];
  const [inputRows, inputSize = 0] = input.shape;
  if (
    recurrent.shape.length !== 2 ||
    input.shape.length !== 2 ||
    inputRows !== rows ||
    cell === undefined ||
    inputSize === 0
  ) {
    return refuse(
      sourceName,
      `${shown} has shape ${sizes(recurrent.shape)} and weight_ih_l0 ${sizes(input.shape)}; ` +
        'of an RNN they are [H, H] and [H, I], of a GRU [3 H, H] and [3 H, I], of an LSTM [4 H, H] and [4 H, I]',
    );
  }
  let layers = 1;
  while (at(`weight_hh_l${layers}`) !== undefined) layers++;
  if (layers > MOST_LAYERS)
    return refuse(sourceName, `it has ${layers} recurrent layers; at most ${MOST_LAYERS} are read`);
  const bidirectional = at('weight_hh_l0_reverse') !== undefined;
  const tensors = new Map<string, Tensor<Float32Array>>();
  const mapped: MappedTensor[] = [];
  const missing: (NamedShape & { filledWith: 'zeros' })[] = [];
  for (let l = 0; l < layers; l++) {
    const inputs = l === 0 ? inputSize : hiddenSize * (bidirectional ? 2 : 1);
    for (const suffix of bidirectional ? [`l${l}`, `l${l}_reverse`] : [`l${l}`]) {
      const wanted = [
        ['weight_ih', [rows, inputs]],
        ['weight_hh', [rows, hiddenSize]],
        ['bias_ih', [rows]],
        ['bias_hh', [rows]],
      ] as const;
      for (const [part, shape] of wanted) {
        const from = `${prefix}${part}_${suffix}`;
        const to = `recurrent.${part}_${suffix}`;
        const tensor = floats.get(from);
        if (tensor === undefined && part.startsWith('bias')) {
          missing.push({ name: to, shape, filledWith: 'zeros' });
        } else if (tensor === undefined || !sameShape(tensor.shape, shape)) {
          const found = tensor === undefined ? 'is missing' : `has shape ${sizes(tensor.shape)}`;
          return refuse(
            sourceName,
            `tensor ${JSON.stringify(from.slice(0, 120))} ${found}; this stack needs ${sizes(shape)}`,
          );
        } else {
          tensors.set(to, { shape, data: tensor.data });
          mapped.push({ from, to, shape });
        }
      }
    }
  }
  return { cell, hiddenSize, layers, inputSize, bidirectional, tensors, mapped, missing };
}

function sameShape(a: readonly number[] | undefined, b: readonly number[]): boolean {
  return a?.length === b.length && a.every((size, i) => size === b[i]);
}

/** What an export of this program says in its metadata. */
function accountOf(metadata: Metadata): FoundModel['own'] {
  const parsed = (name: string): JsonValue | undefined => {
    const text = metadata[name];
    if (text === undefined) return undefined;
    try {
      return parseJson(text, name);
    } catch {
      return undefined;
    }
  };
  return ownAccount(parsed('experiment'), parsed('taskState'), Number(metadata['update'] ?? 0));
}
