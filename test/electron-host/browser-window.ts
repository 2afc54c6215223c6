/** Electron's `BrowserWindow` and its `webContents`: their pages are on the desktop that the test plays. */
import { EventEmitter } from 'node:events';
import { readFileSync } from 'node:fs';
import type { ElectronApp } from './app.ts';
import type { IpcEvent, IpcMain } from './ipc.ts';
import { ask, onDesktop, tell } from './link.ts';
import type { Area, DesktopMessage, Machine } from './messages.ts';
import type { Protocol } from './protocol.ts';
import { requireReady } from './readiness.ts';
import { PreventableEvent } from './strict.ts';

/** What the windows belong to; set before the program is loaded. */
export interface Windows {
  readonly app: ElectronApp;
  readonly ipcMain: IpcMain;
  readonly protocol: Protocol;
  readonly machine: Machine;
}
let windows: Windows;
const open = new Map<number, BrowserWindow>();
let count = 0;

interface WindowOptions {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly minWidth?: number;
  readonly minHeight?: number;
  readonly show?: boolean;
  readonly backgroundColor?: string;
  readonly title?: string;
  readonly webPreferences?: {
    readonly preload?: string;
    readonly sandbox?: boolean;
    readonly contextIsolation?: boolean;
    readonly nodeIntegration?: boolean;
  };
}

type OpenHandler = (details: { readonly url: string }) => { readonly action: 'allow' | 'deny' };

export class WebContents extends EventEmitter {
  readonly #id: number;
  #url = '';
  #destroyed = false;
  #crashed = false;
  #opener: OpenHandler = () => ({ action: 'allow' });
  #loading = Promise.withResolvers<undefined>();

