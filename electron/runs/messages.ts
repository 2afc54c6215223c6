/** What passes between the host and a process that trains one run. Each side checks what it receives. */
import * as v from 'valibot';
import { failureSchema } from '../api/call.ts';
import { progress } from '../api/runs.ts';
import { sample } from '../api/samples.ts';
import { traceList, traceSnapshot } from '../api/traces.ts';
import { count, json, metric } from '../api/values.ts';

const order = <K extends string>(kind: K) => v.strictObject({ kind: v.literal(kind) });

/** From the host: first `start`, once. */
export const orderMessage = v.variant('kind', [
  v.strictObject({
    kind: v.literal('start'),
    /** The run's folder. */
    folder: v.string(),
    /** The folder of the workspace's own datasets. */
    datasets: v.string(),
    experiment: json,
    /** For a run that has no checkpoint yet: threads, and the weights to begin with where they are not new ones. */
    threads: count,
    from: v.nullable(
      v.strictObject({
        path: v.string(),
        /** Optimizer, position and random state go on too; otherwise the weights alone are taken. */
        goesOn: v.boolean(),
      }),
    ),
    /** Halt before the first update. */
    paused: v.boolean(),
  }),
  order('pause'),
  order('resume'),
  /** One update of a paused run. */
  order('step'),
  order('stop'),
  /** The evaluation last told of is safe; training goes on after it. */
  order('recorded'),
  /** What the model's last pass has left; answered by `look` with the same `id`. */
  v.strictObject({
    kind: v.literal('look'),
    id: count,
    /** null: only what there is to see. */
    names: v.nullable(v.array(v.string())),
    /** null: all of the batch. */
    item: v.nullable(count),
  }),
]);
export type OrderMessage = v.InferOutput<typeof orderMessage>;
/** What is asked for, beside the `id` of the answer. */
export type Look = Omit<Extract<OrderMessage, { kind: 'look' }>, 'kind' | 'id'>;
export type StartMessage = Extract<OrderMessage, { kind: 'start' }>;

const at = <K extends string>(kind: K) => v.object({ kind: v.literal(kind), update: count });

/** From the training process: first `started` or `failed`, last `ended` or `failed`. */
export const trainingMessage = v.variant('kind', [
  v.object({
    kind: v.literal('started'),
    update: count,
    totalUpdates: count,
    threads: count,
    build: v.string(),
    /** Updates of newer checkpoints that were damaged and are set aside. */
    damaged: v.array(count),
  }),
  v.object({ kind: v.literal('progress'), progress }),
  v.object({
    kind: v.literal('evaluated'),
    update: count,
    metrics: v.array(metric),
    best: v.boolean(),
    samples: v.array(sample),
  }),
  v.object({ kind: v.literal('checkpoint'), update: count, bytes: count }),
  at('paused'),
  at('resumed'),
  v.object({
    kind: v.literal('look'),
    id: count,
    seen: v.union([
      v.object({ kind: v.literal('list'), list: traceList }),
      v.object({ kind: v.literal('snapshot'), snapshot: traceSnapshot }),
      v.object({ kind: v.literal('failure'), failure: failureSchema }),
    ]),
  }),
  v.object({
    kind: v.literal('ended'),
    reason: v.picklist(['complete', 'early-stopping', 'stopped', 'diverged']),
    update: count,
    /** Of a run that diverged. */
    failure: v.optional(failureSchema),
  }),
  v.object({ kind: v.literal('failed'), failure: failureSchema }),
]);
export type TrainingMessage = v.InferOutput<typeof trainingMessage>;
export type Seen = Extract<TrainingMessage, { kind: 'look' }>['seen'];
