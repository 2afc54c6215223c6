/** What is added to every count, so that no symbol is impossible. */
const ADDED = 0.1;
/** How many observations the single counts weigh in what follows a symbol (MacKay & Peto 1995). */
const BACKOFF = 5;

/** The largest V for which there is a count for every pair. */
const MOST_DENSE = 2048;

/** How often one symbol follows another, [V, V]; only the pairs that occur where V is large. */
class PairCounts {
  readonly #vocabularySize: number;
  readonly #dense: Uint32Array | undefined;
  readonly #sparse = new Map<number, number>();

  constructor(vocabularySize: number) {
    this.#vocabularySize = vocabularySize;
    this.#dense = vocabularySize <= MOST_DENSE ? new Uint32Array(vocabularySize ** 2) : undefined;
  }

  add(previous: number, next: number): void {
    const pair = previous * this.#vocabularySize + next;
    if (this.#dense) {
      this.#dense[pair]!++;
    } else {
      this.#sparse.set(pair, (this.#sparse.get(pair) ?? 0) + 1);
    }
  }

  of(previous: number, next: number): number {
    const pair = previous * this.#vocabularySize + next;
    return this.#dense ? this.#dense[pair]! : (this.#sparse.get(pair) ?? 0);
  }
}

/**
 * Mean loss in nats of predicting each symbol but the first of every sequence from how often it occurs in the training
 * sequences: alone, and after the symbol before it. Symbols are numbered below `vocabularySize` (V).
 */
export function nGramLosses(
  train: readonly Int32Array[],
  validation: readonly Int32Array[],
  vocabularySize: number,
): { readonly unigram: number; readonly bigram: number } {
  const V = vocabularySize;
  const single = new Float64Array(V);
  const pairs = new PairCounts(V);
  const followed = new Float64Array(V);
  let total = 0;
  for (const sequence of train) {
    for (let t = 1; t < sequence.length; t++) {
      const previous = sequence[t - 1]!;
      const next = sequence[t]!;
      single[next]!++;
      pairs.add(previous, next);
      followed[previous]!++;
      total++;
    }
  }
  let unigram = 0;
  let bigram = 0;
  let asked = 0;
  for (const sequence of validation) {
    for (let t = 1; t < sequence.length; t++) {
      const previous = sequence[t - 1]!;
      const next = sequence[t]!;
      const alone = (single[next]! + ADDED) / (total + ADDED * V);
      unigram -= Math.log(alone);
      bigram -= Math.log((pairs.of(previous, next) + BACKOFF * alone) / (followed[previous]! + BACKOFF));
      asked++;
    }
  }
  return { unigram: unigram / asked, bigram: bigram / asked };
}
