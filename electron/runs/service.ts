/** The calls of the contract that concern runs and their checkpoints. */
import { readFile } from 'node:fs/promises';
import type { Services } from '../api/contract.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { createRun } from './create-run.ts';
import { fileError } from './files.ts';
import { readHealth, readLatestHealth } from './health-file.ts';
import { thinnedHistory } from './history.ts';
import { readHistoryFile } from './history-file.ts';
import type { Runs } from './runs.ts';
import { historyPath, startPath } from './timeline-folder.ts';

export function createRunService(workspace: Workspace, runs: Runs): Pick<Services, 'runs' | 'checkpoints' | 'traces'> {
  return {
    runs: {
      list: ({ offset, limit }) => runs.list(offset, limit),
      get: ({ id }) => runs.get(id),
      create({ experiment, name, from, start }) {
        const run = createRun(workspace, runs, { experiment, name, from });
        return start ? runs.start(run.id) : run;
      },
      start: ({ id }) => runs.start(id),
      pause: ({ id }) => runs.pause(id),
      resume: ({ id }) => runs.start(id),
      step: ({ id }) => runs.step(id),
      stop: ({ id }) => runs.stop(id),
      adjust: ({ id, adjustment }) => runs.adjust(id, adjustment),
      duplicate({ id }) {
        const { experiment, name, parent } = runs.get(id);
        return createRun(workspace, runs, {
          experiment,
          name,
          ...(parent && { from: parent, copy: startPath(workspace.runFolder(id)) }),
        });
      },
      rename: ({ id, name }) => runs.change(id, { name }),
      annotate: ({ id, note }) => runs.change(id, { note }),
      remove: async ({ id }) => ({ ...(await runs.remove(id)) }),
      async history({ id, points }) {
        runs.get(id);
        const records = await readHistoryFile(historyPath(workspace.runFolder(id)));
        return thinnedHistory(records, runs.rows.evaluations(id), points);
      },
      health({ id }) {
        runs.get(id);
        return [...readHealth(workspace.runFolder(id))];
      },
      latestHealth({ id }) {
        runs.get(id);
        return readLatestHealth(workspace.runFolder(id));
      },
      samples({ id }) {
        runs.get(id);
        return runs.rows.samples(id);
      },
    },
    checkpoints: {
      list({ run }) {
        runs.get(run);
        return runs.checkpoints.list(run);
      },
      pin({ run, update, pinned }) {
        runs.get(run);
        const info = runs.checkpoints.pin(run, update, pinned);
        runs.tell(run);
        return info;
      },
      async read({ run, update }) {
        runs.get(run);
        runs.checkpoints.get(run, update);
        const path = runs.checkpoints.path(run, update);
        try {
          return { bytes: new Uint8Array(await readFile(path)) };
        } catch (error) {
          throw fileError(error, 'read', path);
        }
      },
      remove({ run, update }) {
        runs.removeCheckpoint(run, update);
        return {};
      },
    },
    traces: {
      async list({ run }) {
        const seen = await runs.look(run, { names: null, item: null });
        if (seen.kind !== 'list') throw new Error('A list was asked for.');
        return seen.list;
      },
      async read({ run, names, item = null }) {
        const seen = await runs.look(run, { names, item });
        if (seen.kind !== 'snapshot') throw new Error('A snapshot was asked for.');
        return seen.snapshot;
      },
    },
  };
}
