/**
 * The words through which a team is steered, at the start of its memory.
 *
 *     int32    0 arrivals | 1 generation | 2 command | 3 steps | 4 training | 5 continues | 6 update | 7 failed | 8 columns
 *              9 sourceSteps
 *     float64  5 lossScale | 6 dropout | 7 learningRate | 8 clipNorm | 9 teacherForcing
 *              10.. a loss and a sum of squares for each thread
 *
 * Arrivals and generation are the barrier (assembly/team.ts). All but the threads' own values are written by the
 * thread that commands, before the barrier that releases the others.
 */
import type { Core } from '../core/core.ts';

const WORDS = {
  command: 2,
  steps: 3,
  training: 4,
  continues: 5,
  update: 6,
  failed: 7,
  columns: 8,
  sourceSteps: 9,
} as const;
const VALUES = { lossScale: 5, dropout: 6, learningRate: 7, clipNorm: 8, teacherForcing: 9 } as const;
const LOSSES = 10;

/** Threads a team may have. */
export const MAXIMUM_THREADS = 64;
const SQUARES = LOSSES + MAXIMUM_THREADS;

export const CONTROL_BYTES = (SQUARES + MAXIMUM_THREADS) * 8;

export class Control {
  readonly #words: Int32Array;
  readonly #values: Float64Array;
  /** Address of the barrier. */
  readonly barrier: number;

  constructor(core: Core, at: number) {
    this.#words = core.i32.subarray(at / 4, (at + CONTROL_BYTES) / 4);
    this.#values = core.f64.subarray(at / 8, (at + CONTROL_BYTES) / 8);
    this.barrier = at;
  }

  word(name: keyof typeof WORDS): number {
    return this.#words[WORDS[name]] ?? 0;
  }

  setWord(name: keyof typeof WORDS, value: number): void {
    this.#words[WORDS[name]] = value;
  }

  value(name: keyof typeof VALUES): number {
    return this.#values[VALUES[name]] ?? 0;
  }

  setValue(name: keyof typeof VALUES, value: number): void {
    this.#values[VALUES[name]] = value;
  }

  setLoss(thread: number, sum: number): void {
    this.#values[LOSSES + thread] = sum;
  }

  /** Added in the threads' order. */
  loss(threads: number): number {
    return this.#sum(LOSSES, threads);
  }

  setSquares(thread: number, sum: number): void {
    this.#values[SQUARES + thread] = sum;
  }

  squares(threads: number): number {
    return this.#sum(SQUARES, threads);
  }

  #sum(from: number, count: number): number {
    let sum = 0;
    for (let i = 0; i < count; i++) sum += this.#values[from + i] ?? 0;
    return sum;
  }

  /** This thread cannot go on: whoever waits at the barrier is released and finds `failed` set. Pauses for 10 ms. */
  fail(): void {
    Atomics.store(this.#words, WORDS.failed, 1);
    Atomics.add(this.#words, 1, 1);
    Atomics.notify(this.#words, 1);
    Atomics.wait(this.#words, WORDS.failed, 1, 10);
  }
}
