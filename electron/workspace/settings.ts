import { availableParallelism } from 'node:os';
import * as v from 'valibot';
import { settings as schema, type Settings } from '../api/app.ts';
import type { Database } from './database.ts';

/** Cores that a run should have for itself, where several train at once. */
const CORES_A_RUN = 4;
const MOST_RUNS_AT_ONCE = 4;

/** A person's settings, kept in the workspace. */
export class SettingsStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** What was never set, or is not what it may be, has its default. */
  get(): Settings {
    const kept = new Map(
      this.#database.all('SELECT name, value FROM settings').map((row) => [row['name'], String(row['value'])]),
    );
    const { theme, threads, parallelRuns } = schema.entries;
    return {
      theme: read(theme, kept.get('theme'), 'system'),
      threads: read(threads, kept.get('threads'), 0),
      parallelRuns: read(parallelRuns, kept.get('parallelRuns'), defaultParallelRuns(availableParallelism())),
    };
  }

  /** Only what is given changes. */
  set(changes: { readonly [K in keyof Settings]?: Settings[K] | undefined }): Settings {
    this.#database.transaction(() => {
      for (const [name, value] of Object.entries(changes)) {
        if (value !== undefined) {
          this.#database.run('INSERT OR REPLACE INTO settings VALUES (?, ?)', name, JSON.stringify(value));
        }
      }
    });
    return this.get();
  }
}

/** As many at once as still have a few cores each. */
export function defaultParallelRuns(cores: number): number {
  return Math.min(MOST_RUNS_AT_ONCE, Math.max(1, Math.floor(cores / CORES_A_RUN)));
}

function read<T>(schema: v.GenericSchema<T>, text: string | undefined, fallback: T): T {
  return text === undefined
    ? fallback
    : v.parse(
        v.fallback(schema, () => fallback),
        JSON.parse(text),
      );
}
