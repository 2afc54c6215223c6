/**
 * TensorFlow.js LayersModels (Keras's topology in model.json, weights in files of bytes): a chain of layers with an
 * embedding or numbers, LSTM or SimpleRNN layers in one or both directions, pooling and a dense head. What the models
 * here cannot compute exactly (a GRU with its reset before the product, hard sigmoids, other layers) is refused by name.
 */
import * as v from 'valibot';
import { FormatError } from '../errors.ts';
import type { Pooling } from '../experiment/experiment.ts';
import { transposed } from '../exports/gates.ts';
import { show } from '../experiment/fields.ts';
import { parseJson } from '../formats/json.ts';
import { elementsOf, type Tensor } from '../formats/safetensors.ts';
import { ownAccount, refuse, sizes, type FoundRecurrent, type MappedTensor, type NamedShape } from './found-model.ts';
import { refuseLeftOver } from './left-over.ts';
import { weightsOf } from './weights.ts';

const record = v.record(v.string(), v.unknown());
const layerSchema = v.object({ class_name: v.string(), config: record });
type LayerJson = v.InferOutput<typeof layerSchema>;

const weightSchema = v.object({
  name: v.string(),
  shape: v.array(v.pipe(v.number(), v.safeInteger(), v.minValue(0))),
  dtype: v.string(),
  quantization: v.optional(v.unknown()),
});
const manifestSchema = v.array(v.object({ paths: v.array(v.string()), weights: v.array(weightSchema) }));
const networkSchema = v.object({
  class_name: v.picklist(['Sequential', 'Model', 'Functional']),
  config: v.union([v.array(layerSchema), v.object({ layers: v.array(layerSchema) })]),
});

const fileSchema = v.object({
  format: v.optional(v.unknown()),
  modelTopology: v.union([networkSchema, v.object({ model_config: networkSchema })]),
  weightsManifest: manifestSchema,
  userDefinedMetadata: v.optional(v.unknown()),
});

export interface LayersModelFile {
  /** Names of the files of weights, in the order of their bytes; plain names beside model.json. */
  readonly paths: readonly string[];
  readonly layers: readonly LayerJson[];
  readonly weights: v.InferOutput<typeof manifestSchema>[number]['weights'];
  readonly metadata: unknown;
}

