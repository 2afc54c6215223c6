/** The runs of a workspace in its database: what is listed, and what was recorded at their evaluations. */
import type { JsonValue } from '../../engine/json.ts';
import type { Failure } from '../api/call.ts';
import type { Progress, RunInfo, RunState } from '../api/runs.ts';
import type { Sample } from '../api/samples.ts';
import type { Database, Row } from '../workspace/database.ts';

/** Evaluations of a run whose samples are kept. */
const EVALUATIONS_WITH_SAMPLES = 200;

export type MetricInfo = NonNullable<RunInfo['metric']>;
export type Best = NonNullable<RunInfo['best']>;
export type Change = RunInfo['changes'][number];

export interface EvaluationRow {
  readonly update: number;
  /** The deciding one first. */
  readonly metrics: readonly MetricInfo[];
}

/** What of a run may change. */
export interface RunChanges {
  readonly name?: string;
  readonly note?: string;
  readonly state?: RunState;
  readonly failure?: Failure | null;
  readonly progress?: Progress;
  readonly metric?: MetricInfo | null;
  readonly best?: Best | null;
  readonly threads?: number;
  readonly build?: string;
  readonly changes?: readonly Change[];
}

const PLAIN = new Set(['name', 'note', 'state', 'threads', 'build']);
const COLUMNS =
  'id, name, note, state, failure, created, task, experiment, progress, metric, best, threads, build, parent, changes';

/** Told of what could not be found out again from a run's own files. */
export interface RunMirror {
  info(run: RunInfo): void;
  evaluation(id: string, row: EvaluationRow & { readonly best: boolean }): void;
}

/** What a mirror is told of. */
const MIRRORED = ['name', 'note', 'state', 'failure', 'changes'] as const;

/** All runs are kept in memory too: ten thousand are listed without reading them again. */
export class RunRows {
  readonly #database: Database;
  readonly #mirror: RunMirror | undefined;
  readonly #known = new Map<string, RunInfo>();
  /** The newest first; undefined where runs have come or gone since it was made. */
  #order: readonly string[] | undefined;

  constructor(database: Database, mirror?: RunMirror) {
    this.#database = database;
    this.#mirror = mirror;
    for (const row of database.all(`SELECT ${COLUMNS} FROM runs WHERE removed IS NULL`)) {
      this.#keep(runOf(row));
    }
  }

  get count(): number {
    return this.#known.size;
  }

  /** The newest first; `limit` of them from place `offset` on. */
  list(offset = 0, limit = Infinity): RunInfo[] {
    this.#order ??= [...this.#known.values()]
      .sort((a, b) => b.created - a.created || (a.id < b.id ? 1 : -1))
      .map(({ id }) => id);
    return this.#order.slice(offset, offset + limit).map((id) => this.#known.get(id)!);
  }

  names(): readonly string[] {
    return [...this.#known.values()].map(({ name }) => name);
  }

  get(id: string): RunInfo | undefined {
    return this.#known.get(id);
  }

  /** Takes in what has become of a run: removed, or brought back. */
  refresh(id: string): void {
    const row = this.#database.get(`SELECT ${COLUMNS} FROM runs WHERE id = ? AND removed IS NULL`, id);
    this.#order = undefined;
    if (row === undefined) {
      this.#known.delete(id);
    } else {
      this.#keep(runOf(row));
    }
  }

  insert(run: RunInfo): void {
    this.#database.run(
      `INSERT INTO runs (${COLUMNS}) VALUES (${COLUMNS.replace(/\w+/gu, '?')})`,
      run.id,
      run.name,
      run.note,
      run.state,
      encode(run.failure),
      run.created,
      run.task,
      JSON.stringify(run.experiment),
      JSON.stringify(run.progress),
      encode(run.metric),
      encode(run.best),
      run.threads,
      run.build,
      encode(run.parent),
      JSON.stringify(run.changes),
    );
    this.#order = undefined;
    this.#keep(run);
    this.#mirror?.info(run);
  }

  /** Takes a run out whose folder is gone. */
  drop(id: string): void {
    this.#database.run('DELETE FROM runs WHERE id = ?', id);
    this.refresh(id);
  }

  set(id: string, changes: RunChanges): void {
    const entries = Object.entries(changes) as [string, unknown][];
    const run = this.#known.get(id);
    if (entries.length === 0 || run === undefined) {
      return;
    }
    const values = entries.map(([name, value]) => (PLAIN.has(name) ? (value as string | number) : encode(value)));
    const columns = entries.map(([name]) => `${name} = ?`).join(', ');
    this.#database.run(`UPDATE runs SET ${columns} WHERE id = ?`, ...values, id);
    const changed = { ...run, ...changes } as RunInfo;
    this.#keep(changed);
    if (MIRRORED.some((name) => name in changes)) {
      this.#mirror?.info(changed);
    }
  }

