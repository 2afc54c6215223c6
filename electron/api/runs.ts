/** Experiments, runs, their histories and checkpoints. */
import * as v from 'valibot';
import { healthRecord } from '../../engine/gradients/health-record.ts';
import { call } from './call.ts';
import { sample } from './samples.ts';
import { bytes, count, done, floats, id, json, metric, name, note, time, undo } from './values.ts';

export const runState = v.picklist([
  'ready',
  'queued',
  'starting',
  'training',
  'paused',
  'finished',
  'stopped',
  'failed',
]);
export type RunState = v.InferOutput<typeof runState>;

const finite = v.nullable(v.number());

/** The newest figures of a run; null where there is none yet or it is not finite. */
export const progress = v.object({
  update: count,
  totalUpdates: count,
  epoch: count,
  loss: finite,
  gradientNorm: finite,
  learningRate: finite,
  tokensPerSecond: finite,
  /** Spent in updates so far; null, or missing in what was written before it was kept: not known. */
  seconds: v.optional(finite, null),
  /** Of training alone; null where it cannot be told yet. */
  secondsLeft: v.nullable(v.number()),
});
export type Progress = v.InferOutput<typeof progress>;

export const runInfo = v.object({
  id,
  name,
  note,
  state: runState,
  /** Why it failed, in a sentence. */
  failure: v.nullable(v.object({ code: v.string(), message: v.string(), hint: v.optional(v.string()) })),
  created: time,
  task: v.string(),
  /** As engine/experiment reads it. */
  experiment: json,
  progress,
  /** The deciding metric, newest and best; null before the first evaluation. */
  metric: v.nullable(metric),
  best: v.nullable(v.object({ metric, update: count })),
  threads: count,
  build: v.string(),
  /** The run and update that it began from; null: from fresh weights. */
  parent: v.nullable(v.object({ run: id, update: count })),
  /** Changes made while it was paused. */
  changes: v.array(v.object({ update: count, field: v.string(), from: json, to: json })),
});
export type RunInfo = v.InferOutput<typeof runInfo>;

/** What may be changed while a run is paused. */
export const adjustment = v.partial(
  v.strictObject({
    learningRate: v.pipe(v.number(), v.minValue(0), v.maxValue(100)),
    clipNorm: v.pipe(v.number(), v.minValue(0), v.maxValue(1e6)),
    dropout: v.pipe(v.number(), v.minValue(0), v.maxValue(0.95)),
  }),
);

export type Adjustment = v.InferOutput<typeof adjustment>;

/** Columns of equal length; thinned to `points` buckets, of each the extremes of loss and gradient norm kept. */
export const history = v.object({
  update: floats,
  loss: floats,
  gradientNorm: floats,
  learningRate: floats,
  tokensPerSecond: floats,
  /** Spent in updates; NaN where not known. */
  seconds: floats,
  evaluations: v.object({
    update: floats,
    seconds: floats,
    metrics: v.array(v.object({ ...metric.entries, values: floats })),
  }),
});
export type History = v.InferOutput<typeof history>;

export const checkpointInfo = v.object({
  run: id,
  update: count,
  saved: time,
  bytes: count,
  pinned: v.boolean(),
  best: v.boolean(),
  metric: v.nullable(v.number()),
});
export type CheckpointInfo = v.InferOutput<typeof checkpointInfo>;

/** A layer of the model diagram. */
export const layerInfo = v.object({
  name: v.string(),
  kind: v.string(),
  inputs: v.array(v.string()),
  shape: v.string(),
  parameters: count,
});

export const experiments = {
  /**
   * A sensible experiment for a task, without a name. `dataset`: for the tasks on a person's own data, which. `cell`:
   * preferred, where experiments are known that differ by it.
   */
  suggest: call(
    v.strictObject({ task: v.string(), dataset: v.optional(id), cell: v.optional(v.picklist(['rnn', 'lstm', 'gru'])) }),
    v.object({ experiment: json }),
  ),
  /** What it would be: size, memory, updates, expected speed; or, as the failure, what is wrong with it. */
  check: call(
    v.strictObject({ experiment: json }),
    v.object({
      experiment: json,
      parameters: count,
      memoryBytes: count,
      totalUpdates: count,
      updatesPerEpoch: v.nullable(count),
      /** Measured on this machine for this shape, or null before the first measurement. */
      tokensPerSecond: v.nullable(v.number()),
      layers: v.array(layerInfo),
    }),
  ),
};

const one = v.strictObject({ id });

export const runs = {
  /** The newest first: all, or `limit` of them from place `offset` on, so that none of many calls takes long. */
  list: call(
    v.strictObject({ offset: v.optional(count), limit: v.optional(v.pipe(count, v.minValue(1))) }),
    v.array(runInfo),
  ),
  get: call(one, runInfo),
  create: call(
    v.strictObject({
      experiment: json,
      name: v.optional(name),
      /** Begin from these weights: a checkpoint, or (fresh: true) the initial weights of a run again. */
      from: v.optional(v.strictObject({ run: id, update: count })),
      start: v.optional(v.boolean(), true),
    }),
    runInfo,
  ),
  start: call(one, runInfo),
  pause: call(one, runInfo),
  resume: call(one, runInfo),
  /** One update of a paused run. */
  step: call(one, runInfo),
  stop: call(one, runInfo),
  adjust: call(v.strictObject({ id, adjustment }), runInfo),
  duplicate: call(one, runInfo),
  rename: call(v.strictObject({ id, name }), runInfo),
  annotate: call(v.strictObject({ id, note }), runInfo),
  remove: call(one, undo),
  history: call(v.strictObject({ id, points: v.pipe(count, v.minValue(10), v.maxValue(20_000)) }), history),
  /** How training fared at some of its updates. */
  health: call(one, v.array(healthRecord)),
  /** At the newest of them; null before the first. */
  latestHealth: call(one, v.nullable(healthRecord)),
  samples: call(one, v.array(sample)),
};

export const checkpoints = {
  list: call(v.strictObject({ run: id }), v.array(checkpointInfo)),
  pin: call(v.strictObject({ run: id, update: count, pinned: v.boolean() }), checkpointInfo),
  /** The file itself, for the page's own engine. */
  read: call(v.strictObject({ run: id, update: count }), v.object({ bytes })),
  remove: call(v.strictObject({ run: id, update: count }), done),
};

export const runEvents = {
  /** Anything of a run but its progress has changed; removed: true where it is gone. */
  'runs.changed': v.object({ id, removed: v.boolean() }),
  /** A few times a second for each run that trains. */
  'runs.progress': v.object({ id, state: runState, progress }),
  /** After each evaluation. */
  'runs.evaluated': v.object({ id, update: count, metrics: v.array(metric), best: v.boolean() }),
  'runs.sample': v.object({ id, sample }),
  'runs.checkpoint': checkpointInfo,
};
