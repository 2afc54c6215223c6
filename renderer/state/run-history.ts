/** The course of a run in columns that grow: what was read from the back, and what it has told since. */
import type { EventValue } from '../../electron/api/call.ts';
import type { events } from '../../electron/api/contract.ts';
import type { History, Progress } from '../../electron/api/runs.ts';
import { Column } from '../charts/column.ts';

export type Evaluated = EventValue<typeof events, 'runs.evaluated'>;
type Measured = Evaluated['metrics'][number];
type MetricHead = Omit<Measured, 'value' | 'interval'>;

export const UPDATE_FIELDS = ['loss', 'gradientNorm', 'learningRate', 'tokensPerSecond'] as const;
export type UpdateField = (typeof UPDATE_FIELDS)[number];

/** One figure of the evaluations. */
export interface MetricHistory {
  readonly head: MetricHead;
  readonly update: Column;
  /** Spent in updates by then; NaN where not known. */
  readonly seconds: Column;
  readonly values: Column;
  /** Of the newest value. */
  readonly interval: Measured['interval'];
}

export class RunHistory {
  readonly update: Column;
  /** As of the evaluations. */
  readonly seconds: Column;
  readonly columns: Readonly<Record<UpdateField, Column>>;
  readonly #metrics: Map<string, MetricHistory>;

  /** The course that was read, whose arrays it takes over, or one that is empty. */
  static from(history?: History): RunHistory {
    const columns = {
      loss: new Column(history?.loss),
      gradientNorm: new Column(history?.gradientNorm),
      learningRate: new Column(history?.learningRate),
      tokensPerSecond: new Column(history?.tokensPerSecond),
    };
    const metrics = (history?.evaluations.metrics ?? []).map(({ values, value: _, interval, ...head }) => {
      const update = new Column(history?.evaluations.update.slice());
      const seconds = new Column(history?.evaluations.seconds.slice());
      return [head.name, { head, update, seconds, values: new Column(values), interval }] as const;
    });
    return new RunHistory(new Column(history?.update), new Column(history?.seconds), columns, new Map(metrics));
  }

  private constructor(
    update: Column,
    seconds: Column,
    columns: Readonly<Record<UpdateField, Column>>,
    metrics: Map<string, MetricHistory>,
  ) {
    this.update = update;
    this.seconds = seconds;
    this.columns = columns;
    this.#metrics = metrics;
  }

  /** The same columns in a new object: what is the same object has, to whoever follows it, not changed. */
  renewed(): RunHistory {
    return new RunHistory(this.update, this.seconds, this.columns, this.#metrics);
  }

  /** By metric, the deciding one first. */
  get metrics(): readonly MetricHistory[] {
    return [...this.#metrics.values()];
  }

  /** What the newest evaluation found, the deciding metric first. */
  get newest(): readonly Measured[] {
    return this.metrics.map(({ head, values, interval }) => {
      const value = values.values.at(-1) ?? NaN;
      return { ...head, value: Number.isNaN(value) ? null : value, ...(interval === undefined ? {} : { interval }) };
    });
  }

  /** Takes the newest figures in; those of an update that is there already are known. Returns whether anything is new. */
  append(progress: Progress): boolean {
    const { update, values } = { update: progress.update, values: this.update.values };
    const last = values.length === 0 ? -1 : values[values.length - 1]!;
    if (update <= last || progress.loss === null) return false;
    this.update.push(update);
    this.seconds.push(progress.seconds ?? NaN);
    for (const field of UPDATE_FIELDS) this.columns[field].push(progress[field] ?? NaN);
    return true;
  }

  /** The progress up to an evaluation is told before it. */
  appendEvaluation({ update, metrics }: Pick<Evaluated, 'update' | 'metrics'>): void {
    for (const { value, interval, ...head } of metrics) {
      const empty = { head, update: new Column(), seconds: new Column(), values: new Column() };
      const metric = { ...(this.#metrics.get(head.name) ?? empty), interval };
      const updates = metric.update.values;
      if (updates.length > 0 && updates[updates.length - 1]! >= update) continue;
      this.#metrics.set(head.name, metric);
      metric.update.push(update);
      metric.seconds.push(this.update.values.at(-1) === update ? (this.seconds.values.at(-1) ?? NaN) : NaN);
      metric.values.push(value ?? NaN);
    }
  }
}
