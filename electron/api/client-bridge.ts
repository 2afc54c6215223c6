/** The face's end inside Electron: the one object that the preload script puts into the page. */
import { fail, type Result } from './call.ts';
import type { OpenChannel } from './client.ts';

/** The page finds it as the global of this name. */
export const BRIDGE_NAME = 'unrolled';

export interface Bridge {
  call(name: string, args: unknown): Promise<Result<unknown>>;
  /** The names of the events that are to be told from now on, all of them. */
  listen(events: readonly string[]): void;
  onEvent(listener: (name: string, value: unknown) => void): void;
}

/** A channel over the bridge. Process and window live and die together: it is connected until it is closed. */
export function bridgeChannel(bridge: Bridge): OpenChannel {
  return (listener) => {
    let closed = false;
    bridge.onEvent((name, value) => {
      if (!closed) {
        listener.event(name, value);
      }
    });
    return {
      get state() {
        return closed ? 'closed' : 'connected';
      },
      async call(name, args) {
        if (closed) {
          return fail('disconnected', 'The connection to the program was closed.');
        }
        try {
          return await bridge.call(name, args);
        } catch (error) {
          return fail('disconnected', `The program did not answer ${name}: ${String(error)}.`);
        }
      },
      listen: (events) => bridge.listen(events),
      close() {
        if (!closed) {
          closed = true;
          bridge.listen([]);
          listener.state('closed');
        }
      },
    };
  };
}
