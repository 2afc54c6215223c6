/** From what was recognised and what the person says of it to a checkpoint that a run begins with. */
import { InputError } from '../errors.ts';
import type { Experiment, Pooling, TaskChoice } from '../experiment/experiment.ts';
import { checkModelSuitsTask } from '../experiment/plan.ts';
import { parseExperiment } from '../experiment/schema.ts';
import { tensorShapes } from '../exports/trained-model.ts';
import { checkTensors, type Checkpoint, type FloatTensors } from '../formats/checkpoint.ts';
import { elementsOf, type Tensor } from '../formats/safetensors.ts';
import { recurrentSpecFor } from '../models/from-experiment.ts';
import { Random } from '../random.ts';
import { IMPORTED } from '../tasks/imported.ts';
import { restoreCodec } from '../tasks/restore.ts';
import type { TaskCodec, TaskState } from '../tasks/task.ts';
import { UNKNOWN } from '../tasks/vocabulary.ts';
import { optimizerSlots } from '../team/optimizer.ts';
import type { FoundModel } from './found-model.ts';

/** The kinds of task that a model from elsewhere can be looked at as. */
export const IMPORT_KINDS = ['language', 'tagging', 'classification', 'regression'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

/** What a file does not say. Whatever is left out is what the file says, or else what suits it best. */
export interface ImportChoice {
  readonly kind?: ImportKind | undefined;
  /** One for each number of the input, in order. */
  readonly symbols?: readonly string[] | undefined;
  /** One for each output. */
  readonly labels?: readonly string[] | undefined;
  readonly relu?: boolean | undefined;
  readonly pooling?: Pooling | undefined;
  /** Outputs of the head that is made where the file has none. */
  readonly outputs?: number | undefined;
  /** A task of the program in place of all that, with its state on its data. */
  readonly task?: { readonly choice: TaskChoice; readonly state: TaskState } | undefined;
}

/** Of the head that is made where there is none, where nobody says. */
const USUAL_OUTPUTS = 2;
const HEAD_STREAM = 0xfe00_0000;

/** Kinds that the model can be, the likeliest first. */
export function kindsFor({ input, output, conditions, bidirectional, pooling }: FoundModel): readonly ImportKind[] {
  if (conditions > 0) return [];
  const perStep = output?.per !== 'sequence' && pooling === null;
  const perSequence = output?.per !== 'step';
  const labels = output?.kind !== 'values';
  const values = output?.kind !== 'labels';
  const symbols = input.kind === 'tokens' ? input.symbols : input.width;
  const same = output?.count === symbols && !bidirectional;
  return [
    ...(perStep && labels && same ? (['language'] as const) : []),
    ...(input.kind === 'unknown' && perSequence && values ? (['regression'] as const) : []),
    ...(perStep && labels ? (['tagging'] as const) : []),
    ...(perSequence && labels ? (['classification'] as const) : []),
  ];
}

/**
 * A checkpoint of update 0 with the model's weights, from which training can begin. Throws InputError where the choice
 * does not fit what was found, naming the field.
 */
export function assembleImport(found: FoundModel, choice: ImportChoice, sourceName: string): Checkpoint {
  const { own } = found;
  if (own !== null && choice.task === undefined && choice.kind === undefined) {
    return checkpointOf(own.experiment, own.taskState, found, sourceName);
  }
  const { taskChoice, state } = choice.task
    ? { taskChoice: choice.task.choice, state: choice.task.state }
    : { taskChoice: { id: IMPORTED }, state: neutralState(found, choice) };
  const codec = restoreCodec(state);
  requireFit(found, codec);
  const { cell, hiddenSize, layers, bidirectional, input } = found;
  const relu = choice.relu ?? found.relu ?? false;
  const experiment = parseExperiment(
    {
      format: 'unrolled-experiment',
      version: 1,
      task: taskChoice,
      model: {
        cell,
        hiddenSize,
        layers,
        bidirectional,
        embeddingSize: input.kind === 'tokens' ? input.embeddingSize : 0,
        pooling: found.pooling ?? choice.pooling ?? 'last',
        ...(cell === 'rnn' ? { nonlinearity: relu ? 'relu' : 'tanh' } : {}),
      },
      training: { updates: 1000 },
    },
    sourceName,
  );
  checkModelSuitsTask(experiment, { ...codec, id: experiment.task.id });
  return checkpointOf(experiment, state, found, sourceName);
}

function checkpointOf(experiment: Experiment, taskState: TaskState, found: FoundModel, sourceName: string): Checkpoint {
  const codec = restoreCodec(taskState);
  const spec = recurrentSpecFor(experiment, codec, { steps: 1, batchSize: 1, lengths: false, stateful: false });
  const shapes = tensorShapes(spec);
  const model = new Map(found.tensors);
  for (const { name, shape } of found.missing) {
    if (!model.has(name)) model.set(name, zeros(shape));
  }
  if (found.output === null) addFreshHead(model, shapes);
  checkTensors(model, shapes, sourceName);
  const ordered: FloatTensors = new Map([...shapes.keys()].map((name) => [name, model.get(name)!]));
  const likewise = (): FloatTensors => new Map([...shapes].map(([name, shape]) => [name, zeros(shape)]));
  const { batchSize, optimizer } = experiment.training;
  return {
    experiment,
    taskState,
    progress: {
      update: 0,
      position: { epoch: 0, batch: 0 },
      earlyStopping: { best: null, reference: null, waited: 0 },
      divergence: { firstLoss: null, exploded: 0 },
    },
    build: { core: 'imported', threads: 1 },
    model: ordered,
    optimizer: new Map(optimizerSlots(optimizer).map((slot) => [slot, likewise()])),
    state: codec.kind === 'language' ? carriedState(experiment, batchSize) : new Map(),
  };
}

/** The state that goes from window to window of a text, at its beginning. */
function carriedState({ model }: Experiment, batchSize: number): FloatTensors {
  const state = new Map<string, Tensor<Float32Array>>();
  if (model.architecture !== 'recurrent') return state;
  for (let l = 0; l < model.layers; l++) {
    state.set(`h.${l}`, zeros([batchSize, model.hiddenSize]));
    if (model.cell === 'lstm') state.set(`c.${l}`, zeros([batchSize, model.hiddenSize]));
  }
  return state;
}

/** A task that says no more of the model than its shapes do: symbols and labels are numbers where nobody, nor its file, names them. */
function neutralState(found: FoundModel, choice: ImportChoice): TaskState {
  const kinds = kindsFor(found);
  const kind = choice.kind ?? kinds[0];
  if (kind === undefined || !kinds.includes(kind)) {
    throw new InputError(
      kinds.length === 0
        ? 'the model grows sequences from labels, and the file does not say from which; it cannot be opened by itself'
        : `the kind is ${JSON.stringify(kind)}; by its shapes this model can be ${kinds.join(' or ')}`,
    );
  }
  const inputs = found.input.kind === 'tokens' ? found.input.symbols : found.input.width;
  const outputs = found.output?.count ?? choice.outputs ?? (kind === 'language' ? inputs : USUAL_OUTPUTS);
  const own = found.own && restoreCodec(found.own.taskState);
  const given = choice.symbols ?? (own?.input.kind === 'tokens' ? own.input.symbols : own?.input.names);
  const symbols = named(given, inputs, 'symbols');
  const answers = choice.labels ?? (own?.output.kind === 'labels' ? own.output.labels : own?.output.names);
  const labels = named(answers, outputs, 'labels');
  const characters = given !== undefined && isCharacters(given);
  switch (kind) {
    case 'language':
      return characters
        ? { family: 'language', symbols }
        : { family: 'tagging', symbols, labels: symbols, separator: ' ', example: exampleOf(symbols) };
    case 'tagging':
    case 'classification': {
      const separator = characters ? '' : ' ';
      return { family: kind, symbols, labels, separator, example: exampleOf(symbols, separator) };
    }
    case 'regression':
      return { family: 'regression', inputs: symbols, outputs: labels };
  }
}

function exampleOf(symbols: readonly string[], separator = ' '): string {
  return symbols.slice(0, 4).join(separator) || '0';
}

function isCharacters(symbols: readonly string[]): boolean {
  return symbols.every((symbol) => symbol === UNKNOWN || Array.from(symbol).length === 1);
}

function named(names: readonly string[] | undefined, count: number, what: string): readonly string[] {
  if (names === undefined) return Array.from({ length: count }, (_, i) => String(i));
  if (names.length !== count || new Set(names).size !== count) {
    throw new InputError(
      `${what} are ${new Set(names).size} different ones of ${names.length}; the model has ${count}`,
    );
  }
  return names;
}

/** Throws InputError where the task's sizes are not the model's. */
function requireFit({ input, output }: FoundModel, codec: TaskCodec): void {
  const inputs = input.kind === 'tokens' ? input.symbols : input.width;
  const wanted = codec.input.kind === 'tokens' ? codec.input.symbols.length : codec.input.names.length;
  if (input.kind === 'tokens' && codec.input.kind === 'values') {
    throw new InputError('the model has an embedding for symbols, but the task has numbers as its input');
  }
  if (inputs !== wanted) {
    throw new InputError(`the model takes ${inputs} symbols or numbers, the task has ${wanted}`);
  }
  const outputs = codec.output.kind === 'labels' ? codec.output.labels.length : codec.output.names.length;
  if (output !== null && output.count !== outputs) {
    throw new InputError(`the model gives ${output.count} outputs, the task has ${outputs}`);
  }
}

/** As PyTorch's Linear begins: uniform within 1 / sqrt(width); the same at every import. */
function addFreshHead(model: Map<string, Tensor<Float32Array>>, shapes: ReadonlyMap<string, readonly number[]>): void {
  const [, width = 1] = shapes.get('head.weight') ?? [];
  const bound = 1 / Math.sqrt(width);
  const random = new Random(0, HEAD_STREAM);
  for (const name of ['head.weight', 'head.bias']) {
    const shape = shapes.get(name) ?? [];
    const data = Float32Array.from({ length: elementsOf(shape) }, () => (2 * random.unit() - 1) * bound);
    model.set(name, { shape, data });
  }
}

function zeros(shape: readonly number[]): Tensor<Float32Array> {
  return { shape, data: new Float32Array(elementsOf(shape)) };
}
