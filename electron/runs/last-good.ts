/** From where a run that diverged can go on: the last checkpoint from before its loss began to grow. */
import { UnrolledError } from '../../engine/errors.ts';
import type { CheckpointRows } from './checkpoint-rows.ts';
import { readHistoryFile, type HistoryRecords } from './history-file.ts';
import { readCheckpointFile } from './run-folder.ts';
import { historyPath } from './timeline-folder.ts';

/** A loss of so many times the run's first one is not that of a model worth going on with. */
const LOSS_GROWTH = 2;

/** The update of it; null where there is none. */
export async function lastGoodCheckpoint(
  id: string,
  folder: string,
  checkpoints: CheckpointRows,
): Promise<number | null> {
  const history = await readHistoryFile(historyPath(folder));
  for (const { update } of checkpoints.list(id).toReversed()) {
    if (isGood(checkpoints.path(id, update), update, history)) {
      return update;
    }
  }
  return null;
}

function isGood(path: string, update: number, history: HistoryRecords): boolean {
  try {
    const { model, progress } = readCheckpointFile(path);
    const { firstLoss, exploded } = progress.divergence;
    // An update's loss is that of the weights before it. Without a next update, that one is where the run diverged.
    const next = history.countUntil(update);
    if (next >= history.count) {
      return false;
    }
    const loss = history.at(next, 'loss');
    const finite = [...model.values()].every(({ data }) => data.every((value) => Number.isFinite(value)));
    return finite && exploded === 0 && (firstLoss === null || loss <= LOSS_GROWTH * firstLoss);
  } catch (error) {
    // One that is damaged is none to go on from.
    if (error instanceof UnrolledError) {
      return false;
    }
    throw error;
  }
}
