/** The contract as the face uses it, over whichever channel carries it. */
import { fail, type Client, type Contract, type EventName, type Events, type EventValue, type Result } from './call.ts';
import { whyNotPlain } from './plain.ts';

/**
 * 'connecting': for the first time; calls wait. 'disconnected': the connection is lost and being made anew; calls
 * fail with the code 'disconnected'. 'refused': as 'disconnected', and the program that answers now does not know this
 * page: its address has to be opened anew. Whoever comes back to 'connected' has missed events and reads anew what it shows.
 */
export type ConnectionState = 'connecting' | 'connected' | 'disconnected' | 'refused' | 'closed';

/** What carries calls to the back, and events from it. */
export interface Channel {
  readonly state: ConnectionState;
  /** Never rejects. */
  call(name: string, args: unknown): Promise<Result<unknown>>;
  /** The names of the events that are to be told from now on, all of them. */
  listen(events: readonly string[]): void;
  close(): void;
}

/** Who is told what a channel hears. */
export interface ChannelListener {
  event(name: string, value: unknown): void;
  state(state: ConnectionState): void;
}

/** Opens a channel, which tells `listener` from then on. */
export type OpenChannel = (listener: ChannelListener) => Channel;

/** The face's end. */
export interface Connection<C extends Contract, E extends Events> {
  readonly api: Client<C>;
  readonly state: ConnectionState;
  /** Tells `listener` each value of an event; returns what ends that. */
  on<K extends EventName<E>>(event: K, listener: (value: EventValue<E, K>) => void): () => void;
  /** Tells `listener` each change of the state; returns what ends that. */
  onState(listener: (state: ConnectionState) => void): () => void;
  /** For good. */
  close(): void;
}

/** `E` is the type of the contract's events. */
export function createClient<C extends Contract, E extends Events>(contract: C, open: OpenChannel): Connection<C, E> {
  const listeners = new Map<string, Set<(value: unknown) => void>>();
  const stateListeners = new Set<(state: ConnectionState) => void>();
  const channel = open({
    event(name, value) {
      for (const listener of [...(listeners.get(name) ?? [])]) {
        listener(value);
      }
    },
    state(state) {
      for (const listener of [...stateListeners]) {
        listener(state);
      }
    },
  });
  return {
    api: clientOf(contract, channel),
    get state() {
      return channel.state;
    },
    on<K extends EventName<E>>(event: K, listener: (value: EventValue<E, K>) => void) {
      const untyped: (value: never) => void = listener;
      const own = (value: unknown): void => untyped(value as never);
      const others = listeners.get(event) ?? new Set();
      listeners.set(event, others.add(own));
      if (others.size === 1) {
        channel.listen([...listeners.keys()]);
      }
      return () => {
        if (others.delete(own) && others.size === 0) {
          listeners.delete(event);
          channel.listen([...listeners.keys()]);
        }
      };
    },
    onState(listener) {
      const own = (state: ConnectionState): void => listener(state);
      stateListeners.add(own);
      return () => {
        stateListeners.delete(own);
      };
    },
    close: () => channel.close(),
  };
}

function clientOf<C extends Contract>(contract: C, channel: Channel): Client<C> {
  const domains: Record<string, Record<string, (args: unknown) => Promise<Result<unknown>>>> = {};
  for (const [domain, calls] of Object.entries(contract)) {
    const functions = (domains[domain] ??= {});
    for (const name of Object.keys(calls)) {
      functions[name] = (args) => send(channel, `${domain}.${name}`, args);
    }
  }
  return domains as Client<C>;
}

async function send(channel: Channel, name: string, args: unknown): Promise<Result<unknown>> {
  const impure = whyNotPlain(args);
  return impure === undefined
    ? channel.call(name, args)
    : fail('bad-request', `The call ${name} was refused: ${impure}.`);
}
