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

/** The speed of one of this project's models with attention. */
export interface ModelLine {
  readonly case: string;
  readonly model: 'transformer' | 'encoder-decoder';
  readonly work: 'train' | 'decode';
  readonly build: string;
  readonly threads: number;
  /** Medians over the rounds, of updates or of decodings. */
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
  readonly residentBytes: number;
  /** Of the fastest update, as in OwnLine. */
  readonly peakGflops?: number;
  readonly percentOfPeak?: number;
}

/** Another library's speed at the same work. */
export interface OtherLine extends Speed {
  readonly case: string;
  readonly input: 'dense';
  readonly library: string;
}

/** The same of a model with attention, in training. */
export interface OtherModelLine {
  readonly case: string;
  readonly library: string;
  readonly work: 'train';
  readonly msPerStep: number;
  readonly tokensPerSecond: number;
}

/** This project's speed as a multiple of another's, interleaved. */
export interface RatioLine {
  readonly case: string;
  /** Absent of models with attention. */
  readonly input?: 'dense';
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

export type Line = OwnLine | ModelLine | OtherLine | OtherModelLine | RatioLine | MissingLine;

export function describe(line: Line): string {
  if ('missing' in line) return `${line.case.padEnd(13)} ${line.library}: ${line.missing}`;
  if ('medianRatio' in line) {
    const who = `${line.build}, ${threadsText(line.threads)}`;
    const rounds = line.rounds === 1 ? '1 round' : `${line.rounds} rounds`;
    return `${line.case.padEnd(13)} ${line.medianRatio.toFixed(2)} times ${line.against} (${who}; median of ${rounds})`;
  }
  if ('model' in line) return describeModel(line);
  if ('work' in line) {
    const speed = `${(line.tokensPerSecond / 1000).toFixed(1)} thousand tokens/s, ${line.msPerStep.toPrecision(4)} ms/step`;
    return `${line.case.padEnd(22)} ${speed}  ${line.library}`;
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

function describeModel({
  work,
  msPerStep,
  tokensPerSecond,
  peakGflops = NaN,
  percentOfPeak = NaN,
  ...line
}: ModelLine) {
  const speed =
    work === 'train'
      ? `${(tokensPerSecond / 1000).toFixed(1)} thousand tokens/s, ${msPerStep.toPrecision(4)} ms/step, ` +
        `${percentOfPeak.toFixed(0)} % of ${peakGflops.toFixed(1)} GFLOP/s`
      : `${msPerStep.toPrecision(4)} ms for each decoding`;
  return `${line.case.padEnd(22)} ${speed}  ${line.build}, ${threadsText(line.threads)}, ${(line.residentBytes / 1e6).toFixed(0)} MB`;
}

function threadsText(threads: number): string {
  return threads === 1 ? '1 thread' : `${threads} threads`;
}
