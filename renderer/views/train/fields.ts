/** The controls of the form for an experiment, by the path of what they set. Their words are in the catalogue. */
import type { Architecture, Cell, Experiment } from '../../../engine/experiment/experiment.ts';
import { ARCHITECTURES, ATTENTIONS, CELLS } from '../../../engine/experiment/model-schema.ts';

export type FieldKind = 'number' | 'switch' | 'segmented' | 'select';

export interface Field {
  /** "model.hiddenSize" */
  readonly path: string;
  readonly kind: FieldKind;
  /** Of the kinds 'segmented' and 'select'. */
  readonly choices?: readonly string[];
  /** Whether the experiment has it at all; it belongs to one kind of cell, optimizer or schedule. */
  readonly when?: (experiment: Experiment) => boolean;
  /** Among those that are seldom changed. */
  readonly more?: boolean;
}

export interface Section {
  readonly name: 'model' | 'training';
  readonly fields: readonly Field[];
}

const isA =
  (architecture: Architecture) =>
  ({ model }: Experiment): boolean =>
    model.architecture === architecture;
const recurrence = ({ model }: Experiment): boolean => model.architecture !== 'transformer';
const hasCell =
  (cell: Cell) =>
  ({ model }: Experiment): boolean =>
    model.architecture !== 'transformer' && model.cell === cell;
const additive = ({ model }: Experiment): boolean =>
  model.architecture === 'encoder-decoder' && model.attention === 'additive';
const learned = ({ model }: Experiment): boolean =>
  model.architecture === 'transformer' && model.positions === 'learned';
const adam = ({ training }: Experiment): boolean => training.optimizer.kind.startsWith('adam');

export const sections: readonly Section[] = [
  {
    name: 'model',
    fields: [
      { path: 'model.architecture', kind: 'segmented', choices: ARCHITECTURES },
      { path: 'model.cell', kind: 'segmented', choices: CELLS, when: recurrence },
      { path: 'model.attention', kind: 'segmented', choices: ATTENTIONS, when: isA('encoder-decoder') },
      { path: 'model.hiddenSize', kind: 'number', when: recurrence },
      { path: 'model.modelSize', kind: 'number', when: isA('transformer') },
      { path: 'model.heads', kind: 'number', when: isA('transformer') },
      { path: 'model.layers', kind: 'number' },
      { path: 'model.feedForwardSize', kind: 'number', when: isA('transformer') },
      { path: 'model.dropout', kind: 'number' },
      { path: 'model.embeddingSize', kind: 'number', when: recurrence },
      { path: 'model.attentionSize', kind: 'number', when: additive },
      { path: 'model.bidirectional', kind: 'switch', when: recurrence },
      { path: 'model.positions', kind: 'select', choices: ['sinusoidal', 'learned'], when: isA('transformer') },
      { path: 'model.maxPositions', kind: 'number', when: learned },
      {
        path: 'model.pooling',
        kind: 'select',
        choices: ['last', 'mean', 'max'],
        when: ({ model }) => model.architecture !== 'encoder-decoder',
      },
      { path: 'model.norm', kind: 'select', choices: ['pre', 'post'], more: true, when: isA('transformer') },
      { path: 'model.activation', kind: 'select', choices: ['relu', 'gelu'], more: true, when: isA('transformer') },
      {
        path: 'model.nonlinearity',
        kind: 'select',
        choices: ['tanh', 'relu'],
        when: hasCell('rnn'),
      },
      {
        path: 'model.init.recurrent',
        kind: 'select',
        choices: ['uniform', 'xavier', 'orthogonal', 'normal', 'identity'],
        more: true,
        when: recurrence,
      },
      {
        path: 'model.init.input',
        kind: 'select',
        choices: ['uniform', 'xavier', 'normal'],
        more: true,
        when: recurrence,
      },
      { path: 'model.init.recurrentScale', kind: 'number', more: true, when: recurrence },
      { path: 'model.init.forgetBias', kind: 'number', more: true, when: hasCell('lstm') },
    ],
  },
  {
    name: 'training',
    fields: [
      { path: 'training.optimizer.learningRate', kind: 'number' },
      { path: 'training.batchSize', kind: 'number' },
      { path: 'training.clipNorm', kind: 'number' },
      { path: 'training.steps', kind: 'number' },
      { path: 'training.stateful', kind: 'switch' },
      { path: 'training.teacherForcing', kind: 'number', when: isA('encoder-decoder') },
      { path: 'seed', kind: 'number' },
      { path: 'training.optimizer.kind', kind: 'select', choices: ['adam', 'adamw', 'sgd', 'rmsprop'], more: true },
      {
        path: 'training.optimizer.momentum',
        kind: 'number',
        more: true,
        when: ({ training }) => training.optimizer.kind === 'sgd' || training.optimizer.kind === 'rmsprop',
      },
      {
        path: 'training.optimizer.nesterov',
        kind: 'switch',
        more: true,
        when: ({ training }) => training.optimizer.kind === 'sgd',
      },
      { path: 'training.optimizer.beta1', kind: 'number', more: true, when: adam },
      { path: 'training.optimizer.beta2', kind: 'number', more: true, when: adam },
      {
        path: 'training.optimizer.alpha',
        kind: 'number',
        more: true,
        when: ({ training }) => training.optimizer.kind === 'rmsprop',
      },
      {
        path: 'training.optimizer.centered',
        kind: 'switch',
        more: true,
        when: ({ training }) => training.optimizer.kind === 'rmsprop',
      },
      { path: 'training.optimizer.weightDecay', kind: 'number', more: true },
      { path: 'training.schedule.kind', kind: 'select', choices: ['constant', 'step', 'cosine'], more: true },
      { path: 'training.schedule.warmup', kind: 'number', more: true },
      {
        path: 'training.schedule.factor',
        kind: 'number',
        more: true,
        when: ({ training }) => training.schedule.kind === 'step',
      },
      {
        path: 'training.schedule.every',
        kind: 'number',
        more: true,
        when: ({ training }) => training.schedule.kind === 'step',
      },
      {
        path: 'training.schedule.floor',
        kind: 'number',
        more: true,
        when: ({ training }) => training.schedule.kind === 'cosine',
      },
      { path: 'training.evaluateEvery', kind: 'number', more: true },
      { path: 'training.checkpointEvery', kind: 'number', more: true },
    ],
  },
];

/** Those of a section that the experiment has. */
export function fieldsOf({ fields }: Section, experiment: Experiment, more: boolean): readonly Field[] {
  return fields.filter((field) => (field.more ?? false) === more && (field.when?.(experiment) ?? true));
}