  constructor(id: number) {
    super();
    this.#id = id;
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  isCrashed(): boolean {
    return this.#crashed;
  }

  getURL(): string {
    this.#requireAlive();
    return this.#url;
  }

  setWindowOpenHandler(handler: OpenHandler): void {
    this.#opener = handler;
  }

  mayOpen(url: string): boolean {
    return this.#opener({ url }).action === 'allow';
  }

  async loadURL(url: string): Promise<void> {
    this.#requireAlive();
    this.#loading = Promise.withResolvers();
    const { promise } = this.#loading;
    const address = await windows.protocol.address(url);
    this.#url = url;
    tell({ kind: 'load', window: this.#id, url, address });
    await promise;
  }

  reload(): void {
    this.#requireAlive();
    this.#crashed = false;
    tell({ kind: 'reload', window: this.#id });
  }

  async executeJavaScript(code: string): Promise<unknown> {
    this.#requireAlive();
    return ask((request) => ({ kind: 'evaluate', window: this.#id, request, code }));
  }

  /** To a page whose process is gone it is lost. */
  send(channel: string, ...args: unknown[]): void {
    this.#requireAlive();
    const clones = structuredClone(args);
    if (!this.#crashed) tell({ kind: 'send', window: this.#id, channel, args: clones });
  }

  loaded(failure: string | null): void {
    if (failure === null) {
      this.emit('did-finish-load', {});
      this.#loading.resolve(undefined);
    } else {
      this.emit('did-fail-load', {}, -2, failure, this.#url, true);
      this.#loading.reject(new Error(`ERR_FAILED (-2) loading '${this.#url}': ${failure}`));
      this.#loading.promise.catch(() => undefined);
    }
  }

  crashed(reason: string): void {
    this.#crashed = true;
    this.emit('render-process-gone', {}, { reason, exitCode: reason === 'crashed' ? 139 : 9 });
  }

  destroyed(): void {
    this.#destroyed = true;
    this.emit('destroyed');
    this.#loading.reject(new Error(`ERR_ABORTED (-3) loading '${this.#url}'`));
    this.#loading.promise.catch(() => undefined);
  }

  #requireAlive(): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
  }
}

export class BrowserWindow extends EventEmitter {
  static use(given: Windows): void {
    windows = given;
    hearDesktop();
  }

  static getAllWindows(): BrowserWindow[] {
    return [...open.values()];
  }

  static getFocusedWindow(): BrowserWindow | null {
    return open.values().next().value ?? null;
  }

  static fromWebContents(contents: WebContents): BrowserWindow | null {
    return [...open.values()].find(({ webContents }) => webContents === contents) ?? null;
  }

  readonly id = ++count;
  readonly webContents = new WebContents(this.id);
  #bounds: Area;
  #shown: boolean;
  #enabled = true;
  #minimized = false;
  #maximized = false;
  #title: string;
  #destroyed = false;

  constructor(options: WindowOptions = {}) {
    super();
    requireReady('Cannot create BrowserWindow before app is ready');
    const { show = true, minWidth = 0, minHeight = 0, backgroundColor = '#FFF', webPreferences = {} } = options;
    const { preload, sandbox = true, contextIsolation = true, nodeIntegration = false } = webPreferences;
    if (!sandbox || !contextIsolation || nodeIntegration) throw new Error('The stand-in has sandboxed pages only.');
    this.#bounds = initialBounds(options);
    this.#shown = show;
    this.#title = options.title ?? windows.app.getName();
    open.set(this.id, this);
    tell({
      kind: 'window',
      window: this.id,
      bounds: this.#bounds,
      options: {
        minWidth,
        minHeight,
        backgroundColor,
        shown: show,
        preload: preload === undefined ? null : readFileSync(preload, 'utf8'),
      },
    });
    windows.app.windowOpened(this);
    windows.app.emit('browser-window-created', {}, this);
    windows.app.emit('web-contents-created', {}, this.webContents);
  }

  isDestroyed(): boolean {
    return this.#destroyed;
  }

  loadURL(url: string): Promise<void> {
    this.#requireAlive();
    return this.webContents.loadURL(url);
  }

  show(): void {
    this.#requireAlive();
    this.#shown = true;
    tell({ kind: 'fact', window: this.id, fact: 'shown' });
  }

  hide(): void {
    this.#requireAlive();
    this.#shown = false;
    tell({ kind: 'fact', window: this.id, fact: 'hidden' });
  }

  isVisible(): boolean {
    this.#requireAlive();
    return this.#shown;
  }

  focus(): void {
    this.#requireAlive();
    tell({ kind: 'fact', window: this.id, fact: 'focused' });
  }

  minimize(): void {
    this.#requireAlive();
    this.#minimized = true;
  }

  isMinimized(): boolean {
    this.#requireAlive();
    return this.#minimized;
  }

  restore(): void {
    this.#requireAlive();
    this.#minimized = false;
    tell({ kind: 'fact', window: this.id, fact: 'restored' });
  }

  maximize(): void {
    this.#requireAlive();
    this.#maximized = true;
    // A hidden window that is maximized is shown.
    this.#shown = true;
    tell({ kind: 'fact', window: this.id, fact: 'maximized' });
  }

  isMaximized(): boolean {
    this.#requireAlive();
    return this.#maximized;
  }

  setEnabled(enabled: boolean): void {
    this.#requireAlive();
    this.#enabled = enabled;
    tell({ kind: 'fact', window: this.id, fact: enabled ? 'enabled' : 'disabled' });
  }

  isEnabled(): boolean {
    this.#requireAlive();
    return this.#enabled;
  }

  setTitle(title: string): void {
    this.#requireAlive();
    this.#title = title;
    tell({ kind: 'title', window: this.id, title });
  }

  getTitle(): string {
    this.#requireAlive();
    return this.#title;
  }

  setBackgroundColor(color: string): void {
    this.#requireAlive();
    tell({ kind: 'note', what: `background ${color}` });
  }

  removeMenu(): void {
    this.#requireAlive();
  }

  getBounds(): Area {
    this.#requireAlive();
    return this.#bounds;
  }

  getNormalBounds(): Area {
    this.#requireAlive();
    return this.#bounds;
  }

  /** As the person, or the program, closes it: "close" may be prevented. */
  close(): void {
    if (this.#destroyed) return;
    const event = new PreventableEvent();
    this.emit('close', event);
    if (event.defaultPrevented) windows.app.windowKept();
    // The page is unloaded first.
    else setImmediate(() => this.destroy());
  }

  /** Without "close". */
  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    open.delete(this.id);
    tell({ kind: 'destroyed', window: this.id });
    this.webContents.destroyed();
    this.emit('closed');
    windows.app.windowClosed(this);
  }

  /** By the person. */
  moved(bounds: Area): void {
    const sized = bounds.width !== this.#bounds.width || bounds.height !== this.#bounds.height;
    this.#bounds = bounds;
    this.emit('move', {});
    if (sized) this.emit('resize', {});
  }

  #requireAlive(): void {
    if (this.#destroyed) throw new TypeError('Object has been destroyed');
  }
}

/** In the middle of the primary display, unless the program says where; not smaller than it says, but maybe too large. */
function initialBounds({ x, y, width = 800, height = 600, minWidth = 0, minHeight = 0 }: WindowOptions): Area {
  const [primary = { x: 0, y: 0, width: 0, height: 0 }] = windows.machine.workAreas;
  const size = { width: Math.max(width, minWidth), height: Math.max(height, minHeight) };
  return {
    ...size,
    x: x ?? primary.x + Math.round((primary.width - size.width) / 2),
    y: y ?? primary.y + Math.round((primary.height - size.height) / 2),
  };
}

/** Frames are gone with their page: then nobody can say where a message came from. */
function ipcEvent({ webContents }: BrowserWindow, { frame }: { frame: IpcFrame }): IpcEvent {
  return {
    sender: webContents,
    senderFrame: frame === null ? null : { url: frame.url, parent: frame.isMain ? null : {} },
  };
}
type IpcFrame = Extract<DesktopMessage, { kind: 'ipc' }>['frame'];

function hearDesktop(): void {
  const { ipcMain, protocol } = windows;
  onDesktop('loaded', ({ window, failure }) => open.get(window)?.webContents.loaded(failure));
  onDesktop('crashed', ({ window, reason }) => open.get(window)?.webContents.crashed(reason));
  onDesktop('unresponsive', ({ window }) => {
    open.get(window)?.emit('unresponsive');
    open.get(window)?.webContents.emit('unresponsive');
  });
  onDesktop('close', ({ window }) => open.get(window)?.close());
  onDesktop('move', ({ window, bounds }) => open.get(window)?.moved(bounds));
  onDesktop('ipc', (message) => {
    const window = open.get(message.window);
    if (window) ipcMain.emit(message.channel, ipcEvent(window, message), ...message.args);
  });
  onDesktop('invoke', (message) => {
    const window = open.get(message.window);
    if (window === undefined) return;
    const { request, channel, args } = message;
    ipcMain.answer(ipcEvent(window, message), channel, args).then(
      (value) => tell({ kind: 'invoked', request, value }),
      (error: unknown) => tell({ kind: 'invoked', request, error: String(error) }),
    );
  });
  onDesktop('request', ({ window, request, url, navigates }) => {
    void mayReach(open.get(window), url, navigates).then((value) => tell({ kind: 'allowed', request, value }));
  });

  async function mayReach(window: BrowserWindow | undefined, url: string, navigates: boolean): Promise<boolean> {
    if (navigates) {
      const event = Object.assign(new PreventableEvent(), { url });
      window?.webContents.emit('will-frame-navigate', event);
      if (event.defaultPrevented) return false;
    }
    return protocol.isAllowed(url);
  }
}
