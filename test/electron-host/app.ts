/**
 * Electron's `app`: how the program comes to its end, its folders, and that it runs once.
 *
 *     app.quit   before-quit, then "close" of each window, then will-quit, then quit; each of the first three may
 *                prevent the rest; window-all-closed is not emitted on the way
 *     app.exit   windows are destroyed without "close", then quit
 */
import { EventEmitter } from 'node:events';
import { onDesktop, tell } from './link.ts';
import type { Machine } from './messages.ts';
import { becomeReady, isReady, whenReady } from './readiness.ts';
import { SingleInstance } from './single-instance.ts';
import { PreventableEvent } from './strict.ts';

/** What the app knows of its windows. */
export interface Closable {
  close(): void;
  destroy(): void;
}

// Electron makes process.exit its own: app.exit.
const leave = process.exit.bind(process);

export class ElectronApp extends EventEmitter {
  readonly isPackaged = true;
  readonly commandLine = {
    appendSwitch: (name: string, value = ''): void => {
      // Chromium has read its command line by then.
      if (isReady()) throw new Error(`The switch ${name} comes too late: Chromium has started.`);
      tell({ kind: 'note', what: `switch ${name} ${value}`.trimEnd() });
    },
    hasSwitch: (name: string): boolean => process.argv.some((arg) => arg.startsWith(`--${name}`)),
  };
  readonly #name: string;
  readonly #version: string;
  readonly #paths: Map<string, string>;
  readonly #windows = new Set<Closable>();
  readonly #ends: (() => void)[] = [];
  #instance: SingleInstance | undefined;
  #relaunches: (readonly string[])[] = [];
  #exitCode = 0;
  #quitting = false;
  #exiting = false;
  #shutDown = false;

  constructor(name: string, version: string, machine: Machine) {
    super();
    this.#name = name;
    this.#version = version;
    this.#paths = new Map([['userData', machine.userData]]);
    process.exit = ((code?: number) => this.exit(code ?? 0)) as typeof process.exit;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => this.quit());
    onDesktop('quit', () => this.quit());
    onDesktop('open-file', ({ path }) => this.emit('open-file', new PreventableEvent(), path));
  }

  /** The entry has been evaluated. */
  start(): void {
    this.emit('will-finish-launching', {});
    becomeReady();
    this.emit('ready', {});
    if (this.#shutDown) this.#end();
  }

  getName(): string {
    return this.#name;
  }

  getVersion(): string {
    return this.#version;
  }

  isReady(): boolean {
    return isReady();
  }

  whenReady(): Promise<undefined> {
    return whenReady();
  }

  getPath(name: string): string {
    const path = this.#paths.get(name);
    if (path === undefined) throw new Error(`Failed to get '${name}' path`);
    return path;
  }

  setPath(name: string, path: string): void {
    if (name === 'userData' && (isReady() || this.#instance !== undefined)) {
      throw new Error('The user data folder is set before it is used.');
    }
    this.#paths.set(name, path);
  }

  setAboutPanelOptions(options: Readonly<Record<string, unknown>>): void {
    tell({ kind: 'note', what: `about ${JSON.stringify(options)}` });
  }

  requestSingleInstanceLock(additionalData: unknown = null): boolean {
    this.#instance ??= new SingleInstance(this.getPath('userData'), (call) => {
      if (this.#shutDown) return false;
      const { argv, workingDirectory, additionalData: data } = call;
      // Not before the app is ready, whenever the other one started.
      void whenReady().then(() => this.emit('second-instance', {}, argv, workingDirectory, data));
      return true;
    });
    return this.#instance.take(additionalData);
  }

  relaunch({ args = process.argv.slice(1) }: { readonly args?: readonly string[] } = {}): void {
    this.#relaunches.push([...args]);
  }

  quit(): void {
    if (this.#shutDown || this.#exiting) return;
    const event = new PreventableEvent();
    this.emit('before-quit', event);
    this.#quitting = !event.defaultPrevented;
    if (event.defaultPrevented) return;
    if (this.#windows.size === 0) this.#notifyAndShutDown();
    for (const window of [...this.#windows]) window.close();
  }

  exit(code = 0): void {
    this.#exitCode = code;
    if (!isReady()) {
      leave(code);
    }
    this.#quitting = true;
    this.#exiting = true;
    if (this.#windows.size === 0) this.#shutdown();
    for (const window of [...this.#windows]) window.destroy();
  }

  /** To be called last, when nothing of the program runs any more. */
  atEnd(end: () => void): void {
    this.#ends.push(end);
  }

  windowOpened(window: Closable): void {
    this.#windows.add(window);
  }

  windowKept(): void {
    this.#quitting = false;
  }

  windowClosed(window: Closable): void {
    this.#windows.delete(window);
    if (this.#windows.size > 0) return;
    if (this.#exiting) this.#shutdown();
    else if (this.#quitting) this.#notifyAndShutDown();
    else if (this.listenerCount('window-all-closed') === 0) this.quit();
    else this.emit('window-all-closed');
  }

  #notifyAndShutDown(): void {
    const event = new PreventableEvent();
    this.emit('will-quit', event);
    if (event.defaultPrevented) this.#quitting = false;
    else this.#shutdown();
  }

  #shutdown(): void {
    if (this.#shutDown) return;
    this.#shutDown = true;
    this.emit('quit', {}, this.#exitCode);
    // Before there is a message loop, its end waits for it: `ready` is emitted even then.
    if (isReady()) this.#end();
  }

  #end(): void {
    for (const end of this.#ends) end();
    this.#instance?.release();
    for (const args of this.#relaunches) tell({ kind: 'relaunch', args });
    leave(this.#exitCode);
  }
}
