import type { PageEngine } from '../../state/page-engine.ts';
import type { CoursePoint } from '../../worker/gradients.ts';
import type { Source } from '../../worker/source.ts';

/** Checkpoints that are measured, evenly chosen where a run has more. */
export const MOST_POINTS = 24;

/** The updates that are measured: the first, the last and some between. */
export function chosenUpdates(updates: readonly number[]): readonly number[] {
  if (updates.length <= MOST_POINTS) return updates;
  const last = updates.length - 1;
  return Array.from({ length: MOST_POINTS }, (_, i) => updates[Math.round((i * last) / (MOST_POINTS - 1))]!);
}

/** How gradients have flowed over a run's training, measured checkpoint by checkpoint. */
export class Course {
  readonly #engine: PageEngine;
  readonly #run: string;
  #points = $state.raw<readonly CoursePoint[]>([]);
  /** Id of the sequence that the points are of. */
  #source = '';
  /** A newer wish makes the older one end. */
  #wish = 0;

  constructor(engine: PageEngine, run: string) {
    this.#engine = engine;
    this.#run = run;
  }

  /** In the order of training. */
  get points(): readonly CoursePoint[] {
    return this.#points;
  }

  /** Measures what is not known yet. A checkpoint that has gone meanwhile is left out. */
  async follow(updates: readonly number[], source: Source): Promise<void> {
    const wish = ++this.#wish;
    if (source.id !== this.#source) {
      this.#source = source.id;
      this.#points = [];
    }
    const wanted = chosenUpdates(updates);
    this.#points = this.#points.filter(({ update }) => wanted.includes(update));
    for (const update of wanted) {
      if (this.#points.some((point) => point.update === update)) continue;
      const key = { run: this.#run, update };
      const point = await this.#engine.ask('course', key, { key, source }).catch(() => undefined);
      if (wish !== this.#wish) return;
      if (point) this.#points = [...this.#points, point].sort((a, b) => a.update - b.update);
    }
  }

  stop(): void {
    this.#wish++;
  }
}
