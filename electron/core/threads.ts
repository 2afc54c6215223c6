/** Threads of a team as Node's worker threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { MAXIMUM_THREADS } from '../../engine/team/control.ts';
import type { RunningThread, ThreadMessage } from '../../engine/team/team.ts';
import type { ThreadOrder, ThreadWord } from './serve-teams.ts';

/** A thread that served a larger memory is not kept: it could hold on to it until it collects its garbage. */
const LARGEST_KEPT = 64 * 1024 * 1024;

/** As many as this process may use at once. */
export function defaultThreads(): number {
  return Math.min(availableParallelism(), MAXIMUM_THREADS);
}

/**
 * Starts threads at `entry`, a module that calls `serveTeams`. A thread that its team has let go waits for the next
 * one: hundreds of worker threads coming and going over shared code have brought whole processes down.
 */
export function startThreadWith<Spec>(entry: URL): (message: ThreadMessage<Spec>) => Promise<RunningThread> {
  const idle: HostedThread<Spec>[] = [];
  return async (message) => {
    const thread = idle.pop() ?? new HostedThread<Spec>(entry);
    const left = await thread.serve(message);
    // Once it has left, it is no longer this team's.
    let leaving: Promise<void> | undefined;
    return {
      ended() {
        leaving ??= left().then((alive) => {
          if (!alive) return;
          if (message.memory.buffer.byteLength <= LARGEST_KEPT) idle.push(thread);
          else thread.close();
        });
        return leaving;
      },
      stop: () => leaving ?? thread.terminate(),
    };
  };
}

/** A worker and what it last said. It keeps the process alive only while somebody waits for its word. */
class HostedThread<Spec> {
  readonly #worker: Worker;
  readonly #exit: Promise<'exit'>;
  #error: Error | undefined;

  constructor(entry: URL) {
    this.#worker = new Worker(entry);
    this.#worker.on('error', (error: unknown) => {
      this.#error = error instanceof Error ? error : new Error(String(error));
    });
    this.#exit = new Promise((resolve) => this.#worker.once('exit', () => resolve('exit')));
    this.#worker.unref();
  }

  /**
   * Resolves once it has begun to serve, to what waits until its team has let it go: false where it has ended instead.
   * Throws what it failed with.
   */
  async serve(message: ThreadMessage<Spec>): Promise<() => Promise<boolean>> {
    const words = this.#words();
    this.#tell({ kind: 'serve', message });
    if ((await this.#hold(words.ready)) === 'exit') {
      throw this.#error ?? new Error('A thread ended before it had begun to serve.');
    }
    return async () => (await this.#hold(words.left)) === 'left';
  }

  /** It ends by itself. */
  close(): void {
    this.#tell({ kind: 'close' });
  }

  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }

  #tell(order: ThreadOrder<Spec>): void {
    this.#worker.postMessage(order);
  }

  #words(): Record<ThreadWord, Promise<ThreadWord>> {
    const ready = Promise.withResolvers<ThreadWord>();
    const left = Promise.withResolvers<ThreadWord>();
    const hear = (word: ThreadWord): void => {
      if (word === 'ready') {
        ready.resolve(word);
        return;
      }
      this.#worker.off('message', hear);
      left.resolve(word);
    };
    this.#worker.on('message', hear);
    return { ready: ready.promise, left: left.promise };
  }

  async #hold(word: Promise<ThreadWord>): Promise<ThreadWord | 'exit'> {
    this.#worker.ref();
    try {
      return await Promise.race([word, this.#exit]);
    } finally {
      this.#worker.unref();
    }
  }
}

/** A thread for a model's training. */
export const startModelThread = startThreadWith(new URL('./model-thread.ts', import.meta.url));
