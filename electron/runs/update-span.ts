import type { HistoryRecord } from '../../engine/training/history.ts';
import type { UpdateReport } from '../../engine/training/session.ts';

/** Updates in a row, averaged into one record. */
export class UpdateSpan {
  #count = 0;
  #loss = 0;
  #gradientNorm = 0;
  #tokens = 0;
  #seconds = 0;
  /** Of the run, those before its first span too. */
  #whole: number | null;
  #last: UpdateReport | null = null;

  /** `before`: seconds that the run has been trained for; null: not known. */
  constructor(before: number | null) {
    this.#whole = before;
  }

  /** Updates since the last `take`. */
  get count(): number {
    return this.#count;
  }

  /** seconds: what the update took. */
  add(report: UpdateReport, seconds: number): void {
    this.#count += 1;
    this.#loss += report.loss;
    this.#gradientNorm += report.gradientNorm;
    this.#tokens += report.tokens;
    this.#seconds += seconds;
    if (this.#whole !== null) this.#whole += seconds;
    this.#last = report;
  }

  /** Means over the span, position and learning rate of its last update; the next span begins. Null for an empty one. */
  take(): HistoryRecord | null {
    if (this.#last === null) {
      return null;
    }
    const { update, epoch, learningRate } = this.#last;
    const record = {
      update,
      epoch,
      loss: this.#loss / this.#count,
      gradientNorm: this.#gradientNorm / this.#count,
      learningRate,
      tokensPerSecond: this.#seconds > 0 ? this.#tokens / this.#seconds : 0,
      seconds: this.#whole,
    };
    this.#count = 0;
    this.#loss = 0;
    this.#gradientNorm = 0;
    this.#tokens = 0;
    this.#seconds = 0;
    this.#last = null;
    return record;
  }
}
