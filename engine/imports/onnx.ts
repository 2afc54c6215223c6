/**
 * ONNX files that this program has written. Their graph follows from the experiment in their metadata; exporting a model
 * whose weights are numbered shows where each weight went, and so which number of the file is which weight. The model
 * that comes out is exported again and must give the same operators and the same constants, bit for bit.
 */
import { FormatError } from '../errors.ts';
import { graphsOf } from '../exports/onnx/graphs.ts';
import { tensorShapes, type AnyTrainedModel } from '../exports/trained-model.ts';
import type { FloatTensors } from '../formats/checkpoint.ts';
import { parseJson } from '../formats/json.ts';
import { encodeOnnx } from '../formats/onnx/model.ts';
import { readOnnx, type ReadOnnx } from '../formats/onnx/read.ts';
import { elementsOf, type Tensor } from '../formats/safetensors.ts';
import { specFor } from '../models/from-experiment.ts';
import { restoreCodec } from '../tasks/restore.ts';
import { ownAccount, type OwnAccount } from './found-model.ts';
import { weightsOf } from './weights.ts';

export interface OnnxFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

export interface OwnOnnx {
  readonly own: OwnAccount;
  readonly tensors: FloatTensors;
}

const ABOUT = { producer: '', version: '', description: '', metadata: {} } as const;

/** Throws FormatError where the files are none of this program's exports, or were changed since. */
export function readOwnOnnx(files: readonly OnnxFile[]): OwnOnnx {
  const read = files.map(({ name, bytes }) => ({ name, file: readOnnx(bytes, name) }));
  const [first] = read;
  if (first === undefined) throw new FormatError('there is no ONNX file');
  const own = accountOf(first.file);
  if (own === null) throw foreign(first.name, first.file);
  const spec = specFor(own.experiment, restoreCodec(own.taskState), ONE_STEP);
  const shapes = tensorShapes(spec);
  const model = (weights: FloatTensors): AnyTrainedModel => ({
    ...own,
    codec: restoreCodec(own.taskState),
    spec,
    weights,
  });
  const graphs = (weights: FloatTensors) =>
    graphsOf(model(weights)).map(({ name, graph }) => ({ name, file: readOnnx(encodeOnnx(graph, ABOUT), name) }));

  // Numbered from two beginnings: constants that do not change are no weights.
  const [numbered, others] = [graphs(numbering(shapes, 1)), graphs(numbering(shapes, 2))];
  const matching = numbered.map(({ name, file }) => {
    const found =
      numbered.length === 1
        ? first
        : (read.find((one) => one.name.endsWith(name)) ??
          read.find((one) => one.file.inputs.join() === file.inputs.join()));
    if (found === undefined) {
      const wanted = numbered.map((one) => one.name).join(' and ');
      throw new FormatError(`${first.name} is one of two files; bring ${wanted} together`);
    }
    return found;
  });
  const total = [...shapes.values()].reduce((sum, shape) => sum + elementsOf(shape), 0);
  const values = new Float32Array(total);
  numbered.forEach(({ file }, g) => {
    const { name, file: given } = matching[g]!;
    for (const [constant, places] of file.tensors) {
      if (sameBytes(places.bytes, others[g]!.file.tensors.get(constant)?.bytes)) continue;
      const tensor = given.tensors.get(constant);
      if (tensor?.bytes === undefined || tensor.type !== FLOAT || tensor.shape.join() !== places.shape.join()) {
        throw new FormatError(`${name} was changed: its weight ${JSON.stringify(constant)} is not the one that it had`);
      }
      scatter(tensor.bytes, places.bytes, values, `${name} (${constant})`);
    }
  });
  const tensors = parted(shapes, values);
  weightsOf({ tensors, dtypes: new Map(), metadata: {} }, first.name);
  graphs(tensors).forEach(({ file }, g) => requireSame(file, matching[g]!.file, matching[g]!.name));
  return { own, tensors };
}

const ONE_STEP = { steps: 1, batchSize: 1, lengths: false, stateful: false } as const;
/** TensorProto.DataType. */
const FLOAT = 1;

