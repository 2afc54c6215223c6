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
import { ownAccount, refuse, sizes, type FoundModel, type MappedTensor, type NamedShape } from './found-model.ts';

const RECURRENT = /^(.*?)(weight_ih|weight_hh|bias_ih|bias_hh|weight_hr)_l(\d{1,3})(_reverse)?$/su;
const CELLS: Readonly<Record<number, CellKind>> = { 1: 'rnn', 3: 'gru', 4: 'lstm' };
const LIKELY_EMBEDDING = /emb/iu;
const LIKELY_HEAD = /head|fc|linear|out|decoder|classif|proj/iu;
/** As experiments allow. */
const MOST_LAYERS = 32;

type Floats = ReadonlyMap<string, Tensor<Float32Array>>;

/** The largest recurrent stack of the file and what belongs to it. Throws FormatError where there is none that fits. */
export function recognisePytorch(file: SafetensorsFile, sourceName: string): FoundModel {
  const floats = floatsOf(file);
  const prefix = largestStack(floats, sourceName);
  const stack = readStack(floats, prefix, sourceName);
  const taken = new Map<string, MappedTensor>(stack.mapped.map((one) => [one.from, one]));
  const tensors = new Map(stack.tensors);
  const take = (from: string, to: string, shape: readonly number[]): void => {
    const tensor = floats.get(from);
    if (tensor === undefined) return;
    taken.set(from, { from, to, shape });
    tensors.set(to, { shape, data: tensor.data });
  };

  const missing = [...stack.missing];
  const { hiddenSize, layers, inputSize, bidirectional, cell } = stack;
  const free = (filter: (shape: readonly number[], name: string) => boolean) =>
    [...floats].flatMap(([name, { shape }]) => (!taken.has(name) && filter(shape, name) ? [name] : []));

  const account = accountOf(file.metadata);
  const ownStates = layers * (cell === 'lstm' ? 2 : 1) * hiddenSize;
  const initial = account && free((shape, name) => name === 'initial.weight' && shape[1] === ownStates)[0];
  const conditions = initial === undefined || initial === null ? 0 : (floats.get(initial)?.shape[0] ?? 0);
  if (initial) take(initial, 'initial.weight', [conditions, ownStates]);

  const width = hiddenSize * (bidirectional ? 2 : 1);
  const isMatrix = (columns: number) => (shape: readonly number[], name: string) =>
    shape.length === 2 && shape[1] === columns && name.endsWith('weight');
  const biasOf = (name: string) => `${name.slice(0, -'weight'.length)}bias`;
  const heads = free(isMatrix(width)).filter((name) => !LIKELY_EMBEDDING.test(name));
  const head =
    preferred(heads, (name) => LIKELY_HEAD.test(name)) ?? preferred(heads, (name) => floats.has(biasOf(name)));
  const count = head === undefined ? 0 : (floats.get(head)?.shape[0] ?? 0);
  if (head !== undefined) {
    take(head, 'head.weight', [count, width]);
    const bias = biasOf(head);
    if (sameShape(floats.get(bias)?.shape, [count])) take(bias, 'head.bias', [count]);
    else missing.push({ name: 'head.bias', shape: [count], filledWith: 'zeros' });
  }
  const tables = free(isMatrix(inputSize)).filter((name) => !floats.has(biasOf(name)));
  const embedding = preferred(tables, (name) => LIKELY_EMBEDDING.test(name)) ?? tables[0];
  const symbols = embedding === undefined ? 0 : (floats.get(embedding)?.shape[0] ?? 0);
  if (embedding !== undefined) take(embedding, 'embedding.weight', [symbols, inputSize]);

  return {
    format: 'safetensors',
    cell,
    hiddenSize,
    layers,
    bidirectional,
    relu: cell === 'rnn' ? null : false,
    pooling: null,
    input:
      embedding === undefined
        ? { kind: 'unknown', width: inputSize }
        : { kind: 'tokens', symbols, embeddingSize: inputSize },
    output: head === undefined ? null : { count, kind: null, per: null },
    conditions,
    tensors,
    mapped: [...taken.values()],
    missing,
    leftOver: [...file.tensors].flatMap(([name, { shape }]) => (taken.has(name) ? [] : [{ name, shape }])),
    own: account,
  };
}

/** Float32 and float64 as float32. */
function floatsOf({ tensors }: SafetensorsFile): Floats {
  const floats = new Map<string, Tensor<Float32Array>>();
  for (const [name, { shape, data }] of tensors) {
    if (data instanceof Float32Array) floats.set(name, { shape, data });
    else if (data instanceof Float64Array) floats.set(name, { shape, data: Float32Array.from(data) });
  }
  return floats;
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

/** The last of those that are likely, as heads come last; of several likely ones the last. */
function preferred(names: readonly string[], isLikely: (name: string) => boolean): string | undefined {
  return names.findLast(isLikely);
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
