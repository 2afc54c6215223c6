/** The contract over Electron's IPC: the main process's side. */
import type { IpcMain, IpcMainEvent, IpcMainInvokeEvent, WebContents } from 'electron';
import * as v from 'valibot';
import { fail, type Result } from '../api/call.ts';
import { MAXIMUM_CALLS } from '../api/messages.ts';
import type { Dispatch } from './dispatch.ts';
import type { EventSource } from './event-hub.ts';
import { CHANNELS } from './ipc-channels.ts';
import { logDefect, type Log } from './log.ts';

export interface IpcOptions {
  readonly ipcMain: Pick<IpcMain, 'handle' | 'on' | 'removeHandler' | 'removeListener'>;
  readonly dispatch: Dispatch;
  readonly events: EventSource;
  /** Whether a page at this address is the app's own. */
  readonly isOurs: (url: string) => boolean;
  readonly log?: Log;
}

const listenSchema = v.array(v.string());

/** Serves every window of the app. Returns what ends it. */
export function serveIpc({ ipcMain, dispatch, events, isOurs, log = logDefect }: IpcOptions): () => void {
  const listeners = new Map<WebContents, ReadonlySet<string>>();
  /** Calls of a page that wait for their answers. */
  const inFlight = new WeakMap<WebContents, number>();

  /** The one place that decides whose messages count: those of the app's own pages, of no frame inside them. */
  function isTrusted(event: IpcMainEvent | IpcMainInvokeEvent): boolean {
    const frame = event.senderFrame;
    const trusted = frame !== null && frame.parent === null && isOurs(frame.url);
    if (!trusted) {
      log('IPC', new Error(`A message of a frame that is not the app's own was refused: ${frame?.url ?? 'gone'}.`));
    }
    return trusted;
  }

  async function answer(event: IpcMainInvokeEvent, name: unknown, args: unknown): Promise<Result<unknown>> {
    if (!isTrusted(event)) {
      return fail('refused', 'Only the pages of this program may call it.');
    }
    if (typeof name !== 'string') {
      return fail('unknown-call', `The name of a call is a text, not of the type ${typeof name}.`);
    }
    const page = event.sender;
    const waiting = inFlight.get(page) ?? 0;
    if (waiting >= MAXIMUM_CALLS) {
      return fail('busy', `More than ${MAXIMUM_CALLS} calls wait for their answers.`, 'Call again later.');
    }
    inFlight.set(page, waiting + 1);
    try {
      return await dispatch(name, args);
    } finally {
      inFlight.set(page, (inFlight.get(page) ?? 1) - 1);
    }
  }

  function listen(event: IpcMainEvent, names: unknown): void {
    const parsed = v.safeParse(listenSchema, names);
    if (!isTrusted(event) || !parsed.success) {
      return;
    }
    const page = event.sender;
    if (!listeners.has(page)) {
      page.once('destroyed', () => {
        listeners.delete(page);
      });
    }
    listeners.set(page, new Set(parsed.output));
  }

  const unsubscribe = events.subscribe((name, value) => {
    for (const [page, names] of listeners) {
      if (names.has(name) && !page.isDestroyed()) {
        page.send(CHANNELS.event, name, value);
      }
    }
  });
  ipcMain.handle(CHANNELS.call, answer);
  ipcMain.on(CHANNELS.listen, listen);
  return () => {
    unsubscribe();
    listeners.clear();
    ipcMain.removeHandler(CHANNELS.call);
    ipcMain.removeListener(CHANNELS.listen, listen);
  };
}
