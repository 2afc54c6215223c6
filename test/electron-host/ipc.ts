/** Electron's `ipcMain`: what passes is cloned both ways, and an answer that cannot be cloned is an error in the page. */
import { EventEmitter } from 'node:events';

export interface SenderFrame {
  readonly url: string;
  readonly parent: object | null;
}

/** `senderFrame` is null where the frame was gone before its message came. */
export interface IpcEvent {
  readonly sender: object;
  readonly senderFrame: SenderFrame | null;
}

type Handler = (event: IpcEvent, ...args: unknown[]) => unknown;

export class IpcMain extends EventEmitter {
  readonly #handlers = new Map<string, Handler>();

  handle(channel: string, handler: Handler): void {
    if (this.#handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.#handlers.set(channel, handler);
  }

  removeHandler(channel: string): void {
    this.#handlers.delete(channel);
  }

  /** A page's `ipcRenderer.invoke`. */
  async answer(event: IpcEvent, channel: string, args: readonly unknown[]): Promise<unknown> {
    const handler = this.#handlers.get(channel);
    if (handler === undefined) throw new Error(`No handler registered for '${channel}'`);
    return structuredClone(await handler(event, ...args));
  }
}
