/** From what was recognised and what the person says of it to a checkpoint that a run begins with. */
import { InputError } from '../errors.ts';
import type { Experiment, Pooling, TaskChoice } from '../experiment/experiment.ts';
import { checkModelSuitsTask } from '../experiment/plan.ts';
import { parseExperiment } from '../experiment/schema.ts';
import { tensorShapes } from '../exports/trained-model.ts';
import { checkTensors, type Checkpoint, type FloatTensors } from '../formats/checkpoint.ts';
import { elementsOf, type Tensor } from '../formats/safetensors.ts';
import { specFor } from '../models/from-experiment.ts';
import { Random } from '../random.ts';
import { IMPORTED } from '../tasks/imported.ts';
import { restoreCodec } from '../tasks/restore.ts';
import type { TaskCodec, TaskState } from '../tasks/task.ts';
import { UNKNOWN } from '../tasks/vocabulary.ts';
import { optimizerSlots } from '../team/optimizer.ts';
import type { FoundModel, FoundOwn, FoundRecurrent } from './found-model.ts';

/** The kinds of task that a model from elsewhere can be looked at as. */
export const IMPORT_KINDS = ['language', 'tagging', 'classification', 'regression'] as const;
export type ImportKind = (typeof IMPORT_KINDS)[number];

export const HEAD_CHOICES = ['tied', 'new'] as const;
export type HeadChoice = (typeof HEAD_CHOICES)[number];

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
  /**
   * Where the file has no head: the embedding's weights again, or new ones. Left out: the embedding's for a language model
   * whose embedding has the shape of a head, new ones otherwise.
   */
  readonly head?: HeadChoice | undefined;
  /** A task of the program in place of all that, with its state on its data. */
  readonly task?: { readonly choice: TaskChoice; readonly state: TaskState } | undefined;
}

/** Of the head that is made where there is none, where nobody says. */
const USUAL_OUTPUTS = 2;
const HEAD_STREAM = 0xfe00_0000;

/** Kinds that the model can be, the likeliest first; none where its file alone says what it is. */
export function kindsFor(found: FoundModel): readonly ImportKind[] {
  if (found.architecture !== 'recurrent') return [];
  const { input, output, conditions, bidirectional, pooling, canTieHead } = found;
  if (conditions > 0) return [];
  const perStep = output?.per !== 'sequence' && pooling === null;
  const perSequence = output?.per !== 'step';
  const labels = output?.kind !== 'values';
  const values = output?.kind !== 'labels';
  const symbols = input.kind === 'tokens' ? input.symbols : input.width;
  const same = (output?.count === symbols || canTieHead) && !bidirectional;
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
  if (found.architecture !== 'recurrent') return assembleOwn(found, choice, sourceName);
  if (own !== null && choice.task === undefined && choice.kind === undefined) {
    return checkpointOf(own.experiment, own.taskState, found, choice, sourceName);
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
  return checkpointOf(experiment, state, found, choice, sourceName);
}

/** Of the architectures that no other program's file is taken for: as the file says, or of another task that it fits. */
function assembleOwn(found: FoundOwn, choice: ImportChoice, sourceName: string): Checkpoint {
  const { own } = found;
  if (choice.kind !== undefined || choice.symbols !== undefined || choice.labels !== undefined) {
    throw new InputError(
      `${sourceName} says itself what its model does (${own.experiment.task.id}); no kind, symbols or labels can be given`,
    );
  }
  const { task } = choice;
  const experiment = task === undefined ? own.experiment : { ...own.experiment, task: task.choice };
  return checkpointOf(experiment, task === undefined ? own.taskState : task.state, found, choice, sourceName);
}

function checkpointOf(
  experiment: Experiment,
  taskState: TaskState,
  found: FoundModel,
  choice: ImportChoice,
  sourceName: string,
): Checkpoint {
  const codec = restoreCodec(taskState);
  checkModelSuitsTask(experiment, { ...codec, id: experiment.task.id });
  const spec = specFor(experiment, codec, { steps: 1, batchSize: 1, lengths: false, stateful: false });
  const shapes = tensorShapes(spec);
  const model = new Map(found.tensors);
  if (found.architecture === 'recurrent') {
    for (const { name, shape } of found.missing) {
      if (!model.has(name)) model.set(name, zeros(shape));
    }
    if (found.output === null && isHeadTied(found, choice, codec)) tieHead(model);
    else if (found.output === null) addFreshHead(model, shapes);
  }
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
function neutralState(found: FoundRecurrent, choice: ImportChoice): TaskState {
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
function requireFit({ input, output }: FoundRecurrent, codec: TaskCodec): void {
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

/** Whether the embedding's weights are the head's too, where the file has no head. Throws InputError where they cannot be. */
export function isHeadTied(found: FoundRecurrent, choice: ImportChoice, { kind, output }: TaskCodec): boolean {
  const { head, task } = choice;
  const symbols = found.input.kind === 'tokens' ? found.input.symbols : 0;
  const fits = found.canTieHead && output.kind === 'labels' && output.labels.length === symbols;
  if (head === 'tied' && !fits) {
    throw new InputError(
      `the head cannot be tied to the embedding: that needs an embedding as wide as the last layer's output, and one ` +
        `label for each symbol`,
    );
  }
  // Without names for its symbols a language model is one that labels each step with the next symbol.
  const isLanguage = kind === 'language' || (task === undefined && (choice.kind ?? kindsFor(found)[0]) === 'language');
  return fits && (head === undefined ? isLanguage : head === 'tied');
}

function tieHead(model: Map<string, Tensor<Float32Array>>): void {
  const embedding = model.get('embedding.weight');
  if (embedding === undefined) throw new TypeError('A tied head needs an embedding.');
  model.set('head.weight', { shape: embedding.shape, data: embedding.data.slice() });
  model.set('head.bias', zeros(embedding.shape.slice(0, 1)));
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
