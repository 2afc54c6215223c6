/** What this floor needs of a workspace to keep a person's datasets. */

/** One dataset as it is listed; all else about it lies in its own folder (stored.ts). */
export interface DatasetRow {
  readonly id: string;
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** What a deletion can be taken back with, until it expires (milliseconds since 1970). */
export interface Undo {
  readonly token: string;
  readonly expires: number;
}

/** The datasets of a workspace: rows of its database, and a folder each, `folder`/ID. */
export interface DatasetStore {
  readonly folder: string;
  /** Oldest first. */
  list(): readonly DatasetRow[];
  /** The dataset's folder is in place. */
  insert(row: DatasetRow): void;
  rename(id: string, name: string): void;
  /** Takes the row out and its folder to where an undo can bring both back from. */
  remove(id: string): Undo;
}

/** A workspace, which may come to lie elsewhere: `datasets` is asked for anew at every use. */
export interface DatasetWorkspace {
  readonly datasets: DatasetStore;
}
