/** The benchmark's lines: objects for machines, a table for people. */
import type { Speed } from './measure.ts';
import type { InputKind } from './workload.ts';

/** This project's speed. */
export interface OwnLine extends Speed {
  readonly case: string;
  readonly input: InputKind;
  readonly build: string;
  readonly threads: number;
  /** One core's SIMD peak, measured beside the rounds, times the threads that work. */
  readonly peakGflops: number;
  /** Of the fastest step: whatever else the machine does slows steps and peak down by chance. */
  readonly percentOfPeak: number;
  /** The most memory the process has had resident. */
  readonly residentBytes: number;
}

/** Another library's speed at the same work. */
export interface OtherLine extends Speed {
  readonly case: string;
  readonly input: 'dense';
  readonly library: string;
}

/** This project's speed as a multiple of another's, interleaved. */
export interface RatioLine {
  readonly case: string;
  readonly input: 'dense';
  readonly build: string;
  readonly threads: number;
  readonly against: string;
  /** Rounds that both took part in. */
  readonly rounds: number;
  readonly medianRatio: number;
}

/** A library that is not installed. */
export interface MissingLine {
  readonly case: string;
  readonly library: string;
  readonly missing: string;
}

export type Line = OwnLine | OtherLine | RatioLine | MissingLine;

export function describe(line: Line): string {
  if ('missing' in line) return `${line.case.padEnd(13)} ${line.library}: ${line.missing}`;
  if ('medianRatio' in line) {
    const who = `${line.build}, ${threadsText(line.threads)}`;
    const rounds = line.rounds === 1 ? '1 round' : `${line.rounds} rounds`;
    return `${line.case.padEnd(13)} ${line.medianRatio.toFixed(2)} times ${line.against} (${who}; median of ${rounds})`;
  }
  const speed = [
    `${(line.tokensPerSecond / 1000).toFixed(1).padStart(8)} thousand tokens/s`,
    `${line.msPerStep.toPrecision(4).padStart(8)} ms/step`,
    `${line.gflops.toFixed(1).padStart(6)} GFLOP/s`,
  ].join(' ');
  if ('library' in line) return `${line.case.padEnd(13)} ${speed}  ${line.library}`;
  const share = `${line.percentOfPeak.toFixed(0)} % of ${line.peakGflops.toFixed(1)}`;
  const memory = `${(line.residentBytes / 1e6).toFixed(0)} MB`;
  return `${line.case.padEnd(13)} ${speed}  ${line.build}, ${threadsText(line.threads)}, ${line.input}: ${share}, ${memory}`;
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}
