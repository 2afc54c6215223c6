/** Everything the views share, made once at the start. */
import { createContext } from 'svelte';
import type { ConnectionState } from '../../electron/api/client.ts';
import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { RunInfo } from '../../electron/api/runs.ts';
import type { Port } from '../worker/rpc.ts';
import { place } from './address.ts';
import { Datasets } from './datasets.svelte.ts';
import { Draft } from './draft.svelte.ts';
import { Exporting } from './exporting.svelte.ts';
import { readExperiment } from './experiment.ts';
import { Frames } from './frames.ts';
import { Pace } from './pace.ts';
import { ImportFlow } from './import-flow.svelte.ts';
import { ModelImportFlow } from './model-import.svelte.ts';
import { Notices } from './notices.svelte.ts';
import { OpenRun } from './open-run.svelte.ts';
import { Program } from './program.svelte.ts';
import { Router, type AddressBar } from './router.svelte.ts';
import { PageEngine } from './page-engine.ts';
import { RunActions } from './run-actions.ts';
import { RunList } from './run-list.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Tasks } from './tasks.svelte.ts';
import { Theme } from './theme.svelte.ts';

/** What a first run trains: text that anyone can judge while it is being learnt. */
const FIRST_TASK = 'moby-dick';
/** In which it differs from what is suggested for the task: it shows something soon, and is done in a minute or two. */
const FIRST_SETTINGS = [
  ['model.hiddenSize', 128],
  ['model.dropout', 0.1],
  ['training.updates', 3000],
  ['training.evaluateEvery', 150],
  ['training.checkpointEvery', 150],
] as const;

/** The parts of the window that the lab needs. */
export interface Surroundings {
  readonly addressBar: AddressBar;
  readonly dark: Pick<MediaQueryList, 'matches' | 'addEventListener'>;
  readonly requestFrame: (callback: () => void) => void;
  /** Calls back once the frame that is being made has been painted; absent: at once. */
  readonly painted?: (callback: () => void) => void;
  /** As setTimeout. */
  readonly later?: (work: () => void, milliseconds: number) => void;
  /** Starts the worker of the page's own engine. */
  readonly startWorker?: () => Port;
}

export class Lab {
  readonly connection: ProgramConnection;
  readonly frames: Frames;
  readonly pace: Pace;
  readonly notices = new Notices();
  readonly router: Router;
  readonly program: Program;
  readonly theme: Theme;
  readonly runs: RunList;
  readonly actions: RunActions;
  readonly tasks: Tasks;
  readonly datasets: Datasets;
  readonly imports: ImportFlow;
  readonly modelImports: ModelImportFlow;
  readonly exporting: Exporting;
  readonly draft: Draft;
  /** What is looked at inside the open run. */
  readonly selection: Selection;
  readonly engine: PageEngine;
  #state = $state<ConnectionState>('connecting');
  #open = $state.raw<OpenRun>();
  #missing = $state<string>();
  #closing = $state(false);
  #takesFile = false;
  /** Of the workspace whose contents are shown. */
  #path: string | undefined;

