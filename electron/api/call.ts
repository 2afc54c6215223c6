/** The building blocks of the contract between the face and the back: calls and events, each with its schemas. */
import * as v from 'valibot';

type Schema = v.GenericSchema<unknown, unknown>;

/** A question the face asks. The back checks both: arguments as they come in, results before they go out. */
export interface Call<A extends Schema = Schema, R extends Schema = Schema> {
  readonly args: A;
  readonly result: R;
}

export function call<A extends Schema, R extends Schema>(args: A, result: R): Call<A, R> {
  return { args, result };
}

/** Calls by name. */
export type Domain = Readonly<Record<string, Call>>;
/** Domains by name. */
export type Contract = Readonly<Record<string, Domain>>;
/** What the back tells unasked: the schema of each event's value, by name. */
export type Events = Readonly<Record<string, Schema>>;

/** An error a person can act on: a stable code, one sentence, and where there is one what to try. */
export const failureSchema = v.object({ code: v.string(), message: v.string(), hint: v.optional(v.string()) });
export type Failure = v.InferOutput<typeof failureSchema>;

/** Errors are values: nothing is thrown across the contract. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: Failure };

export function succeed<T>(value: T): Result<T> {
  return { ok: true, value };
}

export function fail<T = never>(code: string, message: string, hint?: string): Result<T> {
  return { ok: false, error: hint === undefined ? { code, message } : { code, message, hint } };
}

type Arguments<C> = C extends Call<infer A> ? v.InferInput<A> : never;
type Parsed<C> = C extends Call<infer A> ? v.InferOutput<A> : never;
type Answer<C> = C extends Call<Schema, infer R> ? v.InferOutput<R> : never;

/** The contract as the face sees it: `api.runs.list({})`. */
export type Client<C extends Contract> = {
  readonly [D in keyof C]: {
    readonly [M in keyof C[D]]: (args: Arguments<C[D][M]>) => Promise<Result<Answer<C[D][M]>>>;
  };
};

/** The contract as the back fulfils it. Handlers may throw an UnrolledError; it becomes the failure. */
export type Handlers<C extends Contract> = {
  readonly [D in keyof C]: {
    readonly [M in keyof C[D]]: (args: Parsed<C[D][M]>) => Answer<C[D][M]> | Promise<Answer<C[D][M]>>;
  };
};

export type EventName<E extends Events> = keyof E & string;
export type EventValue<E extends Events, K extends keyof E> = v.InferOutput<E[K]>;
/** Tells one event, or is told of it. */
export type Emit<E extends Events> = <K extends EventName<E>>(event: K, value: EventValue<E, K>) => void;
