/**
 * How the benchmark speaks with a contestant, a child process: lines of JSON. The contestant says `Ready` when it has
 * made its first steps; each number of seconds that comes in is a round, answered by `Round`; the end of its input is
 * its end. Lines that do not begin with a brace are a library's chatter.
 */
import { createInterface } from 'node:readline';

export interface Ready {
  /** As 'TensorFlow.js 4.22.0, wasm, SIMD'. */
  readonly about: string;
  /** The core's build, where the contestant is this project's. */
  readonly build?: string;
  /** Of the first steps: the same work has the same losses. */
  readonly losses: readonly number[];
}

export interface Round {
  readonly steps: number;
  readonly milliseconds: number;
  /** Milliseconds of the fastest step. */
  readonly fastest: number;
  /** Of one core's SIMD unit, measured beside the round: 10^9 floating-point operations a second. */
  readonly peakGflops?: number;
  /** The most memory the process has had resident, bytes. */
  readonly residentBytes?: number;
}

/** Steps before the first round, whose losses are compared. */
export const FIRST_STEPS = 3;

/** The contestant's side: `step` trains once and returns its loss. */
export async function serveRounds(
  ready: Omit<Ready, 'losses'>,
  step: () => number,
  observe: () => Omit<Round, 'steps' | 'milliseconds' | 'fastest'> = () => ({}),
): Promise<void> {
  const losses = Array.from({ length: FIRST_STEPS }, step);
  say({ ...ready, losses } satisfies Ready);
  for await (const line of createInterface({ input: process.stdin })) {
    const until = Number(line) * 1000;
    const start = performance.now();
    let steps = 0;
    let milliseconds = 0;
    let fastest = Infinity;
    do {
      step();
      steps += 1;
      const before = milliseconds;
      milliseconds = performance.now() - start;
      fastest = Math.min(fastest, milliseconds - before);
    } while (milliseconds < until);
    say({ steps, milliseconds, fastest, ...observe() } satisfies Round);
  }
}

function say(message: Ready | Round): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}
