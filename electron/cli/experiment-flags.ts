/** Flags that say what to train, and the experiment that they and a file make. */
import type { Experiment, TaskChoice } from '../../engine/experiment/experiment.ts';
import { ARCHITECTURES, ATTENTIONS, CELLS } from '../../engine/experiment/model-schema.ts';
import { switchArchitecture } from '../../engine/experiment/switch-architecture.ts';
import { experimentToJson, FORMAT, parseExperiment, VERSION } from '../../engine/experiment/schema.ts';
import type { JsonValue } from '../../engine/json.ts';
import { nearest } from '../../engine/nearest.ts';
import { taskDefinition } from '../../engine/tasks/registry.ts';
import { UsageError, type Flags, type FlagValues } from './flags.ts';
import { presetFor } from '../experiments/presets.ts';

const ANY = Number.MAX_SAFE_INTEGER;
const whole = (description: string) => ({ type: 'integer', minimum: 0, maximum: ANY, description }) as const;
const number = (description: string) => ({ type: 'number', minimum: -ANY, maximum: ANY, description }) as const;

/** Ranges are the experiment's own to check. */
export const experimentFlags = {
  task: { type: 'text', value: 'ID', description: 'What to learn; "unrolled tasks" lists them' },
  option: { type: 'list', value: 'NAME=VALUE', description: 'An option of the task; "unrolled tasks ID" lists them' },
  architecture: {
    type: 'choice',
    choices: ARCHITECTURES,
    description: 'One output a step or sequence, a network that reads and one that writes, or self-attention',
  },
  cell: { type: 'choice', choices: CELLS, description: 'Kind of recurrent cell' },
  nonlinearity: { type: 'choice', choices: ['tanh', 'relu'], description: 'Of the cell "rnn"' },
  hidden: whole('Hidden size of a layer'),
  layers: whole('Layers; of encoder and decoder where there are both'),
  bidirectional: { type: 'switch', description: 'Read sequences from both ends; of an encoder-decoder: the encoder' },
  embedding: whole('Embedding size of symbols; 0: one-hot'),
  dropout: number('Probability of dropping, between layers and before the head'),
  pooling: { type: 'choice', choices: ['last', 'mean', 'max'], description: 'How a sequence becomes one vector' },
  attention: { type: 'choice', choices: ATTENTIONS, description: 'How the decoder of an encoder-decoder looks back' },
  'attention-size': whole('Of additive attention'),
  'model-size': whole('Size D of a transformer, a multiple of its heads'),
  heads: whole('Attention heads of a transformer’s layer'),
  'feed-forward': whole('Inner size of a transformer’s feed-forward sublayers'),
  norm: {
    type: 'choice',
    choices: ['pre', 'post'],
    description: 'Layer normalisation of a transformer: where it stands',
  },
  activation: { type: 'choice', choices: ['relu', 'gelu'], description: 'Of a transformer’s feed-forward sublayers' },
  positions: { type: 'choice', choices: ['sinusoidal', 'learned'], description: 'Position encodings of a transformer' },
  'max-positions': whole('How many positions are learned'),
  'teacher-forcing': number('Probability that a decoder in training is fed the right symbol, 0 to 1'),
  'forget-bias': number('Initial bias of the LSTM’s forget gate'),
  epochs: whole('How often to go through the training part'),
  updates: whole('How many updates to do, in place of epochs'),
  batch: whole('Sequences in one update'),
  steps: whole('Window of truncated backpropagation through a text'),
  optimizer: { type: 'choice', choices: ['sgd', 'rmsprop', 'adam', 'adamw'], description: 'Kind of optimizer' },
  lr: number('Learning rate'),
  momentum: number('Of the optimizers "sgd" and "rmsprop"'),
  centered: {
    type: 'switch',
    description: 'Of the optimizer "rmsprop": divide by the standard deviation of the gradients',
  },
  'weight-decay': number('Weight decay'),
  schedule: { type: 'choice', choices: ['constant', 'step', 'cosine'], description: 'Course of the learning rate' },
  warmup: whole('Updates in which the learning rate grows to its full value'),
  'step-every': whole('Of the schedule "step": updates between two steps'),
  'step-factor': number('Of the schedule "step": what each multiplies the learning rate by'),
  floor: number('Of the schedule "cosine": the last learning rate as a share of the first'),
  clip: number('Largest norm of the gradient; 0: no clipping'),
  patience: whole('Evaluations without improvement after which to stop; 0: never'),
  'evaluate-every': whole('Updates between evaluations; 0: once an epoch'),
  'checkpoint-every': whole('Updates between checkpoints'),
  seed: whole('What initial weights, dropout and the order of the data follow from'),
  name: { type: 'text', value: 'TEXT', description: 'Name of the experiment' },
} as const satisfies Flags;

