import type { ProgramConnection } from '../../electron/api/client-connect.ts';
import { readExperiment } from './experiment.ts';
import type { Pace } from './pace.ts';
import { RunHistory } from './run-history.ts';
import type { RunList } from './run-list.svelte.ts';
import type { Baseline } from './tasks.svelte.ts';

/** Buckets of each history that is read. */
const POINTS = 1000;

export interface ComparedRun {
  readonly id: string;
  readonly name: string;
  readonly task: string;
  readonly history: RunHistory;
  readonly baselines: readonly Baseline[];
}

interface Entry {
  readonly history: RunHistory;
  readonly baselines: readonly Baseline[];
}

/** The courses of several runs, kept up with the back. */
export class Compared {
  readonly #connection: ProgramConnection;
  readonly #list: RunList;
  readonly #pace: Pace;
  readonly #entries = new Map<string, Entry>();
  readonly #asked = new Set<string>();
  readonly #endings: (() => void)[];
  #ids = $state.raw<readonly string[]>([]);
  /** Counts the changes of what the entries hold. */
  #version = $state(0);

  constructor(connection: ProgramConnection, list: RunList, pace: Pace) {
    this.#connection = connection;
    this.#list = list;
    this.#pace = pace;
    this.#endings = [
      connection.on('runs.progress', ({ id, progress }) => {
        if (this.#entries.get(id)?.history.append(progress)) this.#changed();
      }),
      connection.on('runs.evaluated', (told) => {
        const entry = this.#entries.get(told.id);
        if (entry === undefined) return;
        entry.history.appendEvaluation(told);
        this.#changed();
      }),
    ];
  }

  /** Those that are chosen and have been read, in the order of choosing. */
  get runs(): readonly ComparedRun[] {
    void this.#version;
    return this.#ids.flatMap((id) => {
      const entry = this.#entries.get(id);
      const info = this.#list.find(id);
      return entry === undefined || info === undefined
        ? []
        : [{ id, name: info.name, task: info.task, ...entry, history: entry.history.renewed() }];
    });
  }

  choose(ids: readonly string[]): void {
    this.#ids = ids;
    for (const id of ids) {
      if (!this.#asked.has(id)) void this.#read(id);
    }
  }

  close(): void {
    this.#pace.cancel(this);
    for (const end of this.#endings) end();
  }

  async #read(id: string): Promise<void> {
    const info = this.#list.find(id);
    if (info === undefined) return;
    this.#asked.add(id);
    const { api } = this.#connection;
    const [history, task] = await Promise.all([
      api.runs.history({ id, points: POINTS }),
      api.tasks.describe({ task: readExperiment(info.experiment).task }),
    ]);
    if (!history.ok) {
      this.#asked.delete(id);
      return;
    }
    const baselines = task.ok ? task.value.baselines : [];
    this.#entries.set(id, { history: RunHistory.from(history.value), baselines });
    this.#version++;
  }

  #changed(): void {
    this.#pace.ask(this, () => this.#version++);
  }
}
