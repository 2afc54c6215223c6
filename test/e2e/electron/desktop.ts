/**
 * A desktop for the packed program: it starts main processes of the stand-in for Electron (test/electron-host), shows
 * their windows as pages of a real Chromium, and does what a person does there. Dialogs are answered by the scenario.
 */
import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import {
  MACHINE_VARIABLE,
  type Area,
  type DesktopMessage,
  type DialogRequest,
  type HostMessage,
  type Machine,
  type MenuItem,
} from '../../electron-host/messages.ts';
import { DesktopWindow } from './desktop-window.ts';
import { Changes } from './changes.ts';

const HOST = join(import.meta.dirname, '../../electron-host/host.ts');
const HOOKS = join(import.meta.dirname, '../../electron-host/hooks.ts');
/** A usual school laptop, less the task bar. */
export const SMALL_SCREEN: Area = { x: 0, y: 0, width: 1366, height: 728 };
/** The same at 125 %. */
export const SCALED_SCREEN: Area = { x: 0, y: 0, width: 1093, height: 582 };

export interface DesktopOptions {
  readonly browser: Browser;
  /** The packed tree. */
  readonly app: string;
  readonly workArea?: Area;
  readonly dark?: boolean;
  readonly environment?: Readonly<Record<string, string>>;
}

export type DialogAnswer = (dialog: DialogRequest) => unknown;

/** A person's machine: a home folder, a screen, and the programs that were started. */
export class Desktop {
  readonly home: string;
  readonly #options: DesktopOptions;
  readonly programs: RunningProgram[] = [];
  readonly changes = new Changes();

  static async open(options: DesktopOptions): Promise<Desktop> {
    return new Desktop(await mkdtemp(join(tmpdir(), 'unrolled-desktop-')), options);
  }

  private constructor(home: string, options: DesktopOptions) {
    this.home = home;
    this.#options = options;
  }

  /** A path in the person's home folder. */
  path(...names: string[]): string {
    return join(this.home, ...names);
  }

  start(...args: string[]): RunningProgram {
    const { workArea = SMALL_SCREEN, dark = false, browser, app, environment = {} } = this.#options;
    const machine: Machine = { userData: this.path('.config', 'unrolled'), workAreas: [workArea], dark };
    const child = fork(HOST, args, {
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      execArgv: ['--unhandled-rejections=warn', `--import=${pathToFileURL(HOOKS).href}`],
      cwd: this.home,
      env: {
        ...process.env,
        HOME: this.home,
        XDG_CONFIG_HOME: this.path('.config'),
        XDG_DATA_HOME: this.path('.local', 'share'),
        XDG_STATE_HOME: this.path('.local', 'state'),
        UNROLLED_ELECTRON_APP: app,
        [MACHINE_VARIABLE]: JSON.stringify(machine),
        ...environment,
      },
    });
    const program = new RunningProgram(child, { browser, dark, changes: this.changes });
    program.relaunches.then((launches) => launches.forEach((again) => this.start(...again))).catch(() => undefined);
    this.programs.push(program);
    this.changes.tell();
    return program;
  }

  /** The program that shows its window, of `program` and those that were started after it. */
  async runs(program: RunningProgram): Promise<RunningProgram> {
    const first = this.programs.indexOf(program);
    return this.changes.until(() =>
      this.programs.slice(first).find(({ ended, windows }) => !ended && windows.some(({ loaded }) => loaded)),
    );
  }

  async logText(): Promise<string> {
    return readFile(this.path('.local', 'state', 'unrolled', 'logs', 'unrolled.log'), 'utf8').catch(() => '');
  }

  /** Ends everything. */
  async close(): Promise<void> {
    for (const program of this.programs) await program.kill();
    await rm(this.home, { recursive: true, force: true });
  }
}

interface ProgramSurroundings {
  readonly browser: Browser;
  readonly dark: boolean;
  readonly changes: Changes;
}