  /** Those whose state is one of these. */
  idsIn(states: readonly RunState[]): readonly string[] {
    return this.list().flatMap(({ id, state }) => (states.includes(state) ? [id] : []));
  }

  /** What an evaluation found, all of it or nothing. `mirrored`: it is to be written into the run's folder too. */
  record(
    id: string,
    evaluation: EvaluationRow & { readonly best: boolean; readonly samples: readonly Sample[] },
    mirrored = true,
  ): void {
    const { update, metrics, best, samples } = evaluation;
    const [metric] = metrics;
    this.#atomically(id, () => {
      this.#database.run(
        'INSERT OR REPLACE INTO evaluations VALUES (?, ?, ?, ?)',
        id,
        update,
        JSON.stringify(metrics),
        best ? 1 : 0,
      );
      if (metric) {
        this.set(id, best ? { metric, best: { metric, update } } : { metric });
      }
      this.#recordSamples(id, update, samples);
    });
    if (mirrored) {
      this.#mirror?.evaluation(id, { update, metrics, best });
    }
  }

  /** The earliest first. */
  evaluations(id: string): readonly EvaluationRow[] {
    const rows = this.#database.all('SELECT updates, metrics FROM evaluations WHERE run = ? ORDER BY updates', id);
    return rows.map((row) => ({
      update: Number(row['updates']),
      metrics: decode<MetricInfo[]>(row['metrics']) ?? [],
    }));
  }

  /** The earliest first. */
  samples(id: string): Sample[] {
    const rows = this.#database.all(
      'SELECT updates, kind, value FROM samples WHERE run = ? ORDER BY updates, kind',
      id,
    );
    return rows.map(
      (row) =>
        // Written by #recordSamples under the same kind.
        ({ update: Number(row['updates']), kind: row['kind'], value: decode(row['value']) }) as unknown as Sample,
    );
  }

  /** Forgets what was recorded after `update`: a run that goes on from there will find it again. */
  rewind(id: string, update: number): void {
    this.#atomically(id, () => {
      const forgotten = this.#database.run('DELETE FROM evaluations WHERE run = ? AND updates > ?', id, update);
      this.#database.run('DELETE FROM samples WHERE run = ? AND updates > ?', id, update);
      if (forgotten > 0) {
        this.set(id, { metric: this.#newest(id, false)?.metric ?? null, best: this.#newest(id, true) ?? null });
      }
    });
  }

  /** All of `work` or nothing, in memory too. */
  #atomically(id: string, work: () => void): void {
    try {
      this.#database.transaction(work);
    } catch (error) {
      this.refresh(id);
      throw error;
    }
  }

  #keep(run: RunInfo): void {
    this.#known.set(run.id, run);
  }

  #newest(id: string, best: boolean): Best | undefined {
    const row = this.#database.get(
      `SELECT updates, metrics FROM evaluations WHERE run = ? AND best >= ? ORDER BY updates DESC LIMIT 1`,
      id,
      best ? 1 : 0,
    );
    const [metric] = decode<MetricInfo[]>(row?.['metrics']) ?? [];
    return row && metric && { metric, update: Number(row['updates']) };
  }

  #recordSamples(id: string, update: number, samples: readonly Sample[]): void {
    for (const { kind, value } of samples) {
      this.#database.run('INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?)', id, update, kind, JSON.stringify(value));
    }
    this.#database.run(
      `DELETE FROM samples WHERE run = ? AND updates <
         (SELECT min(updates) FROM (SELECT DISTINCT updates FROM samples WHERE run = ? ORDER BY updates DESC LIMIT ?))`,
      id,
      id,
      EVALUATIONS_WITH_SAMPLES,
    );
  }
}

function runOf(row: Row): RunInfo {
  return {
    id: String(row['id']),
    name: String(row['name']),
    note: String(row['note']),
    state: row['state'] as RunState,
    failure: decode<Failure>(row['failure']),
    created: Number(row['created']),
    task: String(row['task']),
    experiment: decode<JsonValue>(row['experiment']),
    progress: { ...NO_PROGRESS, ...decode<Partial<Progress>>(row['progress']) },
    metric: decode<MetricInfo>(row['metric']),
    best: decode<Best>(row['best']),
    threads: Number(row['threads']),
    build: String(row['build']),
    parent: decode<NonNullable<RunInfo['parent']>>(row['parent']),
    changes: decode<Change[]>(row['changes']) ?? [],
  };
}

/** Of a run that has not begun. */
export const NO_PROGRESS: Progress = {
  update: 0,
  totalUpdates: 0,
  epoch: 0,
  loss: null,
  gradientNorm: null,
  learningRate: null,
  tokensPerSecond: null,
  seconds: null,
  secondsLeft: null,
};

function encode(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

// The tables hold what this file wrote: the type is the column's.
// eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters
function decode<T>(text: unknown): T | null {
  return typeof text === 'string' ? (JSON.parse(text) as T) : null;
}
