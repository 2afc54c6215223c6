import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import type { Progress, RunInfo, RunState } from '../../electron/api/runs.ts';
import type { Notices } from './notices.svelte.ts';
import type { Pace } from './pace.ts';

type Metric = NonNullable<RunInfo['metric']>;

/** Runs that are read at once, so that no answer takes the page long. */
const PAGE = 250;

/** Every run of the workspace, newest first, kept up with the back. */
export class RunList {
  readonly #connection: ProgramConnection;
  readonly #notices: Notices;
  readonly #pace: Pace;
  #byId = new Map<string, RunInfo>();
  /** Counts the readings of the whole list. */
  #turn = 0;
  /** Runs that have gone since the reading began. */
  #gone = new Set<string>();
  #all = $state.raw<readonly RunInfo[]>([]);
  #loaded = $state(false);

  constructor(connection: ProgramConnection, notices: Notices, pace: Pace) {
    this.#connection = connection;
    this.#notices = notices;
    this.#pace = pace;
    connection.on('runs.changed', ({ id, removed }) => {
      if (removed) this.#forget(id);
      else void this.refresh(id);
    });
    connection.on('runs.evaluated', ({ id, update, metrics, best }) => this.#evaluated(id, update, metrics, best));
    connection.on('runs.progress', ({ id, state, progress }) => this.#advance(id, state, progress));
  }

  get all(): readonly RunInfo[] {
    return this.#all;
  }

  /** Whether the list has been read once. */
  get loaded(): boolean {
    return this.#loaded;
  }

  /** Reads the whole list, page by page; the newest are shown with the first. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    const gone = (this.#gone = new Set());
    this.#byId = new Map();
    for (let read = 0; ; read += PAGE) {
      // Whatever goes while the list is read moves those after it up. What comes moves them down: they are read twice.
      const offset = Math.max(0, read - gone.size);
      const page = await this.#notices.value(this.#connection.api.runs.list({ offset, limit: PAGE }));
      if (page === undefined || turn !== this.#turn) return;
      for (const info of page) if (!gone.has(info.id)) this.#byId.set(info.id, info);
      const last = page.length < PAGE;
      if (read === 0 || last) this.#publish();
      this.#loaded = true;
      if (last) return;
    }
  }

  /** Reads one run again. A run that is no more leaves the list. */
  async refresh(id: string): Promise<RunInfo | undefined> {
    const result = await this.#connection.api.runs.get({ id });
    if (result.ok) this.put(result.value);
    else if (result.error.code !== 'disconnected') this.#forget(id);
    return result.ok ? result.value : undefined;
  }

  find(id: string): RunInfo | undefined {
    return this.#all.find((info) => info.id === id);
  }

  /** Takes in what a call has given back. */
  put(info: RunInfo): void {
    this.#byId.set(info.id, info);
    this.#publish();
  }

  #advance(id: string, state: RunState, progress: Progress): void {
    const info = this.#byId.get(id);
    if (info === undefined) return;
    this.#byId.set(id, { ...info, state, progress });
    // What a person waits for is shown at once.
    this.#pace[state === info.state ? 'ask' : 'now'](this, () => this.#publish());
  }

  /** The first of the metrics is the one that decides. */
  #evaluated(id: string, update: number, [metric]: readonly Metric[], best: boolean): void {
    const info = this.#byId.get(id);
    if (info === undefined || metric === undefined) return;
    this.#byId.set(id, { ...info, metric, best: best ? { metric, update } : info.best });
    this.#pace.ask(this, () => this.#publish());
  }

  #forget(id: string): void {
    this.#gone.add(id);
    if (this.#byId.delete(id)) this.#publish();
  }

  #publish(): void {
    this.#pace.cancel(this);
    this.#all = [...this.#byId.values()].sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1));
  }
}
