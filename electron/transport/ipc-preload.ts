/** The contract over Electron's IPC: the page's side, which is all that a page gets of Electron. */
import type { ContextBridge, IpcRenderer } from 'electron';
import type { Result } from '../api/call.ts';
import { BRIDGE_NAME, type Bridge } from '../api/client-bridge.ts';
import { CHANNELS } from './ipc-channels.ts';

export interface PreloadModules {
  readonly contextBridge: Pick<ContextBridge, 'exposeInMainWorld'>;
  readonly ipcRenderer: Pick<IpcRenderer, 'invoke' | 'send' | 'on'>;
}

/** Puts the bridge into the page. */
export function exposeBridge({ contextBridge, ipcRenderer }: PreloadModules): void {
  let listener: (name: string, value: unknown) => void = () => undefined;
  ipcRenderer.on(CHANNELS.event, (_event, name: string, value: unknown) => listener(name, value));
  const bridge: Bridge = {
    call: (name, args) => ipcRenderer.invoke(CHANNELS.call, name, args) as Promise<Result<unknown>>,
    listen: (events) => ipcRenderer.send(CHANNELS.listen, events),
    onEvent(newListener) {
      listener = newListener;
    },
  };
  contextBridge.exposeInMainWorld(BRIDGE_NAME, bridge);
}