/** A main process and what it shows. */
export class RunningProgram {
  readonly windows: DesktopWindow[] = [];
  /** Titles and contents of error boxes. */
  readonly errorBoxes: (readonly [title: string, content: string])[] = [];
  readonly dialogs: DialogRequest[] = [];
  /** What else was done to the system. */
  readonly notes: string[] = [];
  /** What a launcher was told. */
  readonly told: string[] = [];
  /** The exit status, or the signal. */
  readonly exit: Promise<number | NodeJS.Signals>;
  /** Arguments of the programs to be started when this one has ended. */
  readonly relaunches: Promise<readonly (readonly string[])[]>;
  menu: readonly MenuItem[] = [];
  /** How the person answers dialogs; a scenario that expects none leaves it. */
  answer: DialogAnswer = ({ type }) => (type === 'message' ? { response: 0 } : { canceled: true, filePaths: [] });
  readonly #child: ChildProcess;
  readonly #around: ProgramSurroundings;
  #output = '';
  #ended = false;

  constructor(child: ChildProcess, around: ProgramSurroundings) {
    this.#child = child;
    this.#around = around;
    const relaunches: (readonly string[])[] = [];
    child.on('message', (message: HostMessage | string) => {
      if (typeof message === 'string') this.told.push(message);
      else if (message.kind === 'relaunch') relaunches.push(message.args);
      else this.#take(message);
      around.changes.tell();
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => (this.#output += text));
    }
    const ended = Promise.withResolvers<number | NodeJS.Signals>();
    child.once('close', (code, signal) => {
      this.#ended = true;
      for (const window of this.windows) window.vanish();
      ended.resolve(signal ?? code ?? 1);
      around.changes.tell();
    });
    this.exit = ended.promise;
    this.relaunches = this.exit.then(() => relaunches);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** What it has written to its standard streams. */
  get output(): string {
    return this.#output;
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** Its first window with a page that has been loaded. */
  async window(): Promise<DesktopWindow> {
    return this.until(() => this.windows.find((window) => window.loaded), 'a window with its page');
  }

  /** What `find` finds, as soon as it does; throws where the program ends before. */
  async until<T>(find: () => T | undefined, what: string): Promise<T> {
    const found = await this.#around.changes.until(() => find() ?? (this.#ended ? null : undefined));
    if (found !== null) return found;
    const boxes = this.errorBoxes.map((box) => box.join(': ')).join('\n');
    throw new Error(`The program ended before there was ${what}.\n${boxes}\n${this.#output}`);
  }

  /** Opens a file with the program, as macOS does. */
  openFile(path: string): void {
    this.post({ kind: 'open-file', path });
  }

  /** Chooses from the menu. */
  click(...path: string[]): void {
    this.post({ kind: 'click', path });
  }

  /** By the menu or its key. */
  quit(): void {
    this.post({ kind: 'quit' });
  }

  /** As the system does at a signal: Electron makes an orderly end of these. */
  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal);
  }

  async kill(): Promise<void> {
    if (!this.#ended) this.#child.kill('SIGKILL');
    await this.exit;
    await Promise.all(this.windows.map((window) => window.gone));
  }

  post(message: DesktopMessage): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #take(message: Exclude<HostMessage, { kind: 'relaunch' }>): void {
    switch (message.kind) {
      case 'window': {
        const { browser, dark, changes } = this.#around;
        const { window, bounds, options } = message;
        const post = (answer: DesktopMessage): void => this.post(answer);
        this.windows.push(new DesktopWindow({ id: window, bounds, look: options, browser, dark, post, changes }));
        return;
      }
      case 'error-box':
        this.errorBoxes.push([message.title, message.content]);
        return;
      case 'menu':
        this.menu = message.items;
        return;
      case 'note':
        this.notes.push(message.what);
        return;
      case 'dialog': {
        const { request, dialog } = message;
        this.dialogs.push(dialog);
        this.post({ kind: 'answer', request, value: this.answer(dialog) });
        return;
      }
      case 'invoked':
      case 'allowed':
        for (const window of this.windows) window.answer(message);
        return;
      default:
        this.windows.find(({ id }) => id === message.window)?.take(message);
    }
  }
}
