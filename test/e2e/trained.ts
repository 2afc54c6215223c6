/** Runs that a workspace has when the program is started on it: really trained, as small as a test can bear. */
import { createRun } from '../../electron/runs/create-run.ts';
import { Runs } from '../../electron/runs/runs.ts';
import { forkProcess } from '../../electron/runs/start-process.ts';
import { Workspace } from '../../electron/workspace/workspace.ts';

export interface Wanted {
  readonly name: string;
  /** An experiment as a person may write it. */
  readonly experiment: unknown;
}

/** Trains them one after the other to their end; gives their ids in the same order. */
export async function trainRuns(path: string, wanted: readonly Wanted[]): Promise<readonly string[]> {
  const workspace = Workspace.open(path);
  workspace.settings.set({ parallelRuns: 1, threads: 1 });
  let changed: () => void = () => undefined;
  const runs = await Runs.open(workspace, () => changed(), forkProcess);
  try {
    const ids: string[] = [];
    for (const { name, experiment } of wanted) {
      const { id } = createRun(workspace, runs, { experiment, name, from: undefined });
      runs.start(id);
      ids.push(id);
    }
    for (const id of ids) {
      while (runs.get(id).state !== 'finished') {
        const { state, failure } = runs.get(id);
        if (state === 'failed') throw new Error(`The run ${id} failed: ${failure?.message ?? ''}`);
        await new Promise<void>((resolve) => (changed = resolve));
      }
    }
    return ids;
  } finally {
    await runs.close();
    workspace.close();
  }
}
