/** Whether sequences of greater length come out right less often: a trend in shares, not an assumption. */

export interface LengthScore {
  /** Length of the source. */
  readonly steps: number;
  readonly items: number;
  /** Of these, how many came out exactly right. */
  readonly exact: number;
}

/**
 * few: too few items, or all of one length. none, all: no item is right, or every one, so that lengths do not differ.
 * falls, rises: the share changes with length beyond chance. flat: it does not.
 */
export interface LengthVerdict {
  readonly kind: 'few' | 'none' | 'all' | 'falls' | 'rises' | 'flat';
  readonly items: number;
  /** The length that halves the items: the first half has at most so many steps. */
  readonly middle: number;
  /** Shares that are exactly right, of sources up to `middle` and of longer ones. */
  readonly short: number;
  readonly long: number;
}

const FEWEST_ITEMS = 40;
/** 97.5 % quantile of the normal distribution. */
const Z = 1.96;

/** By the test for a linear trend in proportions (Cochran 1954, Armitage 1955), at the 5 % level. */
export function judgeLengths(scores: readonly LengthScore[]): LengthVerdict {
  const sorted = [...scores].filter(({ items }) => items > 0).sort((a, b) => a.steps - b.steps);
  const items = sorted.reduce((sum, score) => sum + score.items, 0);
  const exact = sorted.reduce((sum, score) => sum + score.exact, 0);
  const middle = middleLength(sorted, items);
  const short = shareOf(sorted.filter(({ steps }) => steps <= middle));
  const long = shareOf(sorted.filter(({ steps }) => steps > middle));
  const of = (kind: LengthVerdict['kind']): LengthVerdict => ({ kind, items, middle, short, long });
  if (items < FEWEST_ITEMS || sorted.length < 2) return of('few');
  if (exact === 0) return of('none');
  if (exact === items) return of('all');
  const p = exact / items;
  const mean = sorted.reduce((sum, { steps, items: n }) => sum + n * steps, 0) / items;
  const covariance = sorted.reduce((sum, { steps, exact: right }) => sum + right * (steps - mean), 0);
  const spread = sorted.reduce((sum, { steps, items: n }) => sum + n * (steps - mean) ** 2, 0);
  const z = covariance / Math.sqrt(p * (1 - p) * spread);
  return of(z <= -Z ? 'falls' : z >= Z ? 'rises' : 'flat');
}

/** Not the greatest length, so that some are longer. */
function middleLength(sorted: readonly LengthScore[], items: number): number {
  let seen = 0;
  for (const { steps, items: n } of sorted.slice(0, -1)) {
    seen += n;
    if (seen >= items / 2) return steps;
  }
  return sorted.at(-2)?.steps ?? sorted[0]?.steps ?? 0;
}

function shareOf(scores: readonly LengthScore[]): number {
  const items = scores.reduce((sum, score) => sum + score.items, 0);
  return scores.reduce((sum, { exact }) => sum + exact, 0) / items;
}
