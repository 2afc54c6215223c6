/** A race as the page follows it: it asks its worker for stretch after stretch, which keeps the window free. */
import { untrack } from 'svelte';
import type { GradientFlow } from '../../../engine/gradients/flow.ts';
import type { RaceSettings } from '../../../engine/gradients/race-settings.ts';
import type { LaneFacts, LaneResult, LaneUpdate } from '../../../engine/gradients/race.ts';
import { errorText } from '../../state/error-text.ts';
import type { PageEngine } from '../../state/page-engine.ts';
import type { RaceStretch } from '../../worker/race.ts';
import { rowOf } from './flow-values.ts';
import { LaneCourse, withMoment, type CoursePoint, type Moment } from './race-course.ts';

/** Milliseconds of a stretch: what is shown is never older. */
const STRETCH = 150;

/** Races of this page so far. */
let races = 0;

export interface LaneState {
  readonly facts: LaneFacts;
  readonly flow: GradientFlow;
  readonly last: LaneUpdate | undefined;
  readonly failure: string | undefined;
  readonly result: LaneResult | undefined;
  readonly points: readonly CoursePoint[];
  /** By map: the last loss's norms over training. */
  readonly moments: readonly (readonly Moment[])[];
}

export class RaceRunner {
  readonly #engine: PageEngine;
  #number = 0;
  #courses: readonly LaneCourse[] = [];
  #lanes = $state.raw<readonly LaneState[]>([]);
  #running = $state(false);
  #finished = $state(false);
  #update = $state(0);
  #problem = $state<string>();
  #busy = false;

  constructor(engine: PageEngine) {
    this.#engine = engine;
  }

  /** Empty until the models are there. */
  get lanes(): readonly LaneState[] {
    return this.#lanes;
  }

  get running(): boolean {
    return this.#running;
  }

  get finished(): boolean {
    return this.#finished;
  }

  get update(): number {
    return this.#update;
  }

  get problem(): string | undefined {
    return this.#problem;
  }

  /** From its beginning. */
  async restart(settings: RaceSettings): Promise<void> {
    const number = ++races;
    this.#number = number;
    this.#running = false;
    this.#problem = undefined;
    try {
      const { facts, flows } = await this.#engine.call('startRace', { number, settings });
      if (this.#number !== number) return;
      this.#courses = facts.map(() => new LaneCourse());
      this.#update = 0;
      this.#finished = false;
      this.#lanes = facts.map((fact, index) => ({
        facts: fact,
        flow: flows[index]!,
        last: undefined,
        failure: undefined,
        result: undefined,
        points: [],
        moments: momentsOf(undefined, flows[index]!, 0),
      }));
    } catch (error) {
      this.#fail(number, error);
    }
  }

  play(): void {
    if (this.#running || this.#finished) return;
    this.#running = true;
    void this.#run();
  }

  pause(): void {
    this.#running = false;
  }

  /** One update. */
  step(): void {
    this.#running = false;
    void this.#advance(1);
  }

  /** For good. */
  stop(): void {
    this.#running = false;
    if (this.#number === 0) return;
    this.#number = 0;
    this.#engine.call('stopRace', undefined).catch(() => undefined);
  }

  async #run(): Promise<void> {
    while (this.#running && !this.#finished) await this.#advance(Infinity);
    this.#running = false;
  }

  async #advance(most: number): Promise<void> {
    const number = this.#number;
    if (this.#busy || this.#lanes.length === 0) return;
    this.#busy = true;
    try {
      const stretch = await this.#engine.call('advanceRace', { number, most, milliseconds: STRETCH });
      if (this.#number === number) untrack(() => this.#take(stretch));
    } catch (error) {
      this.#fail(number, error);
    } finally {
      this.#busy = false;
    }
  }

  #take({ updates, flows, failures, finished, results }: RaceStretch): void {
    for (const lanes of updates) {
      lanes.forEach((update, index) => {
        if (update !== undefined) this.#courses[index]?.add(update);
      });
    }
    const last = updates.at(-1) ?? [];
    this.#update += updates.length;
    this.#finished = finished;
    this.#lanes = this.#lanes.map((lane, index) => ({
      facts: lane.facts,
      flow: flows[index]!,
      last: last[index],
      failure: failures[index],
      result: results?.[index],
      points: this.#courses[index]!.points,
      moments: failures[index] === undefined ? momentsOf(lane.moments, flows[index]!, this.#update) : lane.moments,
    }));
  }

  #fail(number: number, error: unknown): void {
    if (this.#number !== number) return;
    this.#running = false;
    this.#problem = errorText(error);
  }
}

function momentsOf(known: LaneState['moments'] | undefined, flow: GradientFlow, update: number): LaneState['moments'] {
  return flow.maps.map((map, index) =>
    withMoment(known?.[index] ?? [], { update, norms: rowOf(map, flow, flow.losses.length - 1) }),
  );
}
