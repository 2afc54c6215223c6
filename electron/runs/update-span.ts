import type { HistoryRecord } from '../../engine/training/history.ts';
import type { UpdateReport } from '../../engine/training/session.ts';

/** Updates in a row, averaged into one record. */
export class UpdateSpan {
  #count = 0;
  #loss = 0;
  #gradientNorm = 0;
  #tokens = 0;
  #seconds = 0;
  #last: UpdateReport | null = null;

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
