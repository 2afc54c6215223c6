/** What a socket carries: one message is one frame (frame.ts). */
import * as v from 'valibot';
import { failureSchema } from './call.ts';
import { count } from './values.ts';

/** Bytes of a frame from the face to the back. Whatever is larger is sent in pieces. */
export const MAXIMUM_REQUEST_BYTES = 8 * 2 ** 20;
/** Bytes of a frame from the back to the face. */
export const MAXIMUM_ANSWER_BYTES = 2 ** 30;
/** Calls of one connection that wait for their answers. */
export const MAXIMUM_CALLS = 64;
/** Milliseconds between two signs of life of the back. */
export const BEAT_MS = 15_000;

const shortText = v.pipe(v.string(), v.maxLength(200));

export const requestMessage = v.variant('type', [
  /** `id`: of the answer that belongs to it; no two calls in flight share one. */
  v.strictObject({ type: v.literal('call'), id: count, name: shortText, args: v.optional(v.unknown()) }),
  /** The events that are to be told from now on, all of them. */
  v.strictObject({ type: v.literal('listen'), events: v.pipe(v.array(shortText), v.maxLength(200)) }),
]);
export type RequestMessage = v.InferOutput<typeof requestMessage>;

const result = v.variant('ok', [
  v.object({ ok: v.literal(true), value: v.optional(v.unknown()) }),
  v.object({ ok: v.literal(false), error: failureSchema }),
]);

export const answerMessage = v.variant('type', [
  v.object({ type: v.literal('answer'), id: count, result }),
  v.object({ type: v.literal('event'), name: v.string(), value: v.optional(v.unknown()) }),
  v.object({ type: v.literal('beat') }),
]);
export type AnswerMessage = v.InferOutput<typeof answerMessage>;
