/** Small models in training in the page's worker, in turns, and what has been measured of them. */
import type { SequenceAnswer } from '../../../engine/sequences/answer.ts';
import type { TrialMeasure, TrialState } from '../../../engine/sequences/trial.ts';
import type { TrialName } from '../../../engine/sequences/trials.ts';
import { errorText } from '../../state/error-text.ts';
import type { PageEngine } from '../../state/page-engine.ts';

/** How one has gone so far. */
export interface TrialCourse {
  readonly state: TrialState;
  /** One after the other, the untrained model's first. */
  readonly measures: readonly TrialMeasure[];
}

/** Of one turn: the worker answers others in between. */
const MILLISECONDS = 150;
const ITEMS = 100;
/** Items of the rungs, which are looked at by length. */
const LADDER_ITEMS = 300;
/** A course is measured again after so many seconds of training, this share of them, and as often as the last measuring took. */
const SECONDS = 0.25;
const SHARE = 0.1;
const COSTS = 3;

export class RunningTrials {
  readonly #engine: PageEngine;
  #courses = $state.raw<ReadonlyMap<TrialName, TrialCourse>>(new Map());
  #training = $state.raw<ReadonlySet<TrialName>>(new Set());
  #failure = $state<string>();
  #watched: { readonly name: TrialName; readonly text: string } | undefined;
  #answer = $state.raw<{ readonly name: TrialName; readonly text: string; readonly said: SequenceAnswer }>();
  #complaint = $state<string>();
  #going = false;
  readonly #opening = new Map<TrialName, Promise<void>>();
  /** Seconds that the last measuring took. */
  readonly #costs = new Map<TrialName, number>();

  constructor(engine: PageEngine) {
    this.#engine = engine;
  }

  get training(): ReadonlySet<TrialName> {
    return this.#training;
  }

  /** Why the engine could not go on. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Of the newest weights, to what is watched. */
  get answer(): { readonly name: TrialName; readonly text: string; readonly said: SequenceAnswer } | undefined {
    return this.#answer;
  }

  /** Why what is watched cannot be answered. */
  get complaint(): string | undefined {
    return this.#complaint;
  }

  course(name: TrialName): TrialCourse | undefined {
    return this.#courses.get(name);
  }

  /** Makes it known, untrained where it is new. */
  async open(name: TrialName): Promise<void> {
    if (this.#courses.has(name)) return;
    const opening = this.#opening.get(name) ?? this.#begin(name, false).finally(() => this.#opening.delete(name));
    this.#opening.set(name, opening);
    await opening;
  }

  /** Trains them, in turns, until each is at its end. */
  async train(names: readonly TrialName[]): Promise<void> {
    await Promise.all(names.map((name) => this.open(name)));
    const left = names.filter((name) => !this.finished(name));
    this.#training = new Set([...this.#training, ...left]);
    await this.#go();
  }

  pause(): void {
    this.#training = new Set();
  }

  /** From fresh weights. */
  async again(names: readonly TrialName[]): Promise<void> {
    this.pause();
    for (const name of names) await this.#begin(name, true);
    await this.train(names);
  }

  finished(name: TrialName): boolean {
    const state = this.#courses.get(name)?.state;
    return state !== undefined && state.update >= state.updates;
  }

  /** Answers this from now on, again after each turn of training. */
  async watch(name: TrialName, text: string): Promise<void> {
    this.#watched = { name, text };
    await this.#ask();
  }

  async #begin(name: TrialName, anew: boolean): Promise<void> {
    await this.#guarded(async () => {
      const state = await this.#engine.call('beginTrial', { name, anew });
      this.#put(name, { state, measures: [] });
      await this.#measure(name);
      if (this.#watched?.name === name) await this.#ask();
    });
  }

  async #go(): Promise<void> {
    if (this.#going) return;
    this.#going = true;
    await this.#guarded(async () => {
      while (this.#training.size > 0) {
        for (const name of this.#training) await this.#turn(name);
      }
    });
    this.#going = false;
  }

  async #turn(name: TrialName): Promise<void> {
    const state = await this.#engine.call('trainTrial', { name, milliseconds: MILLISECONDS });
    const course = this.#courses.get(name);
    if (course === undefined) return;
    this.#put(name, { ...course, state });
    const before = course.measures.at(-1)?.seconds ?? 0;
    const done = this.finished(name);
    const wait = Math.max(SECONDS + SHARE * before, COSTS * (this.#costs.get(name) ?? 0));
    if (done || state.seconds - before >= wait) await this.#measure(name);
    if (this.#watched?.name === name) await this.#ask();
    if (done) this.#training = new Set([...this.#training].filter((other) => other !== name));
  }

  async #measure(name: TrialName): Promise<void> {
    const items = name.startsWith('shape-') ? ITEMS : LADDER_ITEMS;
    const begun = performance.now();
    const measure = await this.#engine.call('measureTrial', { name, items });
    this.#costs.set(name, (performance.now() - begun) / 1000);
    const course = this.#courses.get(name);
    if (course !== undefined) this.#put(name, { ...course, measures: [...course.measures, measure] });
  }

  async #ask(): Promise<void> {
    const watched = this.#watched;
    if (watched === undefined) return;
    try {
      const said = await this.#engine.call('answerTrial', watched);
      if (this.#watched !== watched) return;
      this.#answer = { ...watched, said };
      this.#complaint = undefined;
    } catch (error) {
      if (this.#watched === watched) this.#complaint = sentence(error);
    }
  }

  async #guarded(work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.#failure = undefined;
    } catch (error) {
      this.#training = new Set();
      // What the worker kept is gone with it.
      this.#courses = new Map();
      this.#failure = sentence(error);
    }
  }

  #put(name: TrialName, course: TrialCourse): void {
    this.#courses = new Map([...this.#courses, [name, course]]);
  }
}

function sentence(error: unknown): string {
  return errorText(error);
}

const known = new WeakMap<PageEngine, RunningTrials>();

/** Those of a page's engine: they are there when one comes back to the view. */
export function runningTrials(engine: PageEngine): RunningTrials {
  const found = known.get(engine) ?? new RunningTrials(engine);
  known.set(engine, found);
  return found;
}
