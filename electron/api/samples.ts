/** What a model says when it is evaluated: what it writes, what it makes of items, what it foresees, what it confuses. */
import * as v from 'valibot';
import { count } from './values.ts';

/** Text that the model went on with, symbol by symbol. */
export const textSample = v.object({
  update: count,
  kind: v.literal('text'),
  value: v.object({
    /** What it was given to begin with; empty where it began by itself. */
    prompt: v.string(),
    text: v.string(),
    temperature: v.number(),
  }),
});

/** Items of the validation part with the model's answers, or sequences it grew from a label (no target then). */
export const itemsSample = v.object({
  update: count,
  kind: v.literal('items'),
  value: v.object({
    items: v.array(
      v.object({
        input: v.string(),
        output: v.string(),
        target: v.optional(v.string()),
        /** Of the answer, 0 to 1. */
        probability: v.optional(v.number()),
        right: v.optional(v.boolean()),
        /** Of a string of a grammar: what was read, what may follow, what as many labels are ranked first. */
        steps: v.optional(
          v.array(
            v.object({ read: v.string(), legal: v.array(v.string()), first: v.array(v.string()), right: v.boolean() }),
          ),
        ),
      }),
    ),
  }),
});

/** A stretch of the validation part: what came and what the model foresaw, in the data's units. */
export const forecastSample = v.object({
  update: count,
  kind: v.literal('forecast'),
  value: v.object({
    quantity: v.string(),
    unit: v.optional(v.string()),
    /** One a point, where the series has dates. */
    dates: v.optional(v.array(v.string())),
    truth: v.array(v.number()),
    forecast: v.array(v.nullable(v.number())),
  }),
});

/** Rows are the truth, columns the answers. */
export const confusionSample = v.object({
  update: count,
  kind: v.literal('confusion'),
  value: v.object({ labels: v.array(v.string()), counts: v.array(v.array(count)) }),
});

export const sample = v.variant('kind', [textSample, itemsSample, forecastSample, confusionSample]);
export type Sample = v.InferOutput<typeof sample>;
export type SampleKind = Sample['kind'];