  constructor(connection: ProgramConnection, surroundings: Surroundings) {
    const { addressBar, dark, requestFrame, painted, later = setTimeout, startWorker = noWorker } = surroundings;
    this.connection = connection;
    this.frames = new Frames(requestFrame, painted);
    this.pace = new Pace(this.frames);
    this.router = new Router(addressBar);
    this.program = new Program(connection, this.notices);
    this.theme = new Theme(this.program, dark);
    this.runs = new RunList(connection, this.notices, this.pace);
    this.actions = new RunActions(connection, this.notices, this.runs);
    this.tasks = new Tasks(connection, this.notices);
    this.datasets = new Datasets(connection, this.notices, this.tasks);
    this.imports = new ImportFlow(connection);
    this.modelImports = new ModelImportFlow(connection);
    this.exporting = new Exporting(connection);
    this.draft = new Draft(connection, this.tasks);
    this.selection = new Selection(this.router, (work, milliseconds) => void later(work, milliseconds));
    this.engine = new PageEngine(connection, startWorker);
    this.#state = connection.state;
    connection.onState((state) => {
      // Events were missed while it was lost.
      const back = state === 'connected' && (this.#state === 'disconnected' || this.#state === 'refused');
      this.#state = state;
      if (back) void this.reload();
    });
    connection.on('host.closing', () => (this.#closing = true));
    connection.on('host.filesOpened', () => void this.openNextFile());
    this.modelImports.whenIdle = () => void this.openNextFile();
    connection.on('workspace.changed', ({ path }) => {
      const another = this.#path !== undefined && this.#path !== path;
      this.#path = path;
      if (another) void this.reload();
      else void this.datasets.reload();
    });
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Whether anything can be done; what is shown may be out of date where not. */
  get connected(): boolean {
    return this.#state === 'connected' || this.#state === 'connecting';
  }

  /** The run that the address names, once it is there. */
  get openRun(): OpenRun | undefined {
    return this.#open;
  }

  /** Of the open run; undefined where none is open or it is not in the workspace. */
  readonly info: RunInfo | undefined = $derived.by(() => {
    const id = this.router.place.run;
    return id === null ? undefined : this.runs.find(id);
  });

  async load(): Promise<void> {
    await Promise.all([this.program.load(), this.runs.load(), this.tasks.load(), this.datasets.load()]);
    this.#path = this.program.workspace?.path;
    await this.openNextFile();
  }

  /** The program ends: it pauses the runs and answers nothing any more. */
  get closing(): boolean {
    return this.#closing;
  }

  /** Imports the next file that the person opened with the program; not while an import is under way. */
  async openNextFile(): Promise<void> {
    if (!this.program.hasDialogs || this.#takesFile || this.modelImports.stage !== 'idle') return;
    this.#takesFile = true;
    const taken = await this.connection.api.host.takeFile({});
    this.#takesFile = false;
    const path = taken.ok ? taken.value.path : null;
    if (path === null) return;
    this.router.go(place('runs'));
    await this.modelImports.readPath(path);
  }

  /** Reads everything anew. */
  async reload(): Promise<void> {
    const open = this.#open?.id;
    await this.load();
    if (open !== undefined && this.#open?.id === open) this.open(open, true);
  }

  /** Follows the address: opens its run and closes the one before. */
  open(id: string | null, again = false): void {
    if (this.#open?.id === id && !again) return;
    this.#open?.close();
    this.#open = undefined;
    this.#missing = undefined;
    if (id !== null) void this.#find(id);
  }

  /** The run that the address names and the workspace does not have. */
  get missing(): string | undefined {
    return this.#missing;
  }

  async #find(id: string): Promise<void> {
    // Of a long list it may not have been read yet.
    const info = this.runs.find(id) ?? (await this.runs.refresh(id));
    if (this.router.place.run !== id || this.#open !== undefined) return;
    if (info === undefined) {
      this.#missing = id;
      return;
    }
    this.#open = new OpenRun(id, this.connection, this.pace, this.engine.duty);
    await this.#open.load(info.experiment);
  }

  /** Creates and starts a good first run, and goes to it. */
  async startFirstRun(): Promise<void> {
    const failure = await this.draft.suggest(FIRST_TASK);
    if (failure !== undefined) {
      this.notices.fail(failure);
      return;
    }
    for (const [path, value] of FIRST_SETTINGS) this.draft.set(path, value);
    await this.startDraft();
    // There is no form here that would show it.
    const { problem } = this.draft;
    if (problem !== undefined) this.notices.tell(problem.text);
  }

  /** Starts what the form holds and goes to it. Where that is refused, the draft's `problem` says why. */
  async startDraft(name?: string): Promise<void> {
    const info = await this.draft.start(name);
    if (info === undefined) return;
    this.runs.put(info);
    this.router.go(place('train', { run: info.id }));
  }

  /** What the run's model learns. */
  taskTitle(info: RunInfo): string {
    return this.tasks.find(readExperiment(info.experiment).task)?.title ?? info.task;
  }
}

function noWorker(): never {
  throw new Error('This lab has no worker.');
}

export const [getLab, setLab] = createContext<Lab>();