export type ExperimentValues = FlagValues<typeof experimentFlags>;
type Section = Record<string, JsonValue>;

/** Flags that set one field as it is, and where it is. */
const FIELDS = {
  hidden: ['model', 'hiddenSize'],
  layers: ['model', 'layers'],
  bidirectional: ['model', 'bidirectional'],
  embedding: ['model', 'embeddingSize'],
  dropout: ['model', 'dropout'],
  pooling: ['model', 'pooling'],
  nonlinearity: ['model', 'nonlinearity'],
  attention: ['model', 'attention'],
  'attention-size': ['model', 'attentionSize'],
  'model-size': ['model', 'modelSize'],
  heads: ['model', 'heads'],
  'feed-forward': ['model', 'feedForwardSize'],
  norm: ['model', 'norm'],
  activation: ['model', 'activation'],
  positions: ['model', 'positions'],
  'max-positions': ['model', 'maxPositions'],
  'teacher-forcing': ['training', 'teacherForcing'],
  'forget-bias': ['model', 'init', 'forgetBias'],
  batch: ['training', 'batchSize'],
  steps: ['training', 'steps'],
  lr: ['training', 'optimizer', 'learningRate'],
  momentum: ['training', 'optimizer', 'momentum'],
  centered: ['training', 'optimizer', 'centered'],
  'weight-decay': ['training', 'optimizer', 'weightDecay'],
  warmup: ['training', 'schedule', 'warmup'],
  'step-every': ['training', 'schedule', 'every'],
  'step-factor': ['training', 'schedule', 'factor'],
  floor: ['training', 'schedule', 'floor'],
  clip: ['training', 'clipNorm'],
  'evaluate-every': ['training', 'evaluateEvery'],
  'checkpoint-every': ['training', 'checkpointEvery'],
  seed: ['seed'],
  name: ['name'],
} as const satisfies Partial<Record<keyof ExperimentValues, readonly string[]>>;

/** What a task without a preset starts from. */
const FALLBACK: Section = {
  format: FORMAT,
  version: VERSION,
  seed: 1,
  model: { cell: 'lstm', hiddenSize: 64 },
  training: { updates: 2000 },
};

/**
 * The experiment in `file`, or else the preset of the task, with the flags in place of its fields. Throws UsageError
 * where there is neither file nor task, InputError where the flags do not make an experiment.
 */
export function experimentFrom(values: ExperimentValues, file?: Experiment): Experiment {
  if (file !== undefined) {
    const changed = override(experimentToJson(file) as Section, values);
    const same = JSON.stringify([changed.task, changed.model]) === JSON.stringify([file.task, file.model]);
    if (same || values.name !== undefined) return changed;
    // The file's name tells of the file's settings.
    const { name: _, ...unnamed } = changed;
    return unnamed;
  }
  if (values.task === undefined) {
    throw new UsageError(
      'there is nothing to train: give an experiment file, or a task with --task ID',
      'unrolled tasks lists the tasks; unrolled help train tells more',
    );
  }
  // Throws where the task is not known.
  const { id } = taskDefinition(values.task);
  const found = presetFor(id);
  const base: Section = found ? { ...(experimentToJson(found) as Section) } : { ...FALLBACK, task: { id } };
  // A preset's name tells of the preset's settings.
  delete base['name'];
  return override(base, values);
}

function override(base: Section, values: ExperimentValues): Experiment {
  const experiment = structuredClone(base);
  overrideTask(experiment, values);
  overrideKinds(experiment, values);
  overrideLength(sectionOf(experiment, 'training'), values);
  for (const [flag, path] of Object.entries(FIELDS)) {
    const value = values[flag as keyof typeof FIELDS];
    if (value !== undefined) {
      const target = path.slice(0, -1).reduce(sectionOf, experiment);
      target[path.at(-1)!] = value;
    }
  }
  return parseExperiment(experiment, 'the command line');
}

