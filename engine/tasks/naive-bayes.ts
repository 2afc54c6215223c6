/**
 * Multinomial naive Bayes over the symbols of a sequence, each count one higher than found (Laplace): the classifier
 * that knows how often each letter occurs in each class, and nothing about order.
 */
export class NaiveBayes {
  readonly #classes: number;
  /** [classes] log p(class) */
  readonly #prior: Float64Array;
  /** [classes, V] log p(symbol | class) */
  readonly #likelihood: Float64Array;
  readonly #symbols: number;

  /** `sequences[i]` has the class `labels[i]`, below `classes`; symbols are below `symbols` (V). */
  constructor(sequences: readonly Int32Array[], labels: readonly number[], classes: number, symbols: number) {
    this.#classes = classes;
    this.#symbols = symbols;
    this.#prior = new Float64Array(classes);
    this.#likelihood = new Float64Array(classes * symbols).fill(1);
    const totals = new Float64Array(classes).fill(symbols);
    sequences.forEach((sequence, i) => {
      const label = labels[i]!;
      this.#prior[label]!++;
      totals[label]! += sequence.length;
      for (const symbol of sequence) {
        this.#likelihood[label * symbols + symbol]!++;
      }
    });
    this.#prior.forEach((count, label) => {
      this.#prior[label] = Math.log(count / sequences.length);
    });
    this.#likelihood.forEach((count, at) => {
      this.#likelihood[at] = Math.log(count / totals[Math.floor(at / symbols)]!);
    });
  }

  /** The most probable class; the first on ties. */
  classify(sequence: Int32Array): number {
    let best = 0;
    let bestScore = -Infinity;
    for (let label = 0; label < this.#classes; label++) {
      let score = this.#prior[label]!;
      for (const symbol of sequence) {
        score += this.#likelihood[label * this.#symbols + symbol]!;
      }
      if (score > bestScore) {
        best = label;
        bestScore = score;
      }
    }
    return best;
  }
}
