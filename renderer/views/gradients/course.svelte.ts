import type { PageEngine } from '../../state/page-engine.ts';
import type { CoursePoint } from '../../worker/gradients.ts';
import type { Source } from '../../worker/source.ts';

/** Checkpoints that are measured, evenly chosen where a run has more. */
export const MOST_POINTS = 24;

/**
 * The updates that are measured: the first, the last and some between. Where one of `known` lies near enough, it is that:
 * a run that goes on would otherwise make all of them move a little.
 */
export function chosenUpdates(updates: readonly number[], known: readonly number[] = []): readonly number[] {
  if (updates.length <= MOST_POINTS) return updates;
  const last = updates.length - 1;
  const apart = last / (MOST_POINTS - 1);
  const places = known.map((update) => updates.indexOf(update)).filter((place) => place >= 0);
  const chosen = Array.from({ length: MOST_POINTS }, (_, i) => {
    const ideal = Math.round(i * apart);
    if (i === 0 || i === MOST_POINTS - 1) return ideal;
    return places.find((place) => Math.abs(place - i * apart) < apart / 2) ?? ideal;
  });
  return [...new Set(chosen)].map((place) => updates[place]!);
}

/** How gradients have flowed over a run's training, measured checkpoint by checkpoint. */
export class Course {
  readonly #engine: PageEngine;
  readonly #run: string;
  readonly #training: () => boolean;
  #points = $state.raw<readonly CoursePoint[]>([]);
  /** Id of the sequence that the points are of. */
  #source = '';
  /** A newer wish makes the older one end. */
  #wish = 0;

  /** `training`: whether the run trains now. */
  constructor(engine: PageEngine, run: string, training: () => boolean) {
    this.#engine = engine;
    this.#run = run;
    this.#training = training;
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
    const wanted = chosenUpdates(
      updates,
      this.#points.map(({ update }) => update),
    );
    this.#points = this.#points.filter(({ update }) => wanted.includes(update));
    for (const update of wanted) {
      if (this.#points.some((point) => point.update === update)) continue;
      const key = { run: this.#run, update };
      if (this.#training()) await new Promise<void>((resolve) => this.#engine.duty.whenRested(resolve));
      if (wish !== this.#wish) return;
      const point = await this.#engine.ask('course', key, { key, source }).catch(() => undefined);
      if (wish !== this.#wish) return;
      if (point) this.#points = [...this.#points, point].sort((a, b) => a.update - b.update);
    }
  }

  stop(): void {
    this.#wish++;
  }
}