function accountOf({ metadata }: ReadOnnx): OwnAccount | null {
  const parsed = (name: string) => {
    const text = metadata.get(name);
    try {
      return text === undefined ? undefined : parseJson(text, name);
    } catch {
      return undefined;
    }
  };
  return ownAccount(parsed('experiment'), parsed('task_state'), Number(metadata.get('update') ?? 0));
}

/** Says which operators another program's model has, those that no model here has first. */
function foreign(name: string, { producer, nodes }: ReadOnnx): FormatError {
  const operators = [...new Set(nodes.map(({ op }) => op))];
  const unknown = operators.filter((op) => !OWN_OPERATORS.has(op));
  const from = producer === '' ? 'another program' : producer.slice(0, 40);
  const shown = (unknown.length > 0 ? unknown : operators).slice(0, 6).map((op) => op.slice(0, 40));
  const what = unknown.length > 0 ? 'has operators that no model here has' : 'computes with';
  return new FormatError(
    `${name} is an ONNX model of ${from}: it ${what} (${shown.join(', ')}); ONNX is read where this program has written it`,
    'Import the weights as safetensors or a PyTorch file instead: torch.save(model.state_dict(), "weights.pt").',
  );
}

const OWN_OPERATORS = new Set(
  (
    'RNN LSTM GRU Gather OneHot MatMul Add Mul Div Sub Softmax Tanh Relu Erf Transpose Reshape Concat Slice Split Where Cast ' +
    'Range Shape Unsqueeze Squeeze Less LessOrEqual GreaterOrEqual Equal ReduceSum ReduceMax LayerNormalization Mod Sin ' +
    'Cos Identity Gemm Constant'
  ).split(' '),
);

/** Every element is its place among all, as bits; small ones are no NaN, which copying may change. */
function numbering(shapes: ReadonlyMap<string, readonly number[]>, start: number): FloatTensors {
  let next = start;
  return new Map(
    [...shapes].map(([name, shape]): [string, Tensor<Float32Array>] => {
      const bits = Uint32Array.from({ length: elementsOf(shape) }, () => next++);
      return [name, { shape, data: new Float32Array(bits.buffer) }];
    }),
  );
}

/** Numbers of the file to the places that `places` names. */
function scatter(from: Uint8Array, places: Uint8Array | undefined, to: Float32Array, place: string): void {
  if (places?.length !== from.length)
    throw new FormatError(`${place} has ${from.length} bytes, which are not its shape's`);
  const values = new Float32Array(from.slice().buffer);
  const indices = new Uint32Array(places.slice().buffer);
  indices.forEach((index, i) => (to[index - 1] = values[i]!));
}

function parted(
  shapes: ReadonlyMap<string, readonly number[]>,
  values: Float32Array,
): Map<string, Tensor<Float32Array>> {
  let at = 0;
  return new Map(
    [...shapes].map(([name, shape]) => {
      const begin = at;
      at += elementsOf(shape);
      return [name, { shape, data: values.slice(begin, at) }];
    }),
  );
}

function requireSame(want: ReadOnnx, got: ReadOnnx, name: string): void {
  const changed = (what: string) =>
    new FormatError(
      `${name} was changed after it was exported: ${what}`,
      'Import the bundle, the safetensors file or an unchanged ONNX export.',
    );
  const at = want.nodes.findIndex(({ bytes }, i) => !sameBytes(bytes, got.nodes[i]?.bytes));
  if (at >= 0) throw changed(`operator ${at} is ${got.nodes[at]?.op ?? 'missing'}, and was ${want.nodes[at]!.op}`);
  const more = got.nodes[want.nodes.length];
  if (more !== undefined) throw changed(`it has an operator more (${more.op.slice(0, 40)})`);
  for (const [constant, tensor] of want.tensors) {
    const found = got.tensors.get(constant);
    if (
      found?.type !== tensor.type ||
      found.shape.join() !== tensor.shape.join() ||
      !sameBytes(tensor.bytes, found.bytes)
    ) {
      throw changed(`its constant ${JSON.stringify(constant)} is another`);
    }
  }
  if (want.inputs.join() !== got.inputs.join() || want.outputs.join() !== got.outputs.join()) {
    throw changed('its inputs or outputs are others');
  }
}

function sameBytes(a: Uint8Array | undefined, b: Uint8Array | undefined): boolean {
  return a?.length === b?.length && (a?.every((byte, i) => byte === b?.[i]) ?? true);
}
