import { RunRows } from '../../electron/runs/run-rows.ts';
import { Workspace } from '../../electron/workspace/workspace.ts';
import { withMember } from '../../renderer/state/experiment.ts';
import { experiment, metric, runInfo } from '../renderer/fake-program.ts';

/** Puts `count` runs into the workspace at `path`, finished, of many sizes, their results in no order. */
export function fillWithRuns(path: string, count: number): void {
  const workspace = Workspace.open(path);
  const rows = new RunRows(workspace.database);
  workspace.database.transaction(() => {
    for (let i = 0; i < count; i++) {
      const best = { ...metric, value: ((i * 7919) % count) / count };
      rows.insert(
        runInfo({
          id: `run-${i}`,
          name: `Run ${i}`,
          created: i,
          experiment: withMember(experiment, 'model.hiddenSize', 1 + (i % 512)),
          metric: best,
          best: { metric: best, update: 100 },
        }),
      );
    }
  });
  workspace.close();
}
