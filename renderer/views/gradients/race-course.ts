/** What a lane of a race has gone through, in as many points as a chart shows. */
import type { LaneUpdate } from '../../../engine/gradients/race.ts';

/** Points that are kept: at twice as many, two become one. */
export const MOST_POINTS = 300;

export interface CoursePoint {
  /** The last update of its stretch. */
  readonly update: number;
  /** Means of the stretch. */
  readonly loss: number;
  readonly gradientNorm: number;
  /** Updates of the stretch whose gradient was clipped. */
  readonly clipped: number;
}

interface Sum {
  updates: number;
  last: number;
  loss: number;
  gradientNorm: number;
  clipped: number;
}

export class LaneCourse {
  #sums: Sum[] = [];
  #width = 1;

  add({ update, loss, gradientNorm, clipScale }: LaneUpdate): void {
    const newest = this.#sums.at(-1);
    // Of a lane that has diverged the same update comes again.
    if (newest?.last === update) return;
    const one = { updates: 1, last: update, loss, gradientNorm, clipped: clipScale < 1 ? 1 : 0 };
    if (newest === undefined || newest.updates >= this.#width) this.#sums.push(one);
    else this.#sums[this.#sums.length - 1] = joined(newest, one);
    if (this.#sums.length <= 2 * MOST_POINTS) return;
    const sums = this.#sums;
    this.#sums = [];
    for (let i = 0; i < sums.length; i += 2) {
      const [a, b] = [sums[i]!, sums[i + 1]];
      this.#sums.push(b === undefined ? a : joined(a, b));
    }
    this.#width *= 2;
  }

  get points(): readonly CoursePoint[] {
    return this.#sums.map(({ updates, last, loss, gradientNorm, clipped }) => ({
      update: last,
      loss: loss / updates,
      gradientNorm: gradientNorm / updates,
      clipped,
    }));
  }
}

function joined(a: Sum, b: Sum): Sum {
  return {
    updates: a.updates + b.updates,
    last: b.last,
    loss: a.loss + b.loss,
    gradientNorm: a.gradientNorm + b.gradientNorm,
    clipped: a.clipped + b.clipped,
  };
}

/** One loss's norms at some update: where there is but one loss, rows of a map are moments of training. */
export interface Moment {
  readonly update: number;
  /** [T] log10 */
  readonly norms: Float32Array;
}

/** Moments that are kept: at more, every second one goes, but not the newest. */
export const MOST_MOMENTS = 48;

export function withMoment(moments: readonly Moment[], next: Moment): readonly Moment[] {
  const last = moments.at(-1);
  if (last !== undefined && last.update >= next.update) return moments;
  const all = [...moments, next];
  return all.length <= MOST_MOMENTS ? all : all.filter((_, i) => i % 2 === 0 || i === all.length - 1);
}
