/** The checkpoints of the runs of a workspace: a row each in its database, a file each in the run's folder. */
import { rmSync } from 'node:fs';
import { InputError } from '../../engine/errors.ts';
import type { CheckpointInfo } from '../api/runs.ts';
import type { Row } from '../workspace/database.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { fileError } from './files.ts';
import type { RunRows } from './run-rows.ts';
import { thinCheckpoints } from './thinning.ts';
import { checkpointPath, listCheckpoints, type CheckpointFile } from './timeline-folder.ts';

/** Checkpoints of one run that are kept, where they are not too large ... */
const MOST = 60;
/** ... and where they are, as many as fit into this many bytes, but not fewer than these. */
const BYTES_OF_A_RUN = 500_000_000;
const FEWEST = 12;

export class CheckpointRows {
  readonly #workspace: Workspace;
  readonly #runs: RunRows;

  constructor(workspace: Workspace, runs: RunRows) {
    this.#workspace = workspace;
    this.#runs = runs;
  }

  path(run: string, update: number): string {
    return checkpointPath(this.#workspace.runFolder(run), update);
  }

  /** The earliest first. */
  list(run: string): CheckpointInfo[] {
    const best = this.#runs.get(run)?.best?.update ?? -1;
    const rows = this.#workspace.database.all(
      `SELECT updates, saved, bytes, pinned, json_extract(metrics, '$[0].value') AS metric
         FROM checkpoints LEFT JOIN evaluations USING (run, updates) WHERE run = ? ORDER BY updates`,
      run,
    );
    return rows.map((row) => infoOf(run, row, best));
  }

  /** Throws InputError where there is none. */
  get(run: string, update: number): CheckpointInfo {
    const found = this.list(run).find((checkpoint) => checkpoint.update === update);
    if (found === undefined) {
      const last = this.last(run);
      throw new InputError(
        `the run has no checkpoint of update ${update}`,
        last === null ? 'It gets its first one when it starts.' : `Its last one is of update ${last}.`,
      );
    }
    return found;
  }

  /** The update of the last one; null where there is none. */
  last(run: string): number | null {
    const row = this.#workspace.database.get('SELECT max(updates) AS last FROM checkpoints WHERE run = ?', run);
    return typeof row?.['last'] === 'number' ? row['last'] : null;
  }

  /** Takes down a checkpoint that was written, and gives up those that matter least; returns how many were. */
  add(run: string, { update, bytes, saved }: CheckpointFile): number {
    this.#workspace.database.run(
      `INSERT INTO checkpoints VALUES (?, ?, ?, ?, 0)
         ON CONFLICT DO UPDATE SET saved = excluded.saved, bytes = excluded.bytes`,
      run,
      update,
      saved,
      bytes,
    );
    const all = this.list(run);
    const kept = new Set(all.filter(({ pinned, best }) => pinned || best).map((checkpoint) => checkpoint.update));
    const most = Math.min(MOST, Math.max(FEWEST, Math.floor(BYTES_OF_A_RUN / Math.max(1, bytes))));
    const given = thinCheckpoints(
      all.map((checkpoint) => checkpoint.update),
      most,
      (candidate) => kept.has(candidate),
    );
    for (const candidate of given) {
      this.#drop(run, candidate);
    }
    return given.length;
  }

  /** Brings the rows in line with the files, after a time in which nobody took down what was written. */
  reconcile(run: string): void {
    const files = listCheckpoints(this.#workspace.runFolder(run));
    const there = new Set(files.map(({ update }) => update));
    const { database } = this.#workspace;
    database.transaction(() => {
      const rows = database.all('SELECT updates FROM checkpoints WHERE run = ?', run);
      const known = new Set(rows.map((row) => Number(row['updates'])));
      for (const update of known) {
        if (!there.has(update)) {
          database.run('DELETE FROM checkpoints WHERE run = ? AND updates = ?', run, update);
        }
      }
      for (const { update, bytes, saved } of files.filter((file) => !known.has(file.update))) {
        database.run('INSERT INTO checkpoints VALUES (?, ?, ?, ?, 0)', run, update, saved, bytes);
      }
    });
  }

  pin(run: string, update: number, pinned: boolean): CheckpointInfo {
    const info = this.get(run, update);
    this.#workspace.database.run(
      'UPDATE checkpoints SET pinned = ? WHERE run = ? AND updates = ?',
      pinned ? 1 : 0,
      run,
      update,
    );
    return { ...info, pinned };
  }

  /** Throws InputError where there is none, or it cannot be deleted. */
  remove(run: string, update: number): void {
    this.get(run, update);
    this.#drop(run, update);
  }

  #drop(run: string, update: number): void {
    const path = this.path(run, update);
    try {
      rmSync(path, { force: true });
    } catch (error) {
      throw fileError(error, 'deleted', path);
    }
    this.#workspace.database.run('DELETE FROM checkpoints WHERE run = ? AND updates = ?', run, update);
  }
}

function infoOf(run: string, row: Row, best: number): CheckpointInfo {
  const update = Number(row['updates']);
  return {
    run,
    update,
    saved: Number(row['saved']),
    bytes: Number(row['bytes']),
    pinned: row['pinned'] === 1,
    best: update === best,
    metric: typeof row['metric'] === 'number' ? row['metric'] : null,
  };
}
