/** What the rungs are compared by: all of it counted or measured here. */
import { longestPath, rungGraph, sequentialSteps } from '../../../engine/sequences/graph.ts';
import type { TrialMeasure } from '../../../engine/sequences/trial.ts';
import { LADDER_LENGTHS, type Ladder, type Rung } from '../../../engine/sequences/trials.ts';
import type { TrialCourse } from './running-trials.svelte.ts';

/** Shares that have to come out whole before a rung counts as having learnt its task, and the one that is chosen first. */
export const LEARNT_CHOICES = [0.5, 0.75, 0.9, 0.95, 0.99] as const;
export const LEARNT: number = 0.9;

export interface RungFigures {
  readonly parameters: number | null;
  /** Shares of held-out strings that come out whole: of lengths that are trained, of longer ones, of the longest trained quarter. */
  readonly trained: number | null;
  readonly longest: number | null;
  readonly beyond: number | null;
  /** Seconds of training until enough of the lengths that are trained come out whole; null: not yet. */
  readonly secondsToLearn: number | null;
  readonly tokensPerSecond: number | null;
  readonly sequentialSteps: number;
  readonly path: number;
}

/** The upper quarter of the lengths that are trained begins here. */
export function longFrom(ladder: Ladder): number {
  const { shortest, longest } = LADDER_LENGTHS[ladder];
  return longest - Math.floor((longest - shortest + 1) / 4) + 1;
}

/** `enough`: the share that counts as having learnt. */
export function rungFigures(
  rung: Rung,
  course: TrialCourse | undefined,
  enough: number,
  ladder: Ladder = 'rung',
): RungFigures {
  const last = course?.measures.at(-1);
  const { longest } = LADDER_LENGTHS[ladder];
  const graph = rungGraph(rung, longest);
  const backwards = Array.from({ length: longest }, (_, n) => [n, longest - 1 - n] as const);
  const learnt = course?.measures.find((measure) => (share(measure, 0, longest) ?? 0) >= enough);
  return {
    parameters: course?.state.parameters ?? null,
    trained: share(last, 0, longest),
    longest: share(last, longFrom(ladder), longest),
    beyond: share(last, longest + 1, Infinity),
    secondsToLearn: learnt?.seconds ?? null,
    tokensPerSecond: course !== undefined && course.state.seconds > 0 ? course.state.tokensPerSecond : null,
    sequentialSteps: sequentialSteps(graph),
    path: longestPath(graph, backwards),
  };
}

/** Of the strings with `from` to `to` symbols; null where there is none. */
export function share(measure: TrialMeasure | undefined, from: number, to: number): number | null {
  const among = (measure?.lengths ?? []).filter(({ steps }) => steps >= from && steps <= to);
  const asked = among.reduce((sum, length) => sum + length.asked, 0);
  return asked === 0 ? null : among.reduce((sum, length) => sum + length.right, 0) / asked;
}
