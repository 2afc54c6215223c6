/** What a task tells of itself before anything is trained: plain values, fit to be sent to other threads. */
import type { Criterion, Metric, Split, Task, TokenStream } from '../../engine/tasks/task.ts';

export interface TaskDescription {
  readonly samples: readonly { readonly input: string; readonly target: string }[];
  /** Items of a set, symbols of a stream; null where they are made on demand. */
  readonly trainingItems: number | null;
  readonly validationItems: number | null;
  readonly baselines: readonly { readonly name: string; readonly metric: PlainMetric }[];
  /** Of benchmarks. */
  readonly criterion: Criterion | null;
  /** What has to be said of the data before training. */
  readonly notices: readonly string[];
}

/** A metric whose value is null where it is not a finite number. */
export type PlainMetric = Omit<Metric, 'value'> & { readonly value: number | null };

const SAMPLES = 6;
/** Symbols of a stream before the one that is asked for. */
const STREAM_SYMBOLS = 48;

export function describeTask(task: Task): TaskDescription {
  return {
    samples: samplesOf(task),
    trainingItems: itemsOf(task.train),
    validationItems: itemsOf(task.validation),
    notices: task.notices ?? [],
    baselines: task.baselines().map(({ name, metric }) => ({
      name,
      metric: { ...metric, value: Number.isFinite(metric.value) ? metric.value : null },
    })),
    criterion: task.criterion ?? null,
  };
}

function itemsOf(split: Split): number | null {
  if (split.form === 'stream') return split.tokens.length;
  return Number.isFinite(split.count) ? split.count : null;
}

/** Of the training part: spread over it, or the first where it has no end. */
function samplesOf({ train, input }: Task): TaskDescription['samples'] {
  if (train.form === 'stream') return streamSamples(train, input.kind === 'tokens' ? input.symbols : []);
  const count = Math.min(SAMPLES, train.count);
  const step = Number.isFinite(train.count) ? train.count / count : 1;
  return Array.from({ length: count }, (_, n) => train.describe(Math.floor(n * step)));
}

function streamSamples({ tokens }: TokenStream, symbols: readonly string[]): TaskDescription['samples'] {
  const length = Math.min(STREAM_SYMBOLS, tokens.length - 1);
  const places = new Set(
    Array.from({ length: SAMPLES }, (_, n) => Math.floor(((tokens.length - 1 - length) * n) / (SAMPLES - 1))),
  );
  return [...places].map((from) => ({
    input: Array.from(tokens.subarray(from, from + length), (token) => symbols[token]!).join(''),
    target: symbols[tokens[from + length]!]!,
  }));
}
