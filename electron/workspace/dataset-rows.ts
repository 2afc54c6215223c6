import type { DatasetRow, DatasetStore } from '../datasets/store.ts';
import type { Database } from './database.ts';
import type { Trash, Undo } from './trash.ts';

/** The datasets of a workspace, in its database and `folder`. */
export class DatasetRows implements DatasetStore {
  readonly folder: string;
  readonly #database: Database;
  readonly #trash: Trash;

  constructor(folder: string, database: Database, trash: Trash) {
    this.folder = folder;
    this.#database = database;
    this.#trash = trash;
  }

  get count(): number {
    return Number(this.#database.get('SELECT count(*) AS count FROM datasets WHERE removed IS NULL')?.['count']);
  }

  list(): readonly DatasetRow[] {
    const rows = this.#database.all(
      'SELECT id, name, created FROM datasets WHERE removed IS NULL ORDER BY created, id',
    );
    return rows.map((row) => ({ id: String(row['id']), name: String(row['name']), created: Number(row['created']) }));
  }

  insert({ id, name, created }: DatasetRow): void {
    this.#database.run('INSERT INTO datasets (id, name, created) VALUES (?, ?, ?)', id, name, created);
  }

  /** Takes out a dataset whose folder is gone. */
  drop(id: string): void {
    this.#database.run('DELETE FROM datasets WHERE id = ?', id);
  }

  rename(id: string, name: string): void {
    this.#database.run('UPDATE datasets SET name = ? WHERE id = ?', name, id);
  }

  remove(id: string): Undo {
    return this.#trash.remove('dataset', id);
  }
}
