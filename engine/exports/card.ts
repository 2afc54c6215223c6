/** A model's card: what it is, what it learnt from, how well it does, in Markdown. */
import { describeBytes } from '../core/core.ts';
import { IMPORTED } from '../tasks/imported.ts';
import type { Metric, Origin } from '../tasks/task.ts';
import type { TransformerSpec } from '../models/spec.ts';
import type { AnyTrainedModel } from './trained-model.ts';

export const PRODUCER = 'Unrolled';

/** What is known of a run beside its model. */
export interface CardFacts {
  /** Of the run. */
  readonly name: string;
  readonly task: { readonly id: string; readonly title: string; readonly description: string };
  readonly origin: Origin;
  /** Of the checkpoint, the deciding one first; empty where it was not evaluated. */
  readonly metrics: readonly CardMetric[];
  /** Empty where the data are not there. */
  readonly baselines: readonly { readonly name: string; readonly metric: CardMetric }[];
  readonly note: string;
  /** "2026-11-25" */
  readonly date: string;
  /** Of the program. */
  readonly version: string;
}

/** null: not a finite number. */
export type CardMetric = Pick<Metric, 'label' | 'better'> & {
  readonly value: number | null;
  readonly unit?: string | undefined;
};

export interface Card {
  readonly title: string;
  readonly version: string;
  readonly markdown: string;
  readonly facts: CardFacts;
}

export function modelCard(model: AnyTrainedModel, facts: CardFacts): Card {
  const { name, task, origin, metrics, baselines, note, date, version } = facts;
  const parameters = parameterCount(model);
  const lines = [
    `# ${name}`,
    '',
    ...(note.trim() === '' ? [] : [note.trim(), '']),
    `- Task: ${task.title} (${task.id}). ${task.description}`,
    `- Data: ${origin.title}. ${origin.source}`,
    `- Licence of the data: ${origin.licence}`,
    `- Model: ${describeArchitecture(model)}`,
    `- Size: ${parameters.toLocaleString('en')} parameters, ${describeBytes(parameters * 4)} in float32`,
    `- ${describeTraining(model)}`,
    `- Made with ${PRODUCER} ${version}, exported on ${date}`,
    '',
    ...metricsTable(metrics, baselines),
    '',
    `Input: ${model.codec.inputForm}`,
    '',
  ];
  return { title: name, version, markdown: lines.join('\n'), facts };
}

/** Of a model from elsewhere the experiment does not tell how it was trained. */
function describeTraining({ experiment, update }: AnyTrainedModel): string {
  if (experiment.task.id === IMPORTED) return 'Trained elsewhere; the file that was imported does not say how';
  if (update === 0) return 'Not trained here: its weights are those that were imported or that training begins with';
  const { batchSize, optimizer } = experiment.training;
  return `Trained for ${update.toLocaleString('en')} updates, batches of ${batchSize}, ${optimizer.kind}, seed ${experiment.seed}`;
}

/** "LSTM, 2 layers of 128, bidirectional, 27 symbols, embedding 32" */
export function describeArchitecture({ spec }: Pick<AnyTrainedModel, 'spec'>): string {
  if (spec.architecture === 'transformer') return describeTransformer(spec);
  const { cell, relu, layers, hiddenSize, bidirectional, embeddingSize, input, output } = spec;
  return [
    ...(spec.architecture === 'encoder-decoder'
      ? [spec.attention === 'none' ? 'encoder-decoder' : `encoder-decoder with ${spec.attention} attention`]
      : []),
    cell === 'rnn' ? `plain RNN (${relu ? 'relu' : 'tanh'})` : cell.toUpperCase(),
    `${layers} ${layers === 1 ? 'layer' : 'layers'} of ${hiddenSize}`,
    ...(bidirectional ? ['bidirectional'] : []),
    ...(input.kind === 'values'
      ? [`${input.width} numbers a step`]
      : [
          embeddingSize > 0
            ? `${input.symbols} symbols, embedding ${embeddingSize}`
            : `${input.symbols} symbols, one-hot`,
        ]),
    ...(spec.architecture === 'recurrent' && output.per === 'sequence' ? [`pooling: ${spec.pooling}`] : []),
    output.kind === 'labels'
      ? `${output.count} labels`
      : `${output.width} ${output.width === 1 ? 'number' : 'numbers'} out`,
  ].join(', ');
}

/** "transformer (decoder), 2 layers of 64, 4 heads, feed-forward 128, pre-norm, relu, sinusoidal positions, 65 symbols, ..." */
function describeTransformer(spec: TransformerSpec): string {
  const { form, layers, modelSize, heads, feedForwardSize, norm, activation, positions, input, output } = spec;
  return [
    `transformer (${form})`,
    `${layers} ${layers === 1 ? 'layer' : 'layers'} of ${modelSize}`,
    `${heads} ${heads === 1 ? 'head' : 'heads'}`,
    `feed-forward ${feedForwardSize}`,
    `${norm}-norm`,
    activation,
    `${positions} positions`,
    input.kind === 'values' ? `${input.width} numbers a step` : `${input.symbols} symbols`,
    output.kind === 'labels'
      ? `${output.count} labels`
      : `${output.width} ${output.width === 1 ? 'number' : 'numbers'} out`,
  ].join(', ');
}

export function parameterCount({ weights }: Pick<AnyTrainedModel, 'weights'>): number {
  return [...weights.values()].reduce((sum, { data }) => sum + data.length, 0);
}

function metricsTable(metrics: CardFacts['metrics'], baselines: CardFacts['baselines']): readonly string[] {
  if (metrics.length === 0) return ['This checkpoint was not evaluated.'];
  const row = (who: string, { label, value, unit }: CardMetric) =>
    `| ${who} | ${label} | ${value === null ? 'not a number' : Number(value.toPrecision(4))}${unit && !label.includes(unit) ? ` ${unit}` : ''} |`;
  return [
    'On data that were held out:',
    '',
    '| | metric | value |',
    '| --- | --- | --- |',
    ...metrics.map((metric, i) => row(i === 0 ? 'this model' : '', metric)),
    ...baselines.map(({ name, metric }) => row(name, metric)),
  ];
}
