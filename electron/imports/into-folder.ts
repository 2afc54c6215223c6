/** What was imported as a run folder, as the command line keeps runs. */
import { InputError } from '../../engine/errors.ts';
import type { Checkpoint } from '../../engine/formats/checkpoint.ts';
import type { HistoryRecord } from '../../engine/training/history.ts';
import type { ReadBundle } from '../exports/bundle.ts';
import { writeHealth } from '../runs/health-file.ts';
import { decodeHistoryFile } from '../runs/history-file.ts';
import { RunFolder } from '../runs/run-folder.ts';

/** A run with one checkpoint. Throws InputError where the folder is taken. */
export function checkpointIntoFolder(path: string, checkpoint: Checkpoint): void {
  const folder = RunFolder.create(path, checkpoint.experiment);
  try {
    folder.writeCheckpoint(checkpoint);
  } finally {
    folder.close();
  }
}

/** A run with its history and health, its latest checkpoint and its best one. Throws InputError where the folder is taken. */
export function bundleIntoFolder(path: string, bundle: ReadBundle): void {
  const latest = bundle.read.at(-1);
  if (latest === undefined) throw new InputError('the bundle has no checkpoint');
  const folder = RunFolder.create(path, latest.experiment);
  try {
    folder.appendHistory(historyOf(bundle));
    writeHealth(folder.path, bundle.health);
    const best = bundle.read.find(({ progress }) => progress.update === bundle.run.best?.update);
    if (best) folder.writeBest(best);
    folder.writeCheckpoint(latest);
  } finally {
    folder.close();
  }
}

function historyOf({ history, evaluations }: ReadBundle): readonly HistoryRecord[] {
  if (history === null) return [];
  const records = decodeHistoryFile(history, 'the history');
  const metrics = new Map(
    evaluations.map((one) => [
      one.update,
      Object.fromEntries(one.metrics.map(({ name, value }) => [name, value] as const)),
    ]),
  );
  return Array.from({ length: records.count }, (_, i) => {
    const update = records.at(i, 'update');
    const found = metrics.get(update);
    return {
      update,
      epoch: records.at(i, 'epoch'),
      loss: records.at(i, 'loss'),
      gradientNorm: records.at(i, 'gradientNorm'),
      learningRate: records.at(i, 'learningRate'),
      tokensPerSecond: records.at(i, 'tokensPerSecond'),
      seconds: records.secondsAt(i),
      ...(found ? { metrics: found } : {}),
    };
  });
}
