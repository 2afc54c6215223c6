/** Experiments, evaluations and samples in words. */
import { describeBytes } from '../../engine/core/core.ts';
import type { EncoderDecoderSettings, Experiment } from '../../engine/experiment/experiment.ts';
import type { Interval } from '../../engine/tasks/intervals.ts';
import type { Baseline, Evaluation, Metric, Task } from '../../engine/tasks/task.ts';
import { judgeBaselines, judgeBenchmark } from '../../engine/tasks/verdicts.ts';
import { count, counted, figure, table } from './format.ts';
import type { Sample } from './sampler.ts';

/** "LSTM, 2 layers of 128, bidirectional, embedding 32, dropout 0.1" */
export function describeModel({ model }: Experiment): string {
  const dropout = model.dropout > 0 ? [`dropout ${model.dropout}`] : [];
  if (model.architecture === 'transformer') {
    const { modelSize, layers, heads, feedForwardSize, norm, activation, positions } = model;
    return [
      'transformer',
      `${counted(layers, 'layer')} of ${count(modelSize)}`,
      counted(heads, 'head'),
      `feed-forward ${count(feedForwardSize)} (${activation})`,
      `${norm}-norm`,
      `${positions} positions`,
      ...dropout,
    ].join(', ');
  }
  const { cell, layers, hiddenSize, bidirectional, embeddingSize } = model;
  return [
    cell === 'rnn' ? `plain RNN (${model.nonlinearity})` : cell.toUpperCase(),
    ...(model.architecture === 'encoder-decoder' ? ['encoder and decoder'] : []),
    `${counted(layers, 'layer')} of ${count(hiddenSize)}`,
    ...(bidirectional ? [model.architecture === 'encoder-decoder' ? 'bidirectional encoder' : 'bidirectional'] : []),
    ...(embeddingSize > 0 ? [`embedding ${count(embeddingSize)}`] : []),
    ...(model.architecture === 'encoder-decoder' ? [describeAttention(model)] : []),
    ...dropout,
  ].join(', ');
}

function describeAttention({ attention, attentionSize }: EncoderDecoderSettings): string {
  if (attention === 'none') return 'no attention';
  return attention === 'additive' ? `additive attention of ${count(attentionSize)}` : `${attention} attention`;
}

/** "9 epochs, batches of 32, adam at 0.004, cosine schedule, seed 1" */
export function describeTraining({ training, seed }: Experiment): string {
  const { epochs, updates, batchSize, optimizer, schedule } = training;
  return [
    updates === undefined ? counted(epochs, 'epoch') : counted(updates, 'update'),
    `batches of ${count(batchSize)}`,
    `${optimizer.kind} at ${optimizer.learningRate}`,
    `${schedule.kind} schedule`,
    `seed ${seed}`,
  ].join(', ');
}

/** "350,000 parameters (1.40 MB)" */
export function describeParameters(parameters: number): string {
  return `${counted(parameters, 'parameter')} (${describeBytes(parameters * 4)})`;
}

/** "bits per character 2.053" */
export function describeMetric({ label, value, unit }: Metric): string {
  const named = unit === undefined || label.includes(unit);
  return `${label} ${figure(value)}${named ? '' : ` ${unit}`}`;
}

/** An evaluation beside what trivial predictors reach. */
export function describeEvaluation(
  { metrics }: Pick<Evaluation, 'metrics'>,
  baselines: readonly Baseline[],
  criterion?: Task['criterion'],
): readonly string[] {
  const row = ({ label, value, unit = '', interval }: Metric, who: string) => [
    who,
    label,
    figure(value),
    unit,
    interval === undefined ? '' : describeInterval(interval),
  ];
  const lines = [
    ...table(
      [
        ...metrics.map((metric, i) => row(metric, i === 0 ? 'this model' : '')),
        ...baselines.map(({ name, metric }) => row(metric, name)),
      ],
      [2],
    ),
  ];
  return [...lines, ...benchmarkLine(metrics, criterion), ...baselineLine(metrics, baselines)];
}

/** "95 %: 0.41 to 0.46, n = 256 strings" */
function describeInterval({ low, high, count: n, of }: Interval): string {
  return `95 %: ${figure(low)} to ${figure(high)}, n = ${count(n)} ${of}`;
}

function benchmarkLine(metrics: readonly Metric[], criterion: Task['criterion']): readonly string[] {
  const verdict = judgeBenchmark(metrics, criterion);
  if (verdict === undefined) return [];
  const { kind, metric, share } = verdict;
  const { required, chance } = verdict.criterion;
  const words = {
    solved: 'Solved',
    learning: 'Not solved, but better than chance',
    chance: 'Not solved, no better than chance',
  };
  return [
    `${words[kind]}: ${metric.label} ${percent(share)}; required ${percent(required)}, ${chance.name} ${percent(chance.share)}.`,
  ];
}

function baselineLine(metrics: readonly Metric[], baselines: readonly Baseline[]): readonly string[] {
  const verdict = judgeBaselines(metrics, baselines);
  if (verdict === undefined || verdict.kind === 'better') return [];
  const { kind, metric, value, baseline, level } = verdict;
  const named = `the baseline "${baseline}" (${metric.label} ${figure(value)}, baseline ${figure(level)})`;
  if (kind === 'no-better') return [`No better than ${named}.`];
  return [
    `No better than ${named}, as far as ${count(metric.interval?.count ?? 0)} ${metric.interval?.of ?? ''} can show.`,
  ];
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}

/** Rows are the truth, columns the model's answers. */
export function describeConfusion({ labels, counts }: NonNullable<Evaluation['confusion']>): readonly string[] {
  const short = labels.map((label) => label.slice(0, 10));
  return table(
    [['truth \\ answer', ...short], ...counts.map((row, i) => [labels[i] ?? '', ...row.map(count)])],
    labels.map((_, i) => i + 1),
  );
}

/** Grown text, set off from the rest; its line breaks are kept. */
export function describeSamples(samples: readonly Sample[]): readonly string[] {
  return samples.flatMap(({ label, text }) =>
    text.split('\n').map((line, i) => (label === undefined ? `    ${line}` : i === 0 ? `    ${label}: ${line}` : line)),
  );
}
