/** Whether a training has lost what it had learned, seen from its loss alone. */
import type { RunHistory } from '../../state/run-history.ts';

export interface Divergence {
  /** Where the loss was lowest, and what it was there. */
  readonly best: number;
  readonly bestLoss: number;
  /** The update from which on the loss has been high, and what it is now. */
  readonly since: number;
  readonly loss: number;
}

/** Losses of which the median is taken, so that one hard batch does not count. */
const WINDOW = 5;
/** Medians that are compared. */
const MOST = 1000;
/** Share of the first loss that must have been learned before it can be lost. */
const LEARNED = 0.1;
/** Share of what has been learned: where more than that is lost, training has diverged. */
const LOST = 0.5;
/** Where little has been learned: times the first loss. */
const EXPLODED = 1.5;

/** Undefined where the newest losses are not much worse than the best ones. */
export function divergenceOf(history: Pick<RunHistory, 'update' | 'columns'>): Divergence | undefined {
  const updates = history.update.values;
  const losses = history.columns.loss.values;
  if (losses.length < 2 * WINDOW) return undefined;
  const stride = Math.ceil(losses.length / MOST);
  // The ends of windows, the newest loss among them.
  const ends: number[] = [];
  for (let end = losses.length - 1; end >= WINDOW - 1; end -= stride) ends.unshift(end);
  const medians = ends.map((end) => median(losses.subarray(end - WINDOW + 1, end + 1)));
  const first = median(losses.subarray(0, WINDOW));
  const bestLoss = Math.min(...medians);
  const loss = medians.at(-1)!;
  const learned = first - bestLoss;
  const limit = learned > LEARNED * first ? bestLoss + LOST * learned : EXPLODED * first;
  if (loss <= limit) return undefined;
  const since = ends[medians.findLastIndex((value) => value <= limit) + 1]!;
  return { best: updates[ends[medians.indexOf(bestLoss)]!]!, bestLoss, since: updates[since]!, loss };
}

/** What is not finite is larger than anything. */
function median(losses: Float64Array): number {
  const sorted = Array.from(losses, (loss) => (Number.isFinite(loss) ? loss : Infinity)).sort((a, b) => a - b);
  return sorted[(sorted.length - 1) >> 1]!;
}
