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

  constructor(startProcess: StartProcess, start: StartMessage, listener: LiveListener) {
    this.#listener = listener;
    this.#process = startProcess({
      message: (message) => this.#take(message),
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
    this.#process.post({ kind: 'resume' });
  }

  /** One update; resolves when it has halted again or ended. */
  async step(): Promise<void> {
    if (this.#state === 'starting') {
      await this.#settled();
    }
    if (this.#state === 'halted') {
      this.#state = 'training';
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
    });
    if (seen.kind === 'failure') {
      const { code, message, hint } = seen.failure;
      throw new UnrolledError(code, message, hint);
    }
    return seen;
  }

  /** Ends it in good order, with a checkpoint; resolves when the process is gone. */
  async stop(): Promise<void> {
    this.#process.post({ kind: 'stop' });
    while (this.#state !== 'ended') {
      await this.#changed();
    }
  }

  /** Ends it at once. */
  kill(): void {
    this.#process.kill();
  }

  async #settled(): Promise<void> {
    while (this.#state === 'starting' || this.#state === 'training') {
      await this.#changed();
    }
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
    try {
      this.#handle(v.parse(trainingMessage, given));
    } catch (error) {
      this.#end ??= { kind: 'failed', failure: failureOf(error) };
      this.#process.kill();
    }
  }

  #handle(message: TrainingMessage): void {
    switch (message.kind) {
      case 'ended':
      case 'failed':
        this.#end = message;
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
        return;
      case 'progress':
      case 'checkpoint':
        this.#listener.message(message);
    }
  }

  #exit(reason: string, words: string): void {
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

function crash(reason: string, words: string): Failure {
  return {
    code: 'crashed',
    message: `the training process ended unexpectedly (${reason}${words === '' ? '' : `: ${words}`})`,
    hint: 'What was checkpointed is there; resume to go on from the last checkpoint.',
  };
}
