/** Looking into a model while it trains: the activations of its last pass, taken from the training process itself. */
import * as v from 'valibot';
import { call } from './call.ts';
import { count, id } from './values.ts';

/** Of one call to `read`: 64 MB. */
export const MAXIMUM_TRACE_VALUES = 2 ** 24;

/** [T, B, C], or [B, C] where it has no time axis; row-major. */
const shape = {
  name: v.string(),
  /** T; null where it has no time axis. */
  steps: v.nullable(count),
  batch: count,
  units: count,
};

const pass = {
  /** Updates done before the moment of looking. */
  update: count,
  /** Whose batch it was: the last update's, or that of an evaluation that is under way. */
  part: v.picklist(['training', 'validation']),
};

export const traceInfo = v.object(shape);

export const traceList = v.object({ ...pass, traces: v.array(traceInfo) });
export type TraceList = v.InferOutput<typeof traceList>;

export const traceSnapshot = v.object({
  ...pass,
  traces: v.array(v.object({ ...shape, values: v.instance(Float32Array) })),
});
export type TraceSnapshot = v.InferOutput<typeof traceSnapshot>;

const traceNames = v.pipe(v.array(v.pipe(v.string(), v.maxLength(200))), v.minLength(1), v.maxLength(256));

/**
 * Only a run that has a process can be looked into: one that trains, or the one that was paused last. All values of an
 * answer are of the same moment between two passes.
 *
 * Training keeps what it needs again: gates, states, outputs. The gradients of each step are kept by a session that is
 * started with `trace`, as in the page, from a checkpoint.
 */
export const traces = {
  list: call(v.strictObject({ run: id }), traceList),
  /** `item`: of one batch item only; `batch` is 1 then. */
  read: call(v.strictObject({ run: id, names: traceNames, item: v.optional(count) }), traceSnapshot),
};
