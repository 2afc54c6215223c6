/** Schemas that several domains share. Large arrays are binary: typed arrays, never lists of JSON numbers. */
import * as v from 'valibot';

/** Of runs, datasets, checkpoints: made by the back, opaque to the face. */
export const id = v.pipe(
  v.string(),
  v.regex(/^[a-z0-9][a-z0-9-]{0,63}$/u, 'an id is lower-case letters, digits and dashes'),
);
/** A person's own words for a thing. */
export const name = v.pipe(v.string(), v.trim(), v.minLength(1), v.maxLength(200));
export const note = v.pipe(v.string(), v.maxLength(20_000));
export const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
/** Milliseconds since 1970. */
export const time = count;
export const nothing = v.strictObject({});
export const done = v.strictObject({});
export const json = v.unknown();
export const floats = v.instance(Float64Array);
export const bytes = v.instance(Uint8Array);

export const origin = v.object({ title: v.string(), source: v.string(), licence: v.string() });

export const metric = v.object({
  name: v.string(),
  label: v.string(),
  /** null where it is not a finite number. */
  value: v.nullable(v.number()),
  unit: v.optional(v.string()),
  better: v.picklist(['lower', 'higher']),
  /** 95 % confidence interval, from `count` independent observations (`of`: what they are, in the plural). */
  interval: v.optional(
    v.object({ low: v.number(), high: v.number(), count: v.number(), of: v.pipe(v.string(), v.maxLength(40)) }),
  ),
});

/** The share of right answers that a benchmark asks, by the metric's name. */
export const criterion = v.object({
  metric: v.string(),
  required: v.number(),
  chance: v.object({ name: v.string(), share: v.number() }),
});

/** What deleting gives back: with it the deletion can be taken back until it expires. */
export const undo = v.object({ token: v.string(), expires: time });