/** What model.json says. Throws FormatError where it is none, or names files that are not beside it. */
export function readLayersModelJson(text: string, sourceName: string): LayersModelFile {
  const json = parseJson(text, sourceName, { error: FormatError });
  refuseOtherJson(json, sourceName);
  const result = v.safeParse(fileSchema, json, { abortEarly: true });
  if (!result.success) {
    const [issue] = result.issues;
    const place = v.getDotPath(issue) ?? 'the value';
    const what =
      issue.received === 'undefined' ? `it has no ${place}` : `${place} must be ${issue.expected ?? 'another'}`;
    return refuse(sourceName, `it is no LayersModel of TensorFlow.js: ${what}`);
  }
  const { modelTopology, weightsManifest, userDefinedMetadata } = result.output;
  const network = 'model_config' in modelTopology ? modelTopology.model_config : modelTopology;
  const paths = weightsManifest.flatMap((group) => group.paths);
  const outside = paths.find((path) => !/^[^/\\:*?"<>|\0]{1,200}$/u.test(path) || /^\.{1,2}$/u.test(path));
  if (outside !== undefined) {
    return refuse(
      sourceName,
      `it names the file ${JSON.stringify(outside.slice(0, 80))}; weights must lie beside model.json under a plain name`,
    );
  }
  const { config } = network;
  return {
    paths,
    layers: Array.isArray(config) ? config : config.layers,
    weights: weightsManifest.flatMap((group) => group.weights),
    metadata: userDefinedMetadata,
  };
}

/** Throws FormatError where it is JSON of another kind that is known. */
function refuseOtherJson(json: unknown, sourceName: string): void {
  const { format } = typeof json === 'object' && json !== null ? (json as Readonly<Record<string, unknown>>) : {};
  if (format === 'unrolled-experiment') {
    throw new FormatError(
      `${sourceName} is an experiment, not a trained model`,
      'Train it: "train FILE" on the command line, or New run in the app.',
    );
  }
  if (format === 'graph-model') {
    throw new FormatError(
      `${sourceName} is a GraphModel of TensorFlow.js, whose layers are no longer there; a LayersModel is read`,
      'Convert the Keras model with tensorflowjs_converter --input_format keras --output_format tfjs_layers_model.',
    );
  }
}

/** `bytes`: all files of weights one after the other. Throws FormatError where the model is not one of ours. */
export function recogniseLayersModel(file: LayersModelFile, bytes: Uint8Array, sourceName: string): FoundRecurrent {
  const weights = readWeights(file.weights, bytes, sourceName);
  const reader = new LayersReader(weights, sourceName);
  for (const layer of file.layers) reader.read(layer);
  return reader.finish(file);
}

type Weights = ReadonlyMap<string, Tensor<Float32Array>>;

function readWeights(specs: LayersModelFile['weights'], bytes: Uint8Array, sourceName: string): Weights {
  const weights = new Map<string, Tensor<Float32Array>>();
  let at = 0;
  for (const { name, shape, dtype, quantization } of specs) {
    const shown = JSON.stringify(name.slice(0, 120));
    if (dtype !== 'float32' || quantization !== undefined) {
      const found = quantization === undefined ? dtype.slice(0, 40) : 'quantised';
      return refuse(sourceName, `weight ${shown} is ${found}; float32 is read`);
    }
    const length = elementsOf(shape) * 4;
    if (!Number.isSafeInteger(length) || at + length > bytes.length) {
      return refuse(
        sourceName,
        `weight ${shown} of shape ${sizes(shape)} takes ${length} bytes, but its files end after ${bytes.length - at} more`,
      );
    }
    weights.set(name, { shape, data: new Float32Array(bytes.slice(at, at + length).buffer) });
    at += length;
  }
  if (at < bytes.length) {
    return refuse(sourceName, `its files have ${bytes.length - at} bytes that belong to no weight`);
  }
  weightsOf({ tensors: weights, dtypes: new Map(), metadata: {} }, sourceName);
  return weights;
}

const POOLINGS: Readonly<Record<string, Pooling>> = { GlobalAveragePooling1D: 'mean', GlobalMaxPooling1D: 'max' };
/** Layers that change nothing once a model is trained. */
const WITHOUT_EFFECT = new Set(['InputLayer', 'Dropout', 'SpatialDropout1D', 'GaussianNoise', 'Activation']);

class LayersReader {
  readonly #weights: Weights;
  readonly #sourceName: string;
  readonly #tensors = new Map<string, Tensor<Float32Array>>();
  readonly #mapped: MappedTensor[] = [];
  readonly #missing: (NamedShape & { filledWith: 'zeros' })[] = [];
  readonly #used = new Set<string>();
  #embedding: { readonly symbols: number; readonly size: number } | undefined;
  #recurrent:
    { readonly cell: 'lstm' | 'rnn'; readonly relu: boolean; readonly H: number; readonly both: boolean } | undefined;
  #layers = 0;
  #inputs = 0;
  #sequences = true;
  #pooling: Pooling | null = null;
  #head: { readonly count: number; readonly kind: 'labels' | 'values' } | undefined;

  constructor(weights: Weights, sourceName: string) {
    this.#weights = weights;
    this.#sourceName = sourceName;
  }

  read({ class_name: kind, config }: LayerJson): void {
    const name = typeof config['name'] === 'string' ? config['name'] : '';
    // The first states that generators of this program look up; they are taken up in finish().
    if (/^initial_[hc]0_l\d+$/u.test(name) || (kind === 'Reshape' && /^[hc]0_l\d+$/u.test(name))) return;
    if (WITHOUT_EFFECT.has(kind)) {
      if (kind === 'Activation') this.#activation(config['activation'], name);
      return;
    }
    switch (kind) {
      case 'Embedding': {
        if (config['mask_zero'] === true) {
          this.#refuse(`its embedding ${shown(name)} masks the symbol 0 (mask_zero); the models here mask no symbol`);
        }
        this.#readEmbedding(name);
        return;
      }
      case 'LSTM':
      case 'SimpleRNN': {
        this.#readRecurrent(kind, config, [[name, '']], config);
        return;
      }
      case 'Bidirectional': {
        this.#readBidirectional(name, config);
        return;
      }
      case 'Dense': {
        this.#readDense(name, config);
        return;
      }
      case 'TimeDistributed': {
        const inner = v.safeParse(layerSchema, config['layer']);
        if (inner.success && inner.output.class_name === 'Dense') {
          this.#readDense(name, inner.output.config);
          return;
        }
        return this.#refuse(`its layer ${shown(name)} applies something other than a dense layer to every step`);
      }
      case 'GRU':
        return this.#refuse(
          `its layer ${shown(name)} is a GRU whose reset gate acts before the recurrent product (the only one that ` +
            'TensorFlow.js has); the GRU here has it after',
        );
      default:
        if (Object.hasOwn(POOLINGS, kind)) {
          if (this.#head || this.#pooling !== null || !this.#sequences) {
            this.#refuse(`its pooling ${shown(name)} does not follow the outputs of all steps of the recurrent layers`);
          }
          this.#pooling = POOLINGS[kind] ?? null;
          return;
        }
        return this.#refuse(`its layer ${shown(name)} is a ${kind.slice(0, 60)}, which the models here do not have`);
    }
  }

  finish(file: LayersModelFile): FoundRecurrent {
    const recurrent = this.#recurrent;
    if (recurrent === undefined) return this.#refuse('it has no LSTM or SimpleRNN layer');
    const { cell, relu, H, both } = recurrent;
    const own = accountOf(file.metadata);
    const conditions = own === null ? 0 : this.#readInitial(recurrent);
    const embedding = this.#embedding;
    // What was written for one-hot symbols is an embedding by the identity.
    const written = own?.experiment.model;
    const oneHot = written?.architecture === 'recurrent' && written.embeddingSize === 0 && embedding !== undefined;
    if (oneHot) {
      const { data } = this.#tensors.get('embedding.weight')!;
      if (
        embedding.symbols !== embedding.size ||
        data.some((value, i) => value !== (i % (embedding.size + 1) ? 0 : 1))
      ) {
        this.#refuse('its embedding is no identity, although its metadata say that the symbols are one-hot');
      }
      this.#tensors.delete('embedding.weight');
    }
    const leftOver = [...this.#weights].flatMap(([name, { shape }]) => (this.#used.has(name) ? [] : [{ name, shape }]));
    refuseLeftOver(leftOver, this.#sourceName, 'none of its layers has them');
    return {
      architecture: 'recurrent',
      format: 'layers-model',
      cell,
      hiddenSize: H,
      layers: this.#layers,
      bidirectional: both,
      relu,
      pooling: this.#pooling ?? (this.#sequences ? null : 'last'),
      input:
        embedding === undefined
          ? { kind: 'unknown', width: this.#inputs }
          : { kind: 'tokens', symbols: embedding.symbols, embeddingSize: oneHot ? 0 : embedding.size },
      output: this.#head
        ? { ...this.#head, per: this.#pooling === null && this.#sequences ? 'step' : 'sequence' }
        : null,
      conditions,
      tensors: this.#tensors,
      mapped: this.#mapped.filter(({ to }) => this.#tensors.has(to)),
      conversions: [],
      missing: this.#missing,
      canTieHead: false,
      own,
    };
  }

  #readEmbedding(name: string): void {
    if (this.#embedding || this.#recurrent) {
      this.#refuse(`its layer ${shown(name)} is an embedding that does not stand at the beginning`);
    }
    const table = this.#weight(`${name}/embeddings`, 2);
    const [symbols = 0, size = 0] = table.shape;
    this.#embedding = { symbols, size };
    this.#put(`${name}/embeddings`, 'embedding.weight', [symbols, size], table.data);
  }

  #readBidirectional(name: string, config: LayerJson['config']): void {
    const inner = v.safeParse(layerSchema, config['layer']);
    const kind = inner.success ? inner.output.class_name : '';
    if (!inner.success || (kind !== 'LSTM' && kind !== 'SimpleRNN') || config['merge_mode'] !== 'concat') {
      const mode = String(config['merge_mode']).slice(0, 40);
      return this.#refuse(
        `its layer ${shown(name)} joins two ${shown(kind)} by ${shown(mode)}; LSTM or SimpleRNN by "concat" is read`,
      );
    }
    const own = String(inner.output.config['name']);
    const backward = v.safeParse(layerSchema, config['backward_layer']);
    const other = backward.success ? String(backward.output.config['name']) : own;
    this.#readRecurrent(
      kind,
      inner.output.config,
      [
        [`${name}/forward_${own}`, ''],
        [`${name}/backward_${other}`, '_reverse'],
      ],
      config,
    );
  }

  /** `places`: where the weights of each direction are, and the end of their names here. */
  #readRecurrent(
    kind: 'LSTM' | 'SimpleRNN',
    config: LayerJson['config'],
    places: readonly (readonly [place: string, suffix: string])[],
    outer: LayerJson['config'],
  ): void {
    const name = String(outer['name'] ?? config['name']);
    if (this.#head || this.#pooling !== null || !this.#sequences) {
      this.#refuse(`its recurrent layer ${shown(name)} does not follow the outputs of all steps`);
    }
    this.#requireFunctions(kind, config, name);
    const relu = kind === 'SimpleRNN' && config['activation'] === 'relu';
    const cell = kind === 'LSTM' ? 'lstm' : 'rnn';
    const both = places.length === 2;
    for (const [place, suffix] of places) {
      const H = this.#readDirection(place, `l${this.#layers}${suffix}`, cell === 'lstm' ? 4 : 1);
      const before = this.#recurrent;
      if (before && (before.cell !== cell || before.relu !== relu || before.H !== H || before.both !== both)) {
        this.#refuse(
          `its layer ${shown(name)} differs in kind, size or direction from the one below; here they are alike`,
        );
      }
      this.#recurrent = { cell, relu, H, both };
    }
    this.#layers++;
    this.#sequences = config['return_sequences'] === true;
  }

  #requireFunctions(kind: string, config: LayerJson['config'], name: string): void {
    const { activation, recurrent_activation: gates } = config;
    const allowed = kind === 'LSTM' ? ['tanh'] : ['tanh', 'relu'];
    if (typeof activation !== 'string' || !allowed.includes(activation)) {
      this.#refuse(`its layer ${shown(name)} has the activation ${shown(activation)}; ${allowed.join(' or ')} is read`);
    }
    if (kind === 'LSTM' && gates !== 'sigmoid') {
      this.#refuse(
        `the gates of its layer ${shown(name)} have the function ${shown(gates)}; here it is the sigmoid, exactly ` +
          '(recurrentActivation: "sigmoid")',
      );
    }
    if (config['go_backwards'] === true) {
      this.#refuse(`its layer ${shown(name)} reads backwards; here only both directions together are known`);
    }
  }

  /** Returns H. */
  #readDirection(place: string, suffix: string, gates: number): number {
    const kernel = this.#weight(`${place}/kernel`, 2);
    const recurrent = this.#weight(`${place}/recurrent_kernel`, 2);
    const [inputs = 0, rows = 0] = kernel.shape;
    const [H = 0, columns] = recurrent.shape;
    const below = this.#recurrent;
    const expected = this.#layers === 0 ? (this.#embedding?.size ?? inputs) : (below?.H ?? 0) * (below?.both ? 2 : 1);
    if (H === 0 || rows !== gates * H || columns !== rows || inputs !== expected) {
      this.#refuse(
        `its kernels at ${shown(place)} have the shapes ${sizes(kernel.shape)} and ${sizes(recurrent.shape)}, ` +
          `which do not fit each other or the layer below`,
      );
    }
    if (this.#layers === 0) this.#inputs = inputs;
    this.#put(
      `${place}/kernel`,
      `recurrent.weight_ih_${suffix}`,
      [rows, inputs],
      transposed(kernel.data, inputs, rows),
    );
    this.#put(
      `${place}/recurrent_kernel`,
      `recurrent.weight_hh_${suffix}`,
      [rows, H],
      transposed(recurrent.data, H, rows),
    );
    this.#putBias(`${place}/bias`, `recurrent.bias_ih_${suffix}`, rows);
    // TensorFlow.js has one bias where there are two here; their sum is what counts.
    this.#tensors.set(`recurrent.bias_hh_${suffix}`, { shape: [rows], data: new Float32Array(rows) });
    this.#missing.push({ name: `recurrent.bias_hh_${suffix}`, shape: [rows], filledWith: 'zeros' });
    return H;
  }

  #readDense(name: string, config: LayerJson['config']): void {
    if (this.#head || !this.#recurrent) {
      this.#refuse(`its dense layer ${shown(name)} is not the only one, at the end; that is the head here`);
    }
    const kernel = this.#weight(`${name}/kernel`, 2);
    const [width = 0, count = 0] = kernel.shape;
    const { H, both } = this.#recurrent;
    if (width !== H * (both ? 2 : 1) || count === 0) {
      this.#refuse(
        `its dense layer ${shown(name)} has the shape ${sizes(kernel.shape)}, which does not fit ${H} hidden units`,
      );
    }
    this.#put(`${name}/kernel`, 'head.weight', [count, width], transposed(kernel.data, width, count));
    this.#putBias(`${name}/bias`, 'head.bias', count);
    this.#head = { count, kind: 'values' };
    this.#activation(config['activation'], name);
  }

  /** What follows a head: nothing for numbers, the softmax for labels. */
  #activation(activation: unknown, name: string): void {
    if (activation === 'linear' || activation === undefined || activation === null) return;
    if (activation !== 'softmax' || !this.#head) {
      this.#refuse(
        `its layer ${shown(name)} has the activation ${shown(activation)}; softmax or linear is read, at the end`,
      );
    }
    this.#head = { count: this.#head.count, kind: 'labels' };
  }

  /** [conditions, states * H] from a table for each state; returns how many conditions there are. */
  #readInitial({ cell, H }: { readonly cell: 'lstm' | 'rnn'; readonly H: number }): number {
    const states = (cell === 'lstm' ? ['h', 'c'] : ['h']).flatMap((state) =>
      Array.from({ length: this.#layers }, (_, l) => `initial_${state}0_l${l}/embeddings`),
    );
    const tables = states.flatMap((name) => this.#weights.get(name) ?? []);
    const [first] = tables;
    const conditions = first?.shape[0] ?? 0;
    if (tables.length < states.length || conditions === 0) return 0;
    const width = states.length * H;
    const whole = new Float32Array(conditions * width);
    tables.forEach(({ shape, data }, s) => {
      if (shape[0] !== conditions || shape[1] !== H)
        this.#refuse(`its table ${shown(states[s])} has the shape ${sizes(shape)}`);
      for (let i = 0; i < data.length; i++) whole[Math.floor(i / H) * width + s * H + (i % H)] = data[i]!;
    });
    for (const name of states) this.#put(name, 'initial.weight', [conditions, width], whole);
    return conditions;
  }

  #weight(name: string, dimensions: number): Tensor<Float32Array> {
    const tensor = this.#weights.get(name);
    if (tensor?.shape.length !== dimensions) {
      const found = tensor === undefined ? 'is missing' : `has the shape ${sizes(tensor.shape)}`;
      return this.#refuse(`its weight ${shown(name)} ${found}; ${dimensions} dimensions are needed`);
    }
    return tensor;
  }

  #put(from: string, to: string, shape: readonly number[], data: Float32Array): void {
    this.#used.add(from);
    this.#tensors.set(to, { shape, data });
    this.#mapped.push({ from, to, shape });
  }

  #putBias(from: string, to: string, count: number): void {
    const bias = this.#weights.get(from);
    if (bias === undefined) {
      this.#tensors.set(to, { shape: [count], data: new Float32Array(count) });
      this.#missing.push({ name: to, shape: [count], filledWith: 'zeros' });
    } else if (bias.shape.length !== 1 || bias.shape[0] !== count) {
      this.#refuse(`its weight ${shown(from)} has the shape ${sizes(bias.shape)}; ${sizes([count])} is needed`);
    } else {
      this.#put(from, to, [count], bias.data);
    }
  }

  #refuse(why: string): never {
    return refuse(this.#sourceName, why);
  }
}

function accountOf(metadata: unknown): FoundRecurrent['own'] {
  if (typeof metadata !== 'object' || metadata === null) return null;
  const { experiment, taskState, update } = metadata as Readonly<Record<string, never>>;
  return ownAccount(experiment, taskState, Number(update));
}

function shown(value: unknown): string {
  return show(value).slice(0, 80);
}
