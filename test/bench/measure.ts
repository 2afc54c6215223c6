/** Interleaved rounds, and what follows from them. */
import type { Round } from './protocol.ts';
import { operationsPerToken, tokensPerStep, type BenchCase, type InputKind } from './workload.ts';

/** Rounds of each contestant. */
export const ROUNDS = 5;

/** What is measured of a contestant. */
export interface Measured {
  round(seconds: number): Promise<Round>;
}

/**
 * Rounds in turn, so that whatever else the machine does falls on all alike. Element k of a contestant's list is its
 * part in round k. One whose steps are so long that it has had twice the time of all its rounds stays out of the rest.
 */
export async function interleave(contestants: readonly Measured[], seconds: number): Promise<readonly Round[][]> {
  const results = contestants.map((): Round[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, contestant] of contestants.entries()) {
      const own = results[index] ?? [];
      const spent = own.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
      if (spent < 2 * ROUNDS * seconds * 1000) own.push(await contestant.round(seconds));
    }
  }
  return results;
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? NaN)) / 2;
}

export interface Speed {
  readonly tokensPerSecond: number;
  readonly msPerStep: number;
  /** Useful operations, 10^9 a second. */
  readonly gflops: number;
}

/** Medians over the rounds. */
export function speedOf(benchCase: BenchCase, input: InputKind, rounds: readonly Round[]): Speed {
  const msPerStep = median(rounds.map(msOf));
  const tokensPerSecond = (tokensPerStep(benchCase) / msPerStep) * 1000;
  return { tokensPerSecond, msPerStep, gflops: (tokensPerSecond * operationsPerToken(benchCase, input)) / 1e9 };
}

/** Useful operations, 10^9 a second, of the fastest step: the peak, too, is the fastest of some calls. */
export function fastestGflops(benchCase: BenchCase, input: InputKind, rounds: readonly Round[]): number {
  const operations = tokensPerStep(benchCase) * operationsPerToken(benchCase, input);
  return operations / Math.min(...rounds.map(({ fastest }) => fastest)) / 1e6;
}

/** How many times as fast as `theirs`: the median over the rounds that both took part in. */
export function medianRatio(ours: readonly Round[], theirs: readonly Round[]): number {
  return median(theirs.slice(0, ours.length).map((their, round) => msOf(their) / msOf(ours[round])));
}

function msOf(round: Round | undefined): number {
  return round ? round.milliseconds / round.steps : NaN;
}

/** Whether both began with the same losses, to a thousandth: then they do the same work. */
export function sameLosses(ours: readonly number[], theirs: readonly number[]): boolean {
  if (ours.length !== theirs.length) return false;
  return ours.every((loss, step) => Math.abs(loss - (theirs[step] ?? NaN)) <= 1e-3 * Math.abs(loss));
}
