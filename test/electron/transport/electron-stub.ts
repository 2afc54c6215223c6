/**
 * Electron's IPC in one process: a main process's `ipcMain`, and pages with an `ipcRenderer`, a `contextBridge` and a
 * WebContents each. Whatever passes is cloned as Electron clones it, so that what could not pass there fails here.
 */
import { EventEmitter } from 'node:events';
import type { IpcMain, WebContents } from 'electron';
import type { PreloadModules } from '../../../electron/transport/ipc-preload.ts';

export type InvokeHandler = (event: unknown, ...args: unknown[]) => unknown;

export interface StubFrame {
  readonly url: string;
  readonly parent: object | null;
}

export class StubIpc {
  readonly #handlers = new Map<string, InvokeHandler>();
  readonly #emitter = new EventEmitter();
  readonly ipcMain: Pick<IpcMain, 'handle' | 'on' | 'removeHandler' | 'removeListener'>;

  constructor() {
    const main = {
      handle: (channel: string, handler: InvokeHandler) => {
        if (this.#handlers.has(channel)) {
          throw new Error(`Attempted to register a second handler for '${channel}'`);
        }
        this.#handlers.set(channel, handler);
      },
      removeHandler: (channel: string) => {
        this.#handlers.delete(channel);
      },
      on: (channel: string, listener: (...args: unknown[]) => void) => this.#emitter.on(channel, listener),
      removeListener: (channel: string, listener: (...args: unknown[]) => void) =>
        this.#emitter.removeListener(channel, listener),
    };
    this.ipcMain = main as unknown as typeof this.ipcMain;
  }

  get channels(): readonly string[] {
    return [...this.#handlers.keys(), ...this.#emitter.eventNames().map(String)];
  }

  /** `frame` is null where it is gone by the time its message comes. */
  openPage(frame: StubFrame | null): StubPage {
    return new StubPage(this, frame);
  }

  async invoke(page: StubPage, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (handler === undefined) {
      throw new Error(`No handler registered for '${channel}'`);
    }
    return structuredClone(await handler(page.eventOfMain, ...structuredClone(args)));
  }

  send(page: StubPage, channel: string, args: readonly unknown[]): void {
    this.#emitter.emit(channel, page.eventOfMain, ...structuredClone(args));
  }
}

export class StubPage {
  /** What the preload script has put into the page, by name. */
  readonly globals = new Map<string, unknown>();
  readonly modules: PreloadModules;
  readonly eventOfMain: { readonly sender: WebContents; readonly senderFrame: StubFrame | null };
  readonly #renderer = new EventEmitter();
  readonly #contents = new EventEmitter();
  #destroyed = false;

  constructor(ipc: StubIpc, frame: StubFrame | null) {
    const contents = Object.assign(this.#contents, {
      isDestroyed: () => this.#destroyed,
      send: (channel: string, ...args: unknown[]) => {
        if (this.#destroyed) {
          throw new TypeError('Object has been destroyed');
        }
        this.#renderer.emit(channel, {}, ...structuredClone(args));
      },
    });
    this.eventOfMain = { sender: contents as unknown as WebContents, senderFrame: frame };
    this.modules = {
      contextBridge: {
        exposeInMainWorld: (name: string, value: object) => {
          this.globals.set(name, bridged(value));
        },
      },
      ipcRenderer: {
        // What crosses is what was sent at that moment, and no answer comes before the next turn.
        invoke: async (channel: string, ...args: unknown[]) => {
          const sent = structuredClone(args);
          await Promise.resolve();
          return ipc.invoke(this, channel, sent);
        },
        send: (channel: string, ...args: unknown[]) => ipc.send(this, channel, args),
        on: (channel: string, listener: (...args: unknown[]) => void) => this.#renderer.on(channel, listener),
      } as unknown as PreloadModules['ipcRenderer'],
    };
  }

  /** The window is closed. */
  destroy(): void {
    this.#destroyed = true;
    this.#contents.emit('destroyed');
  }
}

/** An object of functions as contextBridge shows it: frozen, functions as proxies, everything else cloned. */
function bridged(value: object): object {
  const members = Object.entries(value).map(([key, member]: [string, unknown]) => [key, crossing(member)]);
  return Object.freeze(Object.fromEntries(members)) as object;
}

function crossing(value: unknown): unknown {
  if (typeof value !== 'function') {
    return structuredClone(value);
  }
  const original = value as (...args: unknown[]) => unknown;
  return (...args: unknown[]): unknown => {
    const result = original(...args.map(crossing));
    return result instanceof Promise ? result.then(crossing) : crossing(result);
  };
}
