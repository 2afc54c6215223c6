/** One training process, as its host sees it: orders go there, what it tells is checked and passed on. */
import * as v from 'valibot';
import { UnrolledError } from '../../engine/errors.ts';
import type { Failure } from '../api/call.ts';
import { failureOf } from './failure.ts';
import { trainingMessage, type Look, type Seen, type StartMessage, type TrainingMessage } from './messages.ts';
import type { StartProcess, TrainingProcess } from './start-process.ts';

/** `halted`: waits for orders, paused. */
export type LiveState = 'starting' | 'training' | 'halted' | 'ended';

export type LiveEnd =
  Extract<TrainingMessage, { kind: 'ended' }> | { readonly kind: 'failed'; readonly failure: Failure };

export interface LiveListener {
  /** Everything but how it ended, and what was asked for by `look`. */
  message(message: Exclude<TrainingMessage, { kind: 'ended' | 'failed' | 'look' }>): void;
  /** Once, when the process is gone. */
  end(end: LiveEnd): void;
}

/** How long a training process may keep its host waiting. */
const TICK_MS = 1000;
/**
 * Ticks without a sign of life after which a process counts as frozen. They are counted, not read from a clock: a
 * machine that was asleep has not waited.
 */
const FROZEN_TICKS = 8;
/** The same before the first sign of life, where the process is not to end. */
const START_TICKS = 60;
/** Ticks that a process that shows signs of life may take to answer: at least so many, ... */
const BUSY_TICKS = { working: 600, closing: 30 } as const;
/** ... and this many times the longest time between two of its messages so far, which is that of one update. */
const BUSY_FACTOR = 4;
/** Ticks after which a process that was killed counts as ended, whatever the system says of it. */
const KILLED_TICKS = 5;

/** `closing`: the program ends, and a person waits for it. */
export type Patience = keyof typeof BUSY_TICKS;

const GONE: Seen = {
  kind: 'failure',
  failure: {
    code: 'run-state',
    message: 'The training process has ended.',
    hint: 'Look at one of the checkpoints instead.',
  },
};

export class LiveRun {
  readonly #process: TrainingProcess;
  readonly #listener: LiveListener;
  #state: LiveState = 'starting';
  #end: LiveEnd | undefined;
  #waiting: (() => void)[] = [];
  readonly #looks = new Map<number, (seen: Seen) => void>();
  #lookId = 0;
  #signsOfLife = 0;
  /** It was asked to end. */
  #stopping = false;
  /** It did not answer in time. */
  #killed = false;
  /** When it last said something or was told to train. */
  #heard = performance.now();
  /** The longest time between two messages while it trained, in milliseconds. */
  #longestUpdate = 0;

