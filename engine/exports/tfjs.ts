/**
 * A trained model as a TensorFlow.js LayersModel: model.json (the topology in Keras's terms) and weights.bin. Kernels are
 * PyTorch's transposed, gates i, f, c, o as there, the two biases summed. Batches come first: [B, T, ...].
 */
import { UnrolledError } from '../errors.ts';
import type { JsonValue } from '../json.ts';
import { PRODUCER, type Card } from './card.ts';
import { textFile, type ExportedFile } from './files.ts';
import { joined, transposed } from './gates.ts';
import { portableTask } from './portable-task.ts';
import { weightOf, type TrainedModel } from './trained-model.ts';

/** Why a model cannot be a LayersModel that gives the same answers; undefined where it can. */
export function whyNotTfjs({ spec }: Pick<TrainedModel, 'spec'>): string | undefined {
  return spec.cell === 'gru'
    ? 'TensorFlow.js has a GRU whose reset gate acts before the recurrent product, and refuses the one trained here, ' +
        'whose reset gate acts after it (as in PyTorch); ONNX runs in JavaScript too, with onnxruntime-web'
    : undefined;
}

/** Throws UnrolledError where the model cannot be expressed. */
export function tfjsExport(model: TrainedModel, card: Card): readonly ExportedFile[] {
  const refusal = whyNotTfjs(model);
  if (refusal !== undefined) throw new UnrolledError('not-expressible', refusal);
  const { layers, outputs, weights } = topology(model);
  const bytes = joined(...weights.map(({ data }) => data));
  const json = {
    format: 'layers-model',
    generatedBy: `${PRODUCER} ${card.version}`,
    convertedBy: null,
    modelTopology: {
      class_name: 'Model',
      config: {
        name: 'unrolled',
        layers: layers.map(({ name, kind, config, from }) => ({
          name,
          class_name: kind,
          config: { name, ...config },
          inbound_nodes: from.length === 0 ? [] : [from.map((source) => [source, 0, 0, {}])],
        })),
        input_layers: layers.filter(({ kind }) => kind === 'InputLayer').map(({ name }) => [name, 0, 0]),
        output_layers: outputs.map(([name, index]) => [name, 0, index]),
      },
      keras_version: 'tfjs-layers 4.22.0',
      backend: 'tensor_flow.js',
    },
    weightsManifest: [
      { paths: ['weights.bin'], weights: weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' })) },
    ],
    userDefinedMetadata: {
      task: portableTask(model),
      taskState: model.taskState,
      experiment: model.experiment as unknown as JsonValue,
      update: model.update,
      card: card.markdown,
    },
  };
  return [
    textFile('model.json', JSON.stringify(json)),
    { name: 'weights.bin', bytes: new Uint8Array(bytes.buffer) },
    textFile('README.md', card.markdown),
  ];
}

interface LayerJson {
  readonly name: string;
  readonly kind: string;
  readonly config: Readonly<Record<string, JsonValue>>;
  /** Layers whose first outputs it takes. */
  readonly from: readonly string[];
}

interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

interface Topology {
  readonly layers: readonly LayerJson[];
  readonly outputs: readonly (readonly [layer: string, index: number])[];
  readonly weights: readonly Weight[];
}

function topology(model: TrainedModel): Topology {
  const { spec, codec } = model;
  const { input, output, hiddenSize: H, bidirectional, embeddingSize, conditions, cell, pooling } = spec;
  const layers: LayerJson[] = [];
  const weights: Weight[] = [];
  const add = (name: string, kind: string, from: readonly string[], config: LayerJson['config']): string => {
    layers.push({ name, kind, config, from });
    return name;
  };
  const entry = (name: string, shape: readonly (number | null)[], dtype = 'float32') =>
    add(name, 'InputLayer', [], { batch_input_shape: [null, ...shape], dtype, sparse: false });
  const table = (name: string, from: string, rows: number, columns: number, data: Float32Array) => {
    weights.push({ name: `${name}/embeddings`, shape: [rows, columns], data });
    return add(name, 'Embedding', [from], { input_dim: rows, output_dim: columns, mask_zero: false });
  };

  let last: string;
  if (input.kind === 'values') {
    last = entry('values', [null, input.width]);
  } else {
    const tokens = entry('tokens', [null], 'int32');
    last =
      embeddingSize > 0
        ? table('embedding', tokens, input.symbols, embeddingSize, weightOf(model, 'embedding.weight'))
        : table('one_hot', tokens, input.symbols, input.symbols, identity(input.symbols));
  }
  const states = cell === 'lstm' ? ['h', 'c'] : ['h'];
  /** The states before the first step, of layer l. */
  const starts = startStates(model, states, entry, table, add);
  const withStates = codec.kind === 'language';
  for (let l = 0; l < spec.layers; l++) {
    const sequences = output.per === 'step' || pooling !== 'last' || l + 1 < spec.layers;
    last = addRecurrent(model, l, [last, ...starts(l)], { sequences, states: withStates }, add, weights);
  }
  if (output.per === 'sequence' && pooling !== 'last') {
    last = add('pooled', pooling === 'mean' ? 'GlobalAveragePooling1D' : 'GlobalMaxPooling1D', [last], {});
  }
  const count = output.kind === 'labels' ? output.count : output.width;
  const width = H * (bidirectional ? 2 : 1);
  add('head', 'Dense', [last], {
    units: count,
    activation: output.kind === 'labels' ? 'softmax' : 'linear',
    use_bias: true,
  });
  weights.push(
    { name: 'head/kernel', shape: [width, count], data: transposed(weightOf(model, 'head.weight'), count, width) },
    { name: 'head/bias', shape: [count], data: weightOf(model, 'head.bias') },
  );
  const ends = Array.from({ length: withStates && conditions === 0 ? spec.layers : 0 }, (_, l) =>
    states.map((_state, s) => [`l${l}`, s + 1] as const),
  );
  return { layers, outputs: [['head', 0], ...ends.flat()], weights };
}

type Add = (name: string, kind: string, from: readonly string[], config: LayerJson['config']) => string;

/** Language models are given their states, generators look them up; others start from zeros. */
function startStates(
  model: TrainedModel,
  states: readonly string[],
  entry: (name: string, shape: readonly (number | null)[], dtype?: string) => string,
  table: (name: string, from: string, rows: number, columns: number, data: Float32Array) => string,
  add: Add,
): (layer: number) => readonly string[] {
  const { codec, spec } = model;
  const { hiddenSize: H, layers, conditions } = spec;
  const all = Array.from({ length: layers }, (_, l) => states.map((state) => `${state}0_l${l}`));
  if (codec.kind === 'language') {
    for (const name of all.flat()) entry(name, [H]);
    return (layer) => all[layer] ?? [];
  }
  if (conditions === 0) return () => [];
  const label = entry('label', [1], 'int32');
  const rows = weightOf(model, 'initial.weight');
  const width = rows.length / conditions;
  all.forEach((names, l) => {
    names.forEach((name, s) => {
      const at = (s * layers + l) * H;
      const own = Float32Array.from(
        { length: conditions * H },
        (_, i) => rows[Math.floor(i / H) * width + at + (i % H)]!,
      );
      add(name, 'Reshape', [table(`initial_${name}`, label, conditions, H, own)], { target_shape: [H] });
    });
  });
  return (layer) => all[layer] ?? [];
}

function addRecurrent(
  model: TrainedModel,
  layer: number,
  from: readonly string[],
  returned: { readonly sequences: boolean; readonly states: boolean },
  add: Add,
  weights: Weight[],
): string {
  const { cell, hiddenSize: H, bidirectional, relu } = model.spec;
  const name = `l${layer}`;
  const kind = cell === 'lstm' ? 'LSTM' : 'SimpleRNN';
  const config = {
    units: H,
    activation: relu ? 'relu' : 'tanh',
    ...(cell === 'lstm' ? { recurrent_activation: 'sigmoid', unit_forget_bias: false } : {}),
    use_bias: true,
    return_sequences: returned.sequences,
    return_state: returned.states,
    go_backwards: false,
    stateful: false,
    unroll: false,
  };
  const inner = `cell_${name}`;
  if (bidirectional) {
    add(name, 'Bidirectional', from, {
      merge_mode: 'concat',
      layer: { class_name: kind, config: { name: inner, ...config } },
    });
    pushWeights(model, `${name}/forward_${inner}`, name, weights);
    pushWeights(model, `${name}/backward_${inner}`, `${name}_reverse`, weights);
  } else {
    add(name, kind, from, config);
    pushWeights(model, name, name, weights);
  }
  return name;
}

/** `suffix`: PyTorch's, "l0" or "l0_reverse". */
function pushWeights(model: TrainedModel, name: string, suffix: string, weights: Weight[]): void {
  const H = model.spec.hiddenSize;
  const of = (tensor: string) => weightOf(model, `recurrent.${tensor}_${suffix}`);
  const [input, recurrent, own, other] = [of('weight_ih'), of('weight_hh'), of('bias_ih'), of('bias_hh')];
  const rows = own.length;
  const inputs = input.length / rows;
  weights.push(
    { name: `${name}/kernel`, shape: [inputs, rows], data: transposed(input, rows, inputs) },
    { name: `${name}/recurrent_kernel`, shape: [H, rows], data: transposed(recurrent, rows, H) },
    { name: `${name}/bias`, shape: [rows], data: own.map((value, i) => value + other[i]!) },
  );
}

function identity(size: number): Float32Array {
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 1;
  return matrix;
}
