/**
 * Calls between the page and its worker. Both are of one build, so their types are the contract: a worker serves an object
 * of handlers, and the page calls them by name with the types they have. Values are copied (structured clone), but for the
 * buffers of what is handed over; errors a person can mend arrive as UnrolledError.
 */
import { UnrolledError } from '../../engine/errors.ts';

/** What a worker can do: functions of one argument each. */
export type Handlers = Readonly<Record<string, (args: never) => unknown>>;

export type Arguments<H extends Handlers, K extends keyof H> = Parameters<H[K]>[0];
export type Answer<H extends Handlers, K extends keyof H> =
  Awaited<ReturnType<H[K]>> extends HandedOver<infer T> ? T : Awaited<ReturnType<H[K]>>;

/** What a handler gives where its buffers are not needed here any more: they move to the page, which need not copy them. */
export class HandedOver<T> {
  readonly value: T;
  readonly buffers: readonly ArrayBuffer[];

  constructor(value: T, buffers: readonly ArrayBuffer[]) {
    this.value = value;
    this.buffers = buffers;
  }
}

interface Question {
  readonly number: number;
  readonly name: string;
  readonly args: unknown;
}

type Reply = { readonly number: number } & (
  | { readonly value: unknown }
  | { readonly error: { readonly code?: string; readonly message: string; readonly hint?: string } }
);

/** The worker's end of the line, or the page's. */
export interface Port {
  postMessage(message: unknown, options: { readonly transfer: Transferable[] }): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'error', listener: () => void): void;
}

/** Answers what is asked through the port, one question after the other. */
export function serve(port: Port, handlers: Handlers): void {
  let turn = Promise.resolve();
  port.addEventListener('message', ({ data }) => {
    const question = data as Question;
    turn = turn.then(async () => {
      const { reply, buffers = [] } = await answer(handlers, question);
      port.postMessage(reply, { transfer: [...buffers] });
    });
  });
}

interface Answered {
  readonly reply: Reply;
  readonly buffers?: readonly ArrayBuffer[];
}

async function answer(handlers: Handlers, { number, name, args }: Question): Promise<Answered> {
  try {
    const handler = handlers[name] as ((args: unknown) => unknown) | undefined;
    if (handler === undefined) throw new Error(`The worker has no ${name}.`);
    const given = await handler(args);
    if (given instanceof HandedOver)
      return { reply: { number, value: given.value as unknown }, buffers: given.buffers };
    return { reply: { number, value: given } };
  } catch (error) {
    if (error instanceof UnrolledError) {
      const { code, message, hint } = error;
      return { reply: { number, error: { code, message, ...(hint === undefined ? {} : { hint }) } } };
    }
    return { reply: { number, error: { message: error instanceof Error ? error.message : String(error) } } };
  }
}

interface Waiting {
  readonly give: (value: unknown) => void;
  readonly fail: (error: Error) => void;
}

/** The page's end. */
export class Caller<H extends Handlers> {
  readonly #port: Port;
  readonly #waiting = new Map<number, Waiting>();
  #number = 0;

  constructor(port: Port) {
    this.#port = port;
    port.addEventListener('message', ({ data }) => {
      const reply = data as Reply;
      const waiting = this.#waiting.get(reply.number);
      this.#waiting.delete(reply.number);
      if ('error' in reply) waiting?.fail(failureOf(reply.error));
      else waiting?.give(reply.value);
    });
  }

  /** Rejects with UnrolledError where a person can mend it. */
  call<K extends keyof H & string>(name: K, args: Arguments<H, K>): Promise<Answer<H, K>> {
    return new Promise<unknown>((give, fail) => {
      const number = this.#number++;
      this.#waiting.set(number, { give, fail });
      this.#port.postMessage({ number, name, args } satisfies Question, { transfer: [] });
    }) as Promise<Answer<H, K>>;
  }

  /** The worker is gone: nothing that was asked will be answered. */
  fail(error: Error): void {
    for (const { fail } of this.#waiting.values()) fail(error);
    this.#waiting.clear();
  }
}

function failureOf({ code, message, hint }: { code?: string; message: string; hint?: string }): Error {
  return code === undefined ? new Error(message) : new UnrolledError(code, message, hint);
}

/**
 * Asks for the newest only: while one question is answered, of those that come the last one waits. What is dragged is
 * followed as fast as it can be answered, and never later than that.
 */
export class Newest {
  #busy = false;
  #waiting: (() => Promise<void>) | undefined;

  /** Does `work` now or after what is being done; instead of what waits. */
  ask(work: () => Promise<void>): void {
    if (this.#busy) {
      this.#waiting = work;
      return;
    }
    this.#busy = true;
    void work().finally(() => {
      this.#busy = false;
      const next = this.#waiting;
      this.#waiting = undefined;
      if (next !== undefined) this.ask(next);
    });
  }
}
