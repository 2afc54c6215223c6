/** In the worker: a race of several models, a stretch of updates at a time, so that other questions come between. */
import { UnrolledError } from '../../engine/errors.ts';
import type { GradientFlow } from '../../engine/gradients/flow.ts';
import type { RaceSettings } from '../../engine/gradients/race-settings.ts';
import { Race, type LaneFacts, type LaneResult, type LaneUpdate } from '../../engine/gradients/race.ts';
import type { Models } from './models.ts';

export interface RaceStarted {
  readonly facts: readonly LaneFacts[];
  /** By lane, before anything is learnt. */
  readonly flows: readonly GradientFlow[];
}

export interface RaceStretch {
  /** The updates made, each by lane; undefined where a lane has made none yet. */
  readonly updates: readonly (readonly (LaneUpdate | undefined)[])[];
  /** By lane, after the last of them. */
  readonly flows: readonly GradientFlow[];
  readonly failures: readonly (string | undefined)[];
  readonly finished: boolean;
  /** By lane, once it is finished. */
  readonly results: readonly (LaneResult | undefined)[] | undefined;
}

/** Code of the error where another race has taken the place of this one. */
const NO_RACE = 'no-race';

/** One at a time. */
export class Races {
  #race: { readonly number: number; readonly race: Race } | undefined;

  /** `number`: the page's name for it. */
  async start(models: Models, { number, settings }: { readonly number: number; readonly settings: RaceSettings }) {
    await this.stop();
    const race = await Race.start(await models.core(), settings);
    this.#race = { number, race };
    return { facts: race.facts, flows: race.flows() } satisfies RaceStarted;
  }

  /** At least one update, at most `most`, until `milliseconds` have gone. */
  advance(order: { readonly number: number; readonly most: number; readonly milliseconds: number }): RaceStretch {
    const { number, most, milliseconds } = order;
    if (this.#race?.number !== number) throw new UnrolledError(NO_RACE, 'This race is over.');
    const { race } = this.#race;
    const end = performance.now() + milliseconds;
    const updates: (readonly (LaneUpdate | undefined)[])[] = [];
    do updates.push(race.step());
    while (!race.finished && updates.length < most && performance.now() < end);
    const { finished, failures } = race;
    return { updates, flows: race.flows(), failures, finished, results: finished ? race.results() : undefined };
  }

  async stop(): Promise<void> {
    const kept = this.#race;
    this.#race = undefined;
    await kept?.race.stop();
  }
}
