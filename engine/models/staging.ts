/**
 * How a batch gets into the network: it is written, B wide, into shared staging memory (the buffers of a task's
 * batches lie there), and every thread takes its own items from it.
 */
import type { Matrix } from '../core/arena.ts';
import type { Core } from '../core/core.ts';
import type { BatchBuffers } from '../tasks/task.ts';
import type { Plan, Share } from '../team/network.ts';
import type { ModelSpec } from './spec.ts';

/** Addresses; 0 where the model has no such thing. */
export interface Staging {
  readonly tokens: number;
  readonly values: number;
  readonly lengths: number;
  readonly conditions: number;
  readonly targetLabels: number;
  readonly targetValues: number;
  /** int32 [S, B] and [B], of translations. */
  readonly sourceTokens: number;
  readonly sourceLengths: number;
  /** Row-major [T, B, N] or [B, N]: where outputs are brought together. */
  readonly outputs: number;
}

/** Targets and outputs a sequence has: T or 1. */
export function outputSteps(spec: ModelSpec): number {
  return spec.output.per === 'step' ? spec.steps : 1;
}

/** N. */
export function outputWidth({ output }: ModelSpec): number {
  return output.kind === 'labels' ? output.count : output.width;
}

export function planStaging({ staging }: Plan, spec: ModelSpec): Staging {
  const { input, output, steps, sourceSteps, batchSize, conditions } = spec;
  const rows = steps * batchSize;
  const targets = outputSteps(spec) * batchSize;
  return {
    tokens: input.kind === 'tokens' ? staging.take(rows * 4) : 0,
    values: input.kind === 'values' ? staging.floats(rows * input.width) : 0,
    lengths: staging.take(batchSize * 4),
    conditions: conditions > 0 ? staging.take(batchSize * 4) : 0,
    targetLabels: output.kind === 'labels' ? staging.take(targets * 4) : 0,
    targetValues: output.kind === 'values' ? staging.floats(batchSize * output.width) : 0,
    sourceTokens: sourceSteps > 0 ? staging.take(sourceSteps * batchSize * 4) : 0,
    sourceLengths: sourceSteps > 0 ? staging.take(batchSize * 4) : 0,
    outputs: staging.floats(targets * outputWidth(spec)),
  };
}

/** The staging memory as the buffers that tasks write to. */
export function stagedBuffers({ i32, f32 }: Core, spec: ModelSpec, staging: Staging): BatchBuffers {
  const { input, output, steps, sourceSteps, batchSize, conditions } = spec;
  const rows = steps * batchSize;
  const integers = (at: number, count: number) => i32.subarray(at / 4, at / 4 + count);
  const floats = (at: number, count: number) => f32.subarray(at / 4, at / 4 + count);
  return {
    maxSteps: steps,
    batchSize,
    lengths: integers(staging.lengths, batchSize),
    ...(input.kind === 'tokens'
      ? { tokens: integers(staging.tokens, rows) }
      : { values: floats(staging.values, rows * input.width) }),
    ...(conditions > 0 ? { conditions: integers(staging.conditions, batchSize) } : {}),
    ...(output.kind === 'labels'
      ? { targetLabels: integers(staging.targetLabels, outputSteps(spec) * batchSize) }
      : { targetValues: floats(staging.targetValues, batchSize * output.width) }),
    ...(sourceSteps > 0
      ? {
          maxSourceSteps: sourceSteps,
          sourceTokens: integers(staging.sourceTokens, sourceSteps * batchSize),
          sourceLengths: integers(staging.sourceLengths, batchSize),
        }
      : {}),
  };
}

/** int32 [steps, B] at `from` to this share's [steps, batch] at `to`. */
export function takeIntegers({ i32 }: Core, share: Share, steps: number, B: number, from: number, to: number): void {
  for (let t = 0; t < steps; t++) {
    const source = from / 4 + t * B + share.offset;
    i32.copyWithin(to / 4 + t * share.batch, source, source + share.batch);
  }
}

/** Row-major float32 [steps, B, C] at `from` to this share's panels [steps * batch, C]. */
export function takeValues({ kernels }: Core, share: Share, steps: number, B: number, from: number, to: Matrix): void {
  const [width = 0] = to.segments;
  if (share.batch === B) {
    kernels.f32_pack(steps * B, width, from, to.at, to.stride);
    return;
  }
  for (let t = 0; t < steps; t++) {
    const source = from + (t * B + share.offset) * width * 4;
    kernels.f32_pack(share.batch, width, source, to.at + t * share.batch * 32, to.stride);
  }
}

/** This share's panels [steps * batch, C] to its rows of row-major [steps, B, C] at `to`. */
export function giveValues({ kernels }: Core, share: Share, steps: number, B: number, from: Matrix, to: number): void {
  const [width = 0] = from.segments;
  for (let t = 0; t < steps; t++) {
    const target = to + (t * B + share.offset) * width * 4;
    kernels.f32_unpack(share.batch, width, from.at + t * share.batch * 32, from.stride, target);
  }
}
