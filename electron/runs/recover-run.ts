import type { Progress } from '../api/runs.ts';
import type { CheckpointRows } from './checkpoint-rows.ts';
import { readHistoryFile } from './history-file.ts';
import type { RunRows } from './run-rows.ts';
import { historyPath } from './timeline-folder.ts';

/** A run that was under way when its host ended: the last checkpoint that its process wrote is where it stands. */
export async function recoverRun(
  id: string,
  folder: string,
  rows: RunRows,
  checkpoints: CheckpointRows,
): Promise<void> {
  checkpoints.reconcile(id);
  const last = checkpoints.last(id);
  const run = rows.get(id);
  if (last === null || run === undefined) {
    rows.set(id, { state: 'ready' });
    return;
  }
  rows.rewind(id, last);
  const figures = await figuresAt(folder, last).catch(() => ({}));
  rows.set(id, { state: 'paused', progress: { ...run.progress, ...figures, update: last, secondsLeft: null } });
}

/** The figures of a run at `update`, as its history has them; none where it does not reach back to it. */
async function figuresAt(folder: string, update: number): Promise<Partial<Progress>> {
  const history = await readHistoryFile(historyPath(folder));
  const record = history.countUntil(update) - 1;
  if (record < 0) {
    return {};
  }
  return {
    epoch: history.at(record, 'epoch'),
    loss: history.at(record, 'loss'),
    gradientNorm: history.at(record, 'gradientNorm'),
    learningRate: history.at(record, 'learningRate'),
    tokensPerSecond: history.at(record, 'tokensPerSecond'),
    seconds: history.secondsAt(record),
  };
}
