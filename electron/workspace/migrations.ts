/**
 * The workspace's tables, version after version: entry n brings a database of version n to version n + 1. An entry that
 * has been released is never changed. Times are milliseconds since 1970; columns said to hold JSON hold what
 * electron/api describes under the same name. A row with `removed` waits in the trash under that token.
 */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL -- JSON
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE trash (
    token TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    expires INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE datasets (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created INTEGER NOT NULL,
    removed TEXT
  ) STRICT;

  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    note TEXT NOT NULL,
    state TEXT NOT NULL,
    created INTEGER NOT NULL,
    task TEXT NOT NULL,
    experiment TEXT NOT NULL, -- JSON
    progress TEXT NOT NULL,   -- JSON
    threads INTEGER NOT NULL,
    build TEXT NOT NULL,
    failure TEXT,             -- JSON
    metric TEXT,              -- JSON
    best TEXT,                -- JSON
    parent TEXT,              -- JSON
    changes TEXT NOT NULL,    -- JSON
    removed TEXT
  ) STRICT;
  CREATE INDEX runs_by_time ON runs (created DESC, id DESC) WHERE removed IS NULL;

  CREATE TABLE evaluations (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    updates INTEGER NOT NULL,
    metrics TEXT NOT NULL,    -- JSON, the deciding metric first
    best INTEGER NOT NULL,
    PRIMARY KEY (run, updates)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE samples (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    updates INTEGER NOT NULL,
    kind TEXT NOT NULL,
    value TEXT NOT NULL,      -- JSON
    PRIMARY KEY (run, updates, kind)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE checkpoints (
    run TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    updates INTEGER NOT NULL,
    saved INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    pinned INTEGER NOT NULL,
    PRIMARY KEY (run, updates)
  ) STRICT, WITHOUT ROWID;
  `,
];
