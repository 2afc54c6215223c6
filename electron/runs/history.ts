import type { History } from '../api/runs.ts';
import type { HistoryRecords, FigureName } from './history-file.ts';
import type { EvaluationRow } from './run-rows.ts';
import { thinSeries } from './thinning.ts';

/** A run's history for the face, thinned to `points` buckets; what is smallest and largest in each is kept. */
export function thinnedHistory(
  records: HistoryRecords,
  evaluations: readonly EvaluationRow[],
  points: number,
): History {
  const places = thinSeries(records.count, points, [
    (record) => records.at(record, 'loss'),
    (record) => records.at(record, 'gradientNorm'),
  ]);
  const column = (figure: FigureName) => Float64Array.from(places, (record) => records.at(record, figure));
  return {
    update: column('update'),
    loss: column('loss'),
    gradientNorm: column('gradientNorm'),
    learningRate: column('learningRate'),
    tokensPerSecond: column('tokensPerSecond'),
    seconds: column('seconds'),
    evaluations: thinnedEvaluations(records, evaluations, points),
  };
}

function thinnedEvaluations(
  records: HistoryRecords,
  evaluations: readonly EvaluationRow[],
  points: number,
): History['evaluations'] {
  const first = evaluations[0]?.metrics ?? [];
  const value = (place: number, metric: number) => evaluations[place]?.metrics[metric]?.value ?? NaN;
  const places = thinSeries(
    evaluations.length,
    points,
    first.map((_, metric) => (place: number) => value(place, metric)),
  );
  const update = Float64Array.from(places, (place) => evaluations[place]!.update);
  return {
    update,
    seconds: update.map((at) => secondsAfter(records, at)),
    // The interval is that of the newest value.
    metrics: first.map((metric, i) => ({
      ...(evaluations.at(-1)?.metrics[i] ?? metric),
      value: value(evaluations.length - 1, i),
      values: Float64Array.from(places, (place) => value(place, i)),
    })),
  };
}

/** NaN where no record is of this very update. */
function secondsAfter(records: HistoryRecords, update: number): number {
  const record = records.countUntil(update) - 1;
  return record >= 0 && records.at(record, 'update') === update ? records.at(record, 'seconds') : NaN;
}