  constructor(startProcess: StartProcess, start: StartMessage, listener: LiveListener) {
    this.#listener = listener;
    this.#process = startProcess({
      message: (message) => {
        this.#signsOfLife += 1;
        this.#take(message);
      },
      beat: () => {
        this.#signsOfLife += 1;
      },
      exit: (reason, words) => this.#exit(reason, words),
    });
    this.#process.post(start);
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Of the process, where it has one of its own. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Resolves when it has halted or ended. */
  async pause(): Promise<void> {
    this.#process.post({ kind: 'pause' });
    await this.#settled();
  }

  resume(): void {
    this.#state = 'training';
    this.#heard = performance.now();
    this.#process.post({ kind: 'resume' });
  }

  /** One update; resolves when it has halted again or ended. */
  async step(): Promise<void> {
    if (this.#state === 'starting') {
      await this.#settled();
    }
    if (this.#state === 'halted') {
      this.#state = 'training';
      this.#heard = performance.now();
      this.#process.post({ kind: 'step' });
    }
    await this.#settled();
  }

  /** What the model's last pass has left. Throws UnrolledError where it cannot be seen. */
  async look(wanted: Look): Promise<Exclude<Seen, { kind: 'failure' }>> {
    const seen = await new Promise<Seen>((resolve) => {
      if (this.#state === 'ended') {
        resolve(GONE);
        return;
      }
      const id = this.#lookId++;
      this.#looks.set(id, resolve);
      this.#process.post({ kind: 'look', id, ...wanted });
      void this.#until(() => !this.#looks.has(id));
    });
    if (seen.kind === 'failure') {
      const { code, message, hint } = seen.failure;
      throw new UnrolledError(code, message, hint);
    }
    return seen;
  }

  /**
   * Ends it in good order, with a checkpoint; resolves when the process is gone. One that does not answer in time is
   * killed, and its end says so.
   */
  async stop(patience: Patience = 'working'): Promise<void> {
    this.#stopping = true;
    this.#process.post({ kind: 'stop' });
    await this.#until(() => this.#state === 'ended', patience);
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill();
  }

  #settled(): Promise<void> {
    return this.#until(() => this.#state === 'halted' || this.#state === 'ended');
  }

  /** Waits until `isDone`. A process that is frozen, or busy for too long, is killed meanwhile. */
  async #until(isDone: () => boolean, patience: Patience = 'working'): Promise<void> {
    if (isDone()) {
      return;
    }
    const wait = { ticks: 0, silent: 0, signs: this.#signsOfLife, killed: 0 };
    const timer = setInterval(() => {
      wait.ticks += 1;
      wait.silent = wait.signs === this.#signsOfLife ? wait.silent + 1 : 0;
      wait.signs = this.#signsOfLife;
      if (this.#killed) {
        wait.killed += 1;
        if (wait.killed > KILLED_TICKS) {
          this.#exit('killed', '');
        }
      } else {
        this.#killWhereHung(wait.ticks, wait.silent, patience);
      }
    }, TICK_MS);
    try {
      while (!isDone()) {
        await this.#changed();
      }
    } finally {
      clearInterval(timer);
    }
  }

  #killWhereHung(ticks: number, silent: number, patience: Patience): void {
    const mayBeSilent = this.#signsOfLife > 0 || this.#stopping ? FROZEN_TICKS : START_TICKS;
    const mayBeBusy = Math.max(BUSY_TICKS[patience], Math.ceil((BUSY_FACTOR * this.#longestUpdate) / TICK_MS));
    if (silent < mayBeSilent && ticks < mayBeBusy) {
      return;
    }
    this.#killed = true;
    // One that has not begun has nothing to lose.
    this.#end ??=
      this.#stopping && this.#state === 'starting'
        ? { kind: 'ended', reason: 'stopped', update: 0 }
        : { kind: 'failed', failure: hung(silent >= mayBeSilent, Math.min(ticks, mayBeBusy)) };
    this.#process.kill();
  }

  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  /** Lets those go on who wait for another state. */
  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) {
      resolve();
    }
  }

  /** A host that cannot keep what it is told, as where the disk is full, lets nothing more be trained. */
  #take(given: unknown): void {
    if (this.#state !== 'halted') {
      this.#longestUpdate = Math.max(this.#longestUpdate, performance.now() - this.#heard);
    }
    this.#heard = performance.now();
    try {
      this.#handle(v.parse(trainingMessage, given));
    } catch (error) {
      this.#end ??= { kind: 'failed', failure: failureOf(error, 'training') };
      this.#process.kill();
    }
  }

  #handle(message: TrainingMessage): void {
    switch (message.kind) {
      case 'ended':
      case 'failed':
        this.#end = message;
        // Under Electron the process waits for this, so that its last message is not lost when it exits.
        this.#process.post({ kind: 'recorded' });
        return;
      case 'evaluated':
        this.#listener.message(message);
        this.#process.post({ kind: 'recorded' });
        return;
      case 'started':
      case 'resumed':
        this.#state = 'training';
        this.#listener.message(message);
        this.#wake();
        return;
      case 'paused':
        this.#state = 'halted';
        this.#listener.message(message);
        this.#wake();
        return;
      case 'look':
        this.#looks.get(message.id)?.(message.seen);
        this.#looks.delete(message.id);
        this.#wake();
        return;
      case 'progress':
      case 'checkpoint':
        this.#listener.message(message);
    }
  }

  #exit(reason: string, words: string): void {
    if (this.#state === 'ended') {
      return;
    }
    const end = this.#end ?? { kind: 'failed', failure: crash(reason, words) };
    this.#state = 'ended';
    for (const answer of this.#looks.values()) {
      answer(GONE);
    }
    this.#looks.clear();
    this.#listener.end(end);
    this.#wake();
  }
}

function hung(frozen: boolean, ticks: number): Failure {
  const what = frozen ? 'did not respond: it was frozen' : `was busy for ${ticks} seconds and did not answer`;
  return { code: 'not-responding', message: `the training process ${what}, and was ended` };
}

function crash(reason: string, words: string): Failure {
  return {
    code: 'crashed',
    message: `the training process ended unexpectedly (${reason}${words === '' ? '' : `: ${words}`})`,
  };
}
