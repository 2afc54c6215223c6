/** Where the back tells its events, and every connection hears them. */
import * as v from 'valibot';
import type { Emit, EventName, Events, EventValue } from '../api/call.ts';
import { describeIssue } from './issues.ts';
import { logDefect, type Log } from './log.ts';

/** Told of each event in the order in which they are emitted. */
export type EventListener = (event: string, value: unknown) => void;

/** What a transport needs of a hub. */
export interface EventSource {
  /** The names of all events there are. */
  readonly names: readonly string[];
  /** Returns what ends the subscription. */
  subscribe(listener: EventListener): () => void;
}

/** Checks each event's value by its schema: one that is not right is a defect, logged and told to nobody. */
export class EventHub<E extends Events> implements EventSource {
  readonly #schemas: ReadonlyMap<string, E[string]>;
  readonly #log: Log;
  readonly #listeners = new Set<EventListener>();

  constructor(schemas: E, log: Log = logDefect) {
    this.#schemas = new Map(Object.entries(schemas) as [string, E[string]][]);
    this.#log = log;
  }

  get names(): readonly string[] {
    return [...this.#schemas.keys()];
  }

  readonly emit: Emit<E> = <K extends EventName<E>>(event: K, value: EventValue<E, K>): void => {
    const schema = this.#schemas.get(event);
    const checked = schema && v.safeParse(schema, value);
    if (checked?.success !== true) {
      const complaint = checked === undefined ? 'the contract has no such event' : describeIssue(checked.issues[0]);
      this.#log(`the event ${event}`, new TypeError(complaint));
      return;
    }
    for (const listener of [...this.#listeners]) {
      try {
        listener(event, checked.output);
      } catch (error) {
        this.#log(`a listener of the event ${event}`, error);
      }
    }
  };

  subscribe(listener: EventListener): () => void {
    // A function of its own, so that a listener subscribed twice is told twice and each subscription ends by itself.
    const own: EventListener = (event, value) => listener(event, value);
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
    };
  }
}
