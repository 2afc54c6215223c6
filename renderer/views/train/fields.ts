/** The controls of the form for an experiment, by the path of what they set. Their words are in the catalogue. */
import type { Cell, Experiment } from '../../../engine/experiment/experiment.ts';

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

const hasCell =
  (cell: Cell) =>
  ({ model }: Experiment): boolean =>
    model.architecture !== 'transformer' && model.cell === cell;
const adam = ({ training }: Experiment): boolean => training.optimizer.kind.startsWith('adam');

export const sections: readonly Section[] = [
  {
    name: 'model',
    fields: [
      { path: 'model.cell', kind: 'segmented', choices: ['rnn', 'lstm', 'gru'] },
      { path: 'model.hiddenSize', kind: 'number' },
      { path: 'model.layers', kind: 'number' },
      { path: 'model.dropout', kind: 'number' },
      { path: 'model.embeddingSize', kind: 'number' },
      { path: 'model.bidirectional', kind: 'switch' },
      { path: 'model.pooling', kind: 'select', choices: ['last', 'mean', 'max'] },
      {
        path: 'model.nonlinearity',
        kind: 'select',
        choices: ['tanh', 'relu'],
        when: hasCell('rnn'),
      },
      {
        path: 'model.init.recurrent',
        kind: 'select',
        choices: ['uniform', 'xavier', 'orthogonal', 'normal'],
        more: true,
      },
      { path: 'model.init.input', kind: 'select', choices: ['uniform', 'xavier', 'normal'], more: true },
      { path: 'model.init.recurrentScale', kind: 'number', more: true },
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
      { path: 'seed', kind: 'number' },
      { path: 'training.optimizer.kind', kind: 'select', choices: ['adam', 'adamw', 'sgd', 'rmsprop'], more: true },
      {
        path: 'training.optimizer.momentum',
        kind: 'number',
        more: true,
        when: ({ training }) => training.optimizer.kind === 'sgd',
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