function overrideTask(experiment: Section, { task, option }: Pick<ExperimentValues, 'task' | 'option'>): void {
  let { id } = experiment['task'] as TaskChoice;
  if (task !== undefined && task !== id) {
    ({ id } = taskDefinition(task));
    experiment['task'] = { id };
  }
  for (const assignment of option ?? []) {
    const [, name = '', value = ''] = /^([^=]+)=(.*)$/s.exec(assignment) ?? [];
    if (name === '') {
      throw new UsageError(`--option is "${assignment}"; it must be NAME=VALUE`);
    }
    sectionOf(experiment, 'task')[name] = optionValue(id, name, value);
  }
}

/** A task by its id, with options. Throws where there is none such. */
export function taskChoiceFrom(task: string, options: readonly string[] = []): TaskChoice {
  const experiment: Section = { task: { id: '' } };
  overrideTask(experiment, { task, option: options });
  return experiment['task'] as TaskChoice;
}

/** As the task's table of options has it; the task itself checks the range. */
function optionValue(task: string, name: string, value: string): JsonValue {
  const { options } = taskDefinition(task);
  const known = Object.hasOwn(options, name) ? options[name] : undefined;
  if (known === undefined) {
    const names = Object.keys(options);
    const meant = nearest(name, names);
    throw new UsageError(
      `--option ${name}: the task ${task} has no such option; ` +
        (meant !== undefined
          ? `did you mean ${meant}?`
          : names.length > 0
            ? `it has ${names.join(', ')}`
            : 'it has none at all'),
    );
  }
  switch (known.type) {
    case 'integer':
    case 'number': {
      const parsed = Number(value);
      return value.trim() === '' || Number.isNaN(parsed) ? value : parsed;
    }
    case 'boolean':
      return value === 'true' ? true : value === 'false' ? false : value;
    case 'choice':
      return value;
  }
}

/** Another architecture, kind of cell, optimizer or schedule: what belonged to the one before goes. */
function overrideKinds(experiment: Section, values: ExperimentValues): void {
  const { architecture, cell, optimizer, schedule } = values;
  if (architecture !== undefined && architecture !== sectionOf(experiment, 'model')['architecture']) {
    experiment['model'] = { ...switchArchitecture(sectionOf(experiment, 'model'), architecture) };
    delete sectionOf(experiment, 'training')['teacherForcing'];
  }
  const model = sectionOf(experiment, 'model');
  // Sizes that follow from others follow from the new ones.
  if (values.attention !== undefined || values.hidden !== undefined) delete model['attentionSize'];
  if (values['model-size'] !== undefined) delete model['feedForwardSize'];
  if (values.positions !== undefined) delete model['maxPositions'];
  if (cell !== undefined && cell !== model['cell']) {
    model['cell'] = cell;
    delete model['nonlinearity'];
    if (model['init'] !== undefined) {
      const init = sectionOf(model, 'init');
      delete init['forgetBias'];
      delete init['chronoSteps'];
    }
  }
  const training = sectionOf(experiment, 'training');
  if (optimizer !== undefined && optimizer !== sectionOf(training, 'optimizer')['kind']) {
    training['optimizer'] = { kind: optimizer };
  }
  if (schedule !== undefined && schedule !== sectionOf(training, 'schedule')['kind']) {
    training['schedule'] = { kind: schedule, warmup: sectionOf(training, 'schedule')['warmup'] ?? 0 };
  }
}

function overrideLength(training: Section, { epochs, updates, patience }: ExperimentValues): void {
  if (epochs !== undefined || updates !== undefined) {
    delete training['epochs'];
    delete training['updates'];
    if (epochs !== undefined) {
      training['epochs'] = epochs;
    }
    if (updates !== undefined) {
      training['updates'] = updates;
    }
  }
  if (patience !== undefined) {
    training['earlyStopping'] = patience === 0 ? null : { patience };
  }
}

/** The object that is `parent`'s member, made where it is missing. */
function sectionOf(parent: Section, name: string): Section {
  const member = parent[name];
  if (typeof member === 'object' && member !== null) {
    return member as Section;
  }
  const made: Section = {};
  parent[name] = made;
  return made;
}
